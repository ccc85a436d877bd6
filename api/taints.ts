/** Taints and tolerations. Source: `api/core/v1/toleration.go` and `component-helpers/scheduling/corev1`, v0.37.2. */
import type { Taint, Toleration } from './types.ts';

/**
 * True when the toleration covers the taint. Gt and Lt need the gate TaintTolerationComparisonOperators, which is off in
 * v1.37, so they cover nothing.
 */
export function tolerationToleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  const { operator } = toleration;
  if (!operator || operator === 'Equal') return (toleration.value ?? '') === (taint.value ?? '');
  return operator === 'Exists';
}

/** The first taint of the wanted kind that nothing tolerates, in the node's order. */
export function firstUntoleratedTaint(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  wanted: (taint: Taint) => boolean,
): Taint | undefined {
  return taints.find(
    (taint) => wanted(taint) && !tolerations.some((toleration) => tolerationToleratesTaint(toleration, taint)),
  );
}

/** NoSchedule and NoExecute keep pods away; PreferNoSchedule only counts in scores. */
export const isDoNotScheduleTaint = (taint: Taint): boolean =>
  taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';
