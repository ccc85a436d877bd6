/**
 * The resources that NodeResourcesFit and NodeResourcesBalancedAllocation look at, lined up for one pod as columns.
 * Source: `plugins/noderesources/resource_allocation.go`, v1.37.2.
 */
import { isScalarResourceName, type Quantity, quantityMilliValue, quantityValue } from '../../api/index.ts';
import type { ClusterView } from '../../scheduler/plugin.ts';
import { canBeServedByDevices } from './devices/device-classes.ts';
import { deviceColumns } from './devices/device-totals.ts';

/** As configured; defaulting has filled in the weight. */
export interface ResourceSpec {
  readonly name: string;
  readonly weight: number;
}

/** One resource of one pod: a node where `allocatable` is 0 leaves it out of its score. */
export interface ScoredResource {
  readonly weight: number;
  readonly podAmount: number;
  readonly allocatable: Float64Array;
  readonly requested: Float64Array;
}

/** What a pod asks of each configured resource, in their order: milli for cpu, whole units for the rest. */
export function podAmounts(resources: readonly ResourceSpec[], requests: ReadonlyMap<string, Quantity>): number[] {
  return resources.map(({ name }) => {
    const quantity = requests.get(name);
    if (quantity === undefined) return 0;
    return name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity);
  });
}

/**
 * @param amounts As `podAmounts` gives them. A scalar resource that the pod does not ask for is left out.
 * @param useDefaulted Count what nodes have given away with 100m / 200 MiB for containers that request nothing.
 */
export function lineUp(
  resources: readonly ResourceSpec[],
  amounts: readonly number[],
  cluster: ClusterView,
  useDefaulted: boolean,
): ScoredResource[] {
  return resources.flatMap(({ name, weight }, i) => {
    const podAmount = amounts[i]!;
    if (podAmount === 0 && isScalarResourceName(name)) return [];
    const columns = columnsOf(name, cluster, useDefaulted);
    return columns === undefined ? [] : { weight, podAmount, ...columns };
  });
}

export function columnsOf(
  name: string,
  cluster: ClusterView,
  useDefaulted: boolean,
): Pick<ScoredResource, 'allocatable' | 'requested'> | undefined {
  switch (name) {
    case 'cpu':
      return {
        allocatable: cluster.allocatableCpuMilli,
        requested: useDefaulted ? cluster.nonZeroRequestedCpuMilli : cluster.requestedCpuMilli,
      };
    case 'memory':
      return {
        allocatable: cluster.allocatableMemoryBytes,
        requested: useDefaulted ? cluster.nonZeroRequestedMemoryBytes : cluster.requestedMemoryBytes,
      };
    case 'ephemeral-storage':
      return {
        allocatable: cluster.allocatableEphemeralStorageBytes,
        requested: cluster.requestedEphemeralStorageBytes,
      };
    default: {
      const withDevices = canBeServedByDevices(name) ? deviceColumns(name, cluster) : undefined;
      if (withDevices !== undefined) return withDevices;
      const allocatable = cluster.scalarAllocatable(name);
      const requested = cluster.scalarRequested(name);
      return allocatable === undefined || requested === undefined ? undefined : { allocatable, requested };
    }
  }
}
