/** The phase of a pod, by the states of its containers. Source: `getPhase` in `pkg/kubelet/kubelet_pods.go`, v1.37.2. */
import type { Container, ContainerStatus, PodSpec } from '../../api/index.ts';
import { isSidecar, restartsAfter } from './restart-policy.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PhaseInput {
  readonly spec: PodSpec;
  readonly statuses: readonly ContainerStatus[];
  readonly initStatuses: readonly ContainerStatus[];
  /** Nothing will be started again. */
  readonly isTerminal: boolean;
  /** Main containers have run in this sandbox: sidecars that start again do not take that back. */
  readonly hasInitialized: boolean;
}

interface Counts {
  pendingInit: number;
  pendingSidecars: number;
  unknown: number;
  running: number;
  waiting: number;
  stopped: number;
  stoppedForGood: number;
  succeeded: number;
  failedInitForGood: number;
}

const byName = (statuses: readonly ContainerStatus[], name: string): ContainerStatus | undefined =>
  statuses.find((status) => status.name === name);

export function phaseOf(input: PhaseInput): Phase {
  const { spec, isTerminal, hasInitialized } = input;
  const counts = countsOf(input);
  if (counts.failedInitForGood > 0) return 'Failed';
  if (counts.pendingInit > 0 || (counts.pendingSidecars > 0 && !hasInitialized) || counts.waiting > 0) return 'Pending';
  if (counts.running > 0 && counts.unknown === 0) return 'Running';
  if (counts.stopped === 0 || counts.unknown > 0 || spec.containers.length === 0) return 'Pending';
  if (!isTerminal && counts.stopped !== counts.stoppedForGood) return 'Running';
  return counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed';
}

function countsOf({ spec, statuses, initStatuses }: PhaseInput): Counts {
  const counts: Counts = {
    pendingInit: 0,
    pendingSidecars: 0,
    unknown: 0,
    running: 0,
    waiting: 0,
    stopped: 0,
    stoppedForGood: 0,
    succeeded: 0,
    failedInitForGood: 0,
  };
  for (const container of spec.initContainers ?? []) {
    const status = byName(initStatuses, container.name);
    if (isSidecar(container)) countSidecar(counts, status);
    else countInit(counts, container, spec, status);
  }
  for (const container of spec.containers) countMain(counts, container, spec, byName(statuses, container.name));
  return counts;
}

function countInit(counts: Counts, container: Container, spec: PodSpec, status: ContainerStatus | undefined): void {
  const { state, lastState } = status ?? {};
  const ended = state?.terminated ?? (state?.waiting === undefined ? undefined : lastState?.terminated);
  if (ended === undefined) {
    counts.pendingInit++;
    return;
  }
  if (ended.exitCode !== 0 && !restartsAfter(container, spec, ended.exitCode)) counts.failedInitForGood++;
}

function countSidecar(counts: Counts, status: ContainerStatus | undefined): void {
  if (status === undefined) {
    counts.unknown++;
    return;
  }
  const { state, lastState, started } = status;
  if (state?.running !== undefined) {
    if (started !== true) counts.pendingSidecars++;
    counts.running++;
  } else if (state?.waiting !== undefined && lastState?.terminated === undefined) {
    counts.pendingSidecars++;
    counts.waiting++;
  }
}

function countMain(counts: Counts, container: Container, spec: PodSpec, status: ContainerStatus | undefined): void {
  if (status === undefined) {
    counts.unknown++;
    return;
  }
  const { state, lastState } = status;
  if (state?.running !== undefined) {
    counts.running++;
    return;
  }
  const ended = state?.terminated ?? lastState?.terminated;
  if (ended === undefined) {
    counts.waiting++;
    return;
  }
  counts.stopped++;
  if (!restartsAfter(container, spec, ended.exitCode)) counts.stoppedForGood++;
  if (state?.terminated !== undefined && ended.exitCode === 0) counts.succeeded++;
}
