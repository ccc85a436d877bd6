/** PrioritySort: the more important pod first, then the one that waits longer. Source: `plugins/queuesort/priority_sort.go`, v1.37.2. */
import type { PluginDefinition } from '../scheduler/plugin.ts';

export const prioritySort: PluginDefinition = {
  name: 'PrioritySort',
  points: ['queueSort'],
  create: () => ({
    less: (a, b) => a.priority > b.priority || (a.priority === b.priority && a.timestamp < b.timestamp),
  }),
};
