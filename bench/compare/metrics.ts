/** What can be compared between runs: columns of summary.csv with the way that is better. */
export interface ComparedMetric {
  /** Column of summary.csv, unit included. */
  readonly name: string;
  readonly title: string;
  readonly direction: 'up' | 'down';
  /** Times vary by factors, so they are compared as ratios, and the machine is in them. */
  readonly isTiming?: boolean;
}

const up = (name: string, title: string): ComparedMetric => ({ name, title, direction: 'up' });
const down = (name: string, title: string): ComparedMetric => ({ name, title, direction: 'down' });

/** The first that a run has is its primary metric, unless the user names others. */
export const COMPARED_METRICS: readonly ComparedMetric[] = [
  up('placed_share', 'placed'),
  down('mean_wait_seconds', 'wait mean'),
  down('p99_wait_seconds', 'wait p99'),
  down('max_wait_seconds', 'wait max'),
  down('mean_start_seconds', 'start mean'),
  down('p99_start_seconds', 'start p99'),
  down('max_start_seconds', 'start max'),
  down('makespan_seconds', 'makespan'),
  down('pending_pods', 'never bound'),
  down('evicted_pods', 'evicted'),
  up('mean_gpu_allocated_share', 'gpu alloc, mean'),
  up('mean_cpu_allocated_share', 'cpu alloc, mean'),
  down('mean_gpu_unusable_share', 'gpu unusable, mean'),
  down('mean_cpu_imbalance_stddev', 'cpu imbalance, mean'),
  up('gpu_allocated_share', 'gpu alloc'),
  up('cpu_allocated_share', 'cpu alloc'),
  up('memory_allocated_share', 'memory alloc'),
  down('gpu_unusable_share', 'gpu unusable'),
  down('cpu_imbalance_stddev', 'cpu imbalance'),
  down('used_nodes', 'nodes used'),
  { name: 'wall_decisions_per_second', title: 'decisions per s', direction: 'up', isTiming: true },
];

/** Of the base's mean: less is of no practical interest. */
export const DEFAULT_THRESHOLD_PERCENT = 1;
export const TIMING_THRESHOLD_PERCENT = 3;
