/** What every cell in virtual time measures on its way and sums up at its end, whatever makes time pass. */
import { performance } from 'node:perf_hooks';
import { type CellKey, type CellSummary, csvLine, csvNumber, TIMESERIES_COLUMNS } from '../reports/index.ts';
import type { Cluster } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import { type CellInput, cellKey } from './cell-input.ts';
import type { CellOutput } from './cell-output.ts';
import { allocatableOf } from './cell-parts.ts';
import { ClusterMeter } from './cluster-meter.ts';
import { type DecisionTally, placementDigest } from './decision-tally.ts';
import type { PodLedger } from './pod-ledger.ts';
import type { SampleTimes } from './sample-times.ts';
import { Mean } from './time-mean.ts';

export interface TimedFiguresOptions {
  readonly input: CellInput;
  readonly output: CellOutput;
  /** The workload as it is run. */
  readonly workload: Workload;
  readonly ledger: PodLedger;
  readonly tally: DecisionTally;
  readonly firstArrivalMs: number;
  /** With all nodes in it. */
  readonly cluster: Cluster;
  /** Since the start, in virtual time. */
  readonly nowMs: () => number;
}

export class TimedFigures {
  private readonly options: TimedFiguresOptions;
  private readonly key: CellKey;
  private readonly meter: ClusterMeter;
  private readonly imbalance: Mean;
  private readonly unusableGpus: Mean;
  private wallMs = 0;

  constructor(options: TimedFiguresOptions) {
    const { input, cluster, workload, firstArrivalMs } = options;
    this.options = options;
    this.key = cellKey(input);
    this.meter = new ClusterMeter(cluster, workload);
    this.imbalance = new Mean(firstArrivalMs);
    this.unusableGpus = new Mean(firstArrivalMs);
  }

  /**
   * From sample to sample until time is up or all is over.
   * @param runTo Lets time pass up to a moment; true when nothing can happen any more.
   */
  run(times: SampleTimes, untilMs: number, runTo: (ms: number) => boolean): void {
    for (;;) {
      const stopMs = Math.min(times.nextMs, untilMs);
      const startedMs = performance.now();
      const isOver = runTo(stopMs);
      this.wallMs += performance.now() - startedMs;
      this.sample();
      if (isOver || stopMs >= untilMs) break;
      times.advance();
    }
  }

  summary(attempts: number): CellSummary {
    const { workload, input, ledger, tally, cluster } = this.options;
    const nowMs = this.options.nowMs();
    const state = this.meter.read();
    return {
      ...this.key,
      ...state,
      ...tally.summary(),
      tieBreak: input.tieBreak,
      engine: input.engine ?? 'reference',
      nodes: workload.nodes.length,
      pods: workload.pods.count,
      placedPods: ledger.running + ledger.ended,
      pendingPods: ledger.waiting,
      evictedPods: ledger.evicted,
      timed: {
        ...ledger.summary(nowMs, allocatableOf(cluster)),
        attempts,
        meanCpuImbalance: csvNumber(this.imbalance.until(nowMs)),
        meanGpuUnusableShare:
          state.gpuUnusableShare === undefined ? undefined : csvNumber(this.unusableGpus.until(nowMs)),
      },
      placementDigest: placementDigest(ledger.nodeOfPod),
      wallSeconds: csvNumber(this.wallMs / 1000),
    };
  }

  private sample(): void {
    const { ledger, output } = this.options;
    const nowMs = this.options.nowMs();
    const state = this.meter.read();
    this.imbalance.addInterval(state.cpuImbalance, nowMs);
    this.unusableGpus.addInterval(state.gpuUnusableShare ?? 0, nowMs);
    const row = {
      ...this.key,
      ...state,
      timeSeconds: nowMs / 1000,
      arrivedPods: ledger.arrived,
      runningPods: ledger.running,
      pendingPods: ledger.waiting,
      evictedPods: ledger.evicted,
      endedPods: ledger.ended,
    };
    output.write('timeseries.csv', csvLine(TIMESERIES_COLUMNS, row));
  }
}
