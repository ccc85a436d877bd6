/**
 * How long calls of the runtime may take. One timer for all calls of a kubelet, and none while nothing is asked.
 *
 * Cost: a Set entry per call that is not answered at once.
 */
import { type Clock, Lane } from '../../scheduler/clock.ts';

export interface Deadline {
  readonly dueMs: number;
  readonly expired: () => void;
}

export class CallDeadlines {
  private readonly clock: Clock;
  private readonly open = new Set<Deadline>();
  private armedMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  begin(timeoutMs: number, expired: () => void): Deadline {
    const deadline = { dueMs: this.clock.nowMs + timeoutMs, expired };
    this.open.add(deadline);
    this.arm(deadline.dueMs);
    return deadline;
  }

  end(deadline: Deadline): void {
    this.open.delete(deadline);
  }

  private arm(dueMs: number): void {
    if (this.armedMs <= dueMs) return;
    this.armedMs = dueMs;
    this.clock.at(dueMs, () => this.check(dueMs), Lane.Component);
  }

  private check(forMs: number): void {
    if (this.armedMs !== forMs) return;
    this.armedMs = Number.POSITIVE_INFINITY;
    const { nowMs } = this.clock;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const deadline of [...this.open]) {
      if (deadline.dueMs <= nowMs) {
        this.open.delete(deadline);
        deadline.expired();
      } else nextMs = Math.min(nextMs, deadline.dueMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.arm(nextMs);
  }
}
