/** A machine of its own in virtual time: its clock is wrong, its process can be paused, its network loses and delays. */
import type { Cancel, Clock, Lane } from '../../scheduler/clock.ts';
import type { Random } from '../../scheduler/index.ts';
import type { ApiAnswer, ApiClient, Status } from '../apiserver/index.ts';
import type { VirtualClock } from '../clock.ts';

export class MachineClock implements Clock {
  private readonly base: VirtualClock;
  private readonly offsetMs: number;
  private readonly rate: number;
  private held: Array<() => void> | undefined;

  /** @param rate Its milliseconds per true one. */
  constructor(base: VirtualClock, offsetMs = 0, rate = 1) {
    this.base = base;
    this.offsetMs = offsetMs - base.nowMs * (rate - 1);
    this.rate = rate;
  }

  /** Also of a paused process: the time of day goes on. */
  get nowMs(): number {
    return this.offsetMs + this.base.nowMs * this.rate;
  }

  pause(): void {
    this.held ??= [];
  }

  resume(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const task of held) task();
  }

  /** Now, or when the process runs again. */
  run(task: () => void): void {
    if (this.held === undefined) task();
    else this.held.push(task);
  }

  at(timeMs: number, task: () => void, lane?: Lane): void {
    this.base.at((timeMs - this.offsetMs) / this.rate, () => this.run(task), lane);
  }

  timer(timeMs: number, task: () => void, lane?: Lane): Cancel {
    let isOn = true;
    this.at(timeMs, () => isOn && task(), lane);
    return () => {
      isOn = false;
    };
  }

  soon(task: () => void): void {
    this.base.soon(() => this.run(task));
  }

  whenSettled(task: () => void): void {
    this.base.whenSettled(() => this.run(task));
  }
}

export interface NetworkFaults {
  /** Of each way; the longest. */
  delayMs: number;
  /** Of requests, and of answers, that get lost. */
  lossShare: number;
  /** Requests that are refused at once. */
  errorShare: number;
}

const lost: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 503, message: 'lost' };

/** Gets, creates and updates over a bad network; what is lost is never answered, what is late may still arrive. */
export function overNetwork(
  client: ApiClient,
  base: VirtualClock,
  machine: MachineClock,
  random: Random,
  faults: NetworkFaults,
): ApiClient {
  const chance = (share: number): boolean => random.next() / 2 ** 32 < share;
  const late = (task: () => void): void => {
    if (chance(faults.lossShare)) return;
    base.at(base.nowMs + (faults.delayMs === 0 ? 0 : random.below(faults.delayMs)), task);
  };
  const send = <T>(answer: ApiAnswer<T>, call: (answer: ApiAnswer<T>) => void): void => {
    if (chance(faults.errorShare)) late(() => machine.run(() => answer(lost, undefined as T)));
    else late(() => call((error, result) => late(() => machine.run(() => answer(error, result)))));
  };
  return {
    ...inherited(client),
    get: (target, answer) => send(answer, (done) => client.get(target, done)),
    create: (target, object, options, answer) => send(answer, (done) => client.create(target, object, options, done)),
    update: (target, object, options, answer) => send(answer, (done) => client.update(target, object, options, done)),
  };
}

const inherited = (client: ApiClient): ApiClient => ({
  get: client.get.bind(client),
  list: client.list.bind(client),
  watch: (target, options, handler) => client.watch(target, options, handler),
  create: client.create.bind(client),
  update: client.update.bind(client),
  patch: client.patch.bind(client),
  delete: client.delete.bind(client),
  deleteCollection: client.deleteCollection.bind(client),
});
