/** What is served, for clients that ask before they begin. Source: `apiserver/pkg/endpoints/discovery`, v0.37.2. */
import type { Registry } from '../kinds/registry.ts';
import type { Resource, SubresourceInfo } from '../kinds/resource.ts';

/** `GET /api`. */
export const coreVersions = (serverAddress: string): object => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
});

/** `GET /apis`. */
export const groupList = (registry: Registry): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groupsOf(registry).map((group) => groupBody(registry, group)),
});

/** `GET /apis/<group>`. */
export const groupOf = (registry: Registry, group: string): object => ({
  kind: 'APIGroup',
  apiVersion: 'v1',
  ...groupBody(registry, group),
});

/** `GET /api/v1` and `GET /apis/<group>/<version>`. */
export const resourceList = (registry: Registry, apiVersion: string): object => ({
  kind: 'APIResourceList',
  ...(apiVersion === 'v1' ? {} : { apiVersion: 'v1' }),
  groupVersion: apiVersion,
  resources: resourcesOf(registry, apiVersion)
    .flatMap((resource) => [
      {
        name: resource.resource,
        singularName: resource.singular,
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: resource.verbs,
        ...named('shortNames', resource.shortNames),
        ...named('categories', resource.categories),
      },
      ...resource.subresources.map((subresource) => ({
        name: `${resource.resource}/${subresource.name}`,
        singularName: '',
        namespaced: resource.namespaced,
        ...(subresource.version === undefined ? {} : { group: subresource.group ?? '', version: subresource.version }),
        kind: subresource.kind,
        verbs: subresource.verbs,
      })),
    ])
    .sort((a, b) => (a.name < b.name ? -1 : 1)),
});

/** Everything at once: `/api` has the core group, `/apis` the others. */
export const aggregated = (registry: Registry, ofCore: boolean): object => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: (ofCore ? [''] : groupsOf(registry)).map((group) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(registry, group).map((apiVersion) => ({
      version: versionOf(apiVersion),
      freshness: 'Current',
      resources: resourcesOf(registry, apiVersion).map(aggregatedResource),
    })),
  })),
});

const aggregatedResource = (resource: Resource): object => ({
  resource: resource.resource,
  responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
  scope: resource.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: resource.singular,
  verbs: resource.verbs,
  ...named('shortNames', resource.shortNames),
  ...named('categories', resource.categories),
  ...(resource.subresources.length === 0
    ? {}
    : { subresources: resource.subresources.map((each) => aggregatedSubresource(resource, each)) }),
});

const aggregatedSubresource = (resource: Resource, { name, group, version, kind, verbs }: SubresourceInfo): object => ({
  subresource: name,
  responseKind: { group: group ?? resource.group, version: version ?? resource.version, kind },
  verbs,
});

const named = (name: string, texts: readonly string[]): object => (texts.length === 0 ? {} : { [name]: texts });

/** In the order in which they are first served, the core group apart. */
const groupsOf = (registry: Registry): string[] =>
  [...new Set(registry.resources.map(({ group }) => group))].filter((group) => group !== '');

const versionsOf = (registry: Registry, group: string): string[] =>
  registry.groupVersions.filter((each) => (each.includes('/') ? each.slice(0, each.indexOf('/')) : '') === group);

const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);

const resourcesOf = (registry: Registry, apiVersion: string): Resource[] =>
  registry.resources.filter((resource) => resource.apiVersion === apiVersion);

function groupBody(registry: Registry, group: string): object {
  const versions = versionsOf(registry, group).map((groupVersion) => ({
    groupVersion,
    version: versionOf(groupVersion),
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}
