/** SchedulingGates: a pod with gates does not enter the queue. Source: `plugins/schedulinggates/scheduling_gates.go`, v1.37.2. */
import { Action, type PluginDefinition, unresolvable } from '../scheduler/plugin.ts';

export const schedulingGates: PluginDefinition = {
  name: 'SchedulingGates',
  points: ['preEnqueue'],
  create: () => ({
    events: [{ resource: 'TargetPod', action: Action.UpdatePodSchedulingGatesEliminated }],
    preEnqueue: ({ pod }) => {
      const gates = pod.spec?.schedulingGates;
      if (!gates || gates.length === 0) return undefined;
      return unresolvable(`waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`);
    },
  }),
};
