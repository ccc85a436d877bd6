/** Topology spread constraints. Source: `pkg/apis/core/validation/validation.go`, v1.37.2. */
import {
  duplicateValue,
  enumText,
  type FieldError,
  invalidValue,
  notSupportedValue,
  requiredValue,
} from '../field-error.ts';
import type { TopologySpreadConstraint } from '../types.ts';
import { matchLabelKeysProblems } from './affinity.ts';
import { labelSelectorProblems } from './labels.ts';

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];
const POLICIES = ['Honor', 'Ignore'];

export function spreadProblems(path: string, constraints: readonly TopologySpreadConstraint[]): FieldError[] {
  return constraints.flatMap((constraint, i) => {
    const at = `${path}[${i}]`;
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable: action = '', minDomains } = constraint;
    const errors: FieldError[] = [...positive(`${at}.maxSkew`, maxSkew)];
    if (topologyKey === '') errors.push(requiredValue(`${at}.topologyKey`, 'can not be empty'));
    if (!ACTIONS.includes(action)) errors.push(notSupportedValue(`${at}.whenUnsatisfiable`, enumText(action), ACTIONS));
    if (constraints.slice(i + 1).some((other) => isSameKind(constraint, other))) {
      errors.push(duplicateValue(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`));
    }
    if (minDomains !== undefined) errors.push(...minDomainsProblems(`${at}.minDomains`, minDomains, action));
    errors.push(
      ...policyProblems(`${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy),
      ...policyProblems(`${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy),
      ...matchLabelKeysProblems(at, constraint.matchLabelKeys, [], constraint.labelSelector),
      ...labelSelectorProblems(`${at}.labelSelector`, constraint.labelSelector),
    );
    return errors;
  });
}

const isSameKind = (a: TopologySpreadConstraint, b: TopologySpreadConstraint): boolean =>
  (a.topologyKey ?? '') === (b.topologyKey ?? '') && (a.whenUnsatisfiable ?? '') === (b.whenUnsatisfiable ?? '');

function minDomainsProblems(path: string, minDomains: number, action: string): FieldError[] {
  const errors = positive(path, minDomains);
  if (action !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
    errors.push(invalidValue(path, minDomains, detail));
  }
  return errors;
}

const positive = (path: string, value: number): FieldError[] =>
  value > 0 ? [] : [invalidValue(path, value, 'must be greater than zero')];

const policyProblems = (path: string, policy: string | undefined): FieldError[] =>
  policy === undefined || POLICIES.includes(policy) ? [] : [notSupportedValue(path, enumText(policy), POLICIES)];
