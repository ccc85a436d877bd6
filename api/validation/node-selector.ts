/** Node selectors and topology selectors. Source: `pkg/apis/core/validation/validation.go`, v1.37.2. */
import {
  duplicateValue,
  enumText,
  type FieldError,
  forbiddenValue,
  invalidValue,
  requiredValue,
} from '../field-error.ts';
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, StorageClass } from '../types.ts';
import { labelKeyProblems, labelValueProblems } from './labels.ts';
import { isSubdomain, nameErrors } from './names.ts';

export function nodeSelectorProblems(path: string, selector: NodeSelector): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? [];
  const at = `${path}.nodeSelectorTerms`;
  if (terms.length === 0) return [requiredValue(at, 'must have at least one node selector term')];
  return terms.flatMap((term, i) => nodeSelectorTermProblems(`${at}[${i}]`, term, true));
}

/** In preferred terms values that are no label values are let through. */
export function nodeSelectorTermProblems(path: string, term: NodeSelectorTerm, checkValues: boolean): FieldError[] {
  const errors: FieldError[] = [];
  term.matchExpressions?.forEach((expression, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    errors.push(...operatorProblems(at, expression), ...labelKeyProblems(`${at}.key`, expression.key ?? ''));
    if (!checkValues) return;
    expression.values?.forEach((value, j) => {
      errors.push(...labelValueProblems(`${at}.values[${j}]`, value));
    });
  });
  term.matchFields?.forEach((field, i) => {
    errors.push(...fieldProblems(`${path}.matchFields[${i}]`, field));
  });
  return errors;
}

function operatorProblems(path: string, { operator = '', values = [] }: NodeSelectorRequirement): FieldError[] {
  const at = `${path}.values`;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [requiredValue(at, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return [];
      return [forbiddenValue(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      if (values.length === 1) return [];
      return [requiredValue(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalidValue(`${path}.operator`, enumText(operator), 'not a valid selector operator')];
  }
}

function fieldProblems(path: string, { key = '', operator = '', values = [] }: NodeSelectorRequirement): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalidValue(`${path}.operator`, enumText(operator), 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(requiredValue(`${path}.values`, detail));
  }
  if (key !== 'metadata.name') {
    errors.push(invalidValue(`${path}.key`, key, 'not a valid field selector key'));
    return errors;
  }
  values.forEach((value, i) => {
    errors.push(...nameErrors(`${path}.values[${i}]`, value, isSubdomain));
  });
  return errors;
}

type TopologyTerm = NonNullable<StorageClass['allowedTopologies']>[number];

export function topologyTermsProblems(path: string, terms: readonly TopologyTerm[]): FieldError[] {
  const errors: FieldError[] = [];
  // To upstream a term without expressions is a repeat even when it stands alone.
  const seen = new Set<string>(['[]']);
  terms.forEach((term, i) => {
    const at = `${path}[${i}].matchLabelExpressions`;
    const valuesByKey = new Map<string, string[]>();
    term.matchLabelExpressions?.forEach(({ key = '', values = [] }, j) => {
      errors.push(...topologyProblems(`${at}[${j}]`, key, values));
      if (valuesByKey.has(key)) errors.push(duplicateValue(`${at}[${j}].key`, key));
      valuesByKey.set(key, [...new Set(values)].sort());
    });
    const text = JSON.stringify([...valuesByKey].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (seen.has(text)) errors.push(duplicateValue(at, ''));
    seen.add(text);
  });
  return errors;
}

function topologyProblems(path: string, key: string, values: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  if (values.length === 0) errors.push(requiredValue(`${path}.values`));
  values.forEach((value, i) => {
    if (values.indexOf(value) < i) errors.push(duplicateValue(`${path}.values[${i}]`, value));
  });
  errors.push(...labelKeyProblems(`${path}.key`, key));
  return errors;
}
