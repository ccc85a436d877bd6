/** What a workload needs that berth does not have: it is then named with the reason, and not run. */
import { KNOWN_KINDS } from '../../cluster/simulation/index.ts';
import { FEATURE_GATES, type FeatureGates } from '../../scheduler/feature-gates.ts';
import type { PluginRegistry } from '../../scheduler/index.ts';
import type { ResolvedWorkload } from './schema/test-case.ts';
import type { UsedObject } from './template-uses.ts';

/**
 * Gates at values at which berth's scheduler is what they make of upstream's. Signatures for batches speed upstream up;
 * berth keeps classes of pods anyway.
 */
const SETTLED_GATES: Readonly<Record<string, readonly boolean[]>> = {
  DRAAdminAccess: [true],
  DRAConsumableCapacity: [true],
  DRADeviceBindingConditions: [true],
  DRADeviceTaintRules: [true],
  DRADeviceTaints: [true],
  DRAExtendedResource: [true],
  DRAPartitionableDevices: [true],
  DRAPrioritizedList: [true],
  DRAResourceClaimDeviceStatus: [true],
  DynamicResourceAllocation: [true],
  InPlacePodVerticalScaling: [true],
  NodeDeclaredFeatures: [true, false],
  NodeInclusionPolicyInPodTopologySpread: [true],
  OpportunisticBatching: [true, false],
};

const isModelled = (gate: string): boolean => Object.hasOwn(FEATURE_GATES, gate);

/** The gates that are handed to the scheduler. */
export const modelledGates = (gates: Readonly<Record<string, boolean>>): Partial<FeatureGates> =>
  Object.fromEntries(Object.entries(gates).filter(([gate]) => isModelled(gate)));

/** Undefined when it can be run. */
export function unsupported(
  { gates }: ResolvedWorkload,
  objects: readonly UsedObject[],
  registry: PluginRegistry,
): string | undefined {
  const isGroupsGate = gates.GenericWorkload === true;
  if (isGroupsGate && !registry.has('GangScheduling')) return 'scheduling pods in groups (PodGroup) is not built yet';
  if (gates.TopologyAwareWorkloadScheduling && !registry.has('TopologyPlacementGenerator')) {
    return 'placing groups by topology is not built yet';
  }
  for (const [gate, isOn] of Object.entries(gates)) {
    if (isModelled(gate) || SETTLED_GATES[gate]?.includes(isOn)) continue;
    return `what the feature gate ${gate}=${isOn} changes is not built yet`;
  }
  const stranger = objects.find(({ object }) => !KNOWN_KINDS.includes(object.kind ?? ''));
  return stranger && `objects of kind ${stranger.object.kind} are not kept`;
}
