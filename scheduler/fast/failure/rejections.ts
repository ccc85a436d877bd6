/**
 * Which Filter rejects each node for pods of a class, kept for classes of which a pod has found no node: the reasons of the
 * next one are then counts, and only nodes that have changed are asked about again.
 *
 * Layout: 2 bytes per node. Cost: a Filter chain per changed node; where live Filters have a say, one question to them per
 * node that the others let through.
 */
import type { Cluster } from '../../cluster.ts';
import type { RejectionCount } from '../../cycle.ts';
import type { PodInfo, Status } from '../../plugin.ts';
import type { ClassProgram, GroupFilter, OwnFilter } from '../class-program.ts';
import type { Promises } from '../promises.ts';

interface Reason {
  readonly order: number;
  readonly status: Status;
}

/** Number of the reason that stands for none. */
const NONE = 0;
const NO_REASON: Reason = { order: Number.POSITIVE_INFINITY, status: { code: 'Success', reasons: [] } };

const NO_FILTERS: readonly GroupFilter[] = [];

export class Rejections {
  /** Filters that look at a node and its pods, in the order of the profile. */
  readonly filters: readonly OwnFilter[];
  private readonly pod: PodInfo;
  private readonly program: ClassProgram;
  private readonly cluster: Cluster;
  private readonly promises: Promises;
  private readonly reasons: Reason[] = [NO_REASON];
  private readonly numbers = new Map<number, number>();
  /** By position. */
  private readonly reasonAt: Int16Array;
  /** Nodes of each reason. */
  private counts: number[] = [];
  private seenChanges = Number.NEGATIVE_INFINITY;
  /** The position that is judged for one pod alone, and its reason for that pod. */
  private ownPosition = -1;
  private ownReason = NONE;

  constructor(pod: PodInfo, program: ClassProgram, cluster: Cluster, promises: Promises) {
    this.pod = pod;
    this.program = program;
    this.cluster = cluster;
    this.promises = promises;
    this.filters = [...program.staticFilters, ...program.usageFilters].sort((a, b) => a.order - b.order);
    this.reasonAt = new Int16Array(cluster.nodeCount);
  }

  get bytes(): number {
    return 2 * this.reasonAt.length;
  }

  /** @param ownRow The node that the pod with this UID, which is being decided about, is promised, else −1. */
  catchUp(uid: string, ownRow: number): void {
    const { changes, position } = this.cluster;
    const { sequence } = changes;
    if (sequence - this.seenChanges > Math.min(changes.capacity, this.reasonAt.length)) this.readAll();
    else {
      let before = -1;
      for (let at = this.seenChanges; at < sequence; at++) {
        const row = changes.at(at);
        if (row === before) continue;
        before = row;
        this.put(position[row]!, this.reasonOf(row));
      }
    }
    this.seenChanges = sequence;
    this.ownPosition = ownRow < 0 ? -1 : position[ownRow]!;
    if (ownRow >= 0) this.ownReason = this.reasonFor(uid, ownRow);
  }

  fits(row: number, uid: string): boolean {
    const reason = this.reasons[this.reasonFor(uid, row)]!;
    return reason === NO_REASON && this.liveReason(row, reason.order, this.busyFilters()) === undefined;
  }

  /** What the node says to one pod: it does not stand in its own way. */
  private reasonFor(uid: string, row: number): number {
    this.promises.exceptUid = uid;
    const reason = this.reasonOf(row);
    this.promises.exceptUid = '';
    return reason;
  }

  /** Status → nodes that have it; undefined when some node has none. */
  count(): RejectionCount[] | undefined {
    const { counts, reasons, ownPosition } = this;
    const byReason = [...counts];
    if (ownPosition >= 0) {
      byReason[this.reasonAt[ownPosition]!]!--;
      byReason[this.ownReason] = (byReason[this.ownReason] ?? 0) + 1;
    }
    const busy = this.busyFilters();
    if (busy.length > 0) return this.countWithLive(busy);
    if (byReason[NONE]! > 0) return undefined;
    return byReason.flatMap((count, number) => (count > 0 ? { status: reasons[number]!.status, count } : []));
  }

  /** The statuses of nodes, to be asked before anything changes. */
  statuses(): (row: number) => Status {
    const { position } = this.cluster;
    const busy = this.busyFilters();
    return (row) => {
      const reason = this.reasons[this.reasonNumber(position[row]!)]!;
      return (busy.length === 0 ? reason : (this.liveReason(row, reason.order, busy) ?? reason)).status;
    };
  }

  private reasonOf(row: number): number {
    const asked = this.promises.isEmpty
      ? undefined
      : this.promises.ask(row, this.pod.priority, () => this.firstReason(row));
    return asked === undefined || asked === NONE ? this.firstReason(row) : asked;
  }

  private firstReason(row: number): number {
    const { filters } = this;
    for (let i = 0; i < filters.length; i++) {
      const { compiled, order } = filters[i]!;
      const code = compiled.filter(row);
      if (code !== 0) return this.number(order, code);
    }
    return NONE;
  }

  private number(order: number, code: number): number {
    const key = order * 2 ** 32 + code;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.reasons.length;
      this.reasons.push({ order, status: this.program.statusOf(order, code) });
      this.numbers.set(key, number);
      this.counts[number] = 0;
    }
    return number;
  }

  private readAll(): void {
    const { order } = this.cluster;
    this.counts = this.reasons.map(() => 0);
    for (let position = 0; position < this.reasonAt.length; position++) {
      const reason = this.reasonOf(order[position]!);
      this.reasonAt[position] = reason;
      this.counts[reason]!++;
    }
  }

  private put(position: number, reason: number): void {
    this.counts[this.reasonAt[position]!]!--;
    this.counts[reason]!++;
    this.reasonAt[position] = reason;
  }

  private reasonNumber(position: number): number {
    return position === this.ownPosition ? this.ownReason : this.reasonAt[position]!;
  }

  // --- live Filters ----------------------------------------------------------------------------------------------------

  private busyFilters(): readonly GroupFilter[] {
    if (this.program.liveFilters.length === 0) return NO_FILTERS;
    return this.program.liveFilters.filter(({ compiled }) => compiled.isIdle?.() !== true);
  }

  private liveReason(row: number, before: number, filters: readonly GroupFilter[]): Reason | undefined {
    for (let i = 0; i < filters.length; i++) {
      const { order, compiled } = filters[i]!;
      if (order > before) return undefined;
      const code = compiled.filter(row);
      if (code !== 0) return this.reasons[this.number(order, code)];
    }
    return undefined;
  }

  private countWithLive(filters: readonly GroupFilter[]): RejectionCount[] | undefined {
    const { order } = this.cluster;
    const counts = new Map<Status, number>();
    for (let position = 0; position < this.reasonAt.length; position++) {
      const own = this.reasons[this.reasonNumber(position)]!;
      const reason = this.liveReason(order[position]!, own.order, filters) ?? own;
      if (reason === NO_REASON) return undefined;
      counts.set(reason.status, (counts.get(reason.status) ?? 0) + 1);
    }
    return [...counts].map(([status, count]) => ({ status, count }));
  }
}
