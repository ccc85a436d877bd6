/**
 * What becomes of groups and their pods on their way into the API: those written in older ways are rewritten, and groups
 * get their priority, from a class as pods do, or from their first pod.
 */
import {
  admitGroupPriority,
  type CompositePodGroup,
  impliedGroup,
  joinOlderGroup,
  type KubeObject,
  modernGroup,
  type Pod,
  type PodGroup,
  PRIORITY_OF_PODS_ANNOTATION,
  type PriorityClass,
  priorityTable,
} from '../../api/index.ts';
import type { ApiError } from '../../scheduler/timed/api.ts';

export interface GroupStore {
  get(kind: string, key: string): KubeObject | undefined;
  list(kind: string): Iterable<KubeObject>;
  create(object: KubeObject): ApiError | undefined;
  replace(object: KubeObject): KubeObject;
}

/** The object as it is to be stored, or why it is refused. */
export function admitGroups(given: KubeObject, store: GroupStore): KubeObject | ApiError {
  if (given.kind === 'Pod') return admitMember(joinOlderGroup(given as Pod), store);
  const object = modernGroup(given);
  if (object.kind !== 'PodGroup' && object.kind !== 'CompositePodGroup') return object;
  if (takesPriorityOfPods(object)) return object;
  const priorities = priorityTable(store.list('PriorityClass') as Iterable<PriorityClass>);
  const admitted = admitGroupPriority(object as PodGroup | CompositePodGroup, priorities);
  return 'text' in admitted ? { reason: 'BadRequest', message: admitted.text } : admitted;
}

function admitMember(pod: Pod, store: GroupStore): Pod {
  const name = pod.spec?.schedulingGroup?.podGroupName;
  if (name === undefined) return pod;
  const key = `${pod.metadata?.namespace ?? 'default'}/${name}`;
  const implied = store.get('PodGroup', key) === undefined ? impliedGroup(pod) : undefined;
  if (implied !== undefined) store.create(implied);
  const group = store.get('PodGroup', key) as PodGroup | undefined;
  if (group !== undefined && takesPriorityOfPods(group) && group.spec.priority === undefined) {
    const { priority = 0, preemptionPolicy } = pod.spec ?? {};
    store.replace({ ...group, spec: { ...group.spec, priority, preemptionPolicy } } as PodGroup);
  }
  return pod;
}

const takesPriorityOfPods = ({ metadata }: KubeObject): boolean =>
  metadata?.annotations?.[PRIORITY_OF_PODS_ANNOTATION] !== undefined;
