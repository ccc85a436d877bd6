/**
 * Which pods of a Job go when there are too many. Source: `pkg/controller/job/{job_controller,indexed_job_utils}.go`
 * (`activePodsForRemoval`) and `pkg/controller/controller_utils.go` (`ActivePods`), v1.37.2.
 */
import type { Pod } from '../../../api/index.ts';
import { isReady, readySinceMs } from '../pod-state.ts';
import { indexOf, isIndexed, type JobObject, type JobPod } from './job-pods.ts';

const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

const isAssigned = ({ spec }: Pod): number => (spec?.nodeName ? 1 : 0);
const phaseOrder = ({ status }: Pod): number => PHASE_ORDER[status?.phase ?? ''] ?? 0;
const createdMs = ({ metadata }: Pod): number => Date.parse((metadata?.creationTimestamp as string) ?? 0) || 0;

const most = (statuses: ReadonlyArray<{ restartCount: number }>): number =>
  Math.max(0, ...statuses.map(({ restartCount }) => restartCount));

const restarts = ({ status }: Pod): number => most(status?.containerStatuses ?? []);

function sidecarRestarts({ spec, status }: Pod): number {
  const sidecars = new Set(
    (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  return most((status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)));
}

/** The younger first; without a time before all others. */
const youngerFirst = (a: number, b: number): number => (a === 0 || b === 0 ? a - b : b - a);

/** What is worth the least first. */
export function leastFirst(a: Pod, b: Pod): number {
  return (
    isAssigned(a) - isAssigned(b) ||
    phaseOrder(a) - phaseOrder(b) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    (isReady(a) ? youngerFirst(readySinceMs(a), readySinceMs(b)) : 0) ||
    restarts(b) - restarts(a) ||
    sidecarRestarts(b) - sidecarRestarts(a) ||
    youngerFirst(createdMs(a), createdMs(b))
  );
}

/** At least so many, and always those with an index that another has too, that is too high, or missing. */
export function forRemoval(job: JobObject, active: readonly JobPod[], atLeast: number): JobPod[] {
  const { removed, left } = isIndexed(job) ? withoutDuplicates(job, active) : { removed: [], left: [...active] };
  if (removed.length >= atLeast) return removed;
  return [...removed, ...left.sort(leastFirst).slice(0, atLeast - removed.length)];
}

function withoutDuplicates({ spec }: JobObject, active: readonly JobPod[]): { removed: JobPod[]; left: JobPod[] } {
  const byIndex = new Map<number, JobPod[]>();
  const removed: JobPod[] = [];
  const left: JobPod[] = [];
  for (const pod of active) {
    const index = indexOf(pod);
    const pods = index === undefined ? undefined : byIndex.get(index);
    if (index === undefined || index >= (spec.completions ?? 0)) removed.push(pod);
    else if (pods === undefined) byIndex.set(index, [pod]);
    else pods.push(pod);
  }
  for (const pods of byIndex.values()) {
    const best = pods.sort(leastFirst).pop()!;
    removed.push(...pods);
    left.push(best);
  }
  return { removed, left };
}
