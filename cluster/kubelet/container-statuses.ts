/**
 * What a pod's status says of its containers. Source: `convertToAPIContainerStatuses` in `pkg/kubelet/kubelet_pods.go` and
 * `UpdatePodStatus` in `pkg/kubelet/prober/prober_manager.go`, v1.37.2.
 */
import type { Container, ContainerStatus, Pod } from '../../api/index.ts';
import { ContainerState, type ContainerStatus as CriStatus } from '../cri/index.ts';
import type { ProbeResults } from './probes.ts';
import { isSidecar, isToBeStarted } from './restart-policy.ts';
import type { RuntimeView } from './runtime-view.ts';
import { Seconds } from './seconds.ts';

/** Why a container could not be started. */
export interface StartReason {
  readonly reason: string;
  readonly message: string;
}

export interface ContainersInput {
  readonly pod: Pod;
  readonly view: RuntimeView;
  readonly containers: readonly Container[];
  readonly isInit: boolean;
  readonly before: readonly ContainerStatus[] | undefined;
  readonly reasons: ReadonlyMap<string, StartReason> | undefined;
  readonly probes: ProbeResults | undefined;
  /** Before `://` in ids. */
  readonly scheme: string;
}

type State = NonNullable<ContainerStatus['state']>;

const CREATING: State = { waiting: { reason: 'ContainerCreating' } };
const INITIALIZING: State = { waiting: { reason: 'PodInitializing' } };
const WAITING: State = { waiting: {} };
const NO_STATE: State = {};
const LOST_EXIT_CODE = 137;
const NS_PER_MS = 1e6;

export function containerStatuses(input: ContainersInput): ContainerStatus[] {
  const { containers, isInit } = input;
  const statuses = containers.map((container) => statusOf(input, container));
  if (isInit || statuses.length < 2) return statuses;
  return statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function statusOf(input: ContainersInput, container: Container): ContainerStatus {
  const { view, before } = input;
  const { name } = container;
  const old = before?.find((status) => status.name === name);
  const [newest, older] = view.latestTwo(name);
  const status =
    newest === undefined
      ? absent(input, container, old)
      : seen(input, container, newest, older === undefined ? old?.lastState : stateOf(older, input.scheme), old);
  if (mayStart(input, container, newest, status)) applyReason(input, container, status);
  applyProbes(input, container, status);
  return status;
}

/** The runtime has none of the name: it waits, unless it is known to have ended. */
function absent(
  { pod }: ContainersInput,
  { name, image }: Container,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const hasInit = (pod.spec?.initContainers?.length ?? 0) > 0;
  if (old?.state?.terminated !== undefined) return { ...old };
  const status: ContainerStatus = {
    name,
    state: hasInit ? INITIALIZING : CREATING,
    lastState: old?.lastState ?? NO_STATE,
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: image ?? '',
    imageID: '',
    started: false,
  };
  if (old?.state?.running !== undefined && status.lastState?.terminated === undefined) {
    status.lastState = lost(
      'The container could not be located when the pod was deleted.  The container used to be Running',
    );
    if (pod.metadata?.deletionTimestamp === undefined) status.restartCount++;
  }
  return status;
}

function lost(message: string): State {
  return {
    terminated: {
      exitCode: LOST_EXIT_CODE,
      reason: 'ContainerStatusUnknown',
      message,
      startedAt: null as never,
      finishedAt: null as never,
    },
  };
}

function seen(
  { scheme }: ContainersInput,
  { resources }: Container,
  cri: CriStatus,
  lastState: State | undefined,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const containerID = old?.containerID?.endsWith(cri.id) ? old.containerID : `${scheme}://${cri.id}`;
  const isSame = old?.containerID === containerID;
  const status: ContainerStatus = {
    name: cri.metadata.name,
    state: stateOf(cri, scheme, isSame ? old.state : undefined),
    lastState: lastState ?? NO_STATE,
    ready: false,
    restartCount: cri.metadata.attempt,
    image: cri.image.image,
    imageID: cri.imageRef,
    containerID,
    started: false,
    allocatedResources: resources?.requests,
    resources,
  };
  if (cri.state === ContainerState.UNKNOWN && old?.state?.running !== undefined) {
    status.state = lost('The container could not be located when the pod was terminated');
    status.restartCount = (old.restartCount ?? 0) + 1;
  }
  return status;
}

/** The state object as it was, where it says the same. */
function stateOf(cri: CriStatus, scheme: string, old?: State): State {
  switch (cri.state) {
    case ContainerState.RUNNING:
      return old?.running !== undefined ? old : { running: { startedAt: Seconds.of(cri.startedAt / NS_PER_MS) } };
    case ContainerState.EXITED: {
      if (old?.terminated !== undefined) return old;
      const { exitCode, reason, message } = cri;
      return {
        terminated: {
          exitCode,
          ...(reason && { reason }),
          ...(message && { message }),
          startedAt: cri.startedAt === 0 ? (null as never) : Seconds.of(cri.startedAt / NS_PER_MS),
          finishedAt: Seconds.of(cri.finishedAt / NS_PER_MS),
          containerID: `${scheme}://${cri.id}`,
        },
      };
    }
    default:
      return WAITING;
  }
}

/** Whether the next sync would start it: an init container that is done stays done. */
function mayStart(
  { pod, view, isInit }: ContainersInput,
  container: Container,
  newest: CriStatus | undefined,
  status: ContainerStatus,
): boolean {
  if (isInit) {
    if (newest?.state === ContainerState.EXITED && newest.exitCode === 0 && !isSidecar(container)) return false;
    const isForgotten = newest === undefined && !isSidecar(container) && status.state?.waiting !== undefined;
    if (isForgotten && view.hasCreatedAny(pod.spec!.containers)) {
      status.state = {
        terminated: {
          exitCode: 0,
          reason: 'Completed',
          message:
            'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
          startedAt: null as never,
          finishedAt: null as never,
        },
      };
      return false;
    }
  }
  return true;
}

function applyReason({ pod, view, reasons }: ContainersInput, container: Container, status: ContainerStatus): void {
  const why = reasons?.get(container.name);
  if (why === undefined || !isToBeStarted(container, pod, view)) return;
  if (status.state?.terminated !== undefined) status.lastState = status.state;
  const { reason, message } = why;
  status.state = { waiting: message === '' ? { reason } : { reason, message } };
}

function applyProbes({ probes, isInit }: ContainersInput, container: Container, status: ContainerStatus): void {
  const isRunning = status.state?.running !== undefined;
  const started = isRunning && (probes?.isStarted(container, status.containerID ?? '') ?? true);
  status.started = started;
  if (isInit && !isSidecar(container)) {
    status.ready = status.state?.terminated?.exitCode === 0;
    return;
  }
  status.ready = started && (probes?.isReady(container, status.containerID ?? '') ?? true);
}
