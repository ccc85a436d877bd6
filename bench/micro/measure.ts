/**
 * Times one engine on one workload: the scheduler's core alone (decide, place), no queue, no API objects per pod. Pods of a
 * shape stand for each other. A part of the pods is placed before the clock starts.
 */
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { FastEngine } from '../../scheduler/fast/engine.ts';
import { createScheduler, type EngineName, ENGINES, type PodInfo, Random, type Scheduler } from '../../scheduler/index.ts';
import { benchNode, type MicroWorkload } from './workloads.ts';

export interface MeasureOptions {
  readonly workload: MicroWorkload;
  readonly nodes: number;
  readonly engine: EngineName;
  /** Stop when this much CPU time has been used. */
  readonly budgetSeconds: number;
  /** @default as many as fit */
  readonly maxPods?: number;
}

export interface Measurement {
  readonly workload: string;
  readonly nodes: number;
  readonly engine: EngineName;
  readonly pods: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Per CPU second of every slice of the run, in order. */
  readonly sliceRates: readonly number[];
  /** Placements, for comparing engines. */
  readonly digest: number;
  readonly bytesPerNode: number;
  /** Pods that no node had room for; they end the run. */
  readonly unplaced: number;
}

const SLICES = 12;
const MAX_FILL = 0.8;
const PODS_PER_NODE = 110;

export function measure({ workload, nodes, engine, budgetSeconds, maxPods }: MeasureOptions): Measurement {
  const heapBefore = heapBytes();
  const scheduler = createScheduler({
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    engine: ENGINES[engine],
    percentageOfNodesToScore: workload.percentageOfNodesToScore ?? 100,
  });
  for (let i = 0; i < nodes; i++) scheduler.cluster.addNode(benchNode(i));
  const bytesPerNode = (heapBytes() - heapBefore) / nodes;
  const run = new Run(scheduler, workload);
  const room = Math.floor(nodes * PODS_PER_NODE * MAX_FILL * (workload.name.includes('1 app') && workload.warmPerNode !== undefined ? 1 / PODS_PER_NODE : 1));
  const warm = engine === 'fast' ? Math.min(20_000, Math.floor(nodes * (workload.warmPerNode ?? 4)), Math.floor(room / 2)) : 2;
  run.place(warm, budgetSeconds * 2);
  const limit = Math.min(room - warm, maxPods ?? Number.POSITIVE_INFINITY);
  // The first slice tells how many pods the others may take.
  let sliceSize = Math.max(1, Math.min(Math.ceil(limit / SLICES), engine === 'fast' ? 500 : 2));
  const sliceRates: number[] = [];
  let cpuSeconds = 0;
  let wallSeconds = 0;
  let pods = 0;
  while (pods < limit && cpuSeconds < budgetSeconds) {
    const cpuBefore = cpuNow();
    const wallBefore = performance.now();
    const placed = run.place(Math.min(sliceSize, limit - pods), budgetSeconds);
    const cpu = cpuNow() - cpuBefore;
    wallSeconds += (performance.now() - wallBefore) / 1000;
    cpuSeconds += cpu;
    pods += placed;
    sliceRates.push(placed / cpu);
    if (run.unplaced > 0) break;
    sliceSize = Math.max(1, Math.ceil((placed / Math.max(cpu, 1e-6)) * (budgetSeconds / SLICES)));
  }
  const { digest, unplaced } = run;
  return { workload: workload.name, nodes, engine, pods, cpuSeconds, wallSeconds, sliceRates, digest, bytesPerNode, unplaced };
}

class Run {
  unplaced = 0;
  digest = 0;
  private readonly scheduler: Scheduler;
  private readonly workload: MicroWorkload;
  private readonly shapes: PodInfo[] = [];
  private readonly nextShape: () => number;
  private nextPod = 0;

  constructor(scheduler: Scheduler, workload: MicroWorkload) {
    this.scheduler = scheduler;
    this.workload = workload;
    this.nextShape = workload.next(new Random(1));
    for (let i = 0; i < (workload.shapeCount ?? 0); i++) this.shapes.push(this.info(i));
  }

  /** Places pods until one does not fit; returns how many were placed. */
  place(count: number, budgetSeconds: number): number {
    const { cluster, engine } = this.scheduler;
    const framework = this.scheduler.frameworks.get('default-scheduler')!;
    const fast = engine instanceof FastEngine ? engine : undefined;
    const giveUp = cpuNow() + budgetSeconds;
    for (let i = 0; i < count; i++) {
      const pod = this.workload.shapeCount === undefined ? this.info(this.nextPod++) : this.shapes[this.nextShape()]!;
      let row = fast === undefined ? -1 : fast.decide(framework, pod);
      if (row < 0) row = engine.schedulePod(framework, pod, '').chosenRow;
      if (row < 0) {
        this.unplaced++;
        return i;
      }
      cluster.place(pod, row);
      this.digest = (Math.imul(this.digest, 31) + row) | 0;
      if ((i & 1023) === 1023 && cpuNow() > giveUp) return i + 1;
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
