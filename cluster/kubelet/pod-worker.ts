/**
 * One pod on one node, from its arrival to the last of it: it is synced, then terminated, then finished, one step at a time.
 * Source: `pkg/kubelet/pod_workers.go` and `SyncPod`, `SyncTerminatingPod`, `SyncTerminatedPod` of `pkg/kubelet/kubelet.go`,
 * v1.37.2.
 */
import type { Container, Pod } from '../../api/index.ts';
import { isSame } from '../../api/validation/same.ts';
import { type Cancel, type Clock, Lane } from '../../scheduler/clock.ts';
import { runSteps, type Steps } from '../controllers/steps.ts';
import { Code, ContainerState, type CriAnswer } from '../cri/index.ts';
import { BackOff } from './back-off.ts';
import { type BackOffs, type StartFailure, type StartTarget, startContainer } from './container-starter.ts';
import type { StartReason } from './container-statuses.ts';
import type { NodeServices } from './node-services.ts';
import { type PodActions, podActions } from './pod-actions.ts';
import { graceOf, killAll, killPod } from './pod-killer.ts';
import { finalStatus, isTerminalPhase, type KubeletPodStatus, podStatusOf } from './pod-status.ts';
import { hasProbes, PodProbes, type ProbeHost } from './probes.ts';
import { runProbe } from './run-probe.ts';
import { RuntimeCalls } from './runtime-calls.ts';
import { RuntimeView } from './runtime-view.ts';
import { SandboxConfig } from './sandbox-config.ts';
import { Seconds } from './seconds.ts';
import { type StatusSource, StatusWriter } from './status-writer.ts';

const Stage = { Sync: 0, Terminating: 1, Terminated: 2, Finished: 3 } as const;
type Stage = (typeof Stage)[keyof typeof Stage];

/** Why a pod is ended by its kubelet, where nobody deleted it. */
export interface Termination {
  /** Overrides that of the pod. */
  readonly graceS?: number;
  /** What is said of the pod from now on. */
  readonly change: (status: KubeletPodStatus) => KubeletPodStatus;
}

/** How a step ended: with work left for later, or not. */
interface Outcome {
  readonly retryAfterMs?: number;
}

const DONE: Outcome = {};
const JITTER = 0.5;
const UINT32 = 2 ** 32;

export class PodWorker implements ProbeHost, StatusSource {
  readonly uid: string;
  readonly view = new RuntimeView();
  status: KubeletPodStatus | undefined;
  /** What it asks for is counted on its node. */
  isAdmitted = false;
  private readonly node: NodeServices;
  private readonly writer: StatusWriter;
  private readonly calls: RuntimeCalls;
  private stage: Stage = Stage.Sync;
  private isWorking = false;
  private isPending = false;
  private isOver = false;
  private isRemoved = false;
  private isRejected = false;
  private graceS = 0;
  private termination: Termination | undefined;
  private keptIp = '';
  private retry: Cancel | undefined;
  private deadline: Cancel | undefined;
  private probes: PodProbes | undefined;
  /** Of containers that could not be started. */
  private reasons: Map<string, StartReason> | undefined;
  private backOffs: BackOffs | undefined;
  private outcome = DONE;

  constructor(node: NodeServices, pod: Pod) {
    this.node = node;
    this.uid = pod.metadata?.uid ?? '';
    this.calls = new RuntimeCalls(node.deadlines);
    this.writer = new StatusWriter(node, this, pod);
  }

  get pod(): Pod {
    return this.writer.pod;
  }

  get clock(): Clock {
    return this.node.clock;
  }

  get mayRun(): boolean {
    return this.stage < Stage.Terminated && !this.isRejected;
  }

  get isFinished(): boolean {
    return this.stage === Stage.Finished || this.isRejected;
  }

  /** It is no longer in the API, or nobody here cares for it any more. */
  get isGone(): boolean {
    return this.isRemoved || this.isOver;
  }

  /** It takes room on the node. */
  get isActive(): boolean {
    return !this.isRejected && this.stage < Stage.Terminated;
  }

  /** The kubelet does not take the pod. */
  reject(reason: string, message: string): void {
    const pod = this.pod;
    this.isRejected = true;
    this.node.event(pod, undefined, 'Warning', reason, message);
    const { qosClass } = pod.status ?? {};
    const startTime = (pod.status?.startTime ?? Seconds.of(this.clock.nowMs)) as never;
    this.setStatus({ phase: 'Failed', reason, message: `Pod was rejected: ${message}`, qosClass, startTime });
  }

  start(): void {
    const pod = this.pod;
    this.armDeadline();
    if (pod.metadata?.deletionTimestamp !== undefined || isTerminalPhase(pod.status?.phase)) this.terminate();
    else if (hasProbes(pod)) this.probes = new PodProbes(this);
    this.wake();
  }

  /** The pod in the API has changed. */
  heard(pod: Pod): void {
    if (!this.writer.heard(pod)) return;
    if (this.isRejected || this.stage === Stage.Finished) {
      this.writer.push();
      return;
    }
    this.armDeadline();
    if (pod.metadata?.deletionTimestamp !== undefined || isTerminalPhase(pod.status?.phase)) this.terminate();
    else if (this.isStatusForeign(pod)) this.writer.push();
    else if ((pod.spec?.readinessGates?.length ?? 0) > 0) this.wake();
  }

  /** It may have been deleted before the watch says so. */
  learned(): void {
    const { metadata } = this.pod;
    if (metadata?.deletionTimestamp !== undefined && this.stage === Stage.Sync && !this.isRejected) this.terminate();
  }

  /** The pod is no longer in the API. */
  removed(): void {
    this.isRemoved = true;
    if (this.isRejected || this.stage === Stage.Finished) {
      this.finish();
      return;
    }
    this.terminate();
  }

  /** The runtime has news. */
  wake(): void {
    if (this.isOver || this.isRejected) return;
    if (this.isWorking) this.isPending = true;
    else this.work();
  }

  /** Ends the pod; what runs is given less and less time the more often it is asked for. */
  terminate(why?: Termination): void {
    if (why !== undefined && this.termination === undefined) this.termination = why;
    const graceS = this.effectiveGrace(why);
    const isShorter = this.graceS !== 0 && graceS < this.graceS;
    this.graceS = graceS;
    if (this.stage === Stage.Sync) {
      this.stage = Stage.Terminating;
      this.calls.cancel();
    } else if (this.stage === Stage.Terminating && isShorter) this.calls.cancel();
    else if (this.stage !== Stage.Terminated || !this.isRemoved) return;
    this.wake();
  }

  /** The kubelet is no more. */
  stop(): void {
    this.isOver = true;
    this.retry?.();
    this.deadline?.();
    this.probes?.stop();
    this.calls.cancel();
  }

  run(
    container: Container,
    kind: 'startup' | 'liveness' | 'readiness',
    probe: object,
    id: string,
    done: (isSuccess: boolean | undefined) => void,
  ): void {
    const { runtime } = this.node;
    runProbe(runtime, id, kind, probe, this.status?.podIP ?? '', ({ isSuccess, output }) =>
      this.node.whenAwake(() => {
        if (this.isOver) return;
        const name = `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
        if (isSuccess === false) {
          this.node.event(this.pod, container.name, 'Warning', 'Unhealthy', `${name} probe failed: ${output}`);
        } else if (isSuccess === undefined) {
          const message = `${name} probe errored and resulted in unknown state: ${output}`;
          this.node.event(this.pod, container.name, 'Warning', 'Unhealthy', message);
        }
        done(isSuccess);
      }),
    );
  }

  changed(): void {
    this.node.clock.soon(() => this.node.whenAwake(() => this.wake()));
  }

  private work(): void {
    this.isWorking = true;
    this.isPending = false;
    this.retry?.();
    this.retry = undefined;
    const { stage } = this;
    runSteps(this.stepNoted(), (refusal) => {
      if (refusal !== undefined) throw refusal;
      this.node.whenAwake(() => this.worked(stage, this.outcome));
    });
  }

  private worked(stage: Stage, { retryAfterMs }: Outcome): void {
    this.isWorking = false;
    if (this.isOver) return;
    if (this.isPending || (this.stage !== stage && this.stage !== Stage.Finished)) {
      this.work();
      return;
    }
    if (retryAfterMs === undefined) return;
    const { clock, settings } = this.node;
    const wait =
      Math.min(Math.max(retryAfterMs, 0), settings.resyncMs) * (1 + (this.node.random.next() / UINT32) * JITTER);
    this.retry = clock.timer(clock.nowMs + wait, () => this.node.whenAwake(() => this.wake()), Lane.Component);
  }

  private *stepNoted(): Steps {
    this.outcome = yield* this.step();
  }

  private *step(): Steps<Outcome> {
    switch (this.stage) {
      case Stage.Sync:
        return yield* this.sync();
      case Stage.Terminating:
        return yield* this.endContainers();
      case Stage.Terminated:
        return this.endPod();
      default:
        return DONE;
    }
  }

  private *sync(): Steps<Outcome> {
    if (this.node.isViewLagging) yield (resume) => this.node.refresh(this, resume);
    const status = this.generate(false);
    if (isTerminalPhase(status.phase)) {
      this.setStatus(status);
      this.graceS = this.effectiveGrace(undefined);
      this.stage = Stage.Terminating;
      return DONE;
    }
    this.setStatus(status);
    const { node, calls, view } = this;
    const actions = podActions(this.pod, view, this.probes);
    const target = { pod: this.pod, view, node, calls };
    const failure = actions.killPod ? yield* this.killForRestart(actions) : yield* this.killUnwanted(actions);
    if (failure) return { retryAfterMs: node.settings.backOffMs };
    yield* this.prune();
    let { sandboxId } = actions;
    const sandbox = new SandboxConfig(target.pod, actions.attempt);
    if (actions.createSandbox) {
      sandboxId = yield* this.createSandbox(sandbox);
      if (sandboxId === undefined) return { retryAfterMs: node.settings.backOffMs };
    }
    return sandboxId === undefined ? DONE : yield* this.startContainers(actions, sandboxId, sandbox);
  }

  /** The sandbox is gone or going: what was in it starts anew, or not at all. True on failure. */
  private *killForRestart({ createSandbox, sandboxId }: PodActions): Steps<boolean> {
    const { node, calls, view } = this;
    if (view.isEmpty) return false;
    const pod = this.pod;
    if (createSandbox && sandboxId !== undefined) {
      node.event(pod, undefined, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    }
    const failure = yield* killPod({ pod, view, node, calls }, undefined);
    if (failure !== undefined) return true;
    if (createSandbox)
      yield* this.removeContainers(new Set((pod.spec?.initContainers ?? []).map(({ name }) => name)), 0);
    return false;
  }

  private *killUnwanted({ toKill }: PodActions): Steps<boolean> {
    const { node, calls, view } = this;
    const pod = this.pod;
    for (const { status, container, message, cause } of toKill) {
      const stop = { status, container, message, graceS: graceOf(pod, container, cause) };
      const failure = yield* killAll({ pod, view, node, calls }, [stop]);
      if (failure !== undefined) return true;
    }
    return false;
  }

  /** Of each name, the last one that ended is enough. */
  private *prune(): Steps {
    const seen = new Map<string, number>();
    let isMuch = false;
    for (const { metadata } of this.view.all()) {
      const count = (seen.get(metadata.name) ?? 0) + 1;
      seen.set(metadata.name, count);
      if (count > 1) isMuch = true;
    }
    if (isMuch) yield* this.removeContainers(new Set(seen.keys()), 1);
  }

  private *removeContainers(names: ReadonlySet<string>, keep: number): Steps {
    const kept = new Map<string, number>();
    const ended = [...this.view.all()]
      .filter(({ metadata, state }) => names.has(metadata.name) && state !== ContainerState.RUNNING)
      .sort((a, b) => b.createdAt - a.createdAt);
    for (const { id, metadata } of ended) {
      const count = kept.get(metadata.name) ?? 0;
      kept.set(metadata.name, count + 1);
      if (count < keep) continue;
      const { runtime, settings } = this.node;
      yield* this.calls.call(settings.runtimeTimeoutMs, (answer: CriAnswer<undefined>) =>
        runtime.removeContainer(id, answer),
      );
    }
  }

  /** The id of the new sandbox, which the pod's view has then. */
  private *createSandbox(config: SandboxConfig): Steps<string | undefined> {
    const { node, calls } = this;
    const { runtime, settings } = node;
    const made = yield* calls.call(settings.runtimeTimeoutMs, (answer: CriAnswer<string>) =>
      runtime.runPodSandbox(config, '', answer),
    );
    if (made.error !== undefined) {
      if (this.stage === Stage.Sync) {
        const message = `Failed to create pod sandbox: ${made.error.text}`;
        node.event(this.pod, undefined, 'Warning', 'FailedCreatePodSandBox', message);
      }
      return undefined;
    }
    const found = yield* calls.call(settings.runtimeTimeoutMs, runtime.podSandboxStatus.bind(runtime, made.value));
    if (found.error !== undefined) {
      const message = `Unable to get pod sandbox status: ${found.error.text}`;
      node.event(this.pod, undefined, 'Warning', 'FailedPodSandBoxStatus', message);
      return undefined;
    }
    this.view.take({ sandbox: found.value, containers: this.containersOf(made.value) });
    if (this.stage !== Stage.Sync) return undefined;
    if (this.view.sandboxNeed(this.pod.spec!).isNeeded) return undefined;
    this.sandboxIsReady();
    return made.value;
  }

  private containersOf(sandboxId: string) {
    return this.view.groups.find(({ sandbox }) => sandbox.id === sandboxId)?.containers ?? [];
  }

  /** Told at once, and without the rest (`OnPodSandboxReady`). */
  private sandboxIsReady(): void {
    const before = this.status;
    if (before === undefined) return;
    const pod = this.pod;
    const conditions = before.conditions?.map((condition) =>
      condition.type === 'PodReadyToStartContainers'
        ? this.node.facts.conditions.timed(
            { type: condition.type, status: 'True' },
            condition,
            pod.metadata?.generation,
            Seconds.of(this.clock.nowMs),
          )
        : condition,
    );
    this.setStatus(conditions === undefined ? before : { ...before, conditions });
  }

  private *startContainers(actions: PodActions, sandboxId: string, sandbox: SandboxConfig): Steps<Outcome> {
    const { node, calls, view } = this;
    const target: StartTarget = { pod: this.pod, view, node, calls, backOffs: () => this.madeBackOffs() };
    const failures: StartFailure[] = [];
    for (const container of actions.initToStart) {
      const failure = yield* startContainer(target, container, sandboxId, sandbox);
      this.note(container.name, failure);
      if (failure === undefined) continue;
      failures.push(failure);
      if (container.restartPolicy !== 'Always') return this.afterFailures(failures);
    }
    for (const container of actions.toStart) {
      if (this.stage !== Stage.Sync) break;
      const failure = yield* startContainer(target, container, sandboxId, sandbox);
      this.note(container.name, failure);
      if (failure !== undefined) failures.push(failure);
    }
    return this.afterFailures(failures);
  }

  /** Made when something fails first. */
  private madeBackOffs(): BackOffs {
    const { clock, settings } = this.node;
    this.backOffs ??= {
      crashes: new BackOff(clock, settings.crashLoopFirstMs, settings.crashLoopMaxMs),
      failedPulls: new BackOff(clock, settings.crashLoopFirstMs, settings.crashLoopMaxMs),
      pullErrors: new Map(),
    };
    return this.backOffs;
  }

  private note(container: string, failure: StartFailure | undefined): void {
    // What was given up has not failed.
    if (this.stage !== Stage.Sync) return;
    if (failure === undefined) this.reasons?.delete(container);
    else {
      this.reasons ??= new Map();
      this.reasons.set(container, failure);
    }
  }

  /** Back when the first back-off is over; any other failure has its own wait. */
  private afterFailures(failures: readonly StartFailure[]): Outcome {
    if (failures.length === 0) return DONE;
    const times = failures.flatMap(({ retryAtMs }) => (retryAtMs === undefined ? [] : [retryAtMs]));
    const { settings, clock } = this.node;
    return { retryAfterMs: times.length === 0 ? settings.backOffMs : Math.min(...times) - clock.nowMs };
  }

  private *endContainers(): Steps<Outcome> {
    const { node, calls, view } = this;
    const pod = this.pod;
    let status = this.generate(false);
    if (this.termination !== undefined) status = this.termination.change(status);
    this.setStatus(status);
    this.probes?.stop((kind) => kind !== 'readiness');
    const failure = yield* killPod({ pod, view, node, calls }, this.graceS);
    if (failure !== undefined) {
      if (failure.code !== Code.CANCELLED) {
        node.event(pod, undefined, 'Warning', 'FailedKillPod', `error killing pod: ${failure.text}`);
      }
      // Asked for anew with less time: at once.
      return failure.code === Code.CANCELLED ? { retryAfterMs: 0 } : { retryAfterMs: node.settings.backOffMs };
    }
    this.probes?.stop();
    if (node.isViewLagging) yield (resume) => node.refresh(this, resume);
    const running = view.running();
    if (running.length > 0) {
      const ids = running.map(({ id }) => `${node.facts.scheme}://${id}`).join(' ');
      const message = `error killing pod: detected running containers after a successful KillPod, CRI violation: [${ids}]`;
      node.event(pod, undefined, 'Warning', 'FailedKillPod', message);
      return { retryAfterMs: node.settings.backOffMs };
    }
    this.keptIp ||= this.status?.podIP ?? '';
    this.setStatus(this.generate(true));
    this.stage = Stage.Terminated;
    return DONE;
  }

  private endPod(): Outcome {
    this.deadline?.();
    this.stage = Stage.Finished;
    if (this.isRemoved) {
      this.finish();
      return DONE;
    }
    this.status = finalStatus(this.pod, this.generate(true));
    this.writer.push();
    this.node.finished(this);
    return DONE;
  }

  private finish(): void {
    this.stop();
    this.node.finished(this);
  }

  private generate(isTerminal: boolean): KubeletPodStatus {
    const pod = this.pod;
    const status = podStatusOf(
      {
        pod,
        view: this.view,
        before: this.status ?? pod.status ?? {},
        isTerminal,
        reasons: this.reasons,
        probes: this.probes,
        keptIp: this.keptIp,
        time: Seconds.of(this.clock.nowMs),
      },
      this.node.facts,
    );
    return this.isPastDeadline() ? { ...status, ...PAST_DEADLINE } : status;
  }

  private setStatus(status: KubeletPodStatus): void {
    if (this.status !== undefined && isSame(this.status, status)) return;
    this.status = status;
    this.writer.push();
  }

  /** Somebody else wrote into what is the kubelet's. */
  private isStatusForeign(pod: Pod): boolean {
    return this.status !== undefined && !isSame(pod.status?.containerStatuses, this.status.containerStatuses);
  }

  private effectiveGrace(why: Termination | undefined): number {
    const { metadata, spec } = this.pod;
    let graceS = this.graceS;
    let isGiven = false;
    for (const given of [metadata?.deletionGracePeriodSeconds, why?.graceS]) {
      if (given === undefined || (graceS !== 0 && given >= graceS)) continue;
      graceS = given;
      isGiven = true;
    }
    if (!isGiven && graceS === 0) graceS = spec?.terminationGracePeriodSeconds ?? 0;
    return Math.max(graceS, 1);
  }

  private armDeadline(): void {
    const { activeDeadlineSeconds } = this.pod.spec ?? {};
    if (activeDeadlineSeconds === undefined || this.deadline !== undefined) return;
    const dueMs = this.deadlineMs(activeDeadlineSeconds);
    this.deadline = this.clock.timer(dueMs, () => this.node.whenAwake(() => this.pastDeadline()), Lane.Component);
  }

  private pastDeadline(): void {
    if (this.stage !== Stage.Sync || this.isOver) return;
    this.node.event(this.pod, undefined, 'Normal', PAST_DEADLINE.reason, PAST_DEADLINE.message);
    this.wake();
  }

  private isPastDeadline(): boolean {
    const { activeDeadlineSeconds } = this.pod.spec ?? {};
    return activeDeadlineSeconds !== undefined && this.clock.nowMs >= this.deadlineMs(activeDeadlineSeconds);
  }

  private deadlineMs(seconds: number): number {
    const { startTime } = this.status ?? this.pod.status ?? {};
    const startMs = startTime === undefined ? this.clock.nowMs : Date.parse(startTime as unknown as string);
    return startMs + seconds * 1000;
  }
}

const PAST_DEADLINE = {
  phase: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
} as const;
