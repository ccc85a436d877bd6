/** Labels and label selectors. Source: `apimachinery/pkg/apis/meta/v1/validation/validation.go`, v0.37.2. */
import { enumText, type FieldError, forbiddenValue, invalidValue, requiredValue } from '../field-error.ts';
import { labelKeyErrors, labelValueErrors } from '../label-rules.ts';
import type { LabelSelector } from '../types.ts';

/** Texts that have been found right, as most come again and again. */
class Right {
  private readonly texts = new Set<string>();

  problems(path: string, text: string, errorsOf: (text: string) => string[]): FieldError[] {
    if (this.texts.has(text)) return NONE;
    const errors = errorsOf(text);
    if (errors.length > 0) return errors.map((detail) => invalidValue(path, text, detail));
    if (this.texts.size >= RIGHT_TEXTS_MAX) this.texts.clear();
    this.texts.add(text);
    return NONE;
  }
}

const NONE: FieldError[] = [];
const RIGHT_TEXTS_MAX = 10_000;
const keys = new Right();
const values = new Right();

export const labelKeyProblems = (path: string, key: string): FieldError[] => keys.problems(path, key, labelKeyErrors);

export const labelValueProblems = (path: string, value: string): FieldError[] =>
  values.problems(path, value, labelValueErrors);

/** Every error is told at the path of the map. */
export function labelsProblems(path: string, labels: Readonly<Record<string, string>> | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in labels) {
    const ofKey = labelKeyProblems(path, key);
    const ofValue = labelValueProblems(path, labels[key]!);
    if (ofKey.length + ofValue.length > 0) errors.push(...ofKey, ...ofValue);
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
