/**
 * Tasks in the order of (time, lane, sequence): a binary heap on parallel arrays, so that a task costs no object.
 *
 * Cost: O(log n) per push and pop; a cancelled task stays, as an empty one, until its time.
 */
export class EventHeap {
  private readonly times: number[] = [];
  /** Lane and running number in one, so that one comparison settles equal times. */
  private readonly ranks: number[] = [];
  private readonly tasks: Array<() => void> = [];
  private readonly inLane: number[] = [];
  private pushed = 0;

  get size(): number {
    return this.tasks.length;
  }

  get firstTimeMs(): number {
    return this.times[0] ?? Number.POSITIVE_INFINITY;
  }

  get firstLane(): number {
    return this.ranks.length === 0 ? -1 : Math.floor(this.ranks[0]! / RUNNING_NUMBERS);
  }

  /** How many tasks of a lane are still to come. */
  countIn(lane: number): number {
    return this.inLane[lane] ?? 0;
  }

  /** When the first task of a lane is due; infinity when there is none. Cost: O(n). */
  firstTimeIn(lane: number): number {
    let firstMs = Number.POSITIVE_INFINITY;
    this.ranks.forEach((rank, i) => {
      if (Math.floor(rank / RUNNING_NUMBERS) === lane) firstMs = Math.min(firstMs, this.times[i]!);
    });
    return firstMs;
  }

  push(timeMs: number, lane: number, task: () => void): void {
    const rank = lane * RUNNING_NUMBERS + this.pushed++;
    this.inLane[lane] = this.countIn(lane) + 1;
    let hole = this.tasks.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!isEarlier(timeMs, rank, this.times[parent]!, this.ranks[parent]!)) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.put(hole, timeMs, rank, task);
  }

  pop(): (() => void) | undefined {
    const first = this.tasks[0];
    if (first === undefined) return undefined;
    this.inLane[this.firstLane]!--;
    const timeMs = this.times.pop()!;
    const rank = this.ranks.pop()!;
    const task = this.tasks.pop()!;
    if (this.tasks.length > 0) this.sink(timeMs, rank, task);
    return first;
  }

  private sink(timeMs: number, rank: number, task: () => void): void {
    const { times, ranks } = this;
    const length = this.tasks.length;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      const right = child + 1;
      if (right < length && isEarlier(times[right]!, ranks[right]!, times[child]!, ranks[child]!)) child = right;
      if (!isEarlier(times[child]!, ranks[child]!, timeMs, rank)) break;
      this.move(child, hole);
      hole = child;
    }
    this.put(hole, timeMs, rank, task);
  }

  private move(from: number, to: number): void {
    this.put(to, this.times[from]!, this.ranks[from]!, this.tasks[from]!);
  }

  private put(at: number, timeMs: number, rank: number, task: () => void): void {
    this.times[at] = timeMs;
    this.ranks[at] = rank;
    this.tasks[at] = task;
  }
}

/** 2^50 tasks per lane, and 8 lanes, fit a double exactly. */
const RUNNING_NUMBERS = 2 ** 50;

const isEarlier = (timeA: number, rankA: number, timeB: number, rankB: number): boolean =>
  timeA < timeB || (timeA === timeB && rankA < rankB);
