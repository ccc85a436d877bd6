/**
 * OpenAPI 2, for kubectl up to 1.26: `explain`, checking what is applied and `--dry-run=server` read it. It is made from the
 * documents of version 3, and goes out as JSON or in protobuf (gnostic's `openapiv2/OpenAPIv2.proto`, of which it has the
 * numbers that are needed). Of operations it tells the patches: kubectl looks there for `dryRun`.
 */
import type { OpenApiV3 } from './openapi.ts';
import { isJson, type Json } from './patch/index.ts';

/** With dots where upstream has an at sign: kubectl's parser of media types takes no such sign. */
export const V2_CONTENT_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

interface Document {
  readonly swagger: '2.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly definitions: Readonly<Record<string, Json>>;
}

interface PathItem {
  readonly patch: Operation;
}

interface Operation {
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly in: string; readonly type: string }>;
  readonly 'x-kubernetes-group-version-kind': Json;
}

export class OpenApiV2 {
  private readonly source: OpenApiV3;
  private document: Document | undefined;
  private asBytes: Buffer | undefined;

  constructor(source: OpenApiV3) {
    this.source = source;
  }

  json(): object {
    this.document ??= documentFrom(this.source);
    return this.document;
  }

  bytes(): Buffer {
    this.asBytes ??= documentBytes(this.json() as Document);
    return this.asBytes;
  }
}

// --- from version 3 ----------------------------------------------------------------------------------------------------

interface V3 {
  readonly info: Document['info'];
  readonly paths: Readonly<Record<string, { readonly patch?: V3Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

interface V3Operation {
  readonly parameters?: ReadonlyArray<{ name: string; in: string; schema: { type: string } }>;
  readonly 'x-kubernetes-group-version-kind': Json;
}

function documentFrom(source: OpenApiV3): Document {
  const paths: Record<string, PathItem> = {};
  const definitions: Record<string, Json> = {};
  let info = { title: '', version: '' };
  for (const document of source.all() as readonly V3[]) {
    info = document.info;
    for (const [path, { patch }] of Object.entries(document.paths)) {
      if (patch === undefined) continue;
      const parameters = (patch.parameters ?? []).map(({ name, in: place, schema }) => ({
        name,
        in: place,
        type: schema.type,
      }));
      const kind = patch['x-kubernetes-group-version-kind'];
      paths[path] = { patch: { parameters, 'x-kubernetes-group-version-kind': kind } };
    }
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      // A struct of several groups has its own kinds in the document of its group.
      const known = definitions[name];
      if (known?.['x-kubernetes-group-version-kind'] === undefined) definitions[name] = converted(schema);
    }
  }
  return { swagger: '2.0', info, paths, definitions };
}

function converted({ allOf, oneOf, default: _, ...schema }: Json): Json {
  if (Array.isArray(allOf)) return { ...schema, ...converted(allOf[0] as Json) };
  if (Array.isArray(oneOf)) return { ...schema, type: 'string' };
  const result: Json = { ...schema };
  if (typeof schema.$ref === 'string') result.$ref = schema.$ref.replace('#/components/schemas/', '#/definitions/');
  if (isJson(schema.items)) result.items = converted(schema.items);
  if (isJson(schema.additionalProperties)) result.additionalProperties = converted(schema.additionalProperties);
  if (isJson(schema.properties)) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, inner]) => [name, converted(inner as Json)]),
    );
  }
  return result;
}

// --- protobuf ----------------------------------------------------------------------------------------------------------

function documentBytes({ swagger, info, paths, definitions }: Document): Buffer {
  const items = Object.entries(paths).map(([path, { patch }]) =>
    bytes(2, text(1, path), bytes(2, bytes(8, operationBytes(patch)))),
  );
  return Buffer.concat([
    text(1, swagger),
    bytes(2, text(1, info.title), text(2, info.version)),
    bytes(8, ...items),
    bytes(9, ...named(definitions)),
  ]);
}

/** `ParametersItem` › `Parameter` › `NonBodyParameter` › `QueryParameterSubSchema`. */
function operationBytes(operation: Operation): Buffer {
  const { parameters, ...extensions } = operation;
  const each = parameters.map(({ name, in: place, type }) =>
    bytes(8, bytes(1, bytes(2, bytes(3, text(3, place), text(4, name), text(6, type))))),
  );
  return Buffer.concat([...each, ...extensionBytes(13, extensions)]);
}

const named = (schemas: Readonly<Record<string, Json>>): Buffer[] =>
  Object.entries(schemas).map(([name, schema]) => bytes(1, text(1, name), bytes(2, schemaBytes(schema))));

function schemaBytes(schema: Json): Buffer {
  const parts: Buffer[] = [];
  const { $ref, format, description, type, additionalProperties, items, properties } = schema;
  if (typeof $ref === 'string') parts.push(text(1, $ref));
  if (typeof format === 'string') parts.push(text(2, format));
  if (typeof description === 'string' && description !== '') parts.push(text(4, description));
  if (isJson(additionalProperties)) parts.push(bytes(21, bytes(1, schemaBytes(additionalProperties))));
  if (typeof type === 'string') parts.push(bytes(22, text(1, type)));
  if (isJson(items)) parts.push(bytes(23, bytes(1, schemaBytes(items))));
  if (isJson(properties)) parts.push(bytes(25, ...named(properties as Record<string, Json>)));
  parts.push(...extensionBytes(31, schema));
  return Buffer.concat(parts);
}

/** Extensions are YAML, which JSON is. */
const extensionBytes = (number: number, holder: object): Buffer[] =>
  Object.entries(holder)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, value]) => bytes(number, text(1, name), bytes(2, text(2, `${JSON.stringify(value)}\n`))));

function bytes(number: number, ...content: readonly Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(length)]), ...content]);
}

const text = (number: number, content: string): Buffer => bytes(number, Buffer.from(content));

function varint(value: number): number[] {
  const result: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) result.push((rest % 128) | 128);
  return [...result, rest];
}
