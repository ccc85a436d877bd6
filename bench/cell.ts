/**
 * One cell of a run: every pod of a workload, in the order that the seed draws, goes through a scheduler on an empty
 * cluster. None ends and none is tried again (the static evaluation). What happened comes back as the summary and the
 * lines of the CSV files.
 */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { httpTransport } from '../cluster/extender-http/index.ts';
import {
  type CellKey,
  type CellSummary,
  csvLine,
  csvLines,
  csvNumber,
  PLACEMENT_COLUMNS,
  PLUGIN_COLUMNS,
  type PluginRow,
  TIMESERIES_COLUMNS,
} from '../reports/index.ts';
import {
  type AttemptSummary,
  createScheduler,
  type PluginRegistry,
  type PodOutcome,
  type ResolvedConfig,
  type Scheduler,
  type TieBreak,
} from '../scheduler/index.ts';
import { podOf, type Workload } from '../workloads/index.ts';
import { ClusterMeter } from './cluster-meter.ts';
import { type DrawnOrder, drawOrder, type Shuffle } from './order.ts';

/** Upstream times the plugins of one scheduling cycle in ten as well. */
const TIMED_CYCLE_EVERY = 10;
/** Rows of timeseries.csv per cell, about. */
const SAMPLES = 100;
/** Pods between two reports of progress. */
const PROGRESS_EVERY = 32;
const DIGEST_LENGTH = 16;

/** A plugin failed. Says which one, on which pod and (where known) which node. */
export class CellError extends Error {
  override readonly name = 'CellError';
}

export interface CellInput {
  readonly workload: Workload;
  readonly profile: string;
  readonly config: ResolvedConfig;
  readonly registry: PluginRegistry;
  readonly seed: number;
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
  /** Told how many pods have been decided, now and then and at the end. */
  readonly onProgress?: (pods: number) => void;
}

export interface CellResult {
  readonly summary: CellSummary;
  /** Lines without header. */
  readonly placementsCsv: string;
  readonly timeseriesCsv: string;
  readonly pluginsCsv: string;
}

/** Throws CellError. */
export function runCell(input: CellInput): CellResult {
  return new Cell(input).run();
}

class Cell {
  private readonly input: CellInput;
  private readonly key: CellKey;
  private readonly order: DrawnOrder;
  private readonly scheduler: Scheduler;
  private readonly meter: ClusterMeter;
  /** By row of `workload.pods`: index into `workload.nodes`, or −1. */
  private readonly nodeOfPod: Int32Array;
  private readonly podRows = new Map<string, number>();
  private readonly nodeIndex: ReadonlyMap<string, number>;
  private readonly placements: string[] = [];
  private readonly timeseries: string[] = [];

  private nowSeconds = 0;
  private wallMs = 0;
  private running = 0;
  private pending = 0;
  private evicted = 0;
  private decisions = 0;
  private preemptions = 0;
  private evaluatedNodes = 0;
  private feasibleNodes = 0;
  private scoredDecisions = 0;
  private marginPoints = 0;
  private tiedDecisions = 0;

  constructor(input: CellInput) {
    const { workload, seed, shuffle } = input;
    this.input = input;
    this.key = { workload: workload.name, profile: input.profile, seed };
    this.order = drawOrder(workload, seed, shuffle);
    this.scheduler = createScheduler({
      config: input.config,
      registry: input.registry,
      tieBreak: input.tieBreak,
      seed: this.order.tieSeed,
      startTimeMs: () => this.nowSeconds * 1000,
      extenderTransport: httpTransport,
      meter: { nowNs: () => performance.now() * 1e6, sampleEvery: TIMED_CYCLE_EVERY },
    });
    for (const node of this.order.nodes) this.scheduler.cluster.addNode(workload.nodes[node]!);
    this.meter = new ClusterMeter(this.scheduler.cluster, workload);
    this.nodeOfPod = new Int32Array(workload.pods.count).fill(-1);
    this.nodeIndex = new Map(workload.nodes.map((node, index) => [node.metadata?.name ?? '', index]));
  }

  run(): CellResult {
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
    return {
      summary: this.summarize(),
      placementsCsv: this.placements.join(''),
      timeseriesCsv: this.timeseries.join(''),
      pluginsCsv: csvLines(PLUGIN_COLUMNS, this.pluginRows()),
    };
  }

  private schedule(row: number): void {
    const { workload } = this.input;
    const pod = podOf(workload, row);
    const startedMs = performance.now();
    const outcome = this.scheduler.schedule(pod);
    this.wallMs += performance.now() - startedMs;
    refuseFailure(outcome);
    this.podRows.set(outcome.pod, row);
    const podClass = workload.shapes[workload.pods.shape[row]!]!.name;
    outcome.attempts.forEach((attempt, index) => {
      this.record(workload.pods.names[row]!, podClass, attempt, index + 1);
    });
    if (outcome.node === undefined) this.pending++;
    else {
      this.running++;
      this.nodeOfPod[row] = this.nodeIndex.get(outcome.node)!;
    }
  }

  private record(pod: string, podClass: string, attempt: AttemptSummary, number: number): void {
    const { node = '', feasibleCount, evaluatedCount, topScore, margin, message = '', victims = [] } = attempt;
    this.decisions++;
    this.evaluatedNodes += evaluatedCount;
    this.feasibleNodes += feasibleCount;
    if (margin !== undefined) {
      this.scoredDecisions++;
      this.marginPoints += margin;
      if (margin === 0) this.tiedDecisions++;
    }
    if (victims.length > 0) this.preemptions++;
    for (const victim of victims) {
      this.running--;
      this.evicted++;
      this.nodeOfPod[this.podRows.get(victim)!] = -1;
    }
    this.placements.push(
      csvLine(PLACEMENT_COLUMNS, {
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
      }),
    );
  }

  private sample(arrivedPods: number): void {
    this.timeseries.push(
      csvLine(TIMESERIES_COLUMNS, {
        ...this.key,
        ...this.meter.read(),
        timeSeconds: this.nowSeconds,
        arrivedPods,
        runningPods: this.running,
        pendingPods: this.pending,
        evictedPods: this.evicted,
      }),
    );
  }

  private summarize(): CellSummary {
    const { workload, tieBreak } = this.input;
    return {
      ...this.key,
      ...this.meter.read(),
      tieBreak,
      nodes: workload.nodes.length,
      pods: workload.pods.count,
      placedPods: this.running,
      pendingPods: this.pending,
      evictedPods: this.evicted,
      decisions: this.decisions,
      preemptions: this.preemptions,
      evaluatedNodes: this.evaluatedNodes,
      feasibleNodes: this.feasibleNodes,
      scoredDecisions: this.scoredDecisions,
      meanMarginPoints: this.scoredDecisions === 0 ? undefined : csvNumber(this.marginPoints / this.scoredDecisions),
      tiedDecisions: this.tiedDecisions,
      placementDigest: createHash('sha256').update(this.nodeOfPod).digest('hex').slice(0, DIGEST_LENGTH),
      wallSeconds: csvNumber(this.wallMs / 1000),
    };
  }

  private pluginRows(): PluginRow[] {
    return this.scheduler.pluginStats().map((stat) => ({
      ...this.key,
      plugin: stat.plugin,
      extensionPoint: stat.point,
      calls: stat.calls,
      nodesRejected: stat.nodesRejected,
      decisionsDecided: stat.decisionsDecided,
      decidedShare: this.scoredDecisions === 0 ? 0 : stat.decisionsDecided / this.scoredDecisions,
      timedCalls: stat.timedCalls,
      wallNanoseconds: Math.round(stat.nanoseconds),
    }));
  }
}

/** A pod that stays pending is a result; one that a plugin's failure stopped spoils the cell. */
function refuseFailure({ outcome, pod, error, errorNode }: PodOutcome): void {
  if (outcome !== 'error') return;
  const where = errorNode === undefined ? '' : `, node ${errorNode}`;
  throw new CellError(`pod ${pod}${where}: ${error}`);
}
