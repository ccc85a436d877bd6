/**
 * Services and controllers: their names and selectors, which is all of them that scheduling reads.
 * Source: `pkg/apis/core/validation/validation.go` and `pkg/apis/apps/validation/validation.go`, v1.37.2.
 */
import { type FieldError, invalidValue, requiredValue } from '../field-error.ts';
import type { ReplicaSet, ReplicationController, Service, StatefulSet } from '../types.ts';
import { labelSelectorProblems, labelsProblems } from './labels.ts';
import { metadataProblems } from './metadata.ts';
import { isLabel, isSubdomain } from './names.ts';

const NAMESPACED = { name: isSubdomain, namespaced: true };

export const serviceProblems = (service: Service): FieldError[] => [
  ...metadataProblems(service.metadata, { name: isLabel, namespaced: true }),
  ...labelsProblems('spec.selector', service.spec?.selector),
];

export function replicationControllerProblems(controller: ReplicationController): FieldError[] {
  const { selector, template } = controller.spec ?? {};
  const errors = metadataProblems(controller.metadata, NAMESPACED);
  // The labels of the template stand in for a selector that is missing.
  const pairs = selector ?? template?.metadata?.labels ?? {};
  if (Object.keys(pairs).length === 0) errors.push(requiredValue('spec.selector'));
  return errors;
}

/** @param called What upstream calls the controller where its selector is empty. */
export function controllerProblems(controller: ReplicaSet | StatefulSet, called: string): FieldError[] {
  const selector = controller.spec?.selector;
  const errors = metadataProblems(controller.metadata, NAMESPACED);
  if (selector === undefined) return [...errors, requiredValue('spec.selector')];
  errors.push(...labelSelectorProblems('spec.selector', selector));
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) {
    errors.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${called}`));
  }
  return errors;
}
