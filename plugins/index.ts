/** The registry of in-tree plugins. Source: `pkg/scheduler/framework/plugins/registry.go`, v1.37.2. */
import type { PluginDefinition } from '../scheduler/plugin.ts';
import { defaultBinder } from './default-binder.ts';
import { defaultPreemption } from './default-preemption.ts';
import { deferredPodScheduling } from './deferred-pod-scheduling.ts';
import { dynamicResources } from './dynamic-resources/index.ts';
import { gangScheduling } from './gang-scheduling.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity/index.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { podGroupPodsCount } from './pod-group-pods-count.ts';
import { podTopologySpread } from './pod-topology-spread/index.ts';
import { prioritySort } from './priority-sort.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { topologyPlacementGenerator } from './topology-placement-generator.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

const definitions: readonly PluginDefinition[] = [
  schedulingGates,
  prioritySort,
  nodeName,
  nodeUnschedulable,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  podTopologySpread,
  interPodAffinity,
  dynamicResources,
  defaultPreemption,
  nodeResourcesBalancedAllocation,
  imageLocality,
  defaultBinder,
  nodeDeclaredFeatures,
  deferredPodScheduling,
  gangScheduling,
  topologyPlacementGenerator,
  podGroupPodsCount,
];

/** Name → definition of every in-tree plugin. */
export const inTreePlugins: ReadonlyMap<string, PluginDefinition> = new Map(
  definitions.map((definition) => [definition.name, definition]),
);

/** Plugins that are an expression in the configuration; their parser is loaded where one is named. */
export const expressionPlugins = {
  prefix: 'Expression/',
  make: async (name: string, args: unknown): Promise<PluginDefinition> =>
    (await import('./expression/index.ts')).expressionPlugin(name, args),
} as const;
