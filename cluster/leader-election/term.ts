/**
 * One term of leadership: the client and the clock of a component that acts only while it leads. When the term ends nothing
 * that the component has begun goes on: no call is sent, no answer heard, no timer runs, as if its process had ended.
 */
import type { Cancel, Clock, Lane } from '../../scheduler/clock.ts';
import type { ApiAnswer, ApiClient } from '../apiserver/index.ts';

export class Term {
  readonly client: ApiClient;
  readonly clock: Clock;
  private readonly mayAct: () => boolean;
  private readonly watches = new Set<() => void>();
  private isOver = false;

  /** @param mayAct Asked before every call: a process that was paused may find out late that its time is up. */
  constructor(client: ApiClient, clock: Clock, mayAct: () => boolean) {
    this.mayAct = mayAct;
    this.client = this.guardedClient(client);
    this.clock = this.guardedClock(clock);
  }

  end(): void {
    this.isOver = true;
    for (const stop of this.watches) stop();
    this.watches.clear();
  }

  private get isOn(): boolean {
    return !this.isOver && this.mayAct();
  }

  private guardedClient(client: ApiClient): ApiClient {
    const heard =
      <T>(answer: ApiAnswer<T>): ApiAnswer<T> =>
      (error, result) => {
        if (!this.isOver) answer(error, result);
      };
    const send = (call: () => void): void => {
      if (this.isOn) call();
    };
    return {
      get: (target, answer) => send(() => client.get(target, heard(answer))),
      list: (target, options, answer) => send(() => client.list(target, options, heard(answer))),
      create: (target, object, options, answer) => send(() => client.create(target, object, options, heard(answer))),
      update: (target, object, options, answer) => send(() => client.update(target, object, options, heard(answer))),
      patch: (target, type, patch, options, answer) =>
        send(() => client.patch(target, type, patch, options, heard(answer))),
      delete: (target, options, answer) => send(() => client.delete(target, options, heard(answer))),
      deleteCollection: (target, options, list, answer) =>
        send(() => client.deleteCollection(target, options, list, heard(answer))),
      watch: (target, options, handler) => {
        if (!this.isOn) return () => {};
        let stop: () => void = () => {};
        const stopOnce = (): void => {
          this.watches.delete(stopOnce);
          stop();
        };
        this.watches.add(stopOnce);
        stop = client.watch(target, options, {
          ...(handler.isFull === undefined ? {} : { isFull: (resume) => handler.isFull!(resume) }),
          event: (event) => {
            if (!this.isOver) handler.event(event);
          },
          ended: () => {
            this.watches.delete(stopOnce);
            if (!this.isOver) handler.ended();
          },
        });
        return stopOnce;
      },
    };
  }

  private guardedClock(clock: Clock): Clock {
    const guarded = (task: () => void) => (): void => {
      if (!this.isOver) task();
    };
    return {
      get nowMs() {
        return clock.nowMs;
      },
      at: (timeMs: number, task: () => void, lane?: Lane): void => clock.at(timeMs, guarded(task), lane),
      timer: (timeMs: number, task: () => void, lane?: Lane): Cancel => clock.timer(timeMs, guarded(task), lane),
      soon: (task) => clock.soon(guarded(task)),
      whenSettled: (task) => clock.whenSettled(guarded(task)),
    };
  }
}
