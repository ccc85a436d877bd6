/**
 * NodeResourcesBalancedAllocation: prefers nodes whose resources become more evenly used by the pod: 75 when nothing
 * changes, up to 100 when it gets better, down to 50 when it gets worse.
 * Source: `plugins/noderesources/balanced_allocation.go`, v1.37.2. Floats in upstream's order of operations.
 *
 * Cost: two passes over the configured resources per node.
 */
import type { Plugin, PluginDefinition, PodInfo, ResourceForm } from '../scheduler/plugin.ts';
import { lineUp, type ResourceSpec, type ScoredResource } from './helper/scored-resources.ts';

interface BalancedAllocationArgs {
  readonly resources: readonly ResourceSpec[];
}

export const nodeResourcesBalancedAllocation: PluginDefinition = {
  name: 'NodeResourcesBalancedAllocation',
  points: ['preScore', 'score'],
  dependsOn: { score: 'usage' },
  create: (args) => createBalancedAllocation((args as BalancedAllocationArgs).resources),
};

function createBalancedAllocation(resources: readonly ResourceSpec[]): Plugin {
  return {
    preScore: (pod) => {
      const amounts = realAmounts(pod, resources);
      return asksForNothing(amounts) ? { skip: true } : { state: amounts };
    },
    scoreForm: (pod) => {
      const amounts = realAmounts(pod, resources);
      return asksForNothing(amounts) ? 'skip' : balancedForm(resources, amounts);
    },
    compileScore: (pod, cluster, state) => {
      // Without PreScore upstream works the requests out here, and a pod without any scores 0.
      const amounts = (state as number[] | undefined) ?? realAmounts(pod, resources);
      if (asksForNothing(amounts)) return { score: () => 0 };
      const lined = lineUp(resources, amounts, cluster, false);
      const ofTwo = balanceOfTwo(lined);
      if (ofTwo !== undefined) return { score: ofTwo, form: balancedForm(resources, amounts) };
      return { score: (row) => 50 + Math.trunc((50 + balance(lined, row, 1) - balance(lined, row, 0)) / 2) };
    },
  };
}

const asksForNothing = (amounts: readonly number[]): boolean => amounts.every((amount) => amount === 0);

/** Real requests, nothing defaulted; in-place resize status counts. */
function realAmounts({ usage }: PodInfo, resources: readonly ResourceSpec[]): number[] {
  return resources.map(({ name }) => {
    if (name === 'cpu') return usage.cpuMilli;
    if (name === 'memory') return usage.memoryBytes;
    if (name === 'ephemeral-storage') return usage.ephemeralStorageBytes;
    return usage.scalars.find(([scalar]) => scalar === name)?.[1] ?? 0;
  });
}

function balancedForm(resources: readonly ResourceSpec[], amounts: readonly number[]): ResourceForm | undefined {
  const [first, second] = resources;
  if (resources.length !== 2 || first!.name !== 'cpu' || second!.name !== 'memory') return undefined;
  return { kind: 'balanced', cpuMilli: amounts[0]!, memoryBytes: amounts[1]! };
}

/** CPU and memory, the default, without a loop over resources; undefined for anything else. */
function balanceOfTwo(resources: readonly ScoredResource[]): ((row: number) => number) | undefined {
  if (resources.length !== 2) return undefined;
  const [{ podAmount: amountA, allocatable: capacityA, requested: usedA }, b] = resources as [
    ScoredResource,
    ScoredResource,
  ];
  const { podAmount: amountB, allocatable: capacityB, requested: usedB } = b;
  return (row) => {
    const ofA = capacityA[row]!;
    const ofB = capacityB[row]!;
    const usesA = usedA[row]!;
    const usesB = usedB[row]!;
    // A resource that the node lacks drops out, and one alone is always balanced.
    if (ofA === 0 || ofB === 0) return 75;
    const without = deviationPoints(usesA / ofA, usesB / ofB);
    const withPod = deviationPoints((usesA + amountA) / ofA, (usesB + amountB) / ofB);
    return 50 + Math.trunc((50 + withPod - without) / 2);
  };
}

function deviationPoints(a: number, b: number): number {
  const first = Math.min(a, 1);
  const second = Math.min(b, 1);
  return Math.trunc((1 - Math.abs((first - second) / 2)) * 100);
}

/** 100 minus the standard deviation of the used fractions, in whole points: 50..100. `pods`: 1 with the pod, 0 without. */
function balance(resources: readonly ScoredResource[], row: number, pods: 0 | 1): number {
  let count = 0;
  let first = 0;
  let second = 0;
  let total = 0;
  for (let i = 0; i < resources.length; i++) {
    const resource = resources[i]!;
    if (resource.allocatable[row] === 0) continue;
    const fraction = fractionOf(resource, row, pods);
    if (count === 0) first = fraction;
    else if (count === 1) second = fraction;
    total += fraction;
    count++;
  }
  if (count < 2) return 100;
  if (count === 2) return Math.trunc((1 - Math.abs((first - second) / 2)) * 100);
  const mean = total / count;
  let squares = 0;
  for (let i = 0; i < resources.length; i++) {
    const resource = resources[i]!;
    if (resource.allocatable[row] === 0) continue;
    const distance = fractionOf(resource, row, pods) - mean;
    squares += distance * distance;
  }
  return Math.trunc((1 - Math.sqrt(squares / count)) * 100);
}

function fractionOf({ podAmount, allocatable, requested }: ScoredResource, row: number, pods: 0 | 1): number {
  const fraction = (requested[row]! + pods * podAmount) / allocatable[row]!;
  return Math.min(fraction, 1);
}
