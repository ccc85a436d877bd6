/** The feature gates that change how scheduling runs over time. Source: `pkg/features/kube_features.go`, v1.37.2. */
import { InputError } from '../api/index.ts';

export const FEATURE_GATES = {
  /** Pods whose back-off is not over are tried when nothing else waits. */
  SchedulerPopFromBackoffQ: true,
  /** Victims are evicted after the cycle instead of within it. */
  SchedulerAsyncPreemption: true,
  /** Status patches and bindings are queued per object and sent beside the scheduling cycles. */
  SchedulerAsyncAPICalls: false,
  /** The chosen node is written to the pod's status before a binding that takes time. */
  NominatedNodeNameForExpectation: true,
  /** The pods of a PodGroup are scheduled together. */
  GenericWorkload: false,
  /** A group can be confined to one domain of a topology. */
  TopologyAwareWorkloadScheduling: false,
  /** Groups can have groups for members. */
  CompositePodGroup: false,
  /** The preemption policy of a group counts, instead of that of its pods. */
  PodGroupPreemptionPolicy: false,
} as const satisfies Record<string, boolean>;

export type FeatureGate = keyof typeof FEATURE_GATES;
export type FeatureGates = Readonly<Record<FeatureGate, boolean>>;

const NEEDS: Readonly<Partial<Record<FeatureGate, readonly FeatureGate[]>>> = {
  TopologyAwareWorkloadScheduling: ['GenericWorkload'],
  CompositePodGroup: ['GenericWorkload', 'TopologyAwareWorkloadScheduling'],
  PodGroupPreemptionPolicy: ['GenericWorkload'],
};

/** The defaults of v1.37 with the given differences. @throws InputError when a gate is on without those that it needs */
export function featureGates(differences: Partial<FeatureGates> = {}): FeatureGates {
  const gates: FeatureGates = { ...FEATURE_GATES, ...differences };
  for (const [gate, needs] of Object.entries(NEEDS) as Array<[FeatureGate, readonly FeatureGate[]]>) {
    const missing = gates[gate] ? needs.filter((need) => !gates[need]) : [];
    if (missing.length > 0) {
      throw new InputError(`${gate} is enabled, but depends on features that are disabled: [${missing.join(' ')}]`);
    }
  }
  return gates;
}
