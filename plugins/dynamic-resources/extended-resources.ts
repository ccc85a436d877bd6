/**
 * Extended resources that devices serve: a pod that asks for them gets a claim of its own, made for the node it goes to.
 * Source: `plugins/dynamicresources/extendeddynamicresources.go`, v1.37.2.
 */
import {
  type Container,
  type ContainerDeviceMapping,
  type DeviceRequest,
  type Pod,
  parseQuantity,
  type ResourceClaim,
} from '../../api/index.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';
import { EXTENDED_CLAIM_ANNOTATION } from '../helper/devices/claim-tracker.ts';
import type { ClassOfResource } from '../helper/devices/device-classes.ts';
import { UNSTORED_NAME } from './pod-devices.ts';

/** The claim before it is known what it asks for. */
export const unstoredClaim = ({ namespace, name, uid }: PodInfo): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: {
    namespace,
    name: UNSTORED_NAME,
    uid: `extended-resources/${uid}`,
    generateName: `${name}-extended-resources-`,
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
    annotations: { [EXTENDED_CLAIM_ANNOTATION]: 'true' },
  },
  spec: {},
});

interface Asked {
  readonly index: number;
  readonly container: Container;
}

interface Requests {
  readonly requests: readonly DeviceRequest[];
  readonly mappings: readonly ContainerDeviceMapping[];
}

/** Requests for the resources named, and which of them each container uses. Init containers share what runs later has. */
export function deviceRequests(pod: Pod, resources: readonly string[], classOf: ClassOfResource): Requests {
  const { initContainers = [], containers = [] } = pod.spec ?? { containers: [] };
  const all = [...initContainers, ...containers].map((container, index): Asked => ({ index, container }));
  const isShort = ({ index, container }: Asked): boolean =>
    index < initContainers.length && container.restartPolicy !== 'Always';
  const requests: DeviceRequest[] = [];
  const mappings: ContainerDeviceMapping[] = [];
  for (const resource of [...resources].sort()) {
    const className = classOf.get(resource)?.metadata?.name;
    if (className === undefined) continue;
    const long = longLived(
      all.filter((asked) => !isShort(asked)),
      resource,
      className,
    );
    const short = shortLived(all.filter(isShort), resource, className, long.byContainer);
    requests.push(...short.requests, ...long.byContainer.values());
    mappings.push(...long.mappings, ...short.mappings);
  }
  const byName = (a: DeviceRequest, b: DeviceRequest): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return { requests: requests.sort(byName), mappings };
}

function longLived(asked: readonly Asked[], resource: string, className: string) {
  const byContainer = new Map<number, DeviceRequest>();
  const mappings: ContainerDeviceMapping[] = [];
  for (const one of asked) {
    const own = requestOf(one, resource, className, []);
    if (own.request !== undefined) byContainer.set(one.index, own.request);
    mappings.push(...own.mappings);
  }
  return { byContainer, mappings };
}

/** One after another, so that the largest request serves them all. */
function shortLived(
  asked: readonly Asked[],
  resource: string,
  className: string,
  later: ReadonlyMap<number, DeviceRequest>,
): Requests {
  let largest: DeviceRequest | undefined;
  const names = new Set<string>();
  const mappings: ContainerDeviceMapping[] = [];
  for (const one of asked) {
    const reusable = [...later].flatMap(([index, request]) => (index >= one.index ? [request] : []));
    const own = requestOf(one, resource, className, reusable);
    mappings.push(...own.mappings);
    if (own.request === undefined) continue;
    names.add(own.request.name);
    if (largest === undefined || countOf(own.request) > countOf(largest)) largest = own.request;
  }
  if (largest === undefined) return { requests: [], mappings };
  const { name } = largest;
  const renamed = mappings.map((mapping) =>
    names.has(mapping.requestName) ? { ...mapping, requestName: name } : mapping,
  );
  return { requests: [largest], mappings: renamed };
}

const countOf = ({ exactly }: DeviceRequest): number => exactly?.count ?? 0;

/** What the container needs beyond what it may use of others. */
function requestOf(
  { container, index }: Asked,
  resource: string,
  className: string,
  reusable: readonly DeviceRequest[],
): { request?: DeviceRequest; mappings: ContainerDeviceMapping[] } {
  const requested = container.resources?.requests ?? {};
  const text = requested[resource];
  const wanted = text === undefined ? 0 : wholeUnits(text);
  if (wanted === 0) return { mappings: [] };
  const mapping = (requestName: string) => ({ containerName: container.name, resourceName: resource, requestName });
  const mappings: ContainerDeviceMapping[] = [];
  let reused = 0;
  for (const request of reusable) {
    reused += countOf(request);
    mappings.push(mapping(request.name));
    if (reused >= wanted) return { mappings };
  }
  const name = `container-${index}-request-${Object.keys(requested).sort().indexOf(resource)}`;
  mappings.push(mapping(name));
  const exactly = { deviceClassName: className, allocationMode: 'ExactCount', count: wanted - reused };
  return { request: { name, exactly }, mappings };
}

/** 0 for an amount that is not whole: the API takes none such. */
function wholeUnits(text: string): number {
  const { nano } = parseQuantity(text);
  return nano % 1_000_000_000n === 0n ? Number(nano / 1_000_000_000n) : 0;
}
