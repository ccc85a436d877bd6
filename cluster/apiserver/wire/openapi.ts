/** OpenAPI as far as kubectl asks for it: a document of version 3 for each group and version, made from the tables of fields. */
import { createHash } from 'node:crypto';
import type { Registry } from '../kinds/registry.ts';
import type { Resource } from '../kinds/resource.ts';
import {
  type FieldSchema,
  type StructSchema,
  schemaOf,
  structSchema,
  type TypeSchema,
} from '../kinds/schema/schema.ts';
import type { Json } from './patch/index.ts';

const TITLE = 'berth';

const pathOf = (apiVersion: string): string => (apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`);

export class OpenApiV3 {
  private readonly registry: Registry;
  private readonly version: string;
  private readonly documents = new Map<string, string>();

  constructor(registry: Registry, version: string) {
    this.registry = registry;
    this.version = version;
  }

  /** `GET /openapi/v3`. */
  index(): object {
    const paths: Json = {};
    for (const apiVersion of this.registry.groupVersions) {
      const path = pathOf(apiVersion);
      const hash = createHash('sha256').update(this.document(path)!).digest('hex').toUpperCase();
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
    return { paths };
  }

  /** Every document. */
  all(): object[] {
    return this.registry.groupVersions.map((apiVersion) => JSON.parse(this.document(pathOf(apiVersion))!) as object);
  }

  /** @param path `api/v1`, `apis/apps/v1`; undefined when nothing is served there. */
  document(path: string): string | undefined {
    const known = this.documents.get(path);
    if (known !== undefined) return known;
    const apiVersion = this.registry.groupVersions.find((each) => pathOf(each) === path);
    if (apiVersion === undefined) return undefined;
    const resources = this.registry.resources.filter((resource) => resource.apiVersion === apiVersion);
    const schemas = new Schemas();
    for (const resource of resources) schemas.addKind(resource);
    const text = JSON.stringify({
      openapi: '3.0.0',
      info: { title: TITLE, version: this.version },
      paths: Object.fromEntries(resources.flatMap((resource) => pathsOf(resource, schemas))),
      components: { schemas: schemas.all },
    });
    this.documents.set(path, text);
    return text;
  }
}

class Schemas {
  readonly all: Json = {};

  addKind({ schema, group, version, kind }: Resource): void {
    const name = this.add(schema);
    const struct = this.all[name] as Json;
    struct['x-kubernetes-group-version-kind'] = [{ group, version, kind }];
  }

  /** The name by which it is referred to. */
  add(schema: StructSchema): string {
    const name = nameOf(schema);
    if (this.all[name] !== undefined) return name;
    const properties: Json = {};
    const struct: Json = { type: 'object', properties };
    // Known before its fields are: a struct may hold itself.
    this.all[name] = struct;
    for (const field of schema.fields.values()) properties[field.name] = this.property(field);
    return name;
  }

  private property(field: FieldSchema): Json {
    return { description: '', ...this.typeOf(field.type, true), ...extensionsOf(field) };
  }

  private typeOf(type: TypeSchema, isProperty = false): Json {
    switch (type.type) {
      case 'struct': {
        const reference = { $ref: `#/components/schemas/${this.add(type)}` };
        return isProperty ? { allOf: [reference], default: {} } : reference;
      }
      case 'list':
        return { type: 'array', items: this.typeOf(type.of) };
      case 'map':
        return { type: 'object', additionalProperties: this.typeOf(type.of) };
      default:
        return SCALARS[type.type];
    }
  }
}

const SCALARS: Readonly<Record<Exclude<TypeSchema['type'], 'struct' | 'list' | 'map'>, Json>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  uint8: { type: 'integer', format: 'byte' },
  uint32: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  intOrString: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  raw: { type: 'object' },
};

function extensionsOf({ mergeKey, retainKeys, listKeys, applyAs }: FieldSchema): Json {
  const strategies = [...(mergeKey === undefined ? [] : ['merge']), ...(retainKeys ? ['retainKeys'] : [])];
  return {
    ...(strategies.length === 0 ? {} : { 'x-kubernetes-patch-strategy': strategies.join(',') }),
    ...(mergeKey ? { 'x-kubernetes-patch-merge-key': mergeKey } : {}),
    ...(listKeys === undefined ? {} : { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': listKeys }),
    ...(applyAs === undefined ? {} : { 'x-kubernetes-list-type': applyAs }),
  };
}

/** `io.k8s.api.core.v1.Pod`. */
function nameOf({ name, goName }: StructSchema): string {
  const table = name.split('.')[0]!;
  if (table === 'meta') return `io.k8s.apimachinery.pkg.apis.meta.v1.${goName}`;
  const [, group = table, version = 'v1'] = /^([a-z]+?)(v\d\w*)?$/.exec(table) ?? [];
  return `io.k8s.api.${group}.${version}.${goName}`;
}

const parameter = (name: string, type = 'string'): Json => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
});

/** kubectl looks whether `fieldValidation` is among them. */
const OF_WRITES = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => parameter(name));
const OF_APPLY = [...OF_WRITES, parameter('force', 'boolean')];
const OF_LISTS = ['continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'].map((name) =>
  parameter(name),
);
const OF_LISTS_ALL = [...OF_LISTS, parameter('limit', 'integer'), parameter('watch', 'boolean')];

function pathsOf(resource: Resource, schemas: Schemas): [path: string, item: Json][] {
  const { apiVersion, namespaced, verbs, subresources } = resource;
  const root = `/${pathOf(apiVersion)}${namespaced ? '/namespaces/{namespace}' : ''}/${resource.resource}`;
  const inPath = (...names: string[]): Json[] =>
    names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }));
  const place = namespaced ? ['namespace'] : [];
  const operation = (verb: string, parameters: readonly Json[], takes?: string): Json => ({
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(takes === undefined ? {} : { requestBody: bodyOf(takes) }),
    responses: { '200': { description: 'OK' }, '401': { description: 'Unauthorized' } },
    'x-kubernetes-action': verb,
    'x-kubernetes-group-version-kind': { group: resource.group, version: resource.version, kind: resource.kind },
  });
  const own = schemas.add(resource.schema);
  const collection: Json = { parameters: inPath(...place) };
  if (verbs.includes('list')) collection.get = operation('list', OF_LISTS_ALL);
  if (verbs.includes('create')) collection.post = operation('post', OF_WRITES, own);
  if (verbs.includes('deletecollection')) collection.delete = operation('deletecollection', OF_LISTS_ALL);
  const paths: [string, Json][] = [[root, collection]];
  if (verbs.includes('get')) {
    const item: Json = { parameters: inPath('name', ...place), get: operation('get', []) };
    if (verbs.includes('update')) item.put = operation('put', OF_WRITES, own);
    if (verbs.includes('patch')) item.patch = operation('patch', OF_APPLY);
    if (verbs.includes('delete')) item.delete = operation('delete', [parameter('gracePeriodSeconds', 'integer')]);
    paths.push([`${root}/{name}`, item]);
  }
  for (const subresource of subresources) {
    const version = subresource.version === undefined ? apiVersion : versionText(subresource);
    const schema = schemaOf(version, subresource.kind) ?? structSchema(`core.${subresource.kind}`);
    const takes = schema === undefined ? undefined : schemas.add(schema);
    const item: Json = { parameters: inPath('name', ...place) };
    if (subresource.verbs.includes('get')) item.get = operation('get', []);
    if (subresource.verbs.includes('create')) item.post = operation('post', OF_WRITES, takes);
    if (subresource.verbs.includes('update')) item.put = operation('put', OF_WRITES, takes);
    if (subresource.verbs.includes('patch')) item.patch = operation('patch', OF_APPLY);
    paths.push([`${root}/{name}/${subresource.name}`, item]);
  }
  return paths;
}

const versionText = ({ group = '', version = '' }: { group?: string; version?: string }): string =>
  group === '' ? version : `${group}/${version}`;

const bodyOf = (schema: string): Json => ({
  content: { '*/*': { schema: { $ref: `#/components/schemas/${schema}` } } },
});
