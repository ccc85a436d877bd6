/**
 * Puts pods on nodes for as long as a group is being thought about. What is done is undone in reverse order, which leaves
 * everything as it was, lists of pods included.
 * Source: `assumeAndReserve` and `unreserveAndForget` in `pkg/scheduler/schedule_one.go`, v1.37.2.
 */
import { specOnNode } from '../../api/spec-on-node.ts';
import type { SchedulerCore } from '../core.ts';
import { type Failure, reserve, unreserve } from '../cycle-steps.ts';
import type { Framework } from '../framework.ts';
import type { PodInfo } from '../plugin.ts';

export type Undo = () => void;

/** Undoes the last first. */
export function undoAll(undos: Undo[]): void {
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) undo();
}

/** The pod with the node that it is to run on. */
export const onNode = (pod: PodInfo, nodeName: string): PodInfo => ({
  ...pod,
  pod: { ...pod.pod, spec: specOnNode(pod.pod.spec!, nodeName) },
});

export function placeTentatively(
  { cluster, nominator }: SchedulerCore,
  framework: Framework,
  pod: PodInfo,
  row: number,
): Failure | Undo {
  const nodeName = cluster.nodeName(row);
  const placed = onNode(pod, nodeName);
  cluster.addPodInfo(placed, nodeName);
  cluster.groups.assume(placed);
  nominator.delete(pod.uid);
  const undo = (): void => {
    unreserve(framework, placed, row, cluster);
    cluster.removePod(pod.uid);
    cluster.groups.forget(placed);
    const promised = pod.pod.status?.nominatedNodeName;
    if (promised) nominator.add(pod, promised);
  };
  const refused = reserve(framework, placed, row, cluster);
  if (refused === undefined) return undo;
  undo();
  return refused;
}

/**
 * Plugins with a Reserve keep what they found out in the pod's own cycle, and other pods have had theirs meanwhile: lets
 * them find it out again. Nothing has changed, so they find the same.
 */
export function remindPlugins({ cluster }: SchedulerCore, framework: Framework, pod: PodInfo, row: number): void {
  for (const { plugin } of framework.reserve) {
    if (plugin.reserve === undefined || plugin.concerns?.(pod, cluster) === false) continue;
    const { state, skip } = plugin.preFilter?.(pod, cluster) ?? {};
    if (skip !== true) plugin.compileFilter?.(pod, cluster, state).filter(row);
  }
}
