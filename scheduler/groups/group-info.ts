/** A queued group as its scheduling cycle sees it: the tree as it is now, with the pods that are to be placed. */
import type { GroupInfo, GroupKey, PodInfo } from '../plugin.ts';
import { type GroupObject, groupPriority } from './group-forest.ts';
import type { GroupStates } from './group-states.ts';

export function groupInfo(
  key: GroupKey,
  states: GroupStates,
  podsOf: (leaf: GroupKey) => readonly PodInfo[],
): GroupInfo {
  const podGroup = states.podGroup(key);
  const compositePodGroup = states.compositePodGroup(key);
  const object = (podGroup ?? compositePodGroup) as GroupObject;
  const { namespace = 'default', name = '', uid = '' } = object.metadata ?? {};
  const children = states
    .children(key)
    .map((child) => groupInfo(child, states, podsOf))
    .sort(byAge);
  return {
    key,
    namespace,
    name,
    uid,
    priority: groupPriority(object),
    podGroup,
    compositePodGroup,
    children,
    pods: podGroup === undefined ? children.flatMap(({ pods }) => pods) : podsOf(key),
  };
}

const createdAt = ({ podGroup, compositePodGroup }: GroupInfo): number =>
  Date.parse(String((podGroup ?? compositePodGroup)?.metadata?.creationTimestamp ?? 0)) || 0;

/** The oldest first, then by name. */
function byAge(a: GroupInfo, b: GroupInfo): number {
  const [ageA, ageB] = [createdAt(a), createdAt(b)];
  if (ageA !== ageB) return ageA - ageB;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** The group and everything below it, parents first. */
export function* groupsIn(group: GroupInfo): Generator<GroupInfo> {
  yield group;
  for (const child of group.children) yield* groupsIn(child);
}
