/**
 * Filter and Score of a pod that looks at CPU and memory alone, as numbers: what plugins say through their forms
 * (`ResourceForm` in `plugin.ts`), put together so that one function, or one kernel, answers for a node.
 */
import type { Cluster } from '../cluster.ts';
import type { Framework } from '../framework.ts';
import type { CompiledFilter, CompiledScore, PodInfo } from '../plugin.ts';

export interface PodForm {
  /** What has to be left on a node. */
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** What LeastAllocated counts for the pod. */
  readonly defaultedCpuMilli: number;
  readonly defaultedMemoryBytes: number;
  /** What BalancedAllocation counts; undefined when it does not score the pod. */
  readonly balanced: { readonly cpuMilli: number; readonly memoryBytes: number } | undefined;
}

interface WeightedScore {
  readonly weight: number;
  readonly compiled: CompiledScore;
}

/** Beyond this a percentage may differ from Go's integer division (2^53 / 100). */
export const EXACT_CAPACITY_MAX = 2 ** 53 / 100;

/** Undefined when something else matters, too, or counts with another weight. */
export function podForm(filters: readonly CompiledFilter[], scores: readonly WeightedScore[]): PodForm | undefined {
  const fits = filters.length === 1 ? filters[0]!.form : undefined;
  if (fits?.kind !== 'fits' || scores.some(({ weight }) => weight !== 1)) return undefined;
  const forms = scores.map(({ compiled }) => compiled.form);
  const least = forms.find((form) => form?.kind === 'leastAllocated');
  const balanced = forms.find((form) => form?.kind === 'balanced');
  if (least === undefined || scores.length !== (balanced === undefined ? 1 : 2)) return undefined;
  return {
    cpuMilli: fits.cpuMilli,
    memoryBytes: fits.memoryBytes,
    defaultedCpuMilli: least.cpuMilli,
    defaultedMemoryBytes: least.memoryBytes,
    balanced: balanced && { cpuMilli: balanced.cpuMilli, memoryBytes: balanced.memoryBytes },
  };
}

/**
 * The form of a pod whose other plugins are known to answer as for another pod of its shape: asks only those that depend on
 * the pods of a node.
 */
export function formOfPod(framework: Framework, pod: PodInfo, cluster: Cluster): PodForm | undefined {
  const states = new Map<string, unknown>();
  const skipped = new Set<string>();
  for (const { name, plugin, definition } of framework.preFilter) {
    if (definition.dependsOn?.filter !== 'usage') continue;
    const result = plugin.preFilter?.(pod, cluster) ?? {};
    if (result.reject !== undefined || result.nodeNames !== undefined) return undefined;
    if (result.skip === true) skipped.add(name);
    states.set(name, result.state);
  }
  const filters: CompiledFilter[] = [];
  for (const { name, plugin, definition } of framework.filter) {
    if (definition.dependsOn?.filter !== 'usage' || skipped.has(name)) continue;
    const compiled = plugin.compileFilter?.(pod, cluster, states.get(name));
    if (compiled !== undefined) filters.push(compiled);
  }
  return filters.length === 1 ? podForm(filters, scoresOf(framework, pod, cluster)) : undefined;
}

const NO_ROWS = new Int32Array(0);

function scoresOf(framework: Framework, pod: PodInfo, cluster: Cluster): WeightedScore[] {
  const states = new Map<string, unknown>();
  const skipped = new Set<string>();
  for (const { name, plugin, definition } of framework.preScore) {
    if (definition.dependsOn?.score !== 'usage') continue;
    const result = plugin.preScore?.(pod, cluster, NO_ROWS, 0) ?? {};
    if (result.skip === true) skipped.add(name);
    states.set(name, result.state);
  }
  const scores: WeightedScore[] = [];
  for (const { name, plugin, definition, weight } of framework.score) {
    if (definition.dependsOn?.score !== 'usage' || skipped.has(name)) continue;
    const compiled = plugin.compileScore?.(pod, cluster, states.get(name));
    if (compiled !== undefined) scores.push({ compiled, weight });
  }
  return scores;
}

/** 100 · (1 − |a − b| / 2), rounded down, for used fractions a and b. */
export function balancePoints(a: number, b: number): number {
  return Math.trunc((1 - Math.abs((Math.min(a, 1) - Math.min(b, 1)) / 2)) * 100);
}

/** Base score of the pod on a node; −1 where it does not fit, and NaN where the node's capacities need the long formulas. */
export function fusedScore(form: PodForm, cluster: Cluster): (row: number) => number {
  const { cpuMilli, memoryBytes, defaultedCpuMilli, defaultedMemoryBytes, balanced } = form;
  const { allocatableCpuMilli, allocatableMemoryBytes, allocatablePods, podCount } = cluster;
  const { requestedCpuMilli, requestedMemoryBytes, nonZeroRequestedCpuMilli, nonZeroRequestedMemoryBytes } = cluster;
  const isBalanced = balanced !== undefined;
  const addsCpu = balanced?.cpuMilli ?? 0;
  const addsMemory = balanced?.memoryBytes ?? 0;
  return (row) => {
    const cpu = allocatableCpuMilli[row]!;
    const memory = allocatableMemoryBytes[row]!;
    const usedCpu = requestedCpuMilli[row]!;
    const usedMemory = requestedMemoryBytes[row]!;
    if (podCount[row]! >= allocatablePods[row]! || cpuMilli > cpu - usedCpu || memoryBytes > memory - usedMemory)
      return -1;
    const leftCpu = cpu - nonZeroRequestedCpuMilli[row]! - defaultedCpuMilli;
    const leftMemory = memory - nonZeroRequestedMemoryBytes[row]! - defaultedMemoryBytes;
    if (!(cpu > 0 && memory > 0 && cpu <= EXACT_CAPACITY_MAX && memory <= EXACT_CAPACITY_MAX)) return Number.NaN;
    const cpuScore = leftCpu < 0 ? 0 : Math.floor((leftCpu * 100) / cpu);
    const memoryScore = leftMemory < 0 ? 0 : Math.floor((leftMemory * 100) / memory);
    const least = (cpuScore + memoryScore) >> 1;
    if (!isBalanced) return least;
    const without = balancePoints(usedCpu / cpu, usedMemory / memory);
    const withPod = balancePoints((usedCpu + addsCpu) / cpu, (usedMemory + addsMemory) / memory);
    return least + 50 + ((50 + withPod - without) >> 1);
  };
}
