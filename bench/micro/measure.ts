/**
 * Times one engine on one workload: the scheduler's core alone (decide, place), no queue, no API objects per pod. Pods of a
 * shape stand for each other. A part of the pods is placed before the clock starts.
 */
import type { Node } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { FastEngine } from '../../scheduler/fast/engine.ts';
import {
  Cluster,
  createScheduler,
  ENGINES,
  type EngineName,
  type PodInfo,
  Random,
  type Scheduler,
} from '../../scheduler/index.ts';
import { WORK } from '../../scheduler/work-count.ts';
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
  /** How often a node was looked at for a pod, per pod. */
  readonly evaluationsPerPod: number;
  /** What the scheduler keeps of a node without pods, its API object apart. */
  readonly bytesPerNode: number;
  /** Of what is kept of a class of pods; undefined where every pod is a class of its own. */
  readonly bytesPerNodeAndClass: number | undefined;
  /** Undefined where too few came to tell. */
  readonly bytesPerPod: number | undefined;
}

/** How far a measurement is; what is told before memory runs out helps to say what would fit. */
export interface MeasureProgress {
  readonly phase: 'nodes' | 'pods';
  readonly nodes: number;
}

const SLICES = 12;
const WARM_PODS = 20_000;
const WARM_PER_NODE = 4;
const PODS_PER_NODE = 88;
const ROUNDS_MAX = 60;
/** In budgets of a cell. */
const ROUNDS_BUDGET = 4;
const PODS_TO_TELL_BYTES = 10_000;
const PROGRESS_STEPS = 50;
const NODES_TO_COMPILE_FOR = 10_000;

export function measure(
  { workload, nodes, engine, budgetSeconds }: MeasureOptions,
  onProgress: (progress: MeasureProgress) => void = () => {},
): Measurement {
  const run = new MicroRun(workload, engine);
  const bytesPerNode = addNodes(run, nodes, onProgress);
  onProgress({ phase: 'pods', nodes });
  run.fill();
  const bytesBefore = heapBytes();
  const room = Math.floor(nodes * (workload.podsPerNode ?? PODS_PER_NODE));
  // The reference engine gets the emptier, cheaper cluster: its time goes with the pods that are there.
  const warm = engine === 'fast' ? Math.min(WARM_PODS, nodes * WARM_PER_NODE, Math.floor(room / 4)) : 1;
  run.prepare(warm);
  const warmPlaced = run.place(warm, 3 * budgetSeconds);
  const bytesWarm = heapBytes();
  let timed = timeRun(run, room - warm, engine, budgetSeconds);
  const evaluationsPerPod = timed.evaluations / timed.pods;
  const perPod = Math.max(0, (heapBytes() - bytesWarm) / timed.pods);
  const bytesPerPod = timed.pods < PODS_TO_TELL_BYTES ? undefined : Math.round(perPod);
  const ofClasses = bytesWarm - bytesBefore - warmPlaced * (bytesPerPod ?? 0);
  // A cluster that is full so soon says more about code that is not compiled yet: the figure is that of later ones.
  if (engine === 'fast' && timed.cpuSeconds < budgetSeconds)
    timed = laterRounds(workload, nodes, warm, room, budgetSeconds);
  const { pods, cpuSeconds, wallSeconds, sliceRates } = timed;
  const { shapeCount } = workload;
  return {
    pods,
    cpuSeconds,
    wallSeconds,
    sliceRates,
    evaluationsPerPod,
    bytesPerNode,
    bytesPerNodeAndClass:
      engine === 'reference' || shapeCount === undefined ? undefined : Math.max(0, ofClasses) / nodes / shapeCount,
    bytesPerPod,
  };
}

/** The same on fresh clusters, again and again; those that only warmed up do not count. */
function laterRounds(
  workload: MicroWorkload,
  nodes: number,
  warm: number,
  room: number,
  budgetSeconds: number,
): TimedRun {
  const rounds: TimedRun[] = [];
  let [spent, warmingUp] = [0, 0];
  while (rounds.length < ROUNDS_MAX && spent < ROUNDS_BUDGET * budgetSeconds) {
    const run = new MicroRun(workload, 'fast');
    for (let node = 0; node < nodes; node++) run.add(run.node(node));
    run.fill();
    run.prepare(warm);
    run.place(warm);
    const round = timeRun(run, room - warm, 'fast', budgetSeconds);
    spent += round.cpuSeconds;
    rounds.push(round);
    if (rounds.length <= ROUNDS_MAX / 2 && spent < (ROUNDS_BUDGET / 2) * budgetSeconds) warmingUp++;
  }
  return rounds.slice(Math.min(warmingUp, rounds.length - 1)).reduce(joined);
}

interface TimedRun {
  readonly pods: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly evaluations: number;
  readonly sliceRates: readonly number[];
}

/** Slice by slice, until the time is over or the room is used. */
function timeRun(run: MicroRun, room: number, engine: EngineName, budgetSeconds: number): TimedRun {
  const evaluationsBefore = run.evaluations;
  const sliceRates: number[] = [];
  let [cpuSeconds, wallSeconds, pods] = [0, 0, 0];
  // Where there is little room, slices are small enough that there are as many.
  const maxSlice = Math.ceil(room / SLICES);
  let sliceSize = engine === 'fast' ? Math.min(500, maxSlice) : 1;
  while (pods < room && cpuSeconds < budgetSeconds) {
    const count = Math.min(sliceSize, room - pods);
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
    sliceSize = Math.max(1, Math.min(maxSlice, Math.ceil((placed / cpu) * (budgetSeconds / SLICES))));
  }
  return { pods, cpuSeconds, wallSeconds, sliceRates, evaluations: run.evaluations - evaluationsBefore };
}

const joined = (a: TimedRun, b: TimedRun): TimedRun => ({
  pods: a.pods + b.pods,
  cpuSeconds: a.cpuSeconds + b.cpuSeconds,
  wallSeconds: a.wallSeconds + b.wallSeconds,
  evaluations: a.evaluations + b.evaluations,
  sliceRates: [...a.sliceRates, ...b.sliceRates],
});

function addNodes(run: MicroRun, nodes: number, onProgress: (progress: MeasureProgress) => void): number {
  const step = Math.max(1, Math.ceil(nodes / PROGRESS_STEPS));
  const objects: Node[] = [];
  for (let i = 0; i < nodes; i++) {
    objects.push(run.node(i));
    if (i % step === 0) onProgress({ phase: 'nodes', nodes: i / 2 });
  }
  compileFor(objects.slice(0, NODES_TO_COMPILE_FOR));
  const bytesBefore = heapBytes();
  for (let i = 0; i < nodes; i++) {
    run.add(objects[i]!);
    if (i % step === 0) onProgress({ phase: 'nodes', nodes: (nodes + i) / 2 });
  }
  run.takeSnapshot();
  return Math.max(0, Math.round((heapBytes() - bytesBefore) / nodes));
}

/** What the compiler makes of the code is not a matter of the nodes that are counted. */
function compileFor(nodes: readonly Node[]): void {
  for (let round = 0; round < 2; round++) {
    const cluster = new Cluster();
    for (const node of nodes) cluster.addNode(node);
    cluster.takeSnapshot();
  }
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
  private nodeCount = 0;

  constructor(workload: MicroWorkload, engine: EngineName) {
    this.workload = workload;
    this.scheduler = createScheduler({
      config: defaultConfig(inTreePlugins),
      registry: inTreePlugins,
      engine: ENGINES[engine],
      percentageOfNodesToScore: workload.percentageOfNodesToScore ?? 100,
    });
    this.nextShape = workload.next(new Random(1));
    for (let i = 0; i < (workload.shapeCount ?? 0); i++) this.shapes.push(this.info(i));
  }

  /** Nodes looked at for pods so far. */
  get evaluations(): number {
    const { engine } = this.scheduler;
    return WORK.evaluations + (engine instanceof FastEngine ? engine.scanned * this.nodeCount : 0);
  }

  node(index: number): Node {
    return (this.workload.node ?? benchNode)(index);
  }

  add(node: Node): void {
    this.scheduler.cluster.addNode(node);
    this.nodeCount++;
  }

  takeSnapshot(): void {
    this.scheduler.cluster.takeSnapshot();
  }

  /** Puts the pods on the nodes that are there to begin with. */
  fill(): void {
    const { cluster, nominator } = this.scheduler;
    const { filling = [], promise } = this.workload;
    const infos = filling.map((pod) => cluster.classes.info(pod));
    for (let i = 0; i < this.nodeCount; i++) {
      const name = `node-${i}`;
      for (const info of infos) cluster.addPodInfo(named(info, `${info.name}-${i}`), name);
      if (promise !== undefined && i % promise.everyNodes === 0) {
        nominator.add(named(cluster.classes.info(promise.pod), `promised-${i}`), name);
      }
    }
  }

  /** Takes in the pods to come, where each is a shape of its own; not part of what is timed. */
  prepare(count: number): void {
    const { shapeCount, isWhole } = this.workload;
    if (shapeCount === undefined) this.coming = Array.from({ length: count }, () => this.info(this.nextPod++));
    else if (isWhole) {
      this.coming = Array.from({ length: count }, () => named(this.shapes[this.nextShape()]!, `pod-${this.nextPod++}`));
    }
  }

  /** Places pods until one does not fit or the time is over; returns how many were placed. */
  place(count: number, budgetSeconds = Number.POSITIVE_INFINITY): number {
    if (this.workload.isWhole) return this.scheduleWhole(count, budgetSeconds);
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

  private scheduleWhole(count: number, budgetSeconds: number): number {
    const giveUpAtMs = performance.now() + 3000 * budgetSeconds;
    for (let i = 0; i < count; i++) {
      this.scheduler.scheduleInfo(this.coming[i]!);
      if (performance.now() > giveUpAtMs) return i + 1;
    }
    return count;
  }

  private info(index: number): PodInfo {
    return this.scheduler.cluster.classes.info(this.workload.shape(index));
  }
}

const named = (info: PodInfo, name: string): PodInfo => ({ ...info, uid: name, name, key: `default/${name}` });

function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function heapBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  // What the first one lets go of, such as memory of arrays, is counted out after the second.
  gc?.();
  gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
