/** Conditions of a Job. Source: `pkg/controller/job/job_controller.go`, v1.37.2. */
import { timestamp } from '../timestamp.ts';
import type { Job, JobCondition } from '../types.ts';

export function condition(type: string, status: string, reason: string, message: string, nowMs: number): JobCondition {
  const now = timestamp(nowMs);
  return { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message };
}

export const trueConditionOf = ({ status }: Job, type: string): JobCondition | undefined =>
  status?.conditions?.find((each) => each.type === type && each.status === 'True');

/** The same list when there is nothing to change; what was never true is not said to be false. */
export function withCondition(conditions: readonly JobCondition[], next: JobCondition): readonly JobCondition[] {
  const before = conditions.find(({ type }) => type === next.type);
  if (before === undefined) return next.status === 'False' ? conditions : [...conditions, next];
  const isSame = before.status === next.status && before.reason === next.reason && before.message === next.message;
  return isSame ? conditions : conditions.map((each) => (each === before ? next : each));
}
