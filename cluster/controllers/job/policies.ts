/** Pod failure policy and success policy. Source: `pkg/controller/job/{pod_failure_policy,success_policy}.go`, v1.37.2. */
import type { Pod } from '../../../api/index.ts';
import type { JobSpec } from '../types.ts';
import { type Intervals, overlap, parseIntervals, total } from './intervals.ts';

type FailureRule = NonNullable<JobSpec['podFailurePolicy']>['rules'][number];
type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

export interface FailureVerdict {
  /** Counts towards the back-off limits. */
  readonly isCounted: boolean;
  /** Undefined where no rule matches. */
  readonly action?: string;
  /** Of rules that fail the whole Job. */
  readonly message?: string;
}

export function verdictOn({ podFailurePolicy }: JobSpec, pod: Pod): FailureVerdict {
  for (const [i, rule] of (podFailurePolicy?.rules ?? []).entries()) {
    const why = whyMatched(rule, pod);
    if (why === undefined) continue;
    const { action } = rule;
    if (action === 'Ignore') return { isCounted: false, action };
    if (action === 'FailJob')
      return { isCounted: true, action, message: `${why} matching ${action} rule at index ${i}` };
    if (action === 'FailIndex' || action === 'Count') return { isCounted: true, action };
  }
  return { isCounted: true };
}

function whyMatched({ onExitCodes, onPodConditions }: FailureRule, pod: Pod): string | undefined {
  const { namespace, name } = pod.metadata ?? {};
  if (onExitCodes !== undefined && onExitCodes !== null) {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
    const found = [...containerStatuses, ...initContainerStatuses].find((status) => hasExited(status, onExitCodes));
    if (found === undefined) return undefined;
    return `Container ${found.name} for pod ${namespace}/${name} failed with exit code ${found.state?.terminated?.exitCode}`;
  }
  const found = pod.status?.conditions?.find(({ type, status }) =>
    onPodConditions?.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status),
  );
  return found && `Pod ${namespace}/${name} has condition ${found.type}`;
}

function hasExited({ name, state }: ContainerStatus, rule: NonNullable<FailureRule['onExitCodes']>): boolean {
  const code = state?.terminated?.exitCode ?? 0;
  if (code === 0 || (rule.containerName !== undefined && rule.containerName !== name)) return false;
  if (rule.operator === 'In') return rule.values.includes(code);
  return rule.operator === 'NotIn' && !rule.values.includes(code);
}

/** Why the Job has succeeded already; undefined when it has not. */
export function successOf({ successPolicy, completions = 0 }: JobSpec, succeeded: Intervals): string | undefined {
  for (const [i, { succeededIndexes, succeededCount }] of (successPolicy?.rules ?? []).entries()) {
    if (isMet(succeededIndexes, succeededCount, completions, succeeded)) return `Matched rules at index ${i}`;
  }
  return undefined;
}

function isMet(indexes: string | undefined, count: number | undefined, completions: number, succeeded: Intervals) {
  if (indexes === undefined) return count !== undefined && total(succeeded) >= count;
  const required = parseIntervals(indexes, completions);
  if (required.length === 0) return false;
  const met = overlap(required, succeeded);
  return met === total(required) || (count !== undefined && met >= count);
}
