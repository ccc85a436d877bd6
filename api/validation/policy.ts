/**
 * Disruption budgets and priority classes. Source: `pkg/apis/policy/validation/validation.go` and
 * `pkg/apis/scheduling/validation/validation.go`, v1.37.2.
 */
import { type FieldError, forbiddenValue, goJson, invalidValue, Rendered } from '../field-error.ts';
import { SYSTEM_PRIORITY_CLASSES } from '../priority-classes.ts';
import type { PodDisruptionBudget, PriorityClass } from '../types.ts';
import { labelSelectorProblems } from './labels.ts';
import { metadataProblems } from './metadata.ts';
import { isSubdomain } from './names.ts';
import { preemptionPolicyProblems } from './pod.ts';

export const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';
const PERCENTAGE = /^[0-9]+%$/;

export function budgetProblems(budget: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector } = budget.spec ?? {};
  const errors = metadataProblems(budget.metadata, { name: isSubdomain, namespaced: true });
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = new Rendered(goJson({ minAvailable, maxUnavailable }));
    errors.push(invalidValue('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
  }
  errors.push(
    ...amountProblems('spec.minAvailable', minAvailable),
    ...amountProblems('spec.maxUnavailable', maxUnavailable),
    ...labelSelectorProblems('spec.selector', selector),
  );
  return errors;
}

function amountProblems(path: string, amount: number | string | undefined): FieldError[] {
  if (typeof amount === 'number') {
    return amount >= 0 ? [] : [invalidValue(path, amount, 'must be greater than or equal to 0')];
  }
  if (amount === undefined) return [];
  if (!PERCENTAGE.test(amount)) {
    const detail =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    return [invalidValue(path, amount, detail)];
  }
  return Number.parseInt(amount, 10) <= 100 ? [] : [invalidValue(path, amount, 'must not be greater than 100%')];
}

export function priorityClassProblems(priorityClass: PriorityClass): FieldError[] {
  const { value = 0, globalDefault = false, preemptionPolicy } = priorityClass;
  const name = priorityClass.metadata?.name ?? '';
  const errors = metadataProblems(priorityClass.metadata, { name: isSubdomain, namespaced: false });
  if (name.startsWith(SYSTEM_PREFIX)) {
    const wrong = unlikeSystemClass(name, value, globalDefault);
    if (wrong !== undefined) {
      const detail = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${wrong}`;
      errors.push(forbiddenValue('metadata.name', detail));
    }
  } else if (value > HIGHEST_USER_PRIORITY) {
    errors.push(
      forbiddenValue('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`),
    );
  }
  errors.push(...preemptionPolicyProblems('preemptionPolicy', preemptionPolicy));
  return errors;
}

function unlikeSystemClass(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = SYSTEM_PRIORITY_CLASSES.get(name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
