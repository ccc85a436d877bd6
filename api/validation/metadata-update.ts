/**
 * What an update may not do to `metadata`. Source: `ValidateObjectMetaAccessorUpdate` in
 * `apimachinery/pkg/api/validation/objectmeta.go`, v0.37.2.
 */
import { type FieldError, forbiddenValue, goQuote, invalidValue } from '../field-error.ts';
import type { KubeObject } from '../types.ts';

export const IMMUTABLE = 'field is immutable';

export function metadataUpdateProblems({ metadata: next }: KubeObject, { metadata: old }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (old?.deletionTimestamp !== undefined) {
    const extra = (next?.finalizers ?? []).filter((name) => !old.finalizers?.includes(name));
    if (extra.length > 0) {
      const names = extra.sort().map(goQuote).join(', ');
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`;
      errors.push(forbiddenValue('metadata.finalizers', detail));
    }
  }
  for (const field of ['name', 'namespace', 'uid'] as const) {
    if ((next?.[field] ?? '') !== (old?.[field] ?? '')) {
      errors.push(invalidValue(`metadata.${field}`, next?.[field] ?? '', IMMUTABLE));
    }
  }
  return errors;
}
