/** Which objects a name in a quota counts. Source: `pkg/quota/v1/evaluator/core`, v1.37.2. */
import type { ServedKind, ServedKinds } from '../served-kinds.ts';

const COUNT = 'count/';
const OF_PODS = /^(pods|cpu|memory|ephemeral-storage|hugepages-.+|requests\.(?!storage$).+|limits\..+)$/;
const OF_SERVICES = /^services(\.(nodeports|loadbalancers))?$/;
const OF_CLAIMS = /^(persistentvolumeclaims|requests\.storage|.+\.storageclass\.storage\.k8s\.io\/.+)$/;

/** Undefined for what nobody serves, or nobody counts. */
export function countedKind(name: string, served: ServedKinds): ServedKind | undefined {
  const { group, resource } = countedResource(name);
  return served.all('list', 'watch').find((kind) => kind.group === group && kind.resource === resource);
}

function countedResource(name: string): { group: string; resource: string } {
  if (name.startsWith(COUNT)) {
    const [resource = '', ...group] = name.slice(COUNT.length).split('.');
    return { group: group.join('.'), resource };
  }
  if (OF_CLAIMS.test(name)) return { group: '', resource: 'persistentvolumeclaims' };
  if (OF_SERVICES.test(name)) return { group: '', resource: 'services' };
  if (OF_PODS.test(name)) return { group: '', resource: 'pods' };
  return { group: '', resource: name };
}
