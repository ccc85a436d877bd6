/**
 * How nodes say that they live: a wheel that goes round once in a heartbeat, with the nodes of each slot one after another. A
 * beat renews the node's Lease; or, for simulations in which nobody reads Leases, it is only noted here for whoever asks, and
 * the node's status is written when it changes, not every few minutes as well.
 * Source: `component-helpers/apimachinery/lease/controller.go`, v0.37.2, and `pkg/kubelet/kubelet_node_status.go`, v1.37.2.
 *
 * Cost: two typed-array accesses per node and beat when it is only noted; one write of the API when it renews a Lease.
 */
import { type Clock, Lane } from '../../scheduler/clock.ts';

export type HeartbeatKind = 'lease' | 'noted';

export interface HeartbeatsOptions {
  readonly clock: Clock;
  readonly count: number;
  readonly everyMs: number;
  readonly reportEveryMs: number;
  readonly kind: HeartbeatKind;
  renew(index: number): void;
  /** Time to write the node's status: it has changed, or has not been written for long. */
  report(index: number): void;
}

const SLOTS_MAX = 100;

export class Heartbeats {
  /** When each node was last heard of. */
  readonly lastMs: Float64Array;
  private readonly options: HeartbeatsOptions;
  private readonly nextReportMs: Float64Array;
  private readonly isSilent: Uint8Array;
  private readonly reportEveryMs: number;
  private readonly slots: number;
  private isStopped = false;

  constructor(options: HeartbeatsOptions) {
    const { count, clock, reportEveryMs, kind } = options;
    this.options = options;
    this.lastMs = new Float64Array(count).fill(clock.nowMs);
    this.isSilent = new Uint8Array(count);
    this.slots = Math.max(1, Math.min(SLOTS_MAX, count));
    // Nodes do not all write at the same time.
    this.reportEveryMs = kind === 'noted' ? Number.POSITIVE_INFINITY : reportEveryMs;
    this.nextReportMs = Float64Array.from(
      { length: count },
      (_, i) => clock.nowMs + this.reportEveryMs * (0.5 + (0.5 * i) / count),
    );
  }

  start(): void {
    const { clock, everyMs } = this.options;
    for (let slot = 0; slot < this.slots; slot++) {
      this.later(slot, clock.nowMs + (everyMs * (slot + 1)) / this.slots);
    }
  }

  stop(): void {
    this.isStopped = true;
  }

  silence(index: number, isSilent: boolean): void {
    this.isSilent[index] = isSilent ? 1 : 0;
  }

  /** The node's status is written with its next beat. */
  changed(index: number): void {
    this.nextReportMs[index] = 0;
  }

  reported(index: number): void {
    this.nextReportMs[index] = this.options.clock.nowMs + this.reportEveryMs;
  }

  private later(slot: number, timeMs: number): void {
    const { clock, everyMs } = this.options;
    const task = (): void => {
      if (this.isStopped) return;
      this.beat(slot);
      this.later(slot, timeMs + everyMs);
    };
    clock.at(timeMs, task, Lane.Component);
  }

  private beat(slot: number): void {
    const { clock, count, kind, renew, report } = this.options;
    const { nowMs } = clock;
    const { lastMs, nextReportMs, isSilent, slots } = this;
    for (let i = slot; i < count; i += slots) {
      if (isSilent[i] === 1) continue;
      lastMs[i] = nowMs;
      if (kind === 'lease') renew(i);
      if (nextReportMs[i]! <= nowMs) report(i);
    }
  }
}
