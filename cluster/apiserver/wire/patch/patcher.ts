/** How the API server applies patches: the four kinds, and who manages what from then on. */
import type { KubeObject } from '../../../../api/index.ts';
import type { Patcher } from '../../patcher.ts';
import { applyPatch } from './apply-patch.ts';
import type { Writer } from './managed-fields.ts';

export const patcher: Patcher = (request) => {
  const { type, patch, schema, current, fieldManager, force, time, subresource, apiVersion, hasStatus } = request;
  const writer: Writer = { manager: fieldManager, apiVersion, subresource, time };
  return applyPatch(type, schema, current, patch, { writer, force, hasStatus }) as unknown as KubeObject;
};
