/**
 * The line between clients and an API server that comes and goes: while it is down calls are refused and watches end; while
 * it stalls calls wait; and what watches tell may take its time.
 */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type {
  ApiAnswer,
  ApiClient,
  ApiWatchHandler,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Target,
  WatchOptions,
  WriteOptions,
} from '../apiserver/client.ts';
import { failure } from '../apiserver/failures.ts';
import type { Status } from '../apiserver/status.ts';

type Call = (server: ApiClient) => void;

export class Line implements ApiClient {
  private readonly clock: Clock;
  private server: ApiClient | undefined;
  private isStalled = false;
  private watchDelayMs = 0;
  private waiting: Call[] = [];
  private readonly watches = new Set<Watch>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls reach this server from now on; undefined while there is none. */
  connect(server: ApiClient | undefined): void {
    this.server = server;
    if (server !== undefined) return;
    for (const watch of [...this.watches]) watch.cut();
    for (const call of this.waiting.splice(0)) call(REFUSING);
  }

  /** Calls wait until it is over, and then go in the order they came. */
  stall(isStalled: boolean): void {
    this.isStalled = isStalled;
    if (isStalled) return;
    const calls = this.waiting;
    this.waiting = [];
    for (const call of calls) this.call(call);
  }

  /** What watches tell comes so much later, in order. */
  delayWatches(delayMs: number): void {
    this.watchDelayMs = delayMs;
  }

  get(target: Target, answer: ApiAnswer<KubeObject>): void {
    this.call((server) => server.get(target, answer));
  }

  list(target: Target, options: ListOptions, answer: ApiAnswer<ObjectList>): void {
    this.call((server) => server.list(target, options, answer));
  }

  create(target: Target, object: KubeObject, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    this.call((server) => server.create(target, object, options, answer));
  }

  update(target: Target, object: KubeObject, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    this.call((server) => server.update(target, object, options, answer));
  }

  patch(target: Target, type: PatchType, patch: unknown, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    this.call((server) => server.patch(target, type, patch, options, answer));
  }

  delete(target: Target, options: DeleteOptions, answer: ApiAnswer<KubeObject | Status>): void {
    this.call((server) => server.delete(target, options, answer));
  }

  deleteCollection(
    target: Target,
    options: DeleteOptions,
    listOptions: ListOptions,
    answer: ApiAnswer<ObjectList>,
  ): void {
    this.call((server) => server.deleteCollection(target, options, listOptions, answer));
  }

  watch(target: Target, options: WatchOptions, handler: ApiWatchHandler): () => void {
    const { server, clock } = this;
    const watch = new Watch(
      clock,
      handler,
      () => this.watchDelayMs,
      () => this.watches.delete(watch),
    );
    if (server === undefined) {
      clock.soon(() => watch.cut());
      return () => watch.stop();
    }
    this.watches.add(watch);
    watch.stopServing = server.watch(target, options, watch);
    return () => watch.stop();
  }

  private call(call: Call): void {
    if (this.isStalled) this.waiting.push(call);
    // A refusal takes a moment too: whoever tries again at once must not do so for ever.
    else if (this.server === undefined) this.clock.soon(() => call(REFUSING));
    else call(this.server);
  }
}

/** One watch of a client, which may hear late, and ends when the line is cut. */
class Watch implements ApiWatchHandler {
  stopServing: () => void = () => {};
  private readonly clock: Clock;
  private readonly handler: ApiWatchHandler;
  private readonly delayMs: () => number;
  private readonly over: () => void;
  private isOver = false;
  /** When what is under way arrives at the latest. */
  private busyUntilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, handler: ApiWatchHandler, delayMs: () => number, over: () => void) {
    this.clock = clock;
    this.handler = handler;
    this.delayMs = delayMs;
    this.over = over;
  }

  event(event: Parameters<ApiWatchHandler['event']>[0]): void {
    this.later(() => this.handler.event(event));
  }

  ended(): void {
    this.later(() => this.end());
  }

  /** The line is cut: what is under way is lost. */
  cut(): void {
    if (this.isOver) return;
    this.stopServing();
    this.end();
  }

  stop(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.over();
    this.stopServing();
  }

  private end(): void {
    this.isOver = true;
    this.over();
    this.handler.ended();
  }

  private later(tell: () => void): void {
    if (this.isOver) return;
    const { clock } = this;
    const delayMs = this.delayMs();
    if (delayMs === 0 && this.busyUntilMs <= clock.nowMs) {
      tell();
      return;
    }
    this.busyUntilMs = Math.max(this.busyUntilMs, clock.nowMs + delayMs);
    clock.at(this.busyUntilMs, () => {
      if (!this.isOver) tell();
    });
  }
}

const refused = (): Status => failure(503, 'ServiceUnavailable', 'the server cannot be reached: connection refused');

const refuse = <T>(answer: ApiAnswer<T>): void => answer(refused(), undefined as T);

const REFUSING: ApiClient = {
  get: (_, answer) => refuse(answer),
  list: (_, __, answer) => refuse(answer),
  watch: () => () => {},
  create: (_, __, ___, answer) => refuse(answer),
  update: (_, __, ___, answer) => refuse(answer),
  patch: (_, __, ___, ____, answer) => refuse(answer),
  delete: (_, __, answer) => refuse(answer),
  deleteCollection: (_, __, ___, answer) => refuse(answer),
};
