/**
 * Filter and Score of a pod that looks at CPU and memory alone, as numbers: what plugins say through their forms
 * (`ResourceForm` in `plugin.ts`), put together so that one function, or one kernel, answers for a node.
 */
import type { Cluster } from '../cluster.ts';
import type { EnabledPlugin, Framework } from '../framework.ts';
import type { CompiledFilter, CompiledScore, PodInfo, ResourceForm } from '../plugin.ts';

export interface PodForm {
  /** What has to be left on a node. */
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** What LeastAllocated counts for the pod. */
  readonly defaultedCpuMilli: number;
  readonly defaultedMemoryBytes: number;
  /** What BalancedAllocation counts; undefined when it does not score the pod. */
  readonly balanced: Pick<ResourceForm, 'cpuMilli' | 'memoryBytes'> | undefined;
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
  return { ...bothOf(fits, least), balanced };
}

/**
 * Reads the forms of pods whose other plugins are known to answer as for another pod of their shape: asks only those that
 * depend on the pods of a node, and lets them compile only where they have no quicker answer.
 */
export class FormReader {
  private readonly cluster: Cluster;
  private readonly filters: ReadonlyArray<FormQuestion>;
  private readonly scores: ReadonlyArray<FormQuestion>;

  constructor(framework: Framework, cluster: Cluster) {
    this.cluster = cluster;
    const withPreFilter = new Set(framework.preFilter.map(({ name }) => name));
    const withPreScore = new Set(framework.preScore.map(({ name }) => name));
    this.filters = framework.filter
      .filter(({ definition }) => definition.dependsOn?.filter === 'usage')
      .map((enabled) => filterQuestion(enabled, withPreFilter.has(enabled.name)));
    // Any other weight is none for the kernel.
    this.scores = framework.score
      .filter(({ definition }) => definition.dependsOn?.score === 'usage')
      .map((enabled) =>
        enabled.weight === 1 ? scoreQuestion(enabled, withPreScore.has(enabled.name)) : () => undefined,
      );
  }

  of(pod: PodInfo): PodForm | undefined {
    let fits: ResourceForm | undefined;
    for (let i = 0; i < this.filters.length; i++) {
      const form = this.filters[i]!(pod, this.cluster);
      if (form === 'skip') continue;
      if (form?.kind !== 'fits' || fits !== undefined) return undefined;
      fits = form;
    }
    let least: ResourceForm | undefined;
    let balanced: ResourceForm | undefined;
    for (let i = 0; i < this.scores.length; i++) {
      const form = this.scores[i]!(pod, this.cluster);
      if (form === 'skip') continue;
      if (form?.kind === 'leastAllocated' && least === undefined) least = form;
      else if (form?.kind === 'balanced' && balanced === undefined) balanced = form;
      else return undefined;
    }
    return fits === undefined || least === undefined ? undefined : { ...bothOf(fits, least), balanced };
  }
}

const bothOf = (fits: ResourceForm, least: ResourceForm) => ({
  cpuMilli: fits.cpuMilli,
  memoryBytes: fits.memoryBytes,
  defaultedCpuMilli: least.cpuMilli,
  defaultedMemoryBytes: least.memoryBytes,
});

type FormQuestion = (pod: PodInfo, cluster: Cluster) => ResourceForm | 'skip' | undefined;

const NO_ROWS = new Int32Array(0);

function filterQuestion({ plugin }: EnabledPlugin, hasPreFilter: boolean): FormQuestion {
  // A Filter without its PreFilter may have ways of its own.
  if (plugin.filterForm !== undefined && hasPreFilter) return (pod, cluster) => plugin.filterForm!(pod, cluster);
  return (pod, cluster) => {
    const result = hasPreFilter ? (plugin.preFilter?.(pod, cluster) ?? {}) : {};
    if (result.reject !== undefined || result.nodeNames !== undefined) return undefined;
    if (result.skip === true) return 'skip';
    const compiled = plugin.compileFilter?.(pod, cluster, result.state);
    return compiled === undefined ? 'skip' : compiled.form;
  };
}

function scoreQuestion({ plugin }: EnabledPlugin, hasPreScore: boolean): FormQuestion {
  if (plugin.scoreForm !== undefined && hasPreScore) return (pod, cluster) => plugin.scoreForm!(pod, cluster);
  return (pod, cluster) => {
    const result = hasPreScore ? (plugin.preScore?.(pod, cluster, NO_ROWS, 0) ?? {}) : {};
    if (result.skip === true) return 'skip';
    const compiled = plugin.compileScore?.(pod, cluster, result.state);
    if (compiled === undefined) return 'skip';
    return compiled.normalization === undefined ? compiled.form : undefined;
  };
}

/** 100 · (1 − |a − b| / 2), rounded down, for used fractions a and b. */
export function balancePoints(a: number, b: number): number {
  return Math.trunc((1 - Math.abs((Math.min(a, 1) - Math.min(b, 1)) / 2)) * 100);
}
