/**
 * Groups of pods, as far as scheduling them depends on it. Source: `pkg/apis/scheduling/validation/validation.go` and the
 * declarative rules in `k8s.io/api/scheduling/{v1beta1,v1alpha3}/types.go`, v1.37.2.
 */
import { type FieldError, invalidValue, Rendered, requiredValue } from '../field-error.ts';
import { olderSpecOf } from '../older-groups.ts';
import type { CompositePodGroup, PodGroup } from '../types.ts';
import { labelKeyProblems } from './labels.ts';
import { metadataProblems } from './metadata.ts';
import { isSubdomain } from './names.ts';
import { preemptionPolicyProblems } from './pod.ts';
import { HIGHEST_USER_PRIORITY } from './policy.ts';

const NAMESPACED = { name: isSubdomain, namespaced: true };

export function podGroupProblems(group: PodGroup): FieldError[] {
  const older = olderSpecOf(group);
  if (older !== undefined) {
    return [
      ...metadataProblems(group.metadata, NAMESPACED),
      ...atLeast('spec.minMember', older.minMember, 1),
      ...atLeast('spec.scheduleTimeoutSeconds', older.scheduleTimeoutSeconds, 0),
    ];
  }
  const { gang } = group.spec?.schedulingPolicy ?? {};
  return [
    ...groupProblems(group),
    ...(gang ? countProblems('spec.schedulingPolicy.gang.minCount', gang.minCount) : []),
  ];
}

export function compositePodGroupProblems(group: CompositePodGroup): FieldError[] {
  const { gang } = group.spec?.schedulingPolicy ?? {};
  const path = 'spec.schedulingPolicy.gang.minGroupCount';
  return [...groupProblems(group), ...(gang ? countProblems(path, gang.minGroupCount) : [])];
}

/** What both kinds have in common. */
function groupProblems({ metadata, spec }: PodGroup | CompositePodGroup): FieldError[] {
  const errors = metadataProblems(metadata, NAMESPACED);
  const { schedulingPolicy, schedulingConstraints, disruptionMode, priority, preemptionPolicy } = spec ?? {};
  errors.push(...unionProblems('spec.schedulingPolicy', schedulingPolicy ?? {}, ['basic', 'gang']));
  if (disruptionMode !== undefined) {
    errors.push(...unionProblems('spec.disruptionMode', disruptionMode, ['single', 'all']));
  }
  const topology = schedulingConstraints?.topology ?? [];
  const path = 'spec.schedulingConstraints.topology';
  if (topology.length > 1) errors.push(invalidValue(path, topology.length, 'must have at most 1 item'));
  for (const [i, { key }] of topology.entries()) {
    if (!key) errors.push(requiredValue(`${path}[${i}].key`));
    else errors.push(...labelKeyProblems(`${path}[${i}].key`, key));
  }
  if (priority !== undefined && priority > HIGHEST_USER_PRIORITY) {
    errors.push(invalidValue('spec.priority', priority, `must be less than or equal to ${HIGHEST_USER_PRIORITY}`));
  }
  return [...errors, ...preemptionPolicyProblems('spec.preemptionPolicy', preemptionPolicy)];
}

function unionProblems(path: string, value: object, members: readonly string[]): FieldError[] {
  const set = members.filter((member) => member in value);
  if (set.length === 1) return [];
  const names = members.map((member) => `\`${member}\``).join(', ');
  if (set.length === 0) return [invalidValue(path, '', `must specify one of: ${names}`)];
  return [invalidValue(path, new Rendered(`{${set.join(', ')}}`), `must specify exactly one of: ${names}`)];
}

const countProblems = (path: string, count: number | undefined): FieldError[] =>
  count === undefined ? [requiredValue(path)] : atLeast(path, count, 1);

const atLeast = (path: string, value: number | undefined, min: number): FieldError[] =>
  value === undefined || value >= min ? [] : [invalidValue(path, value, `must be greater than or equal to ${min}`)];
