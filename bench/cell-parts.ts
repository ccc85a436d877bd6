/** What cells in virtual time have in common. */
import type { Pod } from '../api/index.ts';
import type { Cluster } from '../scheduler/index.ts';
import { PodClasses } from '../scheduler/pod-info.ts';
import { GPU_RESOURCE, type Workload } from '../workloads/index.ts';
import type { DrawnOrder } from './order.ts';
import type { Amounts } from './pod-ledger.ts';

export function requestsOfShapes({ shapes }: Workload): Amounts[] {
  return shapes.map(({ labels, spec }) => requestsOf({ metadata: { labels }, spec }));
}

export function requestsOf(pod: Pod): Amounts {
  const { requests } = new PodClasses().info(pod);
  const gpus = requests.scalars.find(([name]) => name === GPU_RESOURCE)?.[1] ?? 0;
  return { cpuMilli: requests.cpuMilli, memoryBytes: requests.memoryBytes, gpus };
}

/** When the last pod ends or, where none does, arrives, if nobody waits. */
export function workloadMs({ pods: { lifetimeSeconds } }: Workload, order: DrawnOrder): number {
  let lastSeconds = 0;
  order.pods.forEach((row, i) => {
    const lifetime = lifetimeSeconds[row]!;
    const runs = lifetime === Number.POSITIVE_INFINITY ? 0 : lifetime;
    lastSeconds = Math.max(lastSeconds, order.arrivalSeconds[i]! + runs);
  });
  return lastSeconds * 1000;
}

/** Of all nodes. */
export function allocatableOf(cluster: Cluster): Amounts {
  const total = (column: Float64Array | undefined): number => {
    let sum = 0;
    for (let i = 0; i < cluster.nodeCount; i++) sum += column?.[cluster.order[i]!] ?? 0;
    return sum;
  };
  return {
    cpuMilli: total(cluster.allocatableCpuMilli),
    memoryBytes: total(cluster.allocatableMemoryBytes),
    gpus: total(cluster.scalarAllocatable(GPU_RESOURCE)),
  };
}
