/** From the path of a request to what it is about. Source: `apiserver/pkg/endpoints/request/requestinfo.go`, v0.37.2. */
import type { Target } from '../../client.ts';
import type { Registry } from '../../kinds/registry.ts';

export type Route =
  | { readonly type: 'resource'; readonly target: Target }
  /** Discovery of a version, of a group, of all groups, or of the core group's versions. */
  | { readonly type: 'version'; readonly apiVersion: string }
  | { readonly type: 'group'; readonly group: string }
  | { readonly type: 'groups' }
  | { readonly type: 'core' }
  /** Everything that is no resource: `/healthz`, `/openapi/v2`. */
  | { readonly type: 'other'; readonly path: string };

/** Subresources of a namespace itself; whatever else stands there is a resource within it. */
const OF_NAMESPACE: ReadonlySet<string> = new Set(['status', 'finalize']);

/** @returns Undefined when nothing can be there. */
export function routeOf(pathname: string, registry: Registry): Route | undefined {
  const steps = stepsOf(pathname);
  if (steps === undefined) return undefined;
  const [root, ...rest] = steps;
  if (root === 'api') {
    if (rest.length === 0) return { type: 'core' };
    return rest[0] === 'v1' ? withinVersion('', 'v1', rest.slice(1)) : undefined;
  }
  if (root !== 'apis') return { type: 'other', path: `/${steps.join('/')}` };
  const [group, version, ...within] = rest;
  if (group === undefined) return { type: 'groups' };
  const versions = registry.groupVersions.filter((each) => each.startsWith(`${group}/`));
  if (versions.length === 0) return undefined;
  if (version === undefined) return { type: 'group', group };
  return versions.includes(`${group}/${version}`) ? withinVersion(group, version, within) : undefined;
}

/** Without a slash at the end; undefined for what is no path. */
function stepsOf(pathname: string): string[] | undefined {
  const steps = pathname.split('/').slice(1);
  if (steps.at(-1) === '') steps.pop();
  try {
    return steps.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function withinVersion(group: string, version: string, steps: readonly string[]): Route | undefined {
  const [first, second, third] = steps;
  if (first === undefined) return { type: 'version', apiVersion: group === '' ? version : `${group}/${version}` };
  if (steps.some((step) => step === '')) return undefined;
  if (first === 'namespaces' && third !== undefined && !OF_NAMESPACE.has(third)) {
    return resource(group, version, second, steps.slice(2));
  }
  return resource(group, version, undefined, steps);
}

function resource(
  group: string,
  version: string,
  namespace: string | undefined,
  [name, object, subresource, ...more]: readonly string[],
): Route | undefined {
  if (more.length > 0) return undefined;
  return { type: 'resource', target: { group, version, resource: name!, namespace, name: object, subresource } };
}
