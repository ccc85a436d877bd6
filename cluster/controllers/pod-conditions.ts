/** Conditions of pods that controllers write. Source: `pkg/api/v1/pod/util.go` (`UpdatePodCondition`), v1.37.2. */
import type { KubeObject, Pod } from '../../api/index.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { call, type Steps } from './steps.ts';
import { timestamp } from './timestamp.ts';
import { PODS } from './types.ts';

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Undefined when the pod says so already. */
export function withPodCondition(pod: Pod, condition: PodCondition, nowMs: number): Pod['status'] | undefined {
  const conditions = pod.status?.conditions ?? [];
  const old = conditions.find(({ type }) => type === condition.type);
  const isSame =
    old?.status === condition.status &&
    (old.reason ?? '') === (condition.reason ?? '') &&
    (old.message ?? '') === (condition.message ?? '');
  if (isSame) return undefined;
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : timestamp(nowMs);
  const next = { ...condition, lastTransitionTime };
  const all = old === undefined ? [...conditions, next] : conditions.map((each) => (each === old ? next : each));
  return { ...pod.status, conditions: all };
}

/** Writes a status over what the API has, and not over another pod of that name. Throws Refusal. */
export function* writePodStatus(client: ApiClient, pod: Pod, status: Pod['status']): Steps {
  const { namespace, name, uid } = pod.metadata ?? {};
  const patch = { metadata: { uid }, status };
  const target = { ...PODS, namespace, name, subresource: 'status' };
  yield* call<KubeObject>((answer) => client.patch(target, 'strategic', patch, {}, answer));
}
