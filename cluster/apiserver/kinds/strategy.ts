/** A strategy from what sets a kind apart from the plainest: no status, no generation, no rule but those of its metadata. */
import { type FieldError, type KubeObject, validateKind } from '../../../api/index.ts';
import type { Strategy } from './resource.ts';

export interface WithStatus extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

const METADATA_FIELDS: Strategy['selectableFields'] = {
  'metadata.name': ({ metadata }) => metadata?.name ?? '',
  'metadata.namespace': ({ metadata }) => metadata?.namespace ?? '',
};

const NONE: readonly FieldError[] = [];
const same = (object: KubeObject): KubeObject => object;

const PLAIN: Strategy = {
  hasGeneration: false,
  createsOnUpdate: false,
  updatesUnconditionally: true,
  returnsDeleted: false,
  dependents: 'delete',
  ttlS: undefined,
  selectableFields: METADATA_FIELDS,
  indexedField: undefined,
  specOf: (object) => (object as WithStatus).spec,
  defaults: same,
  statusDefaults: same,
  prepareForCreate: same,
  prepareForUpdate: same,
  prepareForStatusUpdate: same,
  validate: (object) => validateKind(object),
  validateUpdate: (object) => validateKind(object),
  validateStatusUpdate: () => NONE as FieldError[],
  gracePeriod: () => undefined,
};

export const plain = (differences: Partial<Strategy> = {}): Strategy => ({
  ...PLAIN,
  ...differences,
  selectableFields: { ...METADATA_FIELDS, ...differences.selectableFields },
});

/** Kinds with a `/status`: writes elsewhere leave the status alone, and writes there leave the rest alone. */
export const withStatus = (differences: Partial<Strategy> = {}): Strategy =>
  plain({
    prepareForCreate: withoutStatus,
    prepareForUpdate: keepStatus,
    prepareForStatusUpdate: onlyStatus,
    ...differences,
  });

export function withoutStatus(object: KubeObject): KubeObject {
  if ((object as WithStatus).status === undefined) return object;
  const { status: _, ...rest } = object as WithStatus;
  return rest;
}

export function keepStatus(object: KubeObject, current: KubeObject): KubeObject {
  const { status } = current as WithStatus;
  if ((object as WithStatus).status === status) return object;
  if (status === undefined) return withoutStatus(object);
  return { ...object, status } as KubeObject;
}

/** `ResetObjectMetaForStatus`: nothing of the metadata changes either. */
export function onlyStatus(object: KubeObject, current: KubeObject): KubeObject {
  const { status } = object as WithStatus;
  const { status: _, ...rest } = current as WithStatus;
  return status === undefined ? rest : ({ ...rest, status } as KubeObject);
}
