/**
 * DeferredPodScheduling: keeps running pods whose resize has to wait in the queue, so that room can be made for them, behind
 * the gate InPlacePodVerticalScalingSchedulerPreemption. Without that gate, which is off upstream and not in berth, the
 * plugin takes part wherever a configuration names it and never objects.
 * Source: `plugins/deferredpodscheduling/deferred_pod_scheduling.go`, v1.37.2.
 */
import { Action, type PluginDefinition } from '../scheduler/plugin.ts';

export const deferredPodScheduling: PluginDefinition = {
  name: 'DeferredPodScheduling',
  points: ['preFilter', 'filter', 'permit'],
  dependsOn: { filter: 'node' },
  create: () => ({
    events: [
      { resource: 'Node', action: Action.UpdateNodePreemptionPolicy, hint: () => 'Skip' },
      { resource: 'Node', action: Action.Add, hint: () => 'Skip' },
    ],
    preFilter: () => ({ skip: true }),
    compileFilter: () => ({ filter: () => 0, status: () => ({ code: 'Success', reasons: [] }) }),
    permit: () => undefined,
  }),
};
