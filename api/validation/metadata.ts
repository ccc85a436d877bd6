/** `metadata` of any object. Source: `apimachinery/pkg/api/validation/objectmeta.go`, v0.37.2. */
import { type FieldError, forbiddenValue, requiredValue } from '../field-error.ts';
import type { ObjectMeta } from '../types.ts';
import { labelsProblems } from './labels.ts';
import { isLabel, type NameRule, nameErrors } from './names.ts';

export interface MetadataRules {
  readonly name: NameRule;
  readonly namespaced: boolean;
}

/** A namespaced object without namespace is in `default`, as kubectl has it. */
export function metadataProblems(metadata: ObjectMeta | undefined, rules: MetadataRules): FieldError[] {
  const { name = '', namespace = '', labels } = metadata ?? {};
  const errors: FieldError[] = [];
  if (name === '') errors.push(requiredValue('metadata.name', 'name or generateName is required'));
  else errors.push(...nameErrors('metadata.name', name, rules.name));
  if (namespace !== '') {
    if (rules.namespaced) errors.push(...nameErrors('metadata.namespace', namespace, isLabel));
    else errors.push(forbiddenValue('metadata.namespace', 'not allowed on this type'));
  }
  errors.push(...labelsProblems('metadata.labels', labels));
  return errors;
}
