/**
 * A cluster in virtual time: an API by reference, kubelets, a volume controller, and the scheduler that will one day run on
 * the time of day. Timed events go in, and everything that follows happens at its moment, in the order that the rules of
 * `conformance/golden-dynamics` give.
 */
import type { KubeObject, Pod } from '../../api/index.ts';
import type { CoreOptions } from '../../scheduler/core.ts';
import {
  type TimedObserver,
  TimedScheduler,
  type TimedSchedulerOptions,
} from '../../scheduler/timed/timed-scheduler.ts';
import { Lane, VirtualClock } from '../clock.ts';
import { ApiModel, type ApiObserver, keyOf, keyOfObject } from './api-model.ts';
import { Claims } from './claims.ts';
import { type Departure, Kubelets } from './kubelets.ts';
import { Volumes } from './volumes.ts';

/** A change from outside at a moment of the simulation. */
export type SimulationEvent = { readonly ms: number } & (
  | { readonly op: 'create'; readonly object: KubeObject }
  | {
      readonly op: 'patch';
      readonly kind: string;
      readonly namespace?: string;
      readonly name: string;
      readonly patch: unknown;
    }
  | {
      readonly op: 'delete';
      readonly kind: string;
      readonly namespace?: string;
      readonly name: string;
      readonly graceSeconds?: number;
    }
);

/** What happened at a moment, all that followed at once included. */
export interface StepInfo {
  readonly ms: number;
  readonly kind: 'initial' | 'event' | 'kubelet' | 'volumes' | 'attempt' | 'wake';
  /** Of the event or initial object. */
  readonly index?: number;
  /** Key of the object concerned. */
  readonly object?: string;
  readonly error?: string;
}

type SchedulerTimes = Pick<TimedSchedulerOptions, 'attemptMs' | 'attemptAtMs' | 'bindingDelayMs' | 'maxWaitMs'>;

export interface SimulationOptions extends CoreOptions, SchedulerTimes {
  /** Time of ms 0, since the epoch. @default 0 */
  readonly startMs?: number;
  /** How long the volume controller takes. @default 0 */
  readonly volumeMs?: number;
  readonly provisionFailures?: Readonly<Record<string, number>>;
  readonly lifetimeMs?: (pod: Pod) => number | undefined;
  /** Takes pods away as soon as they have run to their end, so that a long simulation holds only those alive. @default false */
  readonly removeEnded?: boolean;
  readonly startDelayMs?: number;
  readonly refuseBinding?: (pod: Pod) => string | undefined;
  readonly startTimeOf?: (placement: number) => string;
  readonly observer?: SimulationObserver;
}

export interface SimulationObserver extends TimedObserver, ApiObserver {
  stepped?(step: StepInfo): void;
  /** The pod's room is free: it has run to its end, or was told to go and its grace period is over. */
  left?(pod: Pod, how: Departure): void;
}

type Step = Omit<StepInfo, 'ms'>;

/** Initial objects are created one per millisecond from here. */
const INITIAL_MS = -1000;
const WAKE: Step = { kind: 'wake' };
const FLUSHES = 2;

/** Default of `runToEnd`. */
const IDLE_MS_MAX = 3_600_000;

export class Simulation {
  readonly clock: VirtualClock;
  readonly api: ApiModel;
  readonly scheduler: TimedScheduler;
  private readonly options: SimulationOptions;
  private readonly startMs: number;
  private step: Step | undefined;
  /** When the cluster last changed other than by the scheduler. */
  private quietSinceMs = 0;

  constructor(options: SimulationOptions) {
    this.options = options;
    this.startMs = options.startMs ?? 0;
    const { observer } = options;
    const clock = new VirtualClock(this.startMs + INITIAL_MS);
    this.clock = clock;
    this.api = new ApiModel({
      clock,
      watch: (event) => {
        this.scheduler.handle(event);
        claims.handle(event);
      },
      refuseBinding: options.refuseBinding,
      startTimeOf: options.startTimeOf,
      terminating: (pod, graceMs) => kubelets.terminating(pod, graceMs),
      observer: {
        recorded: (event) => observer?.recorded?.(event),
        wrote: (write) => {
          observer?.wrote?.(write);
          if (write.verb === 'update' && write.error === undefined) volumes.updated(write.object);
        },
      },
    });
    const { api } = this;
    const claims = new Claims(api);
    const kubelets = new Kubelets({
      clock,
      api,
      lifetimeMs: options.lifetimeMs,
      startDelayMs: options.startDelayMs,
      removeEnded: options.removeEnded,
      left: (pod, how) => observer?.left?.(pod, how),
      acted: (object) => {
        this.step = { kind: 'kubelet', object };
      },
    });
    const volumes = new Volumes({
      clock,
      api,
      volumeMs: options.volumeMs ?? 0,
      provisionFailures: options.provisionFailures,
      acted: (object, error) => {
        this.step = { kind: 'volumes', object, error };
      },
    });
    this.scheduler = new TimedScheduler({
      ...options,
      clock,
      api,
      observer: {
        ...observer,
        attemptBegan: (entity, from) => {
          this.step = { kind: 'attempt' };
          observer?.attemptBegan?.(entity, from);
        },
        bound: (pod, nodeName) => {
          observer?.bound?.(pod, nodeName);
          const stored = api.get('Pod', pod.key) as Pod | undefined;
          if (stored !== undefined) kubelets.started(stored);
        },
      },
    });
  }

  /** Milliseconds since the start. */
  get nowMs(): number {
    return this.clock.nowMs - this.startMs;
  }

  /** Creates what is there from the beginning. */
  load(objects: readonly KubeObject[]): void {
    objects.forEach((object, index) => {
      this.clock.nowMs = this.startMs + Math.min(INITIAL_MS + index, 0);
      const error = this.api.create(object);
      this.clock.settle();
      this.report({ kind: 'initial', index, object: keyOfObject(object), error: error?.message });
    });
  }

  /** The scheduler begins, at ms 0, and the events come in; they must be in order. */
  start(events: Iterable<SimulationEvent>): void {
    this.clock.nowMs = this.startMs;
    this.scheduler.start();
    this.clock.settle();
    this.report(WAKE);
    const iterator = events[Symbol.iterator]();
    let index = 0;
    const next = (): void => {
      const { value: event, done } = iterator.next();
      if (done) return;
      const task = (): void => {
        this.apply(event, index++);
        next();
      };
      this.clock.at(this.startMs + event.ms, task, Lane.Input);
    };
    next();
  }

  /** Runs up to a moment; what is due at that very moment is left, but for the scheduler's own timers. */
  run(untilMs: number): void {
    const endMs = this.startMs + untilMs;
    while (this.runNext(endMs)) {}
    this.clock.nowMs = Math.max(this.clock.nowMs, endMs);
  }

  /**
   * As `run`, but ends where nothing can happen any more, and at most as long after the last change from outside or around
   * the scheduler as said: pods whose attempts end in errors are tried again for ever. True when it has come to that end.
   */
  runToEnd(untilMs: number, idleMsMax = IDLE_MS_MAX): boolean {
    const { clock } = this;
    const endMs = this.startMs + untilMs;
    for (;;) {
      const changesToCome = clock.countIn(Lane.Input) + clock.countIn(Lane.Component);
      if (changesToCome === 0 && this.isSettled()) return true;
      const limitMs = changesToCome > 0 ? endMs : Math.min(endMs, this.startMs + this.quietSinceMs + idleMsMax);
      if (this.runNext(limitMs)) continue;
      clock.nowMs = Math.max(clock.nowMs, limitMs);
      return limitMs < endMs;
    }
  }

  /** The next task with all that follows from it at once, or all timers of a moment; false when none is due before the end. */
  private runNext(endMs: number): boolean {
    const { clock } = this;
    const atMs = clock.nextMs;
    const lane = clock.nextLane;
    if (atMs > endMs || lane < 0 || (atMs === endMs && lane !== Lane.Timer)) return false;
    this.step = undefined;
    if (lane === Lane.Timer) {
      do clock.runNext();
      while (clock.nextMs === atMs && clock.nextLane === Lane.Timer);
      this.report(WAKE);
      return true;
    }
    clock.runNext();
    if (lane !== Lane.Attempt) this.quietSinceMs = this.nowMs;
    if (this.step !== undefined) this.report(this.step);
    return true;
  }

  /** Nobody is tried, waits out a back-off, waits on Permit or is being bound; only the scheduler's two flushes go on. */
  private isSettled(): boolean {
    const { queue, waitingPods } = this.scheduler;
    const isIdle = queue.active.size + queue.backoff.rejected.size + queue.backoff.failed.size + waitingPods.size === 0;
    return isIdle && this.clock.countIn(Lane.Attempt) === 0 && this.clock.countIn(Lane.Timer) <= FLUSHES;
  }

  /**
   * Lets time go by up to a moment while an attempt waits for somebody: first the scheduler's own timers, as one step, then
   * what else is due by then. No other attempt begins.
   */
  passWithinAttempt(untilMs: number): void {
    const { clock, step } = this;
    const endMs = this.startMs + untilMs;
    while (clock.nextLane === Lane.Timer && clock.nextMs <= endMs) clock.runNext();
    clock.nowMs = endMs;
    this.report(WAKE);
    while (clock.nextMs <= endMs) {
      this.step = WAKE;
      clock.runNext();
      this.report(this.step);
    }
    this.step = step;
  }

  private apply(event: SimulationEvent, index: number): void {
    const { api } = this;
    const object = event.op === 'create' ? keyOfCreated(event.object) : keyOfTarget(event);
    const error =
      event.op === 'create'
        ? api.create(event.object)
        : event.op === 'patch'
          ? api.patch(event.kind, keyOf(event.kind, event.namespace, event.name), event.patch)
          : api.delete(event.kind, keyOf(event.kind, event.namespace, event.name), event.graceSeconds);
    this.step = { kind: 'event', index, object, error: error?.message };
  }

  private report(step: Step): void {
    this.options.observer?.stepped?.({ ms: this.nowMs, ...step });
  }
}

const keyOfCreated = (object: KubeObject): string => keyOfObject(object);

const keyOfTarget = ({ kind, namespace, name }: { kind: string; namespace?: string; name: string }): string =>
  keyOf(kind, namespace, name);
