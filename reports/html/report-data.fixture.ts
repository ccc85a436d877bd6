/** A report with names that would do harm if they were taken for markup. */
import type { VerdictRecord } from '../verdict-records.ts';
import type { ReportData, WorkloadReport } from './report-data.ts';

export const HOSTILE = '<script>alert(1)</script>"\'&<img src=x onerror=alert(2)>';

const verdict = (other: string, title: string, effect: number, isPrimary: boolean): VerdictRecord => ({
  base: 'default',
  other,
  isPrimary,
  pairs: 3,
  baseMean: 0.8,
  baseDeviation: 0.01,
  otherMean: 0.9,
  otherDeviation: 0.01,
  unit: '%',
  effect,
  threshold: 1,
  p: 0.25,
  pAdjusted: 0.25,
  notes: [],
  metric: 'placed_share',
  title,
  low: effect - 2,
  high: effect + 2,
  verdict: effect > 0 ? 'better' : 'worse',
  isClear: true,
  isRealButSmall: false,
  detectable: undefined,
  pairsNeeded: undefined,
});

const profiles = ['default', HOSTILE];
const METRICS = { placed_share: 0.9, gpu_allocated_share: 0.8, wall_decisions_per_second: 5000, used_nodes: 10 };

const workload: WorkloadReport = {
  workload: HOSTILE,
  nodes: 10,
  pods: 100,
  evaluation: 'timed',
  profiles,
  verdicts: [verdict(HOSTILE, 'placed', 5, true), verdict(HOSTILE, 'gpu alloc', -300, false)],
  level: 0.95,
  cells: profiles.flatMap((profile, i) =>
    ['1', '2'].flatMap((seed) =>
      Object.entries(METRICS).map(([metric, value]) => ({
        profile,
        seed,
        metric,
        value: value * (1 + i + Number(seed) / 10),
      })),
    ),
  ),
  series: profiles.flatMap((profile, i) =>
    [0, 1000, 2000].map((timeSeconds) => ({
      profile,
      timeSeconds,
      values: {
        running_pods: timeSeconds / 10 + i,
        pending_pods: i,
        cpu_allocated_share: timeSeconds / 4000,
        gpu_allocated_share: timeSeconds / 3000,
        gpu_unusable_share: 0.01 * i,
      },
    })),
  ),
  seriesRows: 600,
  waits: profiles.flatMap((profile, i) =>
    [0.5, 0.9, 0.99, 1].map((share) => ({ profile, share, seconds: share * (i + 1) })),
  ),
  bins: profiles.flatMap((profile) =>
    [0, 1, 2].map((nodeGroup) => ({ profile, nodeGroup, timeSeconds: 100 * nodeGroup, pods: 1 + nodeGroup })),
  ),
  nodesPerGroup: 4,
  plugins: profiles.map((profile) => ({ profile, plugin: HOSTILE, decidedShare: 0.5, microsecondsPerCall: 1.5 })),
  divergences: [
    {
      profile: HOSTILE,
      seed: '1',
      decisions: 100,
      different: 40,
      firstPod: HOSTILE,
      firstTimeSeconds: 12,
      baseNode: HOSTILE,
      node: '',
    },
  ],
};

export const HOSTILE_REPORT: ReportData = {
  title: HOSTILE,
  sources: [{ folder: HOSTILE, startedAt: '2026-01-01T00:00:00Z', berth: '0.0.0', semantics: 'v', host: HOSTILE }],
  workloads: [workload],
  configs: [{ name: HOSTILE, text: HOSTILE, set: HOSTILE }],
  inputs: [{ name: HOSTILE, description: HOSTILE, files: [HOSTILE] }],
};
