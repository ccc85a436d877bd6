/**
 * Where every pod of a timed cell is, how long it waited, and what pods on nodes request over time.
 *
 * Cost: O(1) per change; 30 bytes per pod of the workload.
 */
import { csvNumber, type TimedSummary } from '../reports/index.ts';
import { Mean } from './time-mean.ts';
import { WaitTimes } from './wait-times.ts';

const State = { Absent: 0, Waiting: 1, Running: 2, Ended: 3, Evicted: 4 } as const;
type State = (typeof State)[keyof typeof State];

/** What a pod requests. */
export interface Amounts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly gpus: number;
}

export interface LedgerOptions {
  /** By row of the workload's pods. */
  readonly requests: (row: number) => Amounts;
  readonly pods: number;
  readonly firstArrivalMs: number;
  /** Pods that are on nodes from the start, none of the workload's own, by uid. */
  readonly others?: ReadonlyMap<string, Amounts>;
}

export class PodLedger {
  arrived = 0;
  waiting = 0;
  /** On a node, and not told to leave. */
  running = 0;
  ended = 0;
  evicted = 0;
  /** Index of the node on which each pod is or has ended; −1 for none. */
  readonly nodeOfPod: Int32Array;
  private readonly options: LedgerOptions;
  private readonly state: Uint8Array;
  private readonly arrivedMs: Float64Array;
  private readonly waits: WaitTimes;
  private lastMs = Number.NEGATIVE_INFINITY;
  private readonly means: Readonly<Record<keyof Amounts, Mean>>;

  constructor(options: LedgerOptions) {
    const { pods, firstArrivalMs } = options;
    this.options = options;
    this.nodeOfPod = new Int32Array(pods).fill(-1);
    this.state = new Uint8Array(pods);
    this.arrivedMs = new Float64Array(pods);
    this.waits = new WaitTimes(pods);
    this.means = {
      cpuMilli: new Mean(firstArrivalMs),
      memoryBytes: new Mean(firstArrivalMs),
      gpus: new Mean(firstArrivalMs),
    };
    for (const amounts of options.others?.values() ?? []) this.use(amounts, 1, firstArrivalMs);
  }

  isWaiting(row: number): boolean {
    return this.state[row] === State.Waiting;
  }

  waitedMs(row: number, nowMs: number): number {
    return nowMs - this.arrivedMs[row]!;
  }

  arrive(row: number, nowMs: number): void {
    this.state[row] = State.Waiting;
    this.arrivedMs[row] = nowMs;
    this.arrived++;
    this.waiting++;
  }

  bind(row: number, node: number, nowMs: number): void {
    this.waits.add(this.waitedMs(row, nowMs));
    this.nodeOfPod[row] = node;
    this.move(row, State.Running);
    this.use(this.options.requests(row), 1, nowMs);
    this.lastMs = nowMs;
  }

  /** Told to leave for another. On a node it keeps its room until it has left. */
  evict(row: number): void {
    if (this.state[row] !== State.Waiting && this.state[row] !== State.Running) return;
    this.move(row, State.Evicted);
    this.nodeOfPod[row] = -1;
  }

  /** The room of a pod on a node is free. */
  leave(row: number, nowMs: number): void {
    this.use(this.options.requests(row), -1, nowMs);
    if (this.state[row] !== State.Running) return;
    this.move(row, State.Ended);
    this.lastMs = nowMs;
  }

  hasOther(uid: string): boolean {
    return this.options.others?.has(uid) ?? false;
  }

  /** A pod that was there from the start is told to leave, … */
  evictOther(): void {
    this.evicted++;
  }

  /** … and has left. */
  otherLeft(uid: string, nowMs: number): void {
    const amounts = this.options.others?.get(uid);
    if (amounts !== undefined) this.use(amounts, -1, nowMs);
  }

  /** @param allocatable Of all nodes. */
  summary(
    nowMs: number,
    allocatable: Amounts,
  ): Omit<TimedSummary, 'attempts' | 'meanCpuImbalance' | 'meanGpuUnusableShare'> {
    const { means, lastMs } = this;
    const bound = this.waits.count;
    const { firstArrivalMs } = this.options;
    const waits = this.waits.summary();
    const seconds = (ms: number) => csvNumber(ms / 1000);
    const meanShare = (amount: keyof Amounts) => csvNumber(means[amount].until(nowMs) / allocatable[amount]);
    return {
      arrivedPods: this.arrived,
      boundPods: bound,
      endedPods: this.ended,
      meanWaitSeconds: waits.mean,
      p50WaitSeconds: waits.p50,
      p90WaitSeconds: waits.p90,
      p99WaitSeconds: waits.p99,
      maxWaitSeconds: waits.max,
      makespanSeconds: bound === 0 ? undefined : seconds(lastMs - firstArrivalMs),
      simulatedSeconds: seconds(nowMs),
      meanCpuAllocatedShare: meanShare('cpuMilli'),
      meanMemoryAllocatedShare: meanShare('memoryBytes'),
      meanGpuAllocatedShare: allocatable.gpus === 0 ? undefined : meanShare('gpus'),
    };
  }

  private move(row: number, to: State): void {
    this.count(this.state[row] as State, -1);
    this.state[row] = to;
    this.count(to, 1);
  }

  private count(state: State, by: number): void {
    if (state === State.Waiting) this.waiting += by;
    else if (state === State.Running) this.running += by;
    else if (state === State.Ended) this.ended += by;
    else if (state === State.Evicted) this.evicted += by;
  }

  private use({ cpuMilli, memoryBytes, gpus }: Amounts, sign: 1 | -1, nowMs: number): void {
    this.means.cpuMilli.add(sign * cpuMilli, nowMs);
    this.means.memoryBytes.add(sign * memoryBytes, nowMs);
    this.means.gpus.add(sign * gpus, nowMs);
  }
}
