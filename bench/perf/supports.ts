/** What a workload needs that berth does not have: it is then named with the reason, and not run. */
import type { KubeObject, Pod } from '../../api/index.ts';
import { KNOWN_KINDS } from '../../cluster/simulation/index.ts';
import { FEATURE_GATES, type FeatureGates } from '../../scheduler/feature-gates.ts';
import type { PluginRegistry } from '../../scheduler/index.ts';
import type { ResolvedWorkload } from './schema/test-case.ts';
import type { UsedObject } from './template-uses.ts';

/**
 * Gates that the decisions of a scheduler without devices do not depend on, as far as suites set them, and values at which
 * berth's scheduler is what the gate makes of upstream's. Signatures for batches speed upstream up; berth keeps classes anyway.
 */
const SETTLED_GATES: Readonly<Record<string, readonly boolean[]>> = {
  OpportunisticBatching: [true, false],
  InPlacePodVerticalScaling: [true],
  NodeInclusionPolicyInPodTopologySpread: [true],
  NodeDeclaredFeatures: [true, false],
  DynamicResourceAllocation: [true, false],
};

/** Gates of device allocation; they matter to workloads that have devices. */
const DEVICE_GATE = /^DRA[A-Z]/;
const DEVICE_GROUP = 'resource.k8s.io/';

const isModelled = (gate: string): boolean => Object.hasOwn(FEATURE_GATES, gate);

/** The gates that are handed to the scheduler. */
export const modelledGates = (gates: Readonly<Record<string, boolean>>): Partial<FeatureGates> =>
  Object.fromEntries(Object.entries(gates).filter(([gate]) => isModelled(gate)));

/** Undefined when it can be run. */
export function unsupported(
  { gates, ops }: ResolvedWorkload,
  objects: readonly UsedObject[],
  registry: PluginRegistry,
): string | undefined {
  const isGroupsGate = gates.GenericWorkload === true;
  if (isGroupsGate && !registry.has('GangScheduling')) return 'scheduling pods in groups (PodGroup) is not built yet';
  if (gates.TopologyAwareWorkloadScheduling && !registry.has('TopologyPlacementGenerator')) {
    return 'placing groups by topology is not built yet';
  }
  const usesDevices =
    ops.some(({ opcode }) => opcode === 'allocResourceClaims') || objects.some(({ object }) => needsDevices(object));
  const schedules = ops.some(({ opcode }) => opcode === 'createPods');
  if (usesDevices && schedules) return 'allocating devices to resource claims (DRA) is not built yet';
  for (const [gate, isOn] of Object.entries(gates)) {
    if (isModelled(gate) || DEVICE_GATE.test(gate) || SETTLED_GATES[gate]?.includes(isOn)) continue;
    return `what the feature gate ${gate}=${isOn} changes is not known here`;
  }
  const stranger = objects.find(({ object }) => !KNOWN_KINDS.includes(object.kind ?? ''));
  return stranger && `objects of kind ${stranger.object.kind} are not kept`;
}

function needsDevices(object: KubeObject): boolean {
  if (object.apiVersion?.startsWith(DEVICE_GROUP)) return true;
  return object.kind === 'Pod' && ((object as Pod).spec?.resourceClaims?.length ?? 0) > 0;
}
