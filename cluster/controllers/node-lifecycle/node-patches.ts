/** What the node life cycle writes into nodes and their pods. Source: `pkg/controller/util/node/controller_utils.go` and `pkg/controller/controller_utils.go`, v1.37.2. */
import type { KubeObject, Node, Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { withPodCondition } from '../pod-conditions.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { timestamp } from '../timestamp.ts';
import { NODES, PODS } from '../types.ts';

export type NodeObject = Node & KubeObject;
export type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

export const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
export const UNREACHABLE: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };

const RETRIES = 5;

export const isSameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

export const hasTaint = ({ spec }: Node, taint: Taint): boolean =>
  spec?.taints?.some((each) => isSameTaint(each, taint)) === true;

/** Puts taints on and takes others off. Throws Refusal. */
export function* swapTaints(
  { client, clock }: ControllerContext,
  node: NodeObject,
  add: readonly Taint[],
  remove: readonly Taint[],
): Steps {
  let current = node;
  const target = { ...NODES, name: node.metadata?.name };
  for (let tries = 0; ; tries++) {
    const taints = current.spec?.taints ?? [];
    const left = taints.filter((taint) => !remove.some((each) => isSameTaint(each, taint)));
    const missing = add.filter((taint) => !left.some((each) => isSameTaint(each, taint)));
    if (missing.length === 0 && left.length === taints.length) return;
    const added = missing.map((taint) => ({ ...taint, timeAdded: timestamp(clock.nowMs) }));
    const { resourceVersion } = current.metadata ?? {};
    const patch = { metadata: { resourceVersion }, spec: { taints: [...left, ...added] } };
    try {
      yield* call((answer) => client.patch(target, 'merge', patch, {}, answer));
      return;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status.reason !== 'Conflict' || tries >= RETRIES) throw error;
      current = (yield* call<KubeObject>((answer) => client.get(target, answer))) as NodeObject;
    }
  }
}

/** Pods of a node that nobody hears of are not ready. Throws the first Refusal, at the end. */
export function* markPodsNotReady(
  { client, clock }: ControllerContext,
  events: EventRecorder,
  pods: Iterable<Pod & KubeObject>,
): Steps {
  let failed: Refusal | undefined;
  for (const pod of [...pods]) {
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready === undefined) continue;
    const { type, reason, message } = ready;
    const status = withPodCondition(pod, { type, status: 'False', reason, message }, clock.nowMs);
    if (status === undefined) continue;
    const { namespace, name } = pod.metadata ?? {};
    const target = { ...PODS, namespace, name, subresource: 'status' };
    try {
      yield* call((answer) => client.update(target, { ...pod, status } as KubeObject, {}, answer));
      events.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!error.isNotFound) failed ??= error;
    }
  }
  if (failed !== undefined) throw failed;
}
