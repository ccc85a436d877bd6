/**
 * Tree → configuration, strictly: unknown fields, fields given twice and arguments of the wrong kind are errors.
 * Source: `apimachinery/pkg/runtime/serializer` (`json/json.go`, `json/meta.go`, `versioning/versioning.go`) and
 * `kube-scheduler/config/v1/types.go` (DecodeNestedObjects), v0.37.2.
 */
import { goQuote } from '../../api/index.ts';
import { ObjectValue, toJsonText, typeName, type Value } from '../../api/text/value.ts';
import { type ArgsDefinition, CONFIG_GROUP, CONFIG_VERSION, kindOf, type TypedArgs } from './args/definition.ts';
import { argsDefinitions } from './args/index.ts';
import { type ConfigText, VERSION_AND_KIND_UNREADABLE } from './read-text.ts';
import { type ConfigurationV1, configuration } from './schema/configuration.ts';
import { DecodeError, Reader } from './schema/reader.ts';
import type { Schema } from './schema/schema.ts';
import { ConfigError } from './types.ts';

const KIND = 'KubeSchedulerConfiguration';
const SCHEME = 'pkg/runtime/scheme.go:111';
/** The Go type of what upstream reads first: version and kind. */
const META_TYPE =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

const schemas: ReadonlyMap<string, Schema<unknown>> = new Map<string, Schema<unknown>>([
  [KIND, configuration as Schema<unknown>],
  ...[...argsDefinitions.values()].map((definition) => [kindOf(definition), definition.schema] as const),
]);

export interface DecodedConfiguration {
  readonly configuration: ConfigurationV1;
  /** Arguments of in-tree plugins, by profile and by place in its `pluginConfig`. */
  readonly args: ReadonlyArray<ReadonlyArray<TypedArgs | undefined>>;
}

/** Throws ConfigError. */
export function decode({ text, value, strictErrors }: ConfigText): DecodedConfiguration {
  try {
    return decodeOrThrow(text, value, strictErrors);
  } catch (error) {
    if (error instanceof DecodeError) throw new ConfigError('decode', error.message);
    throw error;
  }
}

function decodeOrThrow(text: string, value: Value, textErrors: readonly string[]): DecodedConfiguration {
  const { kind, version } = versionAndKind(value);
  if (kind === '') throw new DecodeError(`Object 'Kind' is missing in '${text}'`);
  if (version === '') throw new DecodeError(`Object 'apiVersion' is missing in '${text}'`);
  const decoded = readKind(kind, version, value);
  const strictErrors = [...textErrors, ...decoded.strictErrors];
  if (kind !== KIND) {
    if (strictErrors.length > 0) throw strictError(strictErrors);
    throw new DecodeError(`couldn't decode as ${KIND}, got ${version}, Kind=${kind}: `);
  }
  const configuration = decoded.value as ConfigurationV1;
  const nestedErrors: string[] = [];
  const args = (configuration.profiles ?? []).map(({ pluginConfig }, i) =>
    (pluginConfig ?? []).map(({ name, args: raw }, j) => {
      const definition = argsDefinitions.get(name);
      if (definition === undefined) return undefined;
      const where = `decoding .profiles[${i}].pluginConfig[${j}]`;
      const nested = inContext(where, () => decodeArgs(definition, raw));
      if (nested.strictErrors.length > 0) {
        const inArgs = strictError([`decoding args for plugin ${name}: ${strictError(nested.strictErrors).message}`]);
        nestedErrors.push(`${where}: ${inArgs.message}`);
      }
      return nested.args;
    }),
  );
  strictErrors.push(...nestedErrors);
  if (strictErrors.length > 0) throw strictError(strictErrors);
  return { configuration, args };
}

function decodeArgs(definition: ArgsDefinition, raw: Value | undefined) {
  const { plugin, schema } = definition;
  const expected = kindOf(definition);
  const found = inContext(`decoding args for plugin ${plugin}`, () => {
    const meta = versionAndKind(raw ?? null);
    const kind = meta.kind || expected;
    const version = meta.version || (meta.group === '' || meta.group === CONFIG_GROUP ? CONFIG_VERSION : '');
    if (version === '') throw new DecodeError(`Object 'apiVersion' is missing in '${toJsonText(raw ?? null)}'`);
    return { kind, ...readKind(kind, version, raw ?? null) };
  });
  if (found.kind !== expected) {
    const named = (kind: string): string => `${kind}.${CONFIG_GROUP}`;
    throw new DecodeError(`args for plugin ${plugin} were not of type ${named(expected)}, got ${named(found.kind)}`);
  }
  const value = raw === undefined ? schema.zero() : found.value;
  return { args: { definition, value } satisfies TypedArgs, strictErrors: found.strictErrors };
}

function readKind(kind: string, version: string, value: Value) {
  const schema = version === CONFIG_VERSION ? schemas.get(kind) : undefined;
  if (schema === undefined) {
    throw new DecodeError(
      `no kind ${goQuote(kind)} is registered for version ${goQuote(version)} in scheme "${SCHEME}"`,
    );
  }
  const reader = new Reader();
  const read = schema.read(value, reader);
  reader.finish();
  return { value: read, strictErrors: reader.strictErrors };
}

/** Go reads these two with its own JSON package, which does not mind the case of field names. */
function versionAndKind(value: Value): { readonly kind: string; readonly version: string; readonly group: string } {
  const read: Record<'kind' | 'apiVersion', string> = { kind: '', apiVersion: '' };
  let wrong: string | undefined;
  if (value instanceof ObjectValue) {
    for (const [key, child] of value.entries) {
      const folded = key.toLowerCase();
      const field = folded === 'kind' ? 'kind' : folded === 'apiversion' ? 'apiVersion' : undefined;
      if (field === undefined || child === null) continue;
      if (typeof child === 'string') read[field] = child;
      else wrong ??= `json: cannot unmarshal ${typeName(child)} into Go struct field .${field} of type string`;
    }
  } else if (value !== null) wrong = `json: cannot unmarshal ${typeName(value)} into Go value of type ${META_TYPE}`;
  if (wrong !== undefined) throw new DecodeError(`${VERSION_AND_KIND_UNREADABLE}: ${wrong}`);
  return { kind: read.kind, ...groupAndVersion(read.apiVersion) };
}

/** `version` is the whole of `group/version`, '' when the version part is empty. */
function groupAndVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  if (apiVersion === '/') return { group: '', version: '' };
  const parts = apiVersion.split('/');
  if (parts.length > 2) throw new DecodeError(`unexpected GroupVersion string: ${apiVersion}`);
  if (parts.length === 1) return { group: '', version: apiVersion };
  const [group = '', version = ''] = parts;
  return { group, version: version === '' ? '' : group === '' ? version : apiVersion };
}

const strictError = (errors: readonly string[]): DecodeError =>
  new DecodeError(`strict decoding error: ${errors.join(', ')}`);

function inContext<T>(context: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DecodeError) throw new DecodeError(`${context}: ${error.message}`);
    throw error;
  }
}
