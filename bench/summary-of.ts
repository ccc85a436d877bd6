/** A row of summary.csv read back. */
import { parse } from 'csv-parse/sync';
import type { CellSummary, StartedSummary, TimedSummary } from '../reports/index.ts';

type Fields = Readonly<Record<string, string>>;

/** @param text The header and a row; undefined when that is not what it is. */
export function summaryOf(text: string): CellSummary | undefined {
  let rows: Fields[];
  try {
    rows = parse(text, { columns: true }) as unknown as Fields[];
  } catch {
    return undefined;
  }
  const [fields] = rows;
  return fields === undefined || rows.length > 1 ? undefined : readFields(fields);
}

const optional = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text);

/** Absent, not undefined, where there is none. */
const keyed = <Name extends string>(name: Name, value: number | undefined): { readonly [name in Name]?: number } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [name in Name]?: number };

function readFields(fields: Fields): CellSummary {
  const number = (column: string) => Number(fields[column]);
  return {
    workload: fields.workload!,
    profile: fields.profile!,
    seed: number('seed'),
    ...keyed('tieSeed', optional(fields.tie_seed)),
    repeat: number('repeat'),
    tieBreak: fields.tie_break!,
    engine: fields.engine!,
    nodes: number('nodes'),
    pods: number('pods'),
    placedPods: number('placed_pods'),
    pendingPods: number('pending_pods'),
    evictedPods: number('evicted_pods'),
    cpuAllocatedShare: number('cpu_allocated_share'),
    memoryAllocatedShare: number('memory_allocated_share'),
    gpuAllocatedShare: optional(fields.gpu_allocated_share),
    nodesUsed: number('used_nodes'),
    cpuImbalance: number('cpu_imbalance_stddev'),
    gpuUnusableShare: optional(fields.gpu_unusable_share),
    decisions: number('decisions'),
    preemptions: number('preemptions'),
    evaluatedNodes: number('evaluated_nodes'),
    feasibleNodes: number('feasible_nodes'),
    scoredDecisions: number('scored_decisions'),
    meanMarginPoints: optional(fields.mean_margin_points),
    tiedDecisions: number('tied_decisions'),
    placementDigest: fields.placement_digest!,
    timed: fields.evaluation === 'static' ? undefined : timedFields(fields),
    ...(fields.evaluation === 'cluster' ? { started: startedFields(fields) } : {}),
    wallSeconds: number('wall_seconds'),
  };
}

function startedFields(fields: Fields): StartedSummary {
  return {
    startedPods: Number(fields.started_pods),
    meanStartSeconds: optional(fields.mean_start_seconds),
    p50StartSeconds: optional(fields.p50_start_seconds),
    p99StartSeconds: optional(fields.p99_start_seconds),
    maxStartSeconds: optional(fields.max_start_seconds),
  };
}

function timedFields(fields: Fields): TimedSummary {
  const number = (column: string) => Number(fields[column]);
  return {
    arrivedPods: number('arrived_pods'),
    boundPods: number('bound_pods'),
    endedPods: number('ended_pods'),
    attempts: number('attempts'),
    meanWaitSeconds: optional(fields.mean_wait_seconds),
    p50WaitSeconds: optional(fields.p50_wait_seconds),
    p90WaitSeconds: optional(fields.p90_wait_seconds),
    p99WaitSeconds: optional(fields.p99_wait_seconds),
    maxWaitSeconds: optional(fields.max_wait_seconds),
    makespanSeconds: optional(fields.makespan_seconds),
    simulatedSeconds: number('simulated_seconds'),
    meanCpuAllocatedShare: number('mean_cpu_allocated_share'),
    meanMemoryAllocatedShare: number('mean_memory_allocated_share'),
    meanGpuAllocatedShare: optional(fields.mean_gpu_allocated_share),
    meanCpuImbalance: number('mean_cpu_imbalance_stddev'),
    meanGpuUnusableShare: optional(fields.mean_gpu_unusable_share),
  };
}
