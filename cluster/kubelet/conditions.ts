/** The conditions of a pod that the kubelet owns. Source: `pkg/kubelet/status/generate.go`, v1.37.2. */
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../../api/index.ts';
import type { Phase } from './phase.ts';
import { isSidecar } from './restart-policy.ts';

export type PodCondition = NonNullable<PodStatus['conditions']>[number] & { observedGeneration?: number };

/** Without its times. */
export interface Verdict {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

export const OWNED = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodReadyToStartContainers',
  'PodResizePending',
  'PodResizeInProgress',
]);

const yes = (type: string): Verdict => ({ type, status: 'True' });
const no = (type: string, reason: string, message?: string): Verdict =>
  message === undefined ? { type, status: 'False', reason } : { type, status: 'False', reason, message };

const INITIALIZED = yes('Initialized');
const READY = yes('Ready');
const CONTAINERS_READY = yes('ContainersReady');
const SANDBOX_READY = yes('PodReadyToStartContainers');
export const SCHEDULED = yes('PodScheduled');

export const readyToStart = (why: string): Verdict =>
  why === '' ? SANDBOX_READY : no('PodReadyToStartContainers', 'PodSandboxNotReady', why);

export function initialized(
  spec: PodSpec,
  initStatuses: readonly ContainerStatus[],
  phase: Phase,
  hasStartedAny: boolean,
): Verdict {
  const { initContainers } = spec;
  if (initContainers === undefined || initContainers.length === 0) {
    return phase === 'Succeeded' ? COMPLETED_INIT : INITIALIZED;
  }
  const unknown: string[] = [];
  const incomplete: string[] = [];
  for (const container of initContainers) {
    const status = initStatuses.find(({ name }) => name === container.name);
    if (status === undefined) unknown.push(container.name);
    else if (!(isSidecar(container) ? status.started === true : status.ready)) incomplete.push(container.name);
  }
  if (phase === 'Succeeded' && unknown.length === 0) return COMPLETED_INIT;
  if (hasStartedAny) return INITIALIZED;
  const message = listed([
    ['containers with unknown status', unknown],
    ['containers with incomplete status', incomplete],
  ]);
  return message === '' ? INITIALIZED : no('Initialized', 'ContainersNotInitialized', message);
}

const COMPLETED_INIT: Verdict = { type: 'Initialized', status: 'True', reason: 'PodCompleted' };

export function containersReady(
  spec: PodSpec,
  statuses: readonly ContainerStatus[],
  initStatuses: readonly ContainerStatus[],
  phase: Phase,
): Verdict {
  const type = 'ContainersReady';
  if (phase === 'Failed') return no(type, 'PodFailed');
  const unknown: string[] = [];
  const unready: string[] = [];
  const look = (name: string, among: readonly ContainerStatus[]): void => {
    const status = among.find((each) => each.name === name);
    if (status === undefined) unknown.push(name);
    else if (!status.ready) unready.push(name);
  };
  for (const container of spec.initContainers ?? []) if (isSidecar(container)) look(container.name, initStatuses);
  for (const { name } of spec.containers) look(name, statuses);
  if (phase === 'Succeeded' && unknown.length === 0) return no(type, 'PodCompleted');
  const message = listed([
    ['containers with unknown status', unknown],
    ['containers with unready status', unready],
  ]);
  return message === '' ? CONTAINERS_READY : no(type, 'ContainersNotReady', message);
}

/** Ready when its containers are and every readiness gate is open. */
export function podReady(pod: Pod, { status, reason, message }: Verdict): Verdict {
  if (status === 'False') return no('Ready', reason!, message);
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return READY;
  const problems = gates.flatMap(({ conditionType }) => {
    const found = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (found === undefined) {
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    }
    if (found.status === 'True') return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`];
  });
  return problems.length === 0 ? READY : no('Ready', 'ReadinessGatesNotReady', problems.join(', '));
}

const listed = (lists: ReadonlyArray<readonly [string, readonly string[]]>): string =>
  lists.flatMap(([words, names]) => (names.length === 0 ? [] : [`${words}: [${names.join(' ')}]`])).join(', ');

/**
 * Conditions with their times. Pods that change alike within a second share them, so that a hundred thousand pods do not
 * keep five conditions each.
 */
export class Conditions {
  private readonly made = new Map<string, PodCondition[]>();

  /** @param before The condition of the same type as it was. */
  timed(
    verdict: Verdict,
    before: PodCondition | undefined,
    observedGeneration: number | undefined,
    time: string,
  ): PodCondition {
    const { type, status } = verdict;
    const isSameStatus = before?.status === status;
    if (isSameStatus && says(before, verdict, observedGeneration)) return before;
    const since = (isSameStatus ? (before.lastTransitionTime as string | undefined) : undefined) ?? time;
    let recent = this.made.get(type);
    if (recent === undefined) {
      recent = [];
      this.made.set(type, recent);
    }
    for (const condition of recent) {
      if (condition.status === status && (condition.lastTransitionTime as unknown) === since) {
        if (says(condition, verdict, observedGeneration)) return condition;
      }
    }
    const condition = make(verdict, since, observedGeneration);
    if (recent.length >= RECENT_MAX) recent.length = 0;
    recent.push(condition);
    return condition;
  }
}

const RECENT_MAX = 8;

const says = (condition: PodCondition, { reason, message }: Verdict, observedGeneration: number | undefined): boolean =>
  condition.reason === reason && condition.message === message && condition.observedGeneration === observedGeneration;

/** As a Go client writes it: the time of the last probe is null. */
function make(
  { type, status, reason, message }: Verdict,
  lastTransitionTime: string,
  observedGeneration: number | undefined,
): PodCondition {
  const condition: PodCondition = { type, status, lastProbeTime: null as never, lastTransitionTime };
  if (observedGeneration !== undefined) condition.observedGeneration = observedGeneration;
  if (reason !== undefined) condition.reason = reason;
  if (message !== undefined) condition.message = message;
  return condition;
}
