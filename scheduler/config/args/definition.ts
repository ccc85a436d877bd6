/** What is known about the arguments of an in-tree plugin. */
import { type FieldError, goJson } from '../../../api/index.ts';
import type { Schema } from '../schema/schema.ts';

export const CONFIG_GROUP = 'kubescheduler.config.k8s.io';
export const CONFIG_VERSION = `${CONFIG_GROUP}/v1`;

export interface ArgsDefinition<T = unknown> {
  /** The plugin; the kind of its arguments is this name with `Args` behind it. */
  readonly plugin: string;
  readonly schema: Schema<T>;
  defaulted(args: T): T;
  /** What is wrong with defaulted arguments. `path` is their own, '' for none. */
  errors(args: T, path: string): FieldError[];
  /** Upstream validates most arguments with the configuration; some only when the plugin is made. */
  readonly checkedAt: 'validate' | 'build';
  /** What the plugin says when it is made without arguments. */
  readonly absent: string;
}

/** Decoded arguments. */
export interface TypedArgs<T = unknown> {
  readonly definition: ArgsDefinition<T>;
  readonly value: T;
}

export const kindOf = (definition: ArgsDefinition): string => `${definition.plugin}Args`;

/** Path of a field below arguments. */
export const below = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

/** The arguments as upstream shows its internal type in messages. */
export const showArgs = ({ definition, value }: TypedArgs): string =>
  goJson(definition.schema.write(value, 'internal'));

/** The arguments as upstream encodes them, `kind` and `apiVersion` included. */
export function encodeArgs({ definition, value }: TypedArgs): Readonly<Record<string, unknown>> {
  const named = { ...(value as object), kind: kindOf(definition), apiVersion: CONFIG_VERSION };
  return definition.schema.write(named) as Readonly<Record<string, unknown>>;
}
