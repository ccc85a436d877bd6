/** Stopping containers and pods. Source: `pkg/kubelet/kuberuntime/{kuberuntime_container,kuberuntime_termination_order}.go`, v1.37.2. */
import type { Container, Pod } from '../../api/index.ts';
import { Lane } from '../../scheduler/clock.ts';
import type { Steps } from '../controllers/steps.ts';
import { Code, type ContainerStatus, type CriError, SandboxState } from '../cri/index.ts';
import type { NodeServices } from './node-services.ts';
import type { KillCause } from './pod-actions.ts';
import { isSidecar } from './restart-policy.ts';
import type { RuntimeCalls } from './runtime-calls.ts';
import type { RuntimeView } from './runtime-view.ts';

const MIN_GRACE_S = 2;

export interface KillTarget {
  readonly pod: Pod;
  readonly view: RuntimeView;
  readonly node: NodeServices;
  readonly calls: RuntimeCalls;
}

/** Main containers first, then sidecars from the last to the first, in what is left of the grace period. */
export function* killPod(target: KillTarget, graceS: number | undefined): Steps<CriError | undefined> {
  const { pod, view, node, calls } = target;
  const { initContainers = [], containers } = pod.spec!;
  const running = view.running();
  const sidecars = initContainers.filter(isSidecar).map(({ name }) => name);
  const isLate = ({ metadata }: ContainerStatus): boolean => sidecars.includes(metadata.name);
  const waves = [
    running.filter((status) => !isLate(status)),
    ...sidecars.reverse().map((name) => running.filter((status) => status.metadata.name === name)),
  ];
  const beganMs = node.clock.nowMs;
  let failure: CriError | undefined;
  for (const wave of waves) {
    if (wave.length === 0) continue;
    const spentS = Math.floor((node.clock.nowMs - beganMs) / 1000);
    const all = [...containers, ...initContainers];
    const stops = wave.map((status) => {
      const container = all.find(({ name }) => name === status.metadata.name);
      const wantedS = graceS ?? graceOf(pod, container, 'unknown');
      return { status, container, message: '', graceS: wantedS - spentS };
    });
    failure ??= yield* killAll(target, stops);
  }
  const sandboxes = view.groups.filter(({ sandbox }) => sandbox.state === SandboxState.READY);
  const starts = sandboxes.map(
    ({ sandbox }) =>
      (answer: (error: CriError | undefined, result: undefined) => void) =>
        node.runtime.stopPodSandbox(sandbox.id, answer),
  );
  for (const { error } of yield* calls.all(node.settings.runtimeTimeoutMs, starts)) {
    if (error !== undefined && error.code !== Code.NOT_FOUND) failure ??= error;
  }
  return failure;
}

export interface Stop {
  readonly status: ContainerStatus;
  readonly container: Container | undefined;
  /** Undefined text for the plain one. */
  readonly message: string;
  readonly graceS: number;
}

export function* killAll({ pod, node, calls }: KillTarget, stops: readonly Stop[]): Steps<CriError | undefined> {
  let longestS = 0;
  const starts = stops.map(({ status, container, message, graceS }) => {
    const { name } = status.metadata;
    longestS = Math.max(longestS, graceS);
    node.event(pod, name, 'Normal', 'Killing', message || `Stopping container ${name}`);
    return (answer: (error: CriError | undefined, result: undefined) => void): void => {
      afterHook(node, status, container, graceS, (spentS) =>
        node.runtime.stopContainer(status.id, Math.max(graceS - spentS, MIN_GRACE_S), answer),
      );
    };
  });
  const timeoutMs = node.settings.runtimeTimeoutMs + longestS * 1000;
  for (const { error } of yield* calls.all(timeoutMs, starts)) {
    if (error !== undefined && error.code !== Code.NOT_FOUND) return error;
  }
  return undefined;
}

type Hook = NonNullable<NonNullable<Container['lifecycle']>['preStop']> & {
  readonly sleep?: { readonly seconds: number };
};

/** Runs the preStop hook in the grace period, and tells how much of it that took. */
function afterHook(
  { clock, runtime }: NodeServices,
  { id }: ContainerStatus,
  container: Container | undefined,
  graceS: number,
  then: (spentS: number) => void,
): void {
  const hook = container?.lifecycle?.preStop as Hook | undefined;
  if (hook === undefined || graceS <= 0) {
    then(0);
    return;
  }
  const beganMs = clock.nowMs;
  let isOver = false;
  const done = (): void => {
    if (isOver) return;
    isOver = true;
    then(Math.floor((clock.nowMs - beganMs) / 1000));
  };
  const sleepS = hook.sleep?.seconds;
  const limitS = sleepS === undefined ? graceS : Math.min(graceS, sleepS);
  clock.at(beganMs + limitS * 1000, done, Lane.Component);
  if (hook.exec !== undefined) runtime.execSync(id, hook.exec.command ?? [], graceS, done);
  else if (sleepS === undefined) done();
}

/** How long a container is given (`setTerminationGracePeriod`). */
export function graceOf({ metadata, spec }: Pod, container: Container | undefined, cause: KillCause): number {
  const { deletionGracePeriodSeconds } = metadata ?? {};
  if (deletionGracePeriodSeconds !== undefined) return deletionGracePeriodSeconds;
  const probe =
    cause === 'startup' ? container?.startupProbe : cause === 'liveness' ? container?.livenessProbe : undefined;
  return probe?.terminationGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? MIN_GRACE_S;
}
