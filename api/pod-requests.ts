/**
 * What a pod asks for. Source: `component-helpers/resource/helpers.go` and `pkg/apis/core/v1/helper/helpers.go`, v1.37.2.
 * Amounts are added exactly and rounded once, by whoever converts the sum.
 */
import { labelKeyErrors } from './label-rules.ts';
import { addQuantity, maxQuantity, parseQuantity, type Quantity } from './quantity.ts';
import type { Container, ContainerStatus, Pod, ResourceList } from './types.ts';

export interface PodRequestsOptions {
  /** Let pod-level requests replace the sum over containers. */
  readonly podLevel: boolean;
  /** Count 100m / 200 MiB for every container that names no cpu / memory. @default false */
  readonly nonMissing?: boolean;
  /** The larger of spec, allocated and actuated amounts, for pods already on a node. @default false */
  readonly useStatus?: boolean;
}

type Amounts = Map<string, Quantity>;
type Source = 'spec' | 'allocated' | 'actuated';

/** `DefaultMilliCPURequest` and `DefaultMemoryRequest` of `pkg/scheduler/util/pod_resources.go`. */
const NON_MISSING: ReadonlyArray<readonly [string, Quantity]> = [
  ['cpu', parseQuantity('100m')],
  ['memory', parseQuantity(String(200 * 1024 * 1024))],
];

export function podRequests(pod: Pod, options: PodRequestsOptions): Map<string, Quantity> {
  const total = options.useStatus ? withStatus(pod, options) : overContainers(pod, 'spec', options);
  const podLevel = pod.spec?.resources?.requests;
  if (options.podLevel && podLevel !== undefined && Object.keys(podLevel).some(isPodLevelResource)) {
    for (const [name, quantity] of effectivePodLevel(pod, podLevel, options)) {
      if (isPodLevelResource(name)) total.set(name, quantity);
    }
  }
  addAll(total, amountsOf(pod.spec?.overhead));
  return total;
}

export const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

function withStatus(pod: Pod, options: PodRequestsOptions): Amounts {
  const { resources, allocatedResources } = pod.status ?? {};
  const podStatus = resources?.requests !== undefined && allocatedResources !== undefined;
  const allocated = podStatus ? amountsOf(allocatedResources) : overContainers(pod, 'allocated', options);
  const actuated = podStatus ? amountsOf(resources.requests) : overContainers(pod, 'actuated', options);
  const total: Amounts = new Map();
  if (!isResizeInfeasible(pod)) raiseTo(total, overContainers(pod, 'spec', options));
  raiseTo(total, actuated);
  raiseTo(total, allocated);
  return total;
}

function effectivePodLevel(pod: Pod, spec: ResourceList, options: PodRequestsOptions): Amounts {
  if (!options.useStatus || pod.status?.resources === undefined) return amountsOf(spec);
  const total: Amounts = new Map();
  if (!isResizeInfeasible(pod)) raiseTo(total, amountsOf(spec));
  raiseTo(total, amountsOf(pod.status.resources.requests));
  raiseTo(total, amountsOf(pod.status.allocatedResources));
  return total;
}

function isResizeInfeasible(pod: Pod): boolean {
  const pending = pod.status?.conditions?.find((condition) => condition.type === 'PodResizePending');
  return pending?.reason === 'Infeasible';
}

/** Containers add up; an init container needs its own on top of the sidecars before it; the larger of both counts. */
function overContainers(pod: Pod, source: Source, options: PodRequestsOptions): Amounts {
  const total: Amounts = new Map();
  const sidecars: Amounts = new Map();
  const initMax: Amounts = new Map();
  for (const container of pod.spec?.containers ?? []) addAll(total, containerAmounts(pod, container, source, options));
  for (const container of pod.spec?.initContainers ?? []) {
    const own = containerAmounts(pod, container, source, options);
    if (container.restartPolicy === 'Always') {
      addAll(total, own);
      addAll(sidecars, own);
      raiseTo(initMax, sidecars);
    } else {
      const needed = new Map(own);
      addAll(needed, sidecars);
      raiseTo(initMax, needed);
    }
  }
  raiseTo(total, initMax);
  return total;
}

function containerAmounts(pod: Pod, container: Container, source: Source, options: PodRequestsOptions): Amounts {
  const amounts = amountsOf(containerRequests(pod, container, source));
  if (options.nonMissing)
    for (const [name, quantity] of NON_MISSING) if (!amounts.has(name)) amounts.set(name, quantity);
  return amounts;
}

function containerRequests(pod: Pod, container: Container, source: Source): ResourceList | undefined {
  if (source === 'spec') return container.resources?.requests;
  const status = statusOf(pod, container.name);
  const actuated = status?.resources?.requests;
  if (source === 'actuated' && actuated !== undefined) return actuated;
  if (status?.allocatedResources !== undefined) return status.allocatedResources;
  return isResizeInfeasible(pod) ? undefined : container.resources?.requests;
}

function statusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const byName = ({ name }: ContainerStatus) => name === container;
  return pod.status?.containerStatuses?.find(byName) ?? pod.status?.initContainerStatuses?.find(byName);
}

function amountsOf(list: ResourceList | null | undefined): Amounts {
  const amounts: Amounts = new Map();
  for (const name of Object.keys(list ?? {})) amounts.set(name, parseQuantity(list![name]!));
  return amounts;
}

function addAll(into: Amounts, from: Amounts): void {
  for (const [name, quantity] of from) {
    const sum = into.get(name);
    into.set(name, sum === undefined ? quantity : addQuantity(sum, quantity));
  }
}

function raiseTo(into: Amounts, from: Amounts): void {
  for (const [name, quantity] of from) {
    const current = into.get(name);
    into.set(name, current === undefined ? quantity : maxQuantity(current, quantity));
  }
}

/** No slash in the name, or `kubernetes.io/` anywhere in it. */
export const isNativeResourceName = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Neither native nor a quota name, and valid as one. */
export function isExtendedResourceName(name: string): boolean {
  if (isNativeResourceName(name) || name.startsWith('requests.')) return false;
  return labelKeyErrors(`requests.${name}`).length === 0;
}

const scalarNames = new Map<string, boolean>();

/** Extended resources, hugepages, attachable volumes and prefixed native ones: what the scheduler counts by name. */
export function isScalarResourceName(name: string): boolean {
  let scalar = scalarNames.get(name);
  if (scalar === undefined) {
    scalar =
      isExtendedResourceName(name) ||
      name.startsWith('hugepages-') ||
      (name.includes('/') && isNativeResourceName(name)) ||
      name.startsWith('attachable-volumes-');
    scalarNames.set(name, scalar);
  }
  return scalar;
}
