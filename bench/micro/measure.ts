/**
 * Times one engine on one workload: the scheduler's core alone (decide, place), no queue, no API objects per pod. Pods of a
 * shape stand for each other. A part of the pods is placed before the clock starts.
 */
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { FastEngine } from '../../scheduler/fast/engine.ts';
import {
  createScheduler,
  ENGINES,
  type EngineName,
  type PodInfo,
  Random,
  type Scheduler,
} from '../../scheduler/index.ts';
import { benchNode, type MicroWorkload } from './workloads.ts';

export interface MeasureOptions {
  readonly workload: MicroWorkload;
  readonly nodes: number;
  readonly engine: EngineName;
  /** Stop when this much CPU time has been used. */
  readonly budgetSeconds: number;
}

export interface Measurement {
  readonly pods: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Pods per CPU second of every slice of the run, in order. */
  readonly sliceRates: readonly number[];
  /** Of the cluster, nodes and columns, before any pod. */
  readonly bytesPerNode: number;
}

const SLICES = 12;
const WARM_PODS = 20_000;
const WARM_PER_NODE = 4;
const PODS_PER_NODE = 88;

export function measure({ workload, nodes, engine, budgetSeconds }: MeasureOptions): Measurement {
  const bytesBefore = heapBytes();
  const run = new MicroRun(workload, nodes, engine);
  const bytesPerNode = Math.max(0, Math.round((heapBytes() - bytesBefore) / nodes));
  const room = Math.floor(nodes * (workload.podsPerNode ?? PODS_PER_NODE));
  // The reference engine gets the emptier, cheaper cluster: its time goes with the pods that are there.
  const warm = engine === 'fast' ? Math.min(WARM_PODS, nodes * WARM_PER_NODE, Math.floor(room / 4)) : 1;
  run.prepare(warm);
  run.place(warm, 3 * budgetSeconds);
  const sliceRates: number[] = [];
  let [cpuSeconds, wallSeconds, pods] = [0, 0, 0];
  let sliceSize = engine === 'fast' ? 500 : 1;
  while (pods < room - warm && cpuSeconds < budgetSeconds) {
    const count = Math.min(sliceSize, room - warm - pods);
    run.prepare(count);
    const cpuBefore = cpuNow();
    const wallBefore = performance.now();
    const placed = run.place(count, budgetSeconds);
    const cpu = Math.max(cpuNow() - cpuBefore, 1e-6);
    wallSeconds += (performance.now() - wallBefore) / 1000;
    cpuSeconds += cpu;
    pods += placed;
    sliceRates.push(placed / cpu);
    if (run.isFull) break;
    sliceSize = Math.max(1, Math.ceil((placed / cpu) * (budgetSeconds / SLICES)));
  }
  return { pods, cpuSeconds, wallSeconds, sliceRates, bytesPerNode };
}

/** A cluster, an engine, and a stream of pods. */
export class MicroRun {
  /** A pod found no node. */
  isFull = false;
  private readonly scheduler: Scheduler;
  private readonly workload: MicroWorkload;
  private readonly shapes: PodInfo[] = [];
  private readonly nextShape: () => number;
  private nextPod = 0;
  private coming: PodInfo[] = [];

  constructor(workload: MicroWorkload, nodes: number, engine: EngineName) {
    this.workload = workload;
    this.scheduler = createScheduler({
      config: defaultConfig(inTreePlugins),
      registry: inTreePlugins,
      engine: ENGINES[engine],
      percentageOfNodesToScore: workload.percentageOfNodesToScore ?? 100,
    });
    for (let i = 0; i < nodes; i++) this.scheduler.cluster.addNode(benchNode(i));
    this.nextShape = workload.next(new Random(1));
    for (let i = 0; i < (workload.shapeCount ?? 0); i++) this.shapes.push(this.info(i));
  }

  /** Takes in the pods to come, where each is a shape of its own; not part of what is timed. */
  prepare(count: number): void {
    if (this.workload.shapeCount !== undefined) return;
    this.coming = Array.from({ length: count }, () => this.info(this.nextPod++));
  }

  /** Places pods until one does not fit or the time is over; returns how many were placed. */
  place(count: number, budgetSeconds = Number.POSITIVE_INFINITY): number {
    const { cluster, engine, frameworks } = this.scheduler;
    const framework = frameworks.get('default-scheduler')!;
    const fast = engine instanceof FastEngine ? engine : undefined;
    // Wall time is cheap to read; on a busy machine it runs ahead of CPU time.
    const giveUpAtMs = performance.now() + 3000 * budgetSeconds;
    const mask = fast === undefined ? 0 : 255;
    for (let i = 0; i < count; i++) {
      const pod = this.coming.length > 0 ? this.coming[i]! : this.shapes[this.nextShape()]!;
      let row = fast === undefined ? -1 : fast.decide(framework, pod);
      if (row < 0) row = engine.schedulePod(framework, pod, '').chosenRow;
      if (row < 0) {
        this.isFull = true;
        return i;
      }
      cluster.place(pod, row);
      if ((i & mask) === mask && performance.now() > giveUpAtMs) return i + 1;
    }
    return count;
  }

  private info(index: number): PodInfo {
    return this.scheduler.cluster.classes.info(this.workload.shape(index));
  }
}

function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function heapBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
