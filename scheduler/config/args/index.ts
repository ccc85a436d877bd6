/** The arguments of in-tree plugins, by plugin. Upstream keeps them with the configuration too, not with the plugins. */
import { defaultPreemptionArgs } from './default-preemption.ts';
import type { ArgsDefinition } from './definition.ts';
import { dynamicResourcesArgs } from './dynamic-resources.ts';
import { interPodAffinityArgs } from './inter-pod-affinity.ts';
import { nodeAffinityArgs } from './node-affinity.ts';
import { nodeResourcesBalancedAllocationArgs } from './node-resources-balanced-allocation.ts';
import { nodeResourcesFitArgs } from './node-resources-fit.ts';
import { podTopologySpreadArgs } from './pod-topology-spread.ts';
import { volumeBindingArgs } from './volume-binding.ts';

export const argsDefinitions: ReadonlyMap<string, ArgsDefinition> = new Map(
  (
    [
      defaultPreemptionArgs,
      dynamicResourcesArgs,
      interPodAffinityArgs,
      nodeAffinityArgs,
      nodeResourcesBalancedAllocationArgs,
      nodeResourcesFitArgs,
      podTopologySpreadArgs,
      volumeBindingArgs,
    ] as readonly ArgsDefinition[]
  ).map((definition) => [definition.plugin, definition]),
);
