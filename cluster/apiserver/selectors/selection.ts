/** Which objects of a collection are asked for, and where its watchers are filed. */
import type { KubeObject, LabelMatcher } from '../../../api/index.ts';
import { EVERYTHING } from '../../../api/index.ts';
import type { WatchFile } from '../cache/watchers.ts';
import { ApiFailure, badRequest } from '../failures.ts';
import type { StoredKind } from '../kinds/resource.ts';
import { type FieldTerm, parseFieldSelector } from './field-text.ts';
import { parseLabelSelector } from './label-text.ts';

export interface Selection {
  /** Nothing is left out. */
  readonly isEverything: boolean;
  readonly file: WatchFile;
  /** Of the one object that can match, when the selector says so. */
  readonly name: string | undefined;
  matches(object: KubeObject): boolean;
}

interface SelectorTexts {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Throws ApiFailure: 400. @param namespace '' for all */
export function selectionOf(
  stored: StoredKind,
  { labelSelector = '', fieldSelector = '' }: SelectorTexts,
  namespace: string,
): Selection {
  const labels = labelSelector === '' ? EVERYTHING : parseLabelSelector(labelSelector);
  const terms = fieldSelector === '' ? [] : parseFieldSelector(fieldSelector);
  const fields = terms.map((term) => fieldTest(stored, term));
  const name = terms.find(({ field, isEqual }) => isEqual && field === 'metadata.name')?.value;
  return {
    isEverything: labels.everything && fields.length === 0,
    file: fileOf(stored, terms, namespace, name),
    name,
    matches: matchFunction(labels, fields),
  };
}

function fieldTest({ strategy }: StoredKind, { field, value, isEqual }: FieldTerm): (object: KubeObject) => boolean {
  const read = Object.hasOwn(strategy.selectableFields, field) ? strategy.selectableFields[field] : undefined;
  if (read === undefined) throw new ApiFailure(badRequest(`field label not supported: ${field}`));
  return (object) => (read(object) === value) === isEqual;
}

function matchFunction(
  labels: LabelMatcher,
  fields: ReadonlyArray<(object: KubeObject) => boolean>,
): (object: KubeObject) => boolean {
  return (object) => {
    for (const test of fields) if (!test(object)) return false;
    return labels.everything || labels.matches(object.metadata?.labels);
  };
}

function fileOf(
  stored: StoredKind,
  terms: readonly FieldTerm[],
  namespace: string,
  name: string | undefined,
): WatchFile {
  if (name !== undefined && (namespace !== '' || !stored.namespaced)) return { by: 'name', namespace, name };
  const { indexedField } = stored.strategy;
  const indexed = terms.find(({ field, isEqual }) => isEqual && field === indexedField);
  if (indexed !== undefined) return { by: 'field', value: indexed.value };
  return namespace === '' ? { by: 'all' } : { by: 'namespace', namespace };
}
