/** Walks through groups. Source: `plugins/helper/podgroup.go`, v1.37.2. */
import type { GroupKey, GroupMembers, GroupView } from '../../scheduler/plugin.ts';

/** The members of every PodGroup below the group, or of the PodGroup itself. */
export function* membersBelow(key: GroupKey, groups: GroupView): Generator<GroupMembers> {
  if (groups.compositePodGroup(key) !== undefined) {
    for (const child of groups.children(key)) yield* membersBelow(child, groups);
    return;
  }
  const members = groups.members(key);
  if (members !== undefined) yield members;
}
