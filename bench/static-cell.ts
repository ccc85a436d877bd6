/** The static evaluation: pods arrive one after another, each is tried once, none ends, nothing is tried again. */
import { performance } from 'node:perf_hooks';
import type { Pod } from '../api/index.ts';
import { httpTransport } from '../cluster/extender-http/index.ts';
import {
  type CellKey,
  type CellSummary,
  csvLine,
  csvNumber,
  PLACEMENT_COLUMNS,
  TIMESERIES_COLUMNS,
} from '../reports/index.ts';
import {
  type AttemptSummary,
  createScheduler,
  ENGINES,
  type EngineName,
  type PodOutcome,
  type Scheduler,
  type SchedulerOptions,
} from '../scheduler/index.ts';
import { podOf, podTitle } from '../workloads/index.ts';
import { cellError } from './cell-error.ts';
import { type CellInput, cellKey } from './cell-input.ts';
import type { CellOutput } from './cell-output.ts';
import { ClusterMeter } from './cluster-meter.ts';
import { DecisionTally, placementDigest } from './decision-tally.ts';
import { Explained } from './explained.ts';
import { type DrawnOrder, drawOrder } from './order.ts';
import { pluginTimes } from './plugin-times.ts';

/** Rows of timeseries.csv per cell, about. */
const SAMPLES = 100;
/** Pods between two reports of progress. */
const PROGRESS_EVERY = 32;

export class StaticCell {
  private readonly input: CellInput;
  private readonly output: CellOutput;
  private readonly engine: EngineName;
  private readonly key: CellKey;
  private readonly order: DrawnOrder;
  private readonly scheduler: Scheduler;
  private readonly options: SchedulerOptions & { explain: boolean };
  private readonly meter: ClusterMeter;
  private readonly tally = new DecisionTally();
  /** By row of `workload.pods`: index into `workload.nodes`, or −1. */
  private readonly nodeOfPod: Int32Array;
  private readonly podRows = new Map<string, number>();
  private readonly nodeIndex: ReadonlyMap<string, number>;

  private nowSeconds = 0;
  private wallMs = 0;
  private running = 0;
  private pending = 0;
  private evicted = 0;

  constructor(input: CellInput, output: CellOutput) {
    const { workload, seed, tieSeed, shuffle, engine = 'reference' } = input;
    this.input = input;
    this.output = output;
    this.engine = engine;
    this.key = cellKey(input);
    this.order = drawOrder(workload, seed, shuffle, tieSeed);
    this.options = {
      config: input.config,
      registry: input.registry,
      tieBreak: input.tieBreak,
      engine: ENGINES[engine],
      seed: this.order.tieSeed,
      startTimeMs: () => this.nowSeconds * 1000,
      extenderTransport: httpTransport,
      meter: pluginTimes(engine),
      explain: false,
    };
    this.scheduler = createScheduler(this.options);
    const { cluster } = this.scheduler;
    for (const node of this.order.nodes) cluster.addNode(workload.nodes[node]!);
    for (const object of workload.objects ?? []) cluster.addObject(object);
    for (const pod of workload.bound ?? []) cluster.addPod(pod);
    this.meter = new ClusterMeter(this.scheduler.cluster, workload);
    this.nodeOfPod = new Int32Array(workload.pods.count).fill(-1);
    this.nodeIndex = new Map(workload.nodes.map((node, index) => [node.metadata?.name ?? '', index]));
  }

  run(): CellSummary {
    const { pods, arrivalSeconds } = this.order;
    const { onProgress } = this.input;
    const sampleEvery = Math.max(1, Math.ceil(pods.length / SAMPLES));
    for (let i = 0; i < pods.length; i++) {
      this.nowSeconds = arrivalSeconds[i]!;
      this.schedule(pods[i]!);
      if ((i + 1) % sampleEvery === 0 || i + 1 === pods.length) this.sample(i + 1);
      if ((i + 1) % PROGRESS_EVERY === 0) onProgress?.(i + 1);
    }
    onProgress?.(pods.length);
    this.tally.writePlugins(this.key, this.scheduler.meter, this.output);
    return this.summarize();
  }

  private schedule(row: number): void {
    const { workload } = this.input;
    const pod = podOf(workload, row);
    if (this.input.explain?.row === row) this.explain(pod, this.input.explain.attempt);
    const startedMs = performance.now();
    const outcome = this.scheduler.schedule(pod);
    this.wallMs += performance.now() - startedMs;
    refuseFailure(outcome);
    this.podRows.set(outcome.pod, row);
    const podClass = workload.shapes[workload.pods.shape[row]!]!.name;
    outcome.attempts.forEach((attempt, index) => {
      this.record(podTitle(workload, row), podClass, attempt, index + 1);
    });
    if (outcome.node === undefined) this.pending++;
    else {
      this.running++;
      this.nodeOfPod[row] = this.nodeIndex.get(outcome.node)!;
    }
  }

  private explain(pod: Pod, attempt: number): never {
    const { tieBreak } = this.input;
    this.options.explain = true;
    const startedMs = performance.now();
    const outcome = this.scheduler.schedule(pod);
    const evaluationMs = performance.now() - startedMs;
    this.options.explain = false;
    const asked = outcome.attempts[attempt - 1];
    if (asked === undefined) throw new Explained(undefined);
    // Chance and extenders may answer otherwise the next time.
    const repeats = tieBreak !== 'random' && outcome.attempts.length === 1 && this.scheduler.extenders.isEmpty;
    const isWhole = asked.record?.evaluated === this.scheduler.cluster.nodeCount;
    throw new Explained({
      outcome: { ...outcome, attempts: [asked] },
      attempt,
      timeSeconds: this.nowSeconds,
      decidedBefore: this.tally.decisions,
      priority: pod.spec?.priority ?? 0,
      evaluationMs,
      again: repeats && isWhole && asked.node !== undefined ? { scheduler: this.scheduler, pod } : undefined,
    });
  }

  private record(pod: string, podClass: string, attempt: AttemptSummary, number: number): void {
    const { node = '', feasibleCount, evaluatedCount, topScore, margin, message = '', victims = [] } = attempt;
    this.tally.add(attempt);
    for (const victim of victims) {
      this.evicted++;
      const row = this.podRows.get(victim);
      // One that was there from the start is none of the workload's own.
      if (row === undefined) continue;
      this.running--;
      this.nodeOfPod[row] = -1;
    }
    const row = {
      ...this.key,
      timeSeconds: this.nowSeconds,
      pod,
      podClass,
      node,
      feasibleNodes: feasibleCount,
      evaluatedNodes: evaluatedCount,
      totalPoints: topScore,
      marginPoints: margin,
      attempt: number,
      reason: node === '' ? message : '',
      victims,
      nominatedNode: attempt.nominatedNode,
    };
    this.output.write('placements.csv', csvLine(PLACEMENT_COLUMNS, row));
  }

  private sample(arrivedPods: number): void {
    const row = {
      ...this.key,
      ...this.meter.read(),
      timeSeconds: this.nowSeconds,
      arrivedPods,
      runningPods: this.running,
      pendingPods: this.pending,
      evictedPods: this.evicted,
    };
    this.output.write('timeseries.csv', csvLine(TIMESERIES_COLUMNS, row));
  }

  private summarize(): CellSummary {
    const { workload, tieBreak } = this.input;
    return {
      ...this.key,
      ...this.meter.read(),
      ...this.tally.summary(),
      tieBreak,
      engine: this.engine,
      nodes: workload.nodes.length,
      pods: workload.pods.count,
      placedPods: this.running,
      pendingPods: this.pending,
      evictedPods: this.evicted,
      placementDigest: placementDigest(this.nodeOfPod),
      wallSeconds: csvNumber(this.wallMs / 1000),
    };
  }
}

/** A pod that stays pending is a result; one that a plugin's failure stopped spoils the cell. */
function refuseFailure({ outcome, pod, error, errorNode }: PodOutcome): void {
  if (outcome === 'error') throw cellError(pod, errorNode, error ?? '');
}
