/**
 * The four kinds of patches. Pure: what is given stays as it is, what comes back is new JSON that nobody else holds and
 * that has yet to be decoded, defaulted and validated.
 */

import type { PatchType } from '../../client.ts';
import { ApiFailure, badRequest } from '../../failures.ts';
import type { StructSchema } from '../../kinds/schema/schema.ts';
import { isJson, type Json } from './json.ts';
import { jsonPatch } from './json-patch.ts';
import type { Writer } from './managed-fields.ts';
import { mergePatch } from './merge-patch.ts';
import { serverSideApply } from './server-side-apply.ts';
import { strategicMergePatch } from './strategic-merge.ts';

export interface PatchOptions {
  /** Who patches: needed by `apply`, which the caller has checked for a manager. */
  readonly writer?: Writer;
  readonly force?: boolean;
  /** Whether the kind has a `/status`. @default false */
  readonly hasStatus?: boolean;
}

/**
 * @param current In the version of the schema. Undefined only for `apply`, which then creates.
 * @throws ApiFailure in the API's words.
 */
export function applyPatch(
  type: PatchType,
  schema: StructSchema,
  current: object | undefined,
  patch: unknown,
  options: PatchOptions = {},
): Json {
  switch (type) {
    case 'json':
      return jsonPatch(current ?? {}, patch);
    case 'merge':
      return mergePatch(current ?? {}, patch);
    case 'strategic':
      return strategicMergePatch(schema, current ?? {}, patch);
    case 'apply': {
      if (!isJson(patch))
        throw new ApiFailure(badRequest('error decoding patch: an applied configuration is an object'));
      const managed = isJson(patch.metadata) ? patch.metadata.managedFields : undefined;
      if (Array.isArray(managed) && managed.length > 0)
        throw new ApiFailure(badRequest('metadata.managedFields must be nil'));
      return serverSideApply(schema, current, patch, options.writer!, options.force === true, options.hasStatus);
    }
  }
}
