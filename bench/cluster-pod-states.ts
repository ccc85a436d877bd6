/** How far every pod of a workload is in a whole cluster, by what the API tells of it. Cost: O(1) per change. */
import type { Pod } from '../api/index.ts';
import type { Workload } from '../workloads/index.ts';
import type { PodLedger } from './pod-ledger.ts';
import { WaitTimes } from './wait-times.ts';

const Flag = { Chosen: 1, Bound: 2, Started: 4, Leaving: 8, Over: 16 } as const;

export interface ClusterPodStatesOptions {
  readonly workload: Workload;
  /** Knows pods that are none of the workload's own by namespace and name. */
  readonly ledger: PodLedger;
  readonly nodeIndex: ReadonlyMap<string, number>;
  readonly now: () => number;
}

export class ClusterPodStates {
  /** From arrival to Running. */
  readonly starts: WaitTimes;
  /** Pods that are being bound, started or ended. */
  onTheWay = 0;
  /** Pods that run and will end by themselves. */
  endingSurely = 0;
  /** When a pod last came a step further. */
  lastProgressMs = 0;
  private readonly options: ClusterPodStatesOptions;
  private readonly rows = new Map<string, number>();
  private readonly flags: Uint8Array;
  private readonly othersLeaving = new Set<string>();

  constructor(options: ClusterPodStatesOptions) {
    const { count } = options.workload.pods;
    this.options = options;
    this.flags = new Uint8Array(count);
    this.starts = new WaitTimes(count);
  }

  get nowMs(): number {
    return this.options.now();
  }

  /** −1 for a pod that is none of the workload's own. */
  rowOf(uid = ''): number {
    return this.rows.get(uid) ?? -1;
  }

  created(row: number, uid: string): void {
    this.rows.set(uid, row);
    this.lastProgressMs = this.nowMs;
  }

  /** The scheduler has a node for it. */
  chosen(uid: string): void {
    this.set(this.rowOf(uid), Flag.Chosen);
  }

  /** … and does not get it there. */
  notBound(uid: string): void {
    const row = this.rowOf(uid);
    this.update(row, this.flags[row]! & ~Flag.Chosen);
  }

  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: Pod): void {
    const row = this.rowOf(pod.metadata?.uid);
    if (row < 0) {
      this.otherChanged(type, pod);
      return;
    }
    const { ledger, nodeIndex } = this.options;
    const { nowMs } = this;
    const has = (flag: number): boolean => (this.flags[row]! & flag) !== 0;
    const { phase } = pod.status ?? {};
    const node = pod.spec?.nodeName;
    if (node && !has(Flag.Bound)) {
      this.set(row, Flag.Bound);
      ledger.bind(row, nodeIndex.get(node)!, nowMs);
    }
    if (phase === 'Running' && !has(Flag.Started)) {
      this.starts.add(ledger.waitedMs(row, nowMs));
      this.set(row, Flag.Started);
    }
    if (has(Flag.Over)) return;
    const isDeleted = pod.metadata?.deletionTimestamp !== undefined || type === 'DELETED';
    // Told to go, or ended by its node.
    if ((isDeleted || phase === 'Failed') && !has(Flag.Leaving)) {
      this.set(row, Flag.Leaving);
      ledger.evict(row);
    }
    if (type !== 'DELETED' && phase !== 'Succeeded' && phase !== 'Failed') return;
    if (has(Flag.Bound)) ledger.leave(row, nowMs);
    this.set(row, Flag.Over);
  }

  private otherChanged(type: 'ADDED' | 'MODIFIED' | 'DELETED', { metadata, status }: Pod): void {
    const { ledger } = this.options;
    const key = `${metadata?.namespace}/${metadata?.name}`;
    if (!ledger.hasOther(key)) return;
    const isGone = type === 'DELETED' || status?.phase === 'Succeeded' || status?.phase === 'Failed';
    if ((metadata?.deletionTimestamp !== undefined || isGone) && !this.othersLeaving.has(key)) {
      this.othersLeaving.add(key);
      ledger.evictOther();
    }
    if (isGone) ledger.otherLeft(key, this.nowMs);
  }

  private set(row: number, flag: number): void {
    this.lastProgressMs = this.nowMs;
    this.update(row, this.flags[row]! | flag);
  }

  private update(row: number, flags: number): void {
    const before = this.flags[row]!;
    this.flags[row] = flags;
    this.onTheWay += Number(isOnTheWay(flags)) - Number(isOnTheWay(before));
    if (this.options.workload.pods.lifetimeSeconds[row] === Number.POSITIVE_INFINITY) return;
    this.endingSurely += Number(isRunning(flags)) - Number(isRunning(before));
  }
}

function isOnTheWay(flags: number): boolean {
  if ((flags & Flag.Over) !== 0) return false;
  if ((flags & Flag.Leaving) !== 0) return true;
  return (flags & (Flag.Chosen | Flag.Bound)) !== 0 && (flags & Flag.Started) === 0;
}

const isRunning = (flags: number): boolean => (flags & (Flag.Started | Flag.Leaving | Flag.Over)) === Flag.Started;
