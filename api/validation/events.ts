/** Events. Source: `legacyValidateEvent` in `pkg/apis/core/validation/events.go`, v1.37.2. */
import { type FieldError, invalidValue } from '../field-error.ts';
import type { KubeObject } from '../types.ts';
import { metadataProblems } from './metadata.ts';
import { isSubdomain } from './names.ts';

interface Involving extends KubeObject {
  readonly involvedObject?: { readonly namespace?: string };
}

export function eventProblems(object: KubeObject): FieldError[] {
  const errors = metadataProblems(object.metadata, { name: isSubdomain, namespaced: true });
  const { namespace = '' } = (object as Involving).involvedObject ?? {};
  const own = object.metadata?.namespace ?? '';
  // What belongs to no namespace is told of in `default`.
  const isFine = namespace === '' ? own === 'default' || own === 'kube-system' || own === '' : namespace === own;
  if (!isFine) errors.push(invalidValue('involvedObject.namespace', namespace, 'does not match event.namespace'));
  return errors;
}
