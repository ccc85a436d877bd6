/**
 * Taints of devices. Source: `taintPreventsAllocation` in
 * `dynamic-resource-allocation/structured/internal/incubating/allocator_incubating.go` and
 * `dynamic-resource-allocation/resourceclaim/devicetoleration.go`, v0.37.2.
 */
import type { DeviceTaint, DeviceToleration } from '../../../api/index.ts';

const isHindering = ({ effect }: DeviceTaint): boolean => effect === 'NoSchedule' || effect === 'NoExecute';

export const toleratesAll = (
  taints: readonly DeviceTaint[] | undefined,
  tolerations: readonly DeviceToleration[] | undefined,
): boolean =>
  (taints ?? []).every(
    (taint) => !isHindering(taint) || (tolerations ?? []).some((toleration) => tolerates(toleration, taint)),
  );

function tolerates({ key, operator, value, effect }: DeviceToleration, taint: DeviceTaint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === 'Exists' || ((!operator || operator === 'Equal') && (value ?? '') === (taint.value ?? ''));
}
