/**
 * When the rows of timeseries.csv are taken: by default about a hundred over the time that the workload takes where nobody
 * waits, and then ever fewer, so that a long tail does not fill the file.
 */
const ROWS = 100;
const STEP_MS_MIN = 1000;

export class SampleTimes {
  nextMs: number;
  private stepMs: number;
  private readonly isFixed: boolean;
  private taken = 0;

  /** @param everyMs Instead of what the workload takes. */
  constructor(workloadMs: number, everyMs: number | undefined) {
    this.isFixed = everyMs !== undefined;
    this.stepMs = everyMs ?? Math.max(1, Math.ceil(workloadMs / ROWS / STEP_MS_MIN)) * STEP_MS_MIN;
    this.nextMs = this.stepMs;
  }

  advance(): void {
    this.taken++;
    if (!this.isFixed && this.taken > ROWS && this.taken % ROWS === 0) this.stepMs *= 2;
    this.nextMs += this.stepMs;
  }
}
