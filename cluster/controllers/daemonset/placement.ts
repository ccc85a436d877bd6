/** Where pods of a DaemonSet are missing, and which are too many. Source: `pkg/controller/daemon/daemon_controller.go` (`manage`), v1.37.2. */
import type { Node, Pod } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import { isReady } from '../pod-state.ts';
import { allowsSurge, type DaemonPod, HASH_LABEL, isAvailable, oldestFirst, type SetObject } from './daemon-pods.ts';
import type { Fit } from './fit.ts';

export interface Placement {
  readonly make: string[];
  readonly remove: DaemonPod[];
}

export interface PlacementInput {
  readonly set: SetObject;
  readonly hash: string;
  readonly nodes: Iterable<Node>;
  readonly podsOn: ReadonlyMap<string, readonly DaemonPod[]>;
  readonly nowMs: number;
  fitOf(node: Node): Fit;
  /** May it be replaced now? Says so to the user when it may. */
  mayReplace(pod: DaemonPod, node: string): boolean;
}

export function placementOf(input: PlacementInput): Placement {
  const { nodes, podsOn, fitOf } = input;
  const placement: Placement = { make: [], remove: [] };
  const known = new Set<string>();
  for (const node of nodes) {
    const name = node.metadata?.name ?? '';
    known.add(name);
    const pods = podsOn.get(name);
    const { shouldRun, mayStay } = fitOf(node);
    if (pods === undefined) {
      if (shouldRun) placement.make.push(name);
    } else if (mayStay) placeOn(input, name, pods, shouldRun, placement);
    else placement.remove.push(...pods.filter((pod) => !isTerminating(pod)));
  }
  // Meant for nodes that are gone.
  for (const [name, pods] of podsOn) {
    if (!known.has(name)) placement.remove.push(...pods.filter(({ spec }) => !spec?.nodeName));
  }
  return placement;
}

function placeOn(
  input: PlacementInput,
  node: string,
  pods: readonly DaemonPod[],
  shouldRun: boolean,
  { make, remove }: Placement,
): void {
  const running: DaemonPod[] = [];
  for (const pod of pods) {
    if (isTerminating(pod)) continue;
    if (pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded') running.push(pod);
    else if (input.mayReplace(pod, node)) remove.push(pod);
  }
  running.sort(oldestFirst);
  if (!allowsSurge(input.set)) remove.push(...running.slice(1));
  else if (running.length === 0) {
    if (shouldRun) make.push(node);
  } else if (running.length > 1) remove.push(...surplus(input, running));
}

/** One old and one new pod may be there at a time; the old one goes when the new one is available, or it is not ready itself. */
function surplus({ set, hash, nowMs }: PlacementInput, running: readonly DaemonPod[]): DaemonPod[] {
  const isNew = (pod: Pod): boolean => pod.metadata?.labels?.[HASH_LABEL] === hash;
  const fresh = running.find(isNew);
  const old = running.find((pod) => !isNew(pod));
  const others = running.filter((pod) => pod !== fresh && pod !== old);
  if (fresh === undefined || old === undefined) return others;
  return !isReady(old) || isAvailable(set, fresh, nowMs) ? [...others, old] : others;
}
