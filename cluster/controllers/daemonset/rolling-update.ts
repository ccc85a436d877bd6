/** Replaces the pods of a DaemonSet, so many at a time. Source: `pkg/controller/daemon/update.go` (`rollingUpdate`), v1.37.2. */
import { isTerminating } from '../owners.ts';
import { type DaemonPod, isAvailable, isUpdated, type SetObject, surgeOf, unavailableOf } from './daemon-pods.ts';
import type { Placement } from './placement.ts';

export interface RollingInput {
  readonly set: SetObject;
  readonly hash: string;
  /** Every node that should have a pod, and every one that has. */
  readonly podsOn: ReadonlyMap<string, readonly DaemonPod[]>;
  readonly wantedNodes: ReadonlySet<string>;
  readonly nowMs: number;
}

interface OnNode {
  readonly fresh: DaemonPod | undefined;
  readonly old: DaemonPod | undefined;
}

/** Undefined when there are two of a kind: `manage` sees to that first. */
function onNode({ set, hash }: RollingInput, pods: readonly DaemonPod[]): OnNode | undefined {
  const alive = pods.filter((pod) => !isTerminating(pod));
  const fresh = alive.filter((pod) => isUpdated(set, pod, hash));
  const old = alive.filter((pod) => !fresh.includes(pod));
  return fresh.length > 1 || old.length > 1 ? undefined : { fresh: fresh[0], old: old[0] };
}

export function rollingStep(input: RollingInput): Placement {
  const { set, wantedNodes } = input;
  const surge = surgeOf(set, wantedNodes.size);
  if (surge > 0) return withSurge(input, surge);
  return withoutSurge(input, unavailableOf(set, wantedNodes.size) || (wantedNodes.size > 0 ? 1 : 0));
}

function withoutSurge(input: RollingInput, maxUnavailable: number): Placement {
  const { set, podsOn, nowMs } = input;
  let unavailable = 0;
  const free: DaemonPod[] = [];
  const candidates: DaemonPod[] = [];
  for (const pods of podsOn.values()) {
    const { fresh, old } = onNode(input, pods) ?? {};
    if ((fresh === undefined) === (old === undefined)) unavailable++;
    else if (fresh !== undefined) {
      if (!isAvailable(set, fresh, nowMs)) unavailable++;
    } else if (!isAvailable(set, old!, nowMs)) {
      // Costs no availability.
      free.push(old!);
      unavailable++;
    } else candidates.push(old!);
  }
  return { make: [], remove: [...free, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] };
}

function withSurge(input: RollingInput, maxSurge: number): Placement {
  const { set, podsOn, wantedNodes, nowMs } = input;
  let surging = 0;
  let available = 0;
  const remove: DaemonPod[] = [];
  /** On nodes that are no longer wanted: they go as far as others are there. */
  const spare: DaemonPod[] = [];
  const free: string[] = [];
  const candidates: string[] = [];
  for (const [node, pods] of podsOn) {
    const found = onNode(input, pods);
    if (found === undefined) {
      surging++;
      continue;
    }
    const { fresh, old } = found;
    const shown = old ?? fresh;
    const isUp = shown !== undefined && isAvailable(set, shown, nowMs);
    if (isUp) available++;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (isAvailable(set, fresh, nowMs)) remove.push(old);
      else surging++;
    } else if (!wantedNodes.has(node)) (isUp ? spare : remove).push(old);
    else (isUp ? candidates : free).push(node);
  }
  remove.push(...spare.slice(0, Math.max(0, available - wantedNodes.size)));
  return { make: [...free, ...candidates.slice(0, Math.max(0, maxSurge - surging))], remove };
}
