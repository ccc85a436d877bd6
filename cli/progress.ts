/** How far a run is: one line that moves on a terminal, a plain line every ten seconds elsewhere. */
import type { RunProgress } from '../bench/index.ts';

const BAR_LENGTH = 24;
const TERMINAL_EVERY_MS = 100;
const PIPE_EVERY_MS = 10_000;
const COLUMNS_WITHOUT_TERMINAL = 100;

export class Progress {
  private readonly stream: NodeJS.WriteStream;
  private readonly run: RunProgress;
  private readonly podsInAll: number;
  private readonly startedMs = performance.now();
  /** What an earlier run had done says nothing about this one's pace. */
  private readonly podsAtStart: number;
  private readonly cellsAtStart: number;
  private readonly timer: NodeJS.Timeout;

  constructor(stream: NodeJS.WriteStream, run: RunProgress) {
    this.stream = stream;
    this.run = run;
    this.podsInAll = run.pods.reduce((sum, pods) => sum + pods, 0);
    this.podsAtStart = this.podsDone();
    this.cellsAtStart = this.cellsDone();
    this.timer = setInterval(() => this.show(), stream.isTTY ? TERMINAL_EVERY_MS : PIPE_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.clear();
  }

  /** Makes room for a line of its own. */
  clear(): void {
    if (this.stream.isTTY) this.stream.write('\r\u001b[K');
  }

  private show(): void {
    const line = this.line();
    if (!this.stream.isTTY) this.stream.write(`${line}\n`);
    else this.stream.write(`\r${line.slice(0, (this.stream.columns ?? COLUMNS_WITHOUT_TERMINAL) - 1)}\u001b[K`);
  }

  private line(): string {
    const { cells } = this.run;
    const all = this.podsInAll;
    const share = this.podsDone() / all;
    const elapsedMinutes = (performance.now() - this.startedMs) / 60_000;
    const pods = this.podsDone() - this.podsAtStart;
    const parts = [`${this.cellsDone()}/${cells.length} cells`];
    if (this.stream.isTTY) {
      const full = Math.floor(share * BAR_LENGTH);
      parts.unshift('█'.repeat(full) + '░'.repeat(BAR_LENGTH - full));
    } else parts.unshift(`${Math.floor(share * 100)} %`);
    if (this.cellsDone() > this.cellsAtStart) {
      parts.push(`${Math.round((this.cellsDone() - this.cellsAtStart) / elapsedMinutes)} cells/min`);
    }
    if (pods > 0) parts.push(`about ${duration((elapsedMinutes * (all - this.podsDone())) / pods)} left`);
    parts.push(this.atWork());
    return `  ${parts[0]}  ${parts.slice(1).join('   ')}`.trimEnd();
  }

  /** The first cell that has begun and not ended. */
  private atWork(): string {
    const { cells, podsDone } = this.run;
    const cell = cells.find(({ state }, index) => state === 'pending' && podsDone[index]! > 0);
    return cell === undefined ? '' : `${cell.profile} seed ${cell.seed}`;
  }

  private cellsDone(): number {
    return this.run.cells.filter(({ state }) => state !== 'pending').length;
  }

  private podsDone(): number {
    return this.run.podsDone.reduce((sum, pods) => sum + pods, 0);
  }
}

function duration(minutes: number): string {
  const seconds = Math.max(1, Math.round(minutes * 60));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
