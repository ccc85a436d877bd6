/** Affinity of pods. Source: `pkg/apis/core/validation/validation.go`, v1.37.2. */
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from '../field-error.ts';
import type { Affinity, LabelSelector, NodeAffinity, PodAffinityTerm } from '../types.ts';
import { labelKeyProblems, labelSelectorProblems } from './labels.ts';
import { isLabel, nameErrors } from './names.ts';
import { nodeSelectorProblems, nodeSelectorTermProblems } from './node-selector.ts';

export function affinityProblems(path: string, affinity: Affinity): FieldError[] {
  const errors: FieldError[] = [];
  if (affinity.nodeAffinity) errors.push(...nodeAffinityProblems(`${path}.nodeAffinity`, affinity.nodeAffinity));
  if (affinity.podAffinity) errors.push(...podAffinityProblems(`${path}.podAffinity`, affinity.podAffinity));
  if (affinity.podAntiAffinity) {
    errors.push(...podAffinityProblems(`${path}.podAntiAffinity`, affinity.podAntiAffinity));
  }
  return errors;
}

function nodeAffinityProblems(path: string, affinity: NodeAffinity): FieldError[] {
  const errors: FieldError[] = [];
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  if (required)
    errors.push(...nodeSelectorProblems(`${path}.requiredDuringSchedulingIgnoredDuringExecution`, required));
  affinity.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, preference }, i) => {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(
      ...weightProblems(at, weight),
      ...nodeSelectorTermProblems(`${at}.preference`, preference ?? {}, false),
    );
  });
  return errors;
}

function podAffinityProblems(path: string, affinity: NonNullable<Affinity['podAffinity']>): FieldError[] {
  const errors: FieldError[] = [];
  affinity.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, i) => {
    errors.push(...podTermProblems(`${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, term));
  });
  affinity.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, podAffinityTerm }, i) => {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(...weightProblems(at, weight), ...podTermProblems(`${at}.podAffinityTerm`, podAffinityTerm ?? {}));
  });
  return errors;
}

const weightProblems = (path: string, weight = 0): FieldError[] =>
  weight >= 1 && weight <= 100 ? [] : [invalidValue(`${path}.weight`, weight, 'must be in the range 1-100')];

function podTermProblems(path: string, term: Partial<PodAffinityTerm>): FieldError[] {
  const { topologyKey = '', labelSelector, matchLabelKeys, mismatchLabelKeys } = term;
  const errors = [
    ...labelSelectorProblems(`${path}.labelSelector`, labelSelector),
    ...labelSelectorProblems(`${path}.namespaceSelector`, term.namespaceSelector),
    // `namespace`, without the s, is what upstream calls the field here.
    ...(term.namespaces ?? []).flatMap((name) => nameErrors(`${path}.namespace`, name, isLabel)),
    ...matchLabelKeysProblems(path, matchLabelKeys, mismatchLabelKeys, labelSelector),
  ];
  if (topologyKey === '') errors.push(requiredValue(`${path}.topologyKey`, 'can not be empty'));
  errors.push(...labelKeyProblems(`${path}.topologyKey`, topologyKey));
  return errors;
}

/**
 * `matchLabelKeys` and `mismatchLabelKeys` beside their selector, which already holds what the API server merges into
 * it: a key that it holds twice was there before.
 */
export function matchLabelKeysProblems(
  path: string,
  matchKeys: readonly string[] = [],
  mismatchKeys: readonly string[] = [],
  selector?: LabelSelector,
): FieldError[] {
  const errors = [
    ...keysProblems(`${path}.matchLabelKeys`, matchKeys, selector),
    ...keysProblems(`${path}.mismatchLabelKeys`, mismatchKeys, selector),
  ];
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}));
  for (const { key } of selector?.matchExpressions ?? []) {
    if (matchKeys.includes(key) && seen.has(key)) {
      const at = `${path}[${matchKeys.lastIndexOf(key)}]`;
      errors.push(invalidValue(at, key, 'exists in both matchLabelKeys and labelSelector'));
    }
    seen.add(key);
  }
  matchKeys.forEach((key, i) => {
    if (!mismatchKeys.includes(key)) return;
    const at = `${path}.matchLabelKeys[${i}]`;
    errors.push(invalidValue(at, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
  return errors;
}

function keysProblems(path: string, keys: readonly string[], selector: LabelSelector | undefined): FieldError[] {
  if (keys.length === 0) return [];
  if (selector === undefined) return [forbiddenValue(path, 'must not be specified when labelSelector is not set')];
  return keys.flatMap((key, i) => labelKeyProblems(`${path}[${i}]`, key));
}
