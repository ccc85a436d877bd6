/**
 * Which fields an object has, as server-side apply counts them: a set of paths, each with its value. A list that is a map
 * goes by its keys, a set by its values; what is atomic is one field. Paths are the elements of `FieldsV1`.
 * Source: `sigs.k8s.io/structured-merge-diff/v6/typed` (`tofieldset.go`, `compare.go`).
 */
import type { FieldSchema, StructSchema, TypeSchema } from '../../kinds/schema/schema.ts';
import { isJson, type Json } from './json.ts';

/** Elements joined by SEPARATOR: `f:spec`, `k:{"name":"c"}`, `v:"x"`. */
export type Path = string;
export type FieldSet = ReadonlySet<Path>;

/** Sorts before everything else, so that a field comes before what it holds. */
const SEPARATOR = '\u0001';
/** The value of an item of a list, whose fields stand for themselves. */
const ITEM = Symbol('item');

export const elementsOf = (path: Path): string[] => path.split(SEPARATOR);
export const pathOf = (elements: readonly string[]): Path => elements.join(SEPARATOR);
export const isUnder = (path: Path, parent: Path): boolean => path.startsWith(parent + SEPARATOR);

/** Structs taken whole, by the comment `structType=atomic` on the type. */
const ATOMIC: ReadonlySet<string> = new Set([
  'SecretReference',
  'FileKeySelector',
  'ObjectFieldSelector',
  'ResourceFieldSelector',
  'ConfigMapKeySelector',
  'SecretKeySelector',
  'NodeSelector',
  'NodeSelectorTerm',
  'TopologySelectorTerm',
  'EvictionResponder',
  'EndpointAddress',
  'EndpointPort',
  'ObjectReference',
  'LocalObjectReference',
  'TypedLocalObjectReference',
  'ScopeSelector',
  'OwnerReference',
  'LabelSelector',
]);

/** Fields that nobody owns. */
const NOBODYS = new Set(
  [
    ['f:apiVersion'],
    ['f:kind'],
    ['f:metadata'],
    ...[
      'name',
      'namespace',
      'creationTimestamp',
      'selfLink',
      'uid',
      'generation',
      'managedFields',
      'resourceVersion',
    ].map((name) => ['f:metadata', `f:${name}`]),
  ].map(pathOf),
);

export function fieldsOf(object: object, schema: StructSchema): Map<Path, unknown> {
  const fields = new Map<Path, unknown>();
  visitStruct(object as Json, schema, '', fields);
  for (const path of fields.keys()) {
    if (NOBODYS.has(path) || isUnder(path, 'f:metadata\u0001f:managedFields')) fields.delete(path);
  }
  return fields;
}

const below = (path: Path, element: string): Path => (path === '' ? element : path + SEPARATOR + element);

function visitStruct(object: Json, schema: StructSchema, path: Path, into: Map<Path, unknown>): void {
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined || value === null) continue;
    visit(value, schema.fields.get(key), schema.fields.get(key)?.type, below(path, `f:${key}`), into);
  }
}

function visit(
  value: unknown,
  field: FieldSchema | undefined,
  schema: TypeSchema | undefined,
  path: Path,
  into: Map<Path, unknown>,
): void {
  if (Array.isArray(value)) visitList(value, field, schema, path, into);
  else if (isJson(value) && !isTakenWhole(field, schema)) {
    if (Object.keys(value).length === 0) into.set(path, value);
    else if (schema?.type === 'struct') visitStruct(value, schema, path, into);
    else {
      for (const key of Object.keys(value)) {
        const inner = schema?.type === 'map' ? schema.of : undefined;
        if (inner?.type === 'struct') into.set(below(path, `f:${key}`), ITEM);
        visit(value[key], undefined, inner, below(path, `f:${key}`), into);
      }
    }
  } else into.set(path, value);
}

export const isTakenWhole = (field: FieldSchema | undefined, schema: TypeSchema | undefined): boolean =>
  field?.applyAs === 'atomic' || schema?.type === 'raw' || (schema?.type === 'struct' && ATOMIC.has(schema.goName));

function visitList(
  list: readonly unknown[],
  field: FieldSchema | undefined,
  schema: TypeSchema | undefined,
  path: Path,
  into: Map<Path, unknown>,
): void {
  const items = schema?.type === 'list' ? schema.of : undefined;
  if (!isMerged(field)) {
    into.set(path, list);
    return;
  }
  for (const item of list) {
    const itemPath = below(path, elementOf(item, field!));
    into.set(itemPath, ITEM);
    if (isJson(item) && !isTakenWhole(undefined, items)) visit(item, undefined, items, itemPath, into);
    else if (isJson(item)) into.set(itemPath, item);
  }
}

/** Lists without a word on how to merge them are taken whole. */
export const isMerged = (field: FieldSchema | undefined): boolean =>
  field?.listKeys !== undefined || field?.applyAs === 'set';

/** Keys that have a default, which counts where the key is left out. */
const KEY_DEFAULTS: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

/** What names an item of a list within it. */
export function elementOf(item: unknown, { listKeys }: FieldSchema): string {
  if (listKeys === undefined || !isJson(item)) return `v:${JSON.stringify(item)}`;
  const keys: Json = {};
  for (const key of [...listKeys].sort()) {
    const value = item[key] ?? KEY_DEFAULTS[key];
    if (value !== undefined) keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

/** `.spec.containers[name="c"].image`. */
export function pathText(path: Path): string {
  return elementsOf(path)
    .map((element) => {
      const text = element.slice(2);
      if (element.startsWith('f:')) return `.${text}`;
      if (element.startsWith('v:')) return `[=${text}]`;
      const keys = JSON.parse(text) as Json;
      return `[${Object.keys(keys)
        .map((key) => `${key}=${JSON.stringify(keys[key])}`)
        .join(',')}]`;
    })
    .join('');
}

/** `FieldsV1`: a tree, in which `.` stands for the field itself when it holds others too. */
export function toFieldsV1(paths: FieldSet): Json {
  const root: Json = {};
  for (const path of [...paths].sort()) {
    let node = root;
    for (const element of elementsOf(path)) {
      node[element] ??= {};
      node = node[element] as Json;
    }
    node['.'] = {};
  }
  return withoutLoneDots(root);
}

function withoutLoneDots(node: Json): Json {
  const keys = Object.keys(node);
  if (keys.length === 1 && keys[0] === '.') return {};
  for (const key of keys) if (key !== '.') node[key] = withoutLoneDots(node[key] as Json);
  return node;
}

export function fromFieldsV1(tree: unknown): Set<Path> {
  const paths = new Set<Path>();
  const walk = (node: unknown, path: Path): void => {
    const keys = isJson(node) ? Object.keys(node) : [];
    if (path !== '' && (keys.length === 0 || keys.includes('.'))) paths.add(path);
    for (const key of keys) if (key !== '.') walk((node as Json)[key], below(path, key));
  };
  walk(tree, '');
  return paths;
}
