export { applyPatch, type PatchOptions } from './apply-patch.ts';
export { copyJson, equalJson, isJson, type Json } from './json.ts';
export { managedAfterUpdate, managersOf, toManagedFields, type Writer } from './managed-fields.ts';
export { patcher } from './patcher.ts';
