/** What the server says of itself: its operations, and objects made up from its schemas. */
import type { Draw } from './draw.ts';
import { type Json, oddText, oddValue } from './odd-values.ts';

export interface Operation {
  readonly method: string;
  /** `/api/v1/namespaces/{namespace}/pods/{name}` */
  readonly path: string;
  readonly parameters: readonly string[];
  readonly apiVersion: string;
  readonly kind: string;
  /** The last step of the path that is no placeholder: `pods`, `status`. */
  readonly last: string;
  readonly resource: string;
  /** Of its body; undefined for none. */
  readonly schema: string | undefined;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Schemas };
}

interface Described {
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string }>;
  readonly requestBody?: { readonly content: { readonly '*/*': { readonly schema: { readonly $ref: string } } } };
  readonly 'x-kubernetes-group-version-kind': { group: string; version: string; kind: string };
}

export type Schemas = Readonly<Record<string, Schema>>;

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function operationsOf(documents: readonly object[]): { operations: Operation[]; schemas: Schemas } {
  const operations: Operation[] = [];
  const schemas: Record<string, Schema> = {};
  for (const { paths, components } of documents as readonly Document[]) {
    Object.assign(schemas, components.schemas);
    for (const [path, item] of Object.entries(paths)) {
      for (const method of METHODS) {
        const described = item[method];
        if (described !== undefined) operations.push(operationOf(path, method, described));
      }
    }
  }
  return { operations, schemas };
}

function operationOf(path: string, method: string, described: Described): Operation {
  const steps = path.split('/').filter((step) => !step.startsWith('{'));
  const { group, version, kind } = described['x-kubernetes-group-version-kind'];
  const own = path.split('/{name}')[0]!.split('/').at(-1)!;
  return {
    method: method.toUpperCase(),
    path,
    parameters: (described.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => name),
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    last: steps.at(-1)!,
    resource: own,
    schema: described.requestBody?.content['*/*'].schema.$ref.split('/').at(-1),
  };
}

const DEEP = 6;

/** An object by its schema, right in its types for the most part and made up in its values. */
export function madeUp(draw: Draw, schemas: Schemas, name: string): Json {
  const made = fromSchema(draw, schemas, { $ref: name }, 0, '');
  return typeof made === 'object' && made !== null ? (made as Json) : {};
}

function fromSchema(draw: Draw, schemas: Schemas, schema: Schema, depth: number, field: string): unknown {
  if (draw.chance(0.01)) return oddValue(draw);
  const one = schema.allOf?.[0] ?? (schema.oneOf === undefined ? schema : draw.of(schema.oneOf));
  const name = one.$ref?.split('/').at(-1);
  const known = name === undefined ? one : schemas[name];
  switch (known?.type) {
    case 'object':
      return structFrom(draw, schemas, known, depth);
    case 'array': {
      const items = [];
      for (let i = depth > DEEP ? 0 : draw.below(3); i > 0; i--) {
        items.push(fromSchema(draw, schemas, known.items ?? {}, depth + 1, field));
      }
      return items;
    }
    case 'integer':
    case 'number':
      return draw.of([0, 1, 2, 80, 100, -1, 70_000]);
    case 'boolean':
      return draw.chance(0.5);
    default:
      return textFor(draw, known?.format, field);
  }
}

function structFrom(draw: Draw, schemas: Schemas, schema: Schema, depth: number): Json {
  const object: Json = {};
  if (depth > DEEP) return object;
  const share = depth < 2 ? 0.5 : 0.25;
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    if (draw.chance(share)) object[key] = fromSchema(draw, schemas, value, depth + 1, key);
  }
  if (schema.additionalProperties !== undefined && draw.chance(0.5)) {
    object[draw.of(['a', 'app', 'cpu', 'x.io/y'])] = fromSchema(
      draw,
      schemas,
      schema.additionalProperties,
      depth + 1,
      '',
    );
  }
  return object;
}

function textFor(draw: Draw, format: string | undefined, field: string): string {
  if (format === 'date-time') return draw.of(['2026-11-25T00:00:00Z', '2026-11-25T00:00:00.000001Z']);
  if (format === 'byte') return draw.of(['YQ==', '']);
  if (/name$/i.test(field)) return draw.of(['a', 'b', 'default', 'x.io/y']);
  if (draw.chance(0.1)) return oddText(draw);
  return draw.of([
    'a',
    'b',
    'app',
    '100m',
    'Always',
    'None',
    'TCP',
    'In',
    'Exists',
    'NoSchedule',
    '10.0.0.1',
    'x.io/y',
  ]);
}
