/** What a recording has from outside its steps: the clock on the wall, and the nodes of other scenarios beside it. */
import type { Fields, Scenario } from './scenario.ts';

const MINUTE_MS = 60_000;
/** A CronJob is late by so much, at the most. */
const LATE_MS = 300;

/** When to begin so that minutes end where they did: CronJobs go by the minute. */
export function startOf({ history = [] }: Scenario, earliestMs: number): number {
  const first = history.find(({ type, key }) => type === 'ADDED' && /^Job\/.*<m1>$/.test(key));
  if (first === undefined) return earliestMs;
  const markMs = earliestMs + first.t - LATE_MS;
  return earliestMs + (Math.ceil(markMs / MINUTE_MS) * MINUTE_MS - markMs);
}

export interface LostPod {
  readonly t: number;
  /** As the recording names it. */
  readonly name: string;
  readonly conditions: readonly Fields[];
}

/** Pods that the scheduler had put on a node of another scenario, which ended. */
export function lostPods({ nodes, history = [] }: Scenario): LostPod[] {
  if (nodes !== 'shared') return [];
  return history.flatMap(({ t, type, key, patch }) => {
    const status = patch?.status as { conditions?: readonly Fields[] } | undefined;
    const conditions = status?.conditions?.filter(({ reason }) => reason === 'DeletionByPodGC') ?? [];
    return type === 'MODIFIED' && conditions.length > 0 ? [{ t, name: key.slice('Pod/'.length), conditions }] : [];
  });
}
