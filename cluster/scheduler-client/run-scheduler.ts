/** berth's scheduler as a client of an API server like any other: it lists and watches, and what comes out is bindings. */
import type { Clock } from '../../scheduler/clock.ts';
import type { CoreOptions } from '../../scheduler/core.ts';
import type { EventRecord } from '../../scheduler/timed/api.ts';
import {
  type TimedObserver,
  TimedScheduler,
  type TimedSchedulerOptions,
} from '../../scheduler/timed/timed-scheduler.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import type { Status } from '../apiserver/status.ts';
import { ClientSchedulerApi } from './client-scheduler-api.ts';
import { Reflector } from './reflector.ts';
import { FOLLOWED, LIVE_PODS, PODS } from './resources.ts';

export interface RunSchedulerOptions extends CoreOptions, Pick<TimedSchedulerOptions, 'attemptMs' | 'bindingDelayMs'> {
  readonly client: ApiClient;
  readonly clock: Clock;
  /** Ends the name by which events tell who has reported them. */
  readonly instance: string;
  readonly observer?: TimedObserver;
  /** An Event is about to be written. */
  readonly recorded?: (event: EventRecord) => void;
  /** A list or watch that went wrong; it is tried again. */
  readonly failed?: (target: Target, status: Status) => void;
}

export interface RunningScheduler {
  readonly scheduler: TimedScheduler;
  stop(): void;
}

/** @param started Attempts begin: everything that was there has been heard of. */
export function runScheduler(options: RunSchedulerOptions, started: () => void = () => {}): RunningScheduler {
  const { client, clock, instance, failed, recorded } = options;
  const api = new ClientSchedulerApi({ client, clock, instance, recorded });
  const scheduler = new TimedScheduler({ ...options, clock, api });
  let left = FOLLOWED.length;
  const reflectors = FOLLOWED.map(
    (target) =>
      new Reflector({
        client,
        clock,
        target,
        fieldSelector: target === PODS ? LIVE_PODS : undefined,
        event: (event) => scheduler.handle(event),
        synced: () => {
          if (--left > 0) return;
          scheduler.start();
          started();
        },
        failed,
      }),
  );
  // One after another in time, so that the cluster is known before its pods.
  for (const reflector of reflectors) reflector.start();
  return { scheduler, stop: () => reflectors.forEach((reflector) => void reflector.stop()) };
}
