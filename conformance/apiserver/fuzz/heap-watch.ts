/** Whether the heap grows over rounds after each of which everything that was made has been deleted. */

/** Caches fill up first. */
const WARM_UP_ROUNDS = 5;
const COMPARED_ROUNDS = 5;
/** What rounds differ by anyway: thousands of pod specs are kept by their text, and counters by what was asked. */
const SLACK_BYTES = 40 * 1024 * 1024;

export class HeapWatch {
  private readonly usedBytes: number[] = [];

  add(usedBytes: number): void {
    this.usedBytes.push(usedBytes);
  }

  /** Undecided, so false, before there are enough rounds. */
  get grows(): boolean {
    if (this.usedBytes.length < WARM_UP_ROUNDS + 2 * COMPARED_ROUNDS) return false;
    return this.after - this.before > SLACK_BYTES;
  }

  get text(): string {
    const first = this.usedBytes.length > WARM_UP_ROUNDS ? this.before : (this.usedBytes[0] ?? 0);
    return `${mebibytes(first)} → ${mebibytes(this.after)} MiB`;
  }

  private get before(): number {
    return mean(this.usedBytes.slice(WARM_UP_ROUNDS, WARM_UP_ROUNDS + COMPARED_ROUNDS));
  }

  private get after(): number {
    return mean(this.usedBytes.slice(-COMPARED_ROUNDS));
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
