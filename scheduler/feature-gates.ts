/** The feature gates that change how scheduling runs over time. Source: `pkg/features/kube_features.go`, v1.37.2. */

export const FEATURE_GATES = {
  /** Pods whose back-off is not over are tried when nothing else waits. */
  SchedulerPopFromBackoffQ: true,
  /** Victims are evicted after the cycle instead of within it. */
  SchedulerAsyncPreemption: true,
  /** Status patches and bindings are queued per object and sent beside the scheduling cycles. */
  SchedulerAsyncAPICalls: false,
  /** The chosen node is written to the pod's status before a binding that takes time. */
  NominatedNodeNameForExpectation: true,
  GenericWorkload: false,
} as const satisfies Record<string, boolean>;

export type FeatureGate = keyof typeof FEATURE_GATES;
export type FeatureGates = Readonly<Record<FeatureGate, boolean>>;

/** The defaults of v1.37 with the given differences. */
export const featureGates = (differences: Partial<FeatureGates> = {}): FeatureGates => ({
  ...FEATURE_GATES,
  ...differences,
});
