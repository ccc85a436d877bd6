/**
 * Who leads: candidates write one Lease in turn, and whoever wrote it last leads for as long as it is renewed.
 * Source: `client-go/tools/leaderelection/leaderelection.go`, v0.37.2, with two differences, both on the safe side: a
 * leader counts its renew deadline from when it sent the last renewal that succeeded (upstream: from the try after it),
 * and it stops as soon as it reads another's name in the Lease.
 *
 * Times of other machines are never compared with one's own: a lease runs from the moment when one saw it change.
 */
import type { KubeObject } from '../../api/index.ts';
import type { Cancel, Clock } from '../../scheduler/clock.ts';
import type { Random } from '../../scheduler/index.ts';
import type { ApiAnswer, ApiClient, Status, Target } from '../apiserver/index.ts';
import { checkLeaseTimes, JITTER, LEASE_TIMES, type LeaseTimes } from './lease-times.ts';

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface ElectorOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  /** Of this candidate alone, also after it has been started anew. */
  readonly identity: string;
  /** For the jitter. */
  readonly random: Random;
  readonly times?: LeaseTimes;
  startedLeading(): void;
  /** To stop acting has to be done when this returns. */
  stoppedLeading(): void;
  /** Another one is seen to lead; '' nobody. */
  newLeader?(identity: string): void;
  /** A call that went wrong; it is tried again. */
  failed?(status: Status): void;
}

type Phase = 'idle' | 'candidate' | 'leader' | 'stopped';

export class LeaderElector {
  private readonly options: ElectorOptions;
  private readonly times: LeaseTimes;
  private readonly target: Target;
  private phase: Phase = 'idle';
  /** What the Lease said last, and when that was first seen. */
  private observed: Lease | undefined;
  private observedMs = 0;
  private leaderUntilMs = 0;
  private cancelTry: Cancel = () => {};
  private cancelDeadline: Cancel = () => {};
  private isTrying = false;
  private whenTried: (() => void) | undefined;

  /** Throws InputError for times by which two could lead. */
  constructor(options: ElectorOptions) {
    const { namespace, name, times = LEASE_TIMES } = options;
    checkLeaseTimes(times);
    this.options = options;
    this.times = times;
    this.target = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace, name };
  }

  /** By one's own clock: a process that was paused past its deadline sees so before any timer tells it. */
  get isLeader(): boolean {
    return this.phase === 'leader' && this.options.clock.nowMs < this.leaderUntilMs;
  }

  /** Whoever the Lease named when it was last looked at. */
  get leaderIdentity(): string {
    return this.observed?.spec?.holderIdentity ?? '';
  }

  start(): void {
    if (this.phase !== 'idle') return;
    this.phase = 'candidate';
    this.attempt();
  }

  /** Stops leading, and gives the Lease back so that the next one need not wait. */
  stop(done: () => void = () => {}): void {
    const wasLeader = this.phase === 'leader';
    if (this.phase === 'stopped') {
      done();
      return;
    }
    this.phase = 'stopped';
    this.cancelTry();
    this.cancelDeadline();
    if (wasLeader) this.options.stoppedLeading();
    // A renewal on its way would make the version of the Lease that is to be given back an old one.
    const finish = (): void => (this.holdsLease() ? this.release(done) : done());
    if (this.isTrying) this.whenTried = finish;
    else finish();
  }

  private attempt(): void {
    const { clock } = this.options;
    if (this.phase === 'leader' && !this.isLeader) {
      this.lose();
      return;
    }
    const startMs = clock.nowMs;
    this.isTrying = true;
    this.acquireOrRenew((isMine) => {
      this.isTrying = false;
      if (this.phase === 'stopped') {
        this.whenTried?.();
        return;
      }
      if (isMine) this.won(startMs);
      else if (this.phase === 'leader' && !this.holdsLease()) this.lose();
      this.planNext();
    });
  }

  private planNext(): void {
    const { clock, random } = this.options;
    const { retryPeriodMs } = this.times;
    const jitter = this.phase === 'leader' ? 0 : (random.next() / 2 ** 32) * JITTER;
    this.cancelTry();
    this.cancelTry = clock.timer(clock.nowMs + retryPeriodMs * (1 + jitter), () => this.attempt());
  }

  private won(startMs: number): void {
    const { clock } = this.options;
    if (this.phase === 'leader' && !this.isLeader) {
      // Too late, though the Lease is ours: between deadline and answer calls may have been held back for good.
      this.lose();
      return;
    }
    const untilMs = startMs + this.times.renewDeadlineMs;
    if (clock.nowMs >= untilMs) return;
    this.leaderUntilMs = untilMs;
    this.cancelDeadline();
    this.cancelDeadline = clock.timer(untilMs, () => this.lose());
    if (this.phase === 'leader') return;
    this.phase = 'leader';
    this.options.startedLeading();
  }

  private lose(): void {
    if (this.phase !== 'leader') return;
    this.phase = 'candidate';
    this.cancelDeadline();
    this.options.stoppedLeading();
    if (!this.isTrying) this.planNext();
  }

  /** One try; exactly one answer, within the time limits of its calls. */
  private acquireOrRenew(answer: (isMine: boolean) => void): void {
    const observed = this.observed;
    if (observed !== undefined && this.holdsLease() && this.isValid(observed)) {
      this.update(observed, this.renewed(observed.spec), (isMine) => (isMine ? answer(true) : this.lookFirst(answer)));
    } else this.lookFirst(answer);
  }

  private lookFirst(answer: (isMine: boolean) => void): void {
    const { client } = this.options;
    this.limited<KubeObject>(
      (done) => client.get(this.target, done),
      (error, lease: Lease) => {
        if (error?.code === 404) this.create(answer);
        else if (error !== undefined) answer(false);
        else this.take(lease, answer);
      },
    );
  }

  private take(lease: Lease, answer: (isMine: boolean) => void): void {
    this.observe(lease);
    const holder = lease.spec?.holderIdentity ?? '';
    const isMine = holder === this.options.identity;
    if (holder !== '' && !isMine && this.isValid(lease)) answer(false);
    else this.update(lease, isMine ? this.renewed(lease.spec) : this.acquired(lease.spec), answer);
  }

  private create(answer: (isMine: boolean) => void): void {
    const { namespace, name } = this.target;
    const spec = { ...this.acquired(undefined), leaseTransitions: 0 };
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace },
      spec,
    };
    this.limited<KubeObject>(
      (done) => this.options.client.create(this.target, lease, {}, done),
      (error, stored) => this.written(error, stored, answer),
    );
  }

  private update(lease: Lease, spec: LeaseSpec, answer: (isMine: boolean) => void): void {
    this.limited<KubeObject>(
      (done) => this.options.client.update(this.target, { ...lease, spec } as Lease, {}, done),
      (error, stored) => this.written(error, stored, answer),
    );
  }

  private written(error: Status | undefined, stored: Lease, answer: (isMine: boolean) => void): void {
    if (error === undefined) this.observe(stored);
    answer(error === undefined);
  }

  /** Without a word of error: the Lease runs out by itself. */
  private release(done: () => void): void {
    const now = microTime(this.options.clock.nowMs);
    const spec = {
      ...this.observed?.spec,
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: now,
      acquireTime: now,
    };
    this.update(this.observed!, spec, () => done());
  }

  private observe(lease: Lease): void {
    const before = this.observed;
    this.observed = lease;
    if (before !== undefined && JSON.stringify(before.spec) === JSON.stringify(lease.spec)) return;
    this.observedMs = this.options.clock.nowMs;
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder !== (before?.spec?.holderIdentity ?? '')) this.options.newLeader?.(holder);
  }

  private holdsLease(): boolean {
    return this.leaderIdentity === this.options.identity;
  }

  private isValid({ spec }: Lease): boolean {
    return this.observedMs + (spec?.leaseDurationSeconds ?? 0) * 1000 > this.options.clock.nowMs;
  }

  private renewed(spec: LeaseSpec | undefined): LeaseSpec {
    const { identity, clock } = this.options;
    return {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.times.leaseDurationMs / 1000),
      renewTime: microTime(clock.nowMs),
    };
  }

  private acquired(spec: LeaseSpec | undefined): LeaseSpec {
    const acquireTime = microTime(this.options.clock.nowMs);
    return { ...this.renewed(spec), acquireTime, leaseTransitions: (spec?.leaseTransitions ?? 0) + 1 };
  }

  /** A server that does not answer is asked again, as upstream's client does after half the deadline. */
  private limited<T>(call: (answer: ApiAnswer<T>) => void, answer: ApiAnswer<T>): void {
    const { clock, failed } = this.options;
    let isOver = false;
    const once: ApiAnswer<T> = (error, result) => {
      if (isOver) return;
      isOver = true;
      cancel();
      if (error !== undefined && error.code !== 404 && error.code !== 409) failed?.(error);
      answer(error, result);
    };
    const limitMs = this.times.renewDeadlineMs / 2;
    const cancel = clock.timer(clock.nowMs + limitMs, () => once(unanswered(limitMs), undefined as T));
    call(once);
  }
}

const unanswered = (limitMs: number): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `no answer within ${limitMs} ms`,
  reason: 'Timeout',
  code: 504,
});

const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
