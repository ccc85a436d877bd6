/**
 * PodGroupPodsCount: the more pods of a group fit a placement, the better.
 * Source: `plugins/podgrouppodscount/podgroup_pods_count.go`, v1.37.2.
 *
 * Cost: O(groups of the tree) per placement.
 */
import type { PluginDefinition } from '../scheduler/plugin.ts';
import { membersBelow } from './helper/group-tree.ts';

const MAX_SCORE = 100;

export const podGroupPodsCount: PluginDefinition = {
  name: 'PodGroupPodsCount',
  points: ['placementScore'],
  create: () => ({
    placementScore: (group, { pods }, { groups }) => {
      let count = pods.length;
      for (const { scheduledCount } of membersBelow(group.key, groups)) count += scheduledCount;
      return count;
    },
    normalizePlacementScores: (scores) => {
      const most = scores.reduce((a, b) => Math.max(a, b), 0);
      if (most === 0) {
        const message = 'no pods from pod group are assigned to any of the candidate placements';
        return { code: 'Error', reasons: [message] };
      }
      for (const [i, count] of scores.entries()) scores[i] = Math.trunc((count * MAX_SCORE) / most);
      return undefined;
    },
  }),
};
