/**
 * What the API server's defaults make of a pod, as far as scheduling sees it. A pod that a server has stored comes out
 * as it went in. Source: `SetDefaults_Pod` in `pkg/apis/core/v1/defaults.go` and `DefaultPodLevelResources` in
 * `pkg/api/pod/util.go`, v1.37.2.
 */
import { aggregateLimits, aggregateRequests } from './pod-aggregates.ts';
import { isPodLevelResource } from './pod-requests.ts';
import { compareQuantity, formatQuantity, parseQuantity, type Quantity, roundUpToMilli } from './quantity.ts';
import type { Container, Pod, PodSpec, ResourceList, ResourceRequirements } from './types.ts';

/**
 * A pod with its defaults. What needs none is shared with the pod given, which stays as it is.
 * @param isNew Also do what differs between releases, which a stored pod has behind it: round quantities up to
 *   thousandths, and complete the pod's own resources.
 */
export function defaultPod(pod: Pod, isNew: boolean): Pod {
  const { spec } = pod;
  if (spec === undefined) return pod;
  const hostNetwork = spec.hostNetwork === true;
  const rounded = isNew ? roundedUp : unchanged;
  const change = (container: Container): Container => defaultContainer(container, hostNetwork, rounded);
  const containers = mapChanged(spec.containers ?? [], change);
  const initContainers = spec.initContainers && mapChanged(spec.initContainers, change);
  const overhead = spec.overhead && rounded(spec.overhead);
  let defaulted: PodSpec = spec;
  if (containers !== spec.containers || initContainers !== spec.initContainers || overhead !== spec.overhead) {
    defaulted = { ...spec, containers, initContainers, overhead };
  }
  const resources = isNew ? podResources(defaulted) : spec.resources;
  if (resources !== spec.resources) defaulted = { ...defaulted, resources };
  return defaulted === spec ? pod : { ...pod, spec: defaulted };
}

/** Requests that are not given are the limits; on the host's network a port is a host port. */
function defaultContainer(container: Container, hostNetwork: boolean, rounded: Rounding): Container {
  const resources = container.resources && containerResources(container.resources, rounded);
  const ports = hostNetwork && container.ports ? mapChanged(container.ports, hostPort) : container.ports;
  if (resources === container.resources && ports === container.ports) return container;
  return { ...container, resources, ports };
}

type ContainerPort = NonNullable<Container['ports']>[number];

const hostPort = (port: ContainerPort): ContainerPort =>
  port.hostPort ? port : { ...port, hostPort: port.containerPort };

function containerResources(resources: ResourceRequirements, rounded: Rounding): ResourceRequirements {
  const limits = resources.limits && rounded(resources.limits);
  let requests = resources.requests && rounded(resources.requests);
  const missing = Object.keys(limits ?? {}).filter((name) => requests?.[name] === undefined);
  if (missing.length > 0) requests = { ...requests, ...pick(limits!, missing) };
  return requests === resources.requests && limits === resources.limits
    ? resources
    : { ...resources, requests, limits };
}

type Rounding = (quantities: ResourceList) => ResourceList;

const unchanged: Rounding = (quantities) => quantities;

/** Quantities finer than a thousandth are rounded up to it (`SetDefaults_ResourceList`). */
function roundedUp(quantities: ResourceList): ResourceList {
  let rounded: Record<string, string> | undefined;
  for (const name in quantities) {
    const quantity = parseQuantity(quantities[name]!);
    const up = roundUpToMilli(quantity);
    if (up === quantity) continue;
    rounded ??= { ...quantities };
    rounded[name] = formatQuantity(up);
  }
  return rounded ?? quantities;
}

/** The pod's own resources, where it has some, are completed from those of its containers. */
function podResources(spec: PodSpec): ResourceRequirements | undefined {
  const { resources } = spec;
  const given = { requests: roundedUp(resources?.requests ?? {}), limits: roundedUp(resources?.limits ?? {}) };
  if (resources === undefined || isEmpty(given.requests, given.limits)) return resources;
  const limitSums = aggregateLimits(spec);
  const limits: Record<string, string> = { ...given.limits };
  const requests: Record<string, string> = { ...given.requests };
  for (const [name, sum] of limitSums) {
    if (name.startsWith('hugepages-') && requests[name] === undefined) limits[name] ??= formatQuantity(sum);
  }
  for (const [name, sum] of aggregateRequests(spec)) {
    if (isPodLevelResource(name) && !name.startsWith('hugepages-')) requests[name] ??= formatQuantity(sum);
  }
  for (const name in limits) if (isPodLevelResource(name)) requests[name] ??= limits[name]!;
  for (const name in requests) {
    const sum = limits[name] === undefined && isPodLevelResource(name) ? commonLimit(spec, name, limitSums) : undefined;
    if (sum !== undefined) limits[name] = formatQuantity(larger(sum, parseQuantity(requests[name]!)));
  }
  const added = Object.keys(requests).length + Object.keys(limits).length;
  const before = Object.keys(resources.requests ?? {}).length + Object.keys(resources.limits ?? {}).length;
  const rounded =
    given.requests !== (resources.requests ?? given.requests) || given.limits !== (resources.limits ?? given.limits);
  return added === before && !rounded ? resources : { ...resources, requests, limits };
}

/** The sum of the containers' limits if every one of them has one. */
function commonLimit(spec: PodSpec, name: string, sums: ReadonlyMap<string, Quantity>): Quantity | undefined {
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  return all.every((container) => container.resources?.limits?.[name] !== undefined) ? sums.get(name) : undefined;
}

const larger = (a: Quantity, b: Quantity): Quantity => (compareQuantity(b, a) > 0 ? b : a);

const isEmpty = (...lists: ResourceList[]): boolean => lists.every((list) => Object.keys(list).length === 0);

const pick = (from: ResourceList, names: readonly string[]): ResourceList =>
  Object.fromEntries(names.map((name) => [name, from[name]!]));

/** The list itself when nothing in it changes. */
function mapChanged<T>(items: T[], change: (item: T) => T): T[] {
  const changed = items.map(change);
  return changed.every((item, i) => item === items[i]) ? items : changed;
}
