/** `metadata` of any object. Source: `apimachinery/pkg/api/validation/objectmeta.go`, v0.37.2. */
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from '../field-error.ts';
import { labelKeyErrors } from '../label-rules.ts';
import type { ObjectMeta } from '../types.ts';
import { labelsProblems } from './labels.ts';
import { isLabel, type NameRule, nameErrors } from './names.ts';

export interface MetadataRules {
  readonly name: NameRule;
  readonly namespaced: boolean;
}

/** A namespaced object without namespace is in `default`, as kubectl has it. */
export function metadataProblems(metadata: ObjectMeta | undefined, rules: MetadataRules): FieldError[] {
  const { name = '', generateName = '', namespace = '', labels } = metadata ?? {};
  const errors: FieldError[] = [];
  // What is made of a prefix may end in a hyphen: the name goes on.
  if (generateName !== '') {
    errors.push(...nameErrors('metadata.generateName', generateName, (text) => rules.name(withoutHyphen(text))));
  }
  if (name === '') errors.push(requiredValue('metadata.name', 'name or generateName is required'));
  else errors.push(...nameErrors('metadata.name', name, rules.name));
  if (namespace !== '') {
    if (rules.namespaced) errors.push(...nameErrors('metadata.namespace', namespace, isLabel));
    else errors.push(forbiddenValue('metadata.namespace', 'not allowed on this type'));
  }
  errors.push(...labelsProblems('metadata.labels', labels));
  if (metadata?.annotations !== undefined) errors.push(...annotationsProblems(metadata.annotations));
  if (metadata?.ownerReferences !== undefined) errors.push(...ownersProblems(metadata.ownerReferences));
  if (metadata?.finalizers !== undefined) errors.push(...finalizersProblems(metadata.finalizers));
  return errors;
}

const withoutHyphen = (text: string): string => (text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

const ANNOTATIONS_BYTES_MAX = 256 * 1024;

function annotationsProblems(annotations: Readonly<Record<string, string>>): FieldError[] {
  const errors: FieldError[] = [];
  const path = 'metadata.annotations';
  let bytes = 0;
  for (const key in annotations) {
    for (const detail of labelKeyErrors(key.toLowerCase())) errors.push(invalidValue(path, key, detail));
    bytes += key.length + annotations[key]!.length;
  }
  // Most are plain text, and short: bytes are only counted where it matters.
  if (bytes * 4 > ANNOTATIONS_BYTES_MAX && bytesOf(annotations) > ANNOTATIONS_BYTES_MAX) {
    errors.push({ path, text: `${path}: Too long: may not be more than ${ANNOTATIONS_BYTES_MAX} bytes` });
  }
  return errors;
}

const bytesOf = (annotations: Readonly<Record<string, string>>): number =>
  Object.entries(annotations).reduce((sum, texts) => sum + Buffer.byteLength(texts.join('')), 0);

function ownersProblems(owners: NonNullable<ObjectMeta['ownerReferences']>): FieldError[] {
  const path = 'metadata.ownerReferences';
  const errors: FieldError[] = [];
  let controller: string | undefined;
  owners.forEach((owner, i) => {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (!owner[field]) errors.push(requiredValue(`${path}[${i}].${field}`, 'must not be empty'));
    }
    if (owner.controller !== true) return;
    const called = `${owner.kind}/${owner.name}`;
    if (controller === undefined) controller = called;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${called}`;
      errors.push(invalidValue(path, owners, detail));
    }
  });
  return errors;
}

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

function finalizersProblems(finalizers: readonly string[]): FieldError[] {
  const path = 'metadata.finalizers';
  const errors = finalizers.flatMap((name) => labelKeyErrors(name).map((detail) => invalidValue(path, name, detail)));
  for (const name of finalizers) {
    if (name.includes('/') || STANDARD_FINALIZERS.has(name) || labelKeyErrors(name).length > 0) continue;
    errors.push(invalidValue(path, name, 'name is neither a standard finalizer name nor is it fully qualified'));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(invalidValue(path, finalizers, detail));
  }
  return errors;
}
