/**
 * What has to be done so that a pod on the node becomes what it should be. Source: `computePodActions` and
 * `computeInitContainerActions` in `pkg/kubelet/kuberuntime/{kuberuntime_manager,kuberuntime_container}.go`, v1.37.2.
 */
import type { Container, Pod } from '../../api/index.ts';
import { ContainerState, type ContainerStatus } from '../cri/index.ts';
import type { ProbeResults } from './probes.ts';
import { isSidecar, isToBeStarted } from './restart-policy.ts';
import type { RuntimeView } from './runtime-view.ts';

export type KillCause = 'unknown' | 'startup' | 'liveness';

export interface Kill {
  readonly status: ContainerStatus;
  readonly container: Container;
  readonly message: string;
  readonly cause: KillCause;
}

export interface PodActions {
  killPod: boolean;
  createSandbox: boolean;
  readonly sandboxId: string | undefined;
  readonly attempt: number;
  initToStart: Container[];
  toStart: Container[];
  readonly toKill: Kill[];
}

export function podActions(pod: Pod, view: RuntimeView, probes: ProbeResults | undefined): PodActions {
  const spec = pod.spec!;
  const need = view.sandboxNeed(spec);
  const actions: PodActions = {
    killPod: need.isNeeded,
    createSandbox: need.isNeeded,
    sandboxId: need.id,
    attempt: need.attempt,
    initToStart: [],
    toStart: [],
    toKill: [],
  };
  if (need.isNeeded) startOver(pod, view, actions);
  else if (initActions(pod, view, probes, actions) && !actions.killPod) mainActions(pod, view, probes, actions);
  return actions;
}

const restartsOnFailure = ({ spec }: Pod): boolean => spec?.restartPolicy !== 'Never';

/** A new sandbox: everything from the beginning, except what has succeeded once and for all. */
function startOver(pod: Pod, view: RuntimeView, actions: PodActions): void {
  const { containers, initContainers = [], restartPolicy } = pod.spec!;
  const hasAny = !view.all().next().done;
  if (!restartsOnFailure(pod) && actions.attempt !== 0 && hasAny) {
    actions.createSandbox = false;
    return;
  }
  const toStart = containers.filter((container) => {
    const runsOnce = (container.restartPolicy ?? restartPolicy) === 'OnFailure';
    return !(runsOnce && hasSucceeded(view.latest(container.name)));
  });
  if (toStart.length === 0 && view.hasCreatedAny(containers)) {
    actions.createSandbox = false;
    return;
  }
  if (initContainers.length > 0) actions.initToStart = [initContainers[0]!];
  else actions.toStart = toStart;
}

const hasSucceeded = (status: ContainerStatus | undefined): boolean =>
  status?.state === ContainerState.EXITED && status.exitCode === 0;

function mainActions(pod: Pod, view: RuntimeView, probes: ProbeResults | undefined, actions: PodActions): void {
  let kept = 0;
  for (const container of pod.spec!.containers) {
    const status = view.latest(container.name);
    if (status?.state !== ContainerState.RUNNING) {
      if (!isToBeStarted(container, pod, view)) continue;
      actions.toStart.push(container);
      if (status?.state === ContainerState.UNKNOWN) {
        const message = 'Container is in "unknown" state, try killing it before restart';
        actions.toKill.push({ status, container, message, cause: 'unknown' });
      }
      continue;
    }
    const cause = failedProbe(container, status, probes);
    if (cause === undefined) {
      kept++;
      continue;
    }
    const isRestarted =
      container.restartPolicy === undefined ? restartsOnFailure(pod) : container.restartPolicy !== 'Never';
    if (isRestarted) actions.toStart.push(container);
    const message = `Container ${container.name} failed ${cause} probe${isRestarted ? ', will be restarted' : ''}`;
    actions.toKill.push({ status, container, message, cause });
  }
  if (kept === 0 && actions.toStart.length === 0) {
    actions.killPod = true;
    // Sidecars do not keep a pod alive.
    actions.initToStart = [];
  }
}

function failedProbe(
  container: Container,
  status: ContainerStatus,
  probes: ProbeResults | undefined,
): 'liveness' | 'startup' | undefined {
  if (probes === undefined) return undefined;
  if (probes.result(container.name, 'liveness', status.id) === false) return 'liveness';
  return probes.result(container.name, 'startup', status.id) === false ? 'startup' : undefined;
}

/** From the last to the first, since those done long ago may be gone; true when the pod is initialized. */
function initActions(pod: Pod, view: RuntimeView, probes: ProbeResults | undefined, actions: PodActions): boolean {
  const { initContainers = [], containers } = pod.spec!;
  if (initContainers.length === 0) return true;
  let isInitialized = view.hasStartedAny(containers);
  let isLaterDone = isInitialized;
  const toStart: Container[] = [];
  for (let i = initContainers.length - 1; i >= 0; i--) {
    const container = initContainers[i]!;
    const status = view.active(container.name);
    if (status === undefined) {
      if (isLaterDone && isSidecar(container)) toStart.push(container);
      continue;
    }
    if (isLaterDone && !isSidecar(container)) continue;
    const isLast = i === initContainers.length - 1;
    const verdict = initVerdict(pod, container, status, view, probes, actions);
    if (verdict.isHopeless) {
      actions.killPod = true;
      actions.initToStart = [];
      return false;
    }
    if (verdict.isDone) {
      if (isLast) isInitialized = true;
      else if (!isLaterDone) toStart.push(initContainers[i + 1]!);
    }
    if (verdict.isStarted) toStart.push(container);
    isLaterDone = true;
  }
  if (!isLaterDone) toStart.push(initContainers[0]!);
  actions.initToStart = toStart.reverse();
  return isInitialized;
}

interface InitVerdict {
  /** The one after it may start. */
  readonly isDone?: boolean;
  readonly isStarted?: boolean;
  /** It failed for good, and the pod with it. */
  readonly isHopeless?: boolean;
}

const NOT_YET: InitVerdict = {};
const DONE: InitVerdict = { isDone: true };
const START: InitVerdict = { isStarted: true };

function initVerdict(
  pod: Pod,
  container: Container,
  status: ContainerStatus,
  view: RuntimeView,
  probes: ProbeResults | undefined,
  actions: PodActions,
): InitVerdict {
  switch (status.state) {
    case ContainerState.CREATED:
      return START;
    case ContainerState.RUNNING:
      return isSidecar(container) ? sidecarVerdict(container, status, probes, actions) : NOT_YET;
    case ContainerState.EXITED:
      if (isSidecar(container)) return START;
      if (status.exitCode === 0) return DONE;
      return isToBeStarted(container, pod, view) ? START : { isHopeless: true };
    default: {
      if (!isSidecar(container) && !restartsOnFailure(pod)) return { isHopeless: true };
      const message = 'Init container is in "unknown" state, try killing it before restart';
      actions.toKill.push({ status, container, message, cause: 'unknown' });
      return START;
    }
  }
}

function sidecarVerdict(
  container: Container,
  status: ContainerStatus,
  probes: ProbeResults | undefined,
  { toKill }: PodActions,
): InitVerdict {
  const kill = (cause: 'startup' | 'liveness'): void => {
    const message = `Init container ${container.name} failed ${cause} probe`;
    toKill.push({ status, container, message, cause });
  };
  if (container.startupProbe !== undefined) {
    const startup = probes?.result(container.name, 'startup', status.id);
    if (startup === false) {
      kill('startup');
      return START;
    }
    if (startup !== true) return NOT_YET;
  }
  if (container.livenessProbe !== undefined && probes?.result(container.name, 'liveness', status.id) === false) {
    kill('liveness');
    return { isDone: true, isStarted: true };
  }
  return DONE;
}
