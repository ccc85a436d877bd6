/** The row of a pod. Source: `printPod` of `pkg/printers/internalversion/printers.go`, v1.37.2. */
import type { KubeObject } from '../../../../api/index.ts';
import type { Json } from '../patch/index.ts';
import { since } from './age.ts';
import { condition, count, field, list, text } from './fields.ts';
import { type Cell, columns, type Printer } from './printer.ts';

const NONE = '<none>';

export const podPrinter: Printer = {
  columns: columns('Name!, Ready, Status, Restarts, Age, IP+, Node+, Nominated Node+, Readiness Gates+'),
  cells: podCells,
  conditions(pod) {
    const phase = text(pod, 'status', 'phase');
    if (phase !== 'Succeeded' && phase !== 'Failed') return undefined;
    const message = phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
    return [{ type: 'Completed', status: 'True', reason: phase, message }];
  },
};

/** What the containers add up to. */
interface Summary {
  reason: string;
  ready: number;
  restarts: number;
  /** RFC 3339; '' for never. */
  lastRestart: string;
}

function podCells(pod: KubeObject, nowMs: number): Cell[] {
  const sidecars = new Set(
    list(pod, 'spec', 'initContainers')
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  );
  const total = list(pod, 'spec', 'containers').length + sidecars.size;
  const summary: Summary = { reason: firstReason(pod), ready: 0, restarts: 0, lastRestart: '' };
  const ofSidecars: Summary = { ...summary };
  const isInitializing = addInitContainers(pod, sidecars, summary, ofSidecars);
  if (!isInitializing || condition(pod, 'Initialized')?.status === 'True') {
    summary.restarts = ofSidecars.restarts;
    summary.lastRestart = ofSidecars.lastRestart;
    addContainers(pod, summary);
  }
  const { ready, restarts, lastRestart } = summary;
  const again = restarts !== 0 && lastRestart !== '' ? `${restarts} (${since(lastRestart, nowMs)} ago)` : `${restarts}`;
  return [
    text(pod, 'metadata', 'name'),
    `${ready}/${total}`,
    statusOf(pod, summary.reason),
    again,
    since(text(pod, 'metadata', 'creationTimestamp'), nowMs),
    text(list(pod, 'status', 'podIPs')[0], 'ip') || NONE,
    text(pod, 'spec', 'nodeName') || NONE,
    text(pod, 'status', 'nominatedNodeName') || NONE,
    readinessGates(pod),
  ];
}

function firstReason(pod: KubeObject): string {
  if (condition(pod, 'PodScheduled')?.reason === 'SchedulingGated') return 'SchedulingGated';
  return text(pod, 'status', 'reason') || text(pod, 'status', 'phase');
}

function statusOf(pod: KubeObject, reason: string): string {
  if (field(pod, 'metadata', 'deletionTimestamp') === undefined) return reason;
  if (text(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  const phase = text(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed' ? reason : 'Terminating';
}

function addRestarts(summary: Summary, container: Json): void {
  summary.restarts += count(container, 'restartCount');
  const finished = text(container, 'lastState', 'terminated', 'finishedAt');
  if (finished > summary.lastRestart) summary.lastRestart = finished;
}

/** Whether the pod is still at it. */
function addInitContainers(
  pod: KubeObject,
  sidecars: ReadonlySet<unknown>,
  summary: Summary,
  ofSidecars: Summary,
): boolean {
  const statuses = list(pod, 'status', 'initContainerStatuses');
  for (const [i, container] of statuses.entries()) {
    addRestarts(summary, container);
    const isSidecar = sidecars.has(container.name);
    if (isSidecar) addRestarts(ofSidecars, container);
    const terminated = field(container, 'state', 'terminated');
    if (terminated !== undefined && count(terminated, 'exitCode') === 0) continue;
    if (isSidecar && container.started === true) {
      if (container.ready === true) summary.ready++;
      continue;
    }
    const waiting = text(container, 'state', 'waiting', 'reason');
    if (terminated !== undefined) summary.reason = `Init:${terminatedReason(terminated)}`;
    else if (waiting !== '' && waiting !== 'PodInitializing') summary.reason = `Init:${waiting}`;
    else summary.reason = `Init:${i}/${list(pod, 'spec', 'initContainers').length}`;
    return true;
  }
  return false;
}

function terminatedReason(terminated: unknown): string {
  const reason = text(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = count(terminated, 'signal');
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${count(terminated, 'exitCode')}`;
}

function addContainers(pod: KubeObject, summary: Summary): void {
  let hasRunning = false;
  let errorReason = '';
  for (const container of [...list(pod, 'status', 'containerStatuses')].reverse()) {
    addRestarts(summary, container);
    const waiting = text(container, 'state', 'waiting', 'reason');
    const terminated = field(container, 'state', 'terminated');
    if (waiting !== '') summary.reason = waiting;
    else if (terminated !== undefined) {
      summary.reason = terminatedReason(terminated);
      if (count(terminated, 'exitCode') !== 0) errorReason = summary.reason;
    } else if (container.ready === true && field(container, 'state', 'running') !== undefined) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.reason !== 'Completed') return;
  if (hasRunning && condition(pod, 'Ready')?.status === 'True') summary.reason = 'Running';
  else if (errorReason !== '') summary.reason = errorReason;
  else if (hasRunning) summary.reason = 'NotReady';
}

function readinessGates(pod: KubeObject): string {
  const gates = list(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return NONE;
  const open = gates.filter(({ conditionType }) => condition(pod, String(conditionType))?.status === 'True');
  return `${open.length}/${gates.length}`;
}
