/** The mean over time of a quantity that changes in steps. */
export class Mean {
  private readonly startMs: number;
  private sinceMs: number;
  private value = 0;
  /** Of value × milliseconds. */
  private area = 0;

  constructor(startMs: number) {
    this.startMs = startMs;
    this.sinceMs = startMs;
  }

  add(change: number, nowMs: number): void {
    this.area += this.value * (nowMs - this.sinceMs);
    this.sinceMs = nowMs;
    this.value += change;
  }

  /** The value that it has had since the last time it was told, and has now. */
  addInterval(value: number, nowMs: number): void {
    this.value = value;
    if (nowMs <= this.sinceMs) return;
    this.area += value * (nowMs - this.sinceMs);
    this.sinceMs = nowMs;
  }

  /** The value itself where no time has passed. */
  until(nowMs: number): number {
    if (nowMs <= this.startMs) return this.value;
    return (this.area + this.value * (nowMs - this.sinceMs)) / (nowMs - this.startMs);
  }
}
