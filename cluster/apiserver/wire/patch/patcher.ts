/** How the API server applies patches: the four kinds, and who manages what from then on. */
import type { KubeObject } from '../../../../api/index.ts';
import type { Patcher } from '../../patcher.ts';
import { applyPatch } from './apply-patch.ts';
import { isJson, type Json } from './json.ts';
import { managedAfterUpdate, type Writer } from './managed-fields.ts';

export const patcher: Patcher = ({ type, patch, schema, current, fieldManager, force, time }) => {
  const apiVersion = current?.apiVersion ?? (isJson(patch) ? String(patch.apiVersion ?? '') : '');
  const writer: Writer = { manager: fieldManager, apiVersion, time };
  const patched = applyPatch(type, schema, current, patch, { writer, force });
  if (type !== 'apply' && current?.metadata !== undefined && 'managedFields' in current.metadata) {
    const managedFields = managedAfterUpdate(schema, current, patched, writer);
    const { managedFields: _, ...metadata } = (isJson(patched.metadata) ? patched.metadata : {}) as Json;
    patched.metadata = managedFields === undefined ? metadata : { ...metadata, managedFields };
  }
  return patched as unknown as KubeObject;
};
