/** How a patch is applied; `wire/patch` has the functions. */
import type { KubeObject } from '../../api/index.ts';
import type { PatchType } from './client.ts';
import type { StructSchema } from './kinds/schema/schema.ts';

export interface PatchRequest {
  readonly type: PatchType;
  readonly patch: unknown;
  readonly schema: StructSchema;
  /** Undefined when nothing is there: only an apply goes on then. */
  readonly current: KubeObject | undefined;
  readonly fieldManager: string;
  readonly force: boolean;
  /** Now, for `managedFields`. */
  readonly time: string;
  readonly subresource: string;
  /** Of the version that is written. */
  readonly apiVersion: string;
  /** Whether the kind has a `/status`, which owns its own fields. */
  readonly hasStatus: boolean;
}

/** The patched object, a new one. Throws ApiFailure. */
export type Patcher = (request: PatchRequest) => KubeObject;
