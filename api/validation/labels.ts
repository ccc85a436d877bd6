/** Labels and label selectors. Source: `apimachinery/pkg/apis/meta/v1/validation/validation.go`, v0.37.2. */
import { enumText, type FieldError, forbiddenValue, invalidValue, requiredValue } from '../field-error.ts';
import { labelKeyErrors, labelValueErrors } from '../label-rules.ts';
import type { LabelSelector } from '../types.ts';

export const labelKeyProblems = (path: string, key: string): FieldError[] =>
  labelKeyErrors(key).map((detail) => invalidValue(path, key, detail));

export const labelValueProblems = (path: string, value: string): FieldError[] =>
  labelValueErrors(value).map((detail) => invalidValue(path, value, detail));

/** Every error is told at the path of the map. */
export function labelsProblems(path: string, labels: Readonly<Record<string, string>> | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in labels) {
    errors.push(...labelKeyProblems(path, key), ...labelValueProblems(path, labels[key]!));
  }
  return errors;
}

export function labelSelectorProblems(path: string, selector: LabelSelector | undefined): FieldError[] {
  if (selector === undefined) return [];
  const errors = labelsProblems(`${path}.matchLabels`, selector.matchLabels);
  selector.matchExpressions?.forEach(({ key = '', operator = '', values = [] }, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    errors.push(...operatorProblems(at, operator, values), ...labelKeyProblems(`${at}.key`, key));
    values.forEach((value, j) => {
      errors.push(...labelValueProblems(`${at}.values[${j}]`, value));
    });
  });
  return errors;
}

function operatorProblems(path: string, operator: string, values: readonly string[]): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return [];
      return [requiredValue(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return [];
      return [forbiddenValue(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalidValue(`${path}.operator`, enumText(operator), 'not a valid selector operator')];
  }
}
