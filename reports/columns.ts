/**
 * The columns of the run folder's CSV files. Names end with the unit; columns that hold wall-clock figures start with
 * `wall_` and come last, and all others are the same for every run of the same inputs.
 */

import { placedShare } from './placed-share.ts';
import type {
  CellKey,
  CellSummary,
  ClusterState,
  PlacementRow,
  PluginRow,
  StartedSummary,
  TimedSummary,
  TimeseriesRow,
} from './records.ts';
import type { Column } from './to-csv.ts';

const column = <T>(name: string, value: Column<T>['value']): Column<T> => ({ name, value });

const CELL: ReadonlyArray<Column<CellKey>> = [
  column('workload', (row) => row.workload),
  column('profile', (row) => row.profile),
  column('seed', (row) => row.seed),
  column('tie_seed', (row) => row.tieSeed),
  column('repeat', (row) => row.repeat ?? 1),
];

const ALLOCATION: ReadonlyArray<Column<ClusterState>> = [
  column('cpu_allocated_share', (row) => row.cpuAllocatedShare),
  column('memory_allocated_share', (row) => row.memoryAllocatedShare),
  column('gpu_allocated_share', (row) => row.gpuAllocatedShare),
  column('used_nodes', (row) => row.nodesUsed),
  column('cpu_imbalance_stddev', (row) => row.cpuImbalance),
  column('gpu_unusable_share', (row) => row.gpuUnusableShare),
];

const timed = (name: string, value: (summary: TimedSummary) => number | undefined): Column<CellSummary> =>
  column(name, (row) => row.timed && value(row.timed));

/** Empty in the static evaluation. */
const TIMED: ReadonlyArray<Column<CellSummary>> = [
  timed('arrived_pods', (row) => row.arrivedPods),
  timed('bound_pods', (row) => row.boundPods),
  timed('ended_pods', (row) => row.endedPods),
  timed('attempts', (row) => row.attempts),
  timed('mean_wait_seconds', (row) => row.meanWaitSeconds),
  timed('p50_wait_seconds', (row) => row.p50WaitSeconds),
  timed('p90_wait_seconds', (row) => row.p90WaitSeconds),
  timed('p99_wait_seconds', (row) => row.p99WaitSeconds),
  timed('max_wait_seconds', (row) => row.maxWaitSeconds),
  timed('makespan_seconds', (row) => row.makespanSeconds),
  timed('simulated_seconds', (row) => row.simulatedSeconds),
  timed('mean_cpu_allocated_share', (row) => row.meanCpuAllocatedShare),
  timed('mean_memory_allocated_share', (row) => row.meanMemoryAllocatedShare),
  timed('mean_gpu_allocated_share', (row) => row.meanGpuAllocatedShare),
  timed('mean_cpu_imbalance_stddev', (row) => row.meanCpuImbalance),
  timed('mean_gpu_unusable_share', (row) => row.meanGpuUnusableShare),
];

const started = (name: string, value: (summary: StartedSummary) => number | undefined): Column<CellSummary> =>
  column(name, (row) => row.started && value(row.started));

/** Empty unless pods run in a whole cluster. */
const STARTED: ReadonlyArray<Column<CellSummary>> = [
  started('started_pods', (row) => row.startedPods),
  started('mean_start_seconds', (row) => row.meanStartSeconds),
  started('p50_start_seconds', (row) => row.p50StartSeconds),
  started('p99_start_seconds', (row) => row.p99StartSeconds),
  started('max_start_seconds', (row) => row.maxStartSeconds),
];

export const SUMMARY_COLUMNS: ReadonlyArray<Column<CellSummary>> = [
  ...CELL,
  column('evaluation', (row) => (row.started !== undefined ? 'cluster' : row.timed === undefined ? 'static' : 'timed')),
  column('engine', (row) => row.engine),
  column('tie_break', (row) => row.tieBreak),
  column('nodes', (row) => row.nodes),
  column('pods', (row) => row.pods),
  column('placed_pods', (row) => row.placedPods),
  column('pending_pods', (row) => row.pendingPods),
  column('evicted_pods', (row) => row.evictedPods),
  column('placed_share', placedShare),
  ...ALLOCATION,
  column('decisions', (row) => row.decisions),
  column('preemptions', (row) => row.preemptions),
  column('evaluated_nodes', (row) => row.evaluatedNodes),
  column('feasible_nodes', (row) => row.feasibleNodes),
  column('scored_decisions', (row) => row.scoredDecisions),
  column('mean_margin_points', (row) => row.meanMarginPoints),
  column('tied_decisions', (row) => row.tiedDecisions),
  ...TIMED,
  ...STARTED,
  column('placement_digest', (row) => row.placementDigest),
  column('wall_seconds', (row) => row.wallSeconds),
  column('wall_decisions_per_second', (row) => Math.round(row.decisions / row.wallSeconds)),
];

export const PLACEMENT_COLUMNS: ReadonlyArray<Column<PlacementRow>> = [
  ...CELL,
  column('time_seconds', (row) => row.timeSeconds),
  column('pod', (row) => row.pod),
  column('class', (row) => row.podClass),
  column('node', (row) => row.node),
  column('feasible_nodes', (row) => row.feasibleNodes),
  column('evaluated_nodes', (row) => row.evaluatedNodes),
  column('total_points', (row) => row.totalPoints),
  column('margin_points', (row) => row.marginPoints),
  column('attempt', (row) => row.attempt),
  column('reason', (row) => row.reason),
  column('victims', (row) => row.victims.join(' ')),
  column('nominated_node', (row) => row.nominatedNode),
  column('waited_seconds', (row) => row.waitedSeconds),
  column('group', (row) => row.group),
];

export const TIMESERIES_COLUMNS: ReadonlyArray<Column<TimeseriesRow>> = [
  ...CELL,
  column('time_seconds', (row) => row.timeSeconds),
  column('arrived_pods', (row) => row.arrivedPods),
  column('running_pods', (row) => row.runningPods),
  column('pending_pods', (row) => row.pendingPods),
  column('evicted_pods', (row) => row.evictedPods),
  column('ended_pods', (row) => row.endedPods),
  ...ALLOCATION,
];

export const PLUGIN_COLUMNS: ReadonlyArray<Column<PluginRow>> = [
  ...CELL,
  column('plugin', (row) => row.plugin),
  column('extension_point', (row) => row.extensionPoint),
  column('measured_decisions', (row) => row.measuredDecisions),
  column('calls', (row) => row.calls),
  column('rejected_nodes', (row) => row.nodesRejected),
  column('decided_decisions', (row) => row.decisionsDecided),
  column('decided_share', (row) => row.decidedShare),
  column('timed_calls', (row) => row.timedCalls),
  column('wall_nanoseconds', (row) => row.wallNanoseconds),
];
