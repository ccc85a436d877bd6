/**
 * The status of a pod as its kubelet makes it, and as it is written: nothing ends in the API before it has ended on the node.
 * Source: `generateAPIPodStatus` in `pkg/kubelet/kubelet_pods.go`, `pkg/kubelet/status/status_manager.go`, v1.37.2.
 */
import type { Pod, PodStatus } from '../../api/index.ts';
import {
  type Conditions,
  containersReady,
  initialized,
  OWNED,
  type PodCondition,
  podReady,
  readyToStart,
  SCHEDULED,
  type Verdict,
} from './conditions.ts';
import { containerStatuses, type StartReason } from './container-statuses.ts';
import { type Phase, phaseOf } from './phase.ts';
import type { ProbeResults } from './probes.ts';
import type { RuntimeView } from './runtime-view.ts';

/** What all pods of a node have in common. */
export interface NodeFacts {
  readonly scheme: string;
  readonly hostIp: string;
  readonly hostIps: ReadonlyArray<{ readonly ip: string }>;
  readonly conditions: Conditions;
}

export interface StatusInput {
  readonly pod: Pod;
  readonly view: RuntimeView;
  /** As the kubelet made it last, or as the API has it. */
  readonly before: PodStatus;
  /** Nothing will be started again. */
  readonly isTerminal: boolean;
  readonly reasons: ReadonlyMap<string, StartReason> | undefined;
  readonly probes: ProbeResults | undefined;
  /** Of the pod while it is stopped: the runtime forgets it. */
  readonly keptIp: string;
  readonly time: string;
}

export interface KubeletPodStatus extends PodStatus {
  observedGeneration?: number;
}

const DISRUPTION = 'DisruptionTarget';
const NO_STATUSES: readonly never[] = [];

export const isTerminalPhase = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

export function podStatusOf(input: StatusInput, facts: NodeFacts): KubeletPodStatus {
  const { pod, view, before, isTerminal, reasons, probes } = input;
  const spec = pod.spec!;
  const base = { pod, view, reasons, probes, scheme: facts.scheme };
  const statuses = containerStatuses({
    ...base,
    containers: spec.containers,
    isInit: false,
    before: before.containerStatuses,
  });
  const initStatuses =
    spec.initContainers === undefined
      ? NO_STATUSES
      : containerStatuses({
          ...base,
          containers: spec.initContainers,
          isInit: true,
          before: before.initContainerStatuses,
        });
  const hasInitialized = spec.initContainers !== undefined && view.hasStartedAny(spec.containers);
  const phase = lastingPhase(phaseOf({ spec, statuses, initStatuses, isTerminal, hasInitialized }), pod, before);
  const hasStartedAny = statuses.some(({ state }) => state?.running !== undefined || state?.terminated !== undefined);
  const ready = containersReady(spec, statuses, initStatuses, phase);
  const verdicts = [
    readyToStart(view.sandboxNeed(spec).why),
    initialized(spec, initStatuses, phase, hasStartedAny),
    podReady(pod, ready),
    ready,
    SCHEDULED,
  ];
  const isSamePhase = phase === before.phase;
  const ip = spec.hostNetwork === true ? facts.hostIp : view.ip || input.keptIp;
  // All in one, with what is not there as undefined: objects of one shape take the least room.
  return {
    phase,
    observedGeneration: pod.metadata?.generation,
    reason: isSamePhase ? before.reason || pod.status?.reason || undefined : undefined,
    message: isSamePhase ? before.message || pod.status?.message || undefined : undefined,
    conditions: conditionsOf(pod, before, verdicts, facts.conditions, input.time),
    hostIP: facts.hostIp,
    hostIPs: facts.hostIps as never,
    podIP: ip === '' ? undefined : ip,
    podIPs: ip === '' ? undefined : ip === before.podIP ? before.podIPs : [{ ip }],
    startTime: before.startTime ?? (input.time as never),
    initContainerStatuses: spec.initContainers === undefined ? undefined : [...initStatuses],
    containerStatuses: statuses,
    qosClass: pod.status?.qosClass ?? before.qosClass,
    resourceClaimStatuses: undefined,
    extendedResourceClaimStatus: undefined,
  };
}

/** Nobody comes back from an end, whether it is known here or there. */
function lastingPhase(phase: Phase, pod: Pod, before: PodStatus): Phase {
  const there = pod.status?.phase;
  if (isTerminalPhase(there)) return there as Phase;
  return !isTerminalPhase(phase) && isTerminalPhase(before.phase) ? (before.phase as Phase) : phase;
}

/** Those of others first, as they are. */
function conditionsOf(
  pod: Pod,
  before: PodStatus,
  verdicts: readonly Verdict[],
  conditions: Conditions,
  time: string,
): PodCondition[] {
  const old = (before.conditions ?? []) as PodCondition[];
  const generation = pod.metadata?.generation;
  const list: PodCondition[] = [];
  for (const condition of pod.status?.conditions ?? []) if (!OWNED.has(condition.type)) list.push(condition);
  const disruption = old.find(({ type }) => type === DISRUPTION);
  if (disruption !== undefined) {
    const at = list.findIndex(({ type }) => type === DISRUPTION);
    if (at < 0) list.push(disruption);
    else list[at] = disruption;
  }
  for (const verdict of verdicts) {
    let known = old.find(({ type }) => type === verdict.type);
    known ??= (pod.status?.conditions as PodCondition[] | undefined)?.find(({ type }) => type === verdict.type);
    list.push(conditions.timed(verdict, known, generation, time));
  }
  return list;
}

/**
 * What is written: conditions of others as the API has them, and no end while something may still run (`mergePodStatus`).
 * @param mayRun Containers may still be running.
 */
export function mergedStatus(there: PodStatus, made: KubeletPodStatus, mayRun: boolean): KubeletPodStatus {
  const ends = !isTerminalPhase(there.phase) && isTerminalPhase(made.phase);
  const conditions: PodCondition[] = [];
  for (const condition of (there.conditions ?? []) as PodCondition[]) {
    if (!OWNED.has(condition.type)) conditions.push(condition);
  }
  for (const condition of (made.conditions ?? []) as PodCondition[]) {
    if (OWNED.has(condition.type)) conditions.push(condition);
    else if (condition.type === DISRUPTION && ends && !mayRun) {
      const at = conditions.findIndex(({ type }) => type === DISRUPTION);
      if (at < 0) conditions.push(condition);
      else conditions[at] = condition;
    }
  }
  const merged: KubeletPodStatus = { ...made, conditions };
  merged.resourceClaimStatuses = there.resourceClaimStatuses;
  merged.extendedResourceClaimStatus = there.extendedResourceClaimStatus;
  merged.qosClass = there.qosClass ?? made.qosClass;
  if (ends && mayRun) {
    merged.phase = there.phase;
    merged.reason = there.reason;
    merged.message = there.message;
  }
  if (isTerminalPhase(merged.phase)) merged.conditions = conditions.map(unready(merged.phase!));
  return merged;
}

const unready =
  (phase: string) =>
  (condition: PodCondition): PodCondition => {
    const { type, status } = condition;
    if (status !== 'True' || (type !== 'Ready' && type !== 'ContainersReady')) return condition;
    const { message: _, ...rest } = condition;
    return { ...rest, status: 'False', reason: phase === 'Failed' ? 'PodFailed' : 'PodCompleted' };
  };

const STATUS_LOST = 'The container could not be located when the pod was terminated';

/** The last status of all: whatever was not seen to end has failed (`TerminatePod`). */
export function finalStatus(pod: Pod, status: KubeletPodStatus): KubeletPodStatus {
  const isInitialized = hasPodInitialized(pod, status);
  const containers = isInitialized ? status.containerStatuses?.map(ended) : status.containerStatuses;
  const init = status.initContainerStatuses;
  const lastStarted = init?.findLastIndex(
    ({ state, lastState }) => state?.waiting === undefined || lastState?.terminated !== undefined,
  );
  const inits = init?.map((each, i) => (i <= lastStarted! ? ended(each) : each));
  const final: KubeletPodStatus = { ...status, phase: isTerminalPhase(status.phase) ? status.phase : 'Failed' };
  if (containers !== undefined) final.containerStatuses = containers;
  if (inits !== undefined) final.initContainerStatuses = inits;
  return final;
}

type Status = NonNullable<PodStatus['containerStatuses']>[number];

function ended(status: Status): Status {
  if (status.state?.terminated !== undefined) return status;
  const terminated = {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: STATUS_LOST,
    startedAt: null as never,
    finishedAt: null as never,
  };
  return { ...status, state: { terminated } };
}

function hasPodInitialized({ spec }: Pod, { containerStatuses = [], initContainerStatuses = [] }: PodStatus): boolean {
  if ((spec?.initContainers?.length ?? 0) === 0) return true;
  const hasMoved = containerStatuses.some(
    ({ state, lastState }) => lastState?.terminated !== undefined || state?.waiting === undefined,
  );
  if (hasMoved) return true;
  const last = initContainerStatuses.at(-1);
  const container = spec!.initContainers!.at(-1)!;
  if (container.restartPolicy === 'Always') return last?.state?.running !== undefined && last.started === true;
  return last?.state?.terminated?.exitCode === 0 || last?.lastState?.terminated?.exitCode === 0;
}
