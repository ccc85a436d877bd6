/** Taints and tolerations. Source: `pkg/apis/core/validation/validation.go`, v1.37.2. */
import {
  enumText,
  type FieldError,
  goJson,
  invalidValue,
  notSupportedValue,
  Rendered,
  requiredValue,
} from '../field-error.ts';
import { labelValueErrors } from '../label-rules.ts';
import type { Taint, Toleration } from '../types.ts';
import { labelKeyProblems } from './labels.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function tolerationsProblems(path: string, tolerations: readonly Toleration[]): FieldError[] {
  return tolerations.flatMap((toleration, i) => tolerationProblems(`${path}[${i}]`, toleration));
}

function tolerationProblems(path: string, toleration: Toleration): FieldError[] {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
  const errors: FieldError[] = [];
  if (key !== '') errors.push(...labelKeyProblems(`${path}.key`, key));
  else if (operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidValue(`${path}.operator`, enumText(operator), detail));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalidValue(`${path}.effect`, enumText(effect), detail));
  }
  errors.push(...operatorProblems(`${path}.operator`, operator, value));
  if (effect !== '') errors.push(...effectProblems(`${path}.effect`, effect));
  return errors;
}

function operatorProblems(path: string, operator: string, value: string): FieldError[] {
  switch (operator) {
    case '':
    case 'Equal': {
      const wrong = labelValueErrors(value);
      return wrong.length === 0 ? [] : [invalidValue(path, value, wrong.join(';'))];
    }
    case 'Exists':
      return value === '' ? [] : [invalidValue(path, value, "value must be empty when `operator` is 'Exists'")];
    case 'Lt':
    case 'Gt':
      // Needs the gate TaintTolerationComparisonOperators, off in v1.37.
      return [notSupportedValue(path, enumText(operator), ['Equal', 'Exists', 'Lt', 'Gt'])];
    default:
      return [notSupportedValue(path, enumText(operator), ['Equal', 'Exists'])];
  }
}

const effectProblems = (path: string, effect: string): FieldError[] =>
  EFFECTS.includes(effect) ? [] : [notSupportedValue(path, enumText(effect), EFFECTS)];

/** Upstream calls the field `metadata.taints`; here it has its own name. */
export function taintsProblems(path: string, taints: readonly Taint[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  taints.forEach(({ key = '', value = '', effect = '' }, i) => {
    const at = `${path}[${i}]`;
    errors.push(...labelKeyProblems(`${at}.key`, key));
    const wrong = labelValueErrors(value);
    if (wrong.length > 0) errors.push(invalidValue(`${at}.value`, value, wrong.join(';')));
    if (effect === '') errors.push(requiredValue(`${at}.effect`));
    else errors.push(...effectProblems(`${at}.effect`, effect));
    const pair = `${key}|${effect}`;
    if (seen.has(pair)) errors.push(duplicateTaint(at, key, value, effect));
    seen.add(pair);
  });
  return errors;
}

function duplicateTaint(path: string, key: string, value: string, effect: string): FieldError {
  const taint = new Rendered(goJson({ Key: key, Value: value, Effect: effect, TimeAdded: null }));
  return {
    path,
    text: `${path}: Duplicate value: ${taint.text}: taints must be unique by key and effect pair`,
  };
}
