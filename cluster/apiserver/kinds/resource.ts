/** What the API serves: resources by group and version, and the kinds that the store keeps for them. */
import type { FieldError, KubeObject } from '../../../api/index.ts';
import type { Qualified } from '../failures.ts';
import type { StructSchema } from './schema/schema.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export interface SubresourceInfo {
  readonly name: string;
  /** What it takes and gives; group and version where they are others than those of its resource. */
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly Verb[];
}

/** One resource in one version. */
export interface Resource extends Qualified {
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly SubresourceInfo[];
  readonly schema: StructSchema;
  /** Undefined for what is only answered: reviews, bindings. */
  readonly stored: StoredKind | undefined;
  /** Between this version and the one that is stored. @default only `apiVersion` differs, or nothing */
  readonly conversion?: Conversion;
}

export interface Conversion {
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

/** A kind as the store keeps it. */
export interface StoredKind extends Qualified {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Its keys begin with `/registry/<prefix>/`. */
  readonly prefix: string;
  readonly strategy: Strategy;
}

/** The rules of one kind. Source: `pkg/registry/<group>/<kind>/strategy.go`, v1.37.2. */
export interface Strategy {
  /** Has `metadata.generation`, which counts changes of what `specOf` gives. */
  readonly hasGeneration: boolean;
  /** PUT creates what is not there. */
  readonly createsOnUpdate: boolean;
  /** PUT without a resourceVersion overwrites. */
  readonly updatesUnconditionally: boolean;
  /** A deletion answers the object; else a Status. */
  readonly returnsDeleted: boolean;
  /** What becomes of dependents when nobody says. */
  readonly dependents: 'delete' | 'orphan' | 'unsupported';
  /** After so long the store forgets it. */
  readonly ttlS: number | undefined;
  readonly selectableFields: Readonly<Record<string, (object: KubeObject) => string>>;
  /** The selectable field whose watchers are found by its value. */
  readonly indexedField: string | undefined;
  specOf(object: KubeObject): unknown;
  defaults(object: KubeObject): KubeObject;
  /** As `defaults`, where only the status will count. */
  statusDefaults(object: KubeObject): KubeObject;
  prepareForCreate(object: KubeObject): KubeObject;
  prepareForUpdate(object: KubeObject, current: KubeObject): KubeObject;
  prepareForStatusUpdate(object: KubeObject, current: KubeObject): KubeObject;
  validate(object: KubeObject): FieldError[];
  validateUpdate(object: KubeObject, current: KubeObject): FieldError[];
  validateStatusUpdate(object: KubeObject, current: KubeObject): FieldError[];
  /** Seconds that a deletion leaves, 0 for none; undefined for kinds that know no grace. */
  gracePeriod(object: KubeObject, askedS: number | undefined): number | undefined;
}
