/** Nodes by when their time is over, so that not all have to be looked at all the time. */
export class DueNodes {
  private readonly periodMs: number;
  private readonly byPeriod = new Map<number, Set<string>>();
  private taken = 0;

  constructor(periodMs: number) {
    this.periodMs = periodMs;
  }

  /** A node may be there under several times: whoever takes it looks at the last one. */
  add(name: string, dueMs: number): void {
    const period = Math.floor(dueMs / this.periodMs);
    const names = this.byPeriod.get(period);
    if (names === undefined) this.byPeriod.set(period, new Set([name]));
    else names.add(name);
  }

  /** Takes out those whose time is over. */
  *until(nowMs: number): Iterable<string> {
    const last = Math.floor(nowMs / this.periodMs);
    const first = this.taken === 0 ? Math.min(last, ...this.byPeriod.keys()) : this.taken;
    this.taken = last;
    for (let period = first; period <= last; period++) {
      const names = this.byPeriod.get(period);
      if (names === undefined) continue;
      yield* names;
      this.byPeriod.delete(period);
    }
  }
}
