/**
 * The fields of every kind that is served, with all that decoding, patching and writing them needs. The tables are text, a
 * struct per paragraph and a field per line:
 *
 *     containers [].Container #2 ! =name @name
 *
 * its JSON name; its type (`[]` a list, `{}` a map from strings, `.` a struct of the same group, after `/` the name of a Go
 * type); `#` its protobuf number and `^` that of the message around it, where Go embeds one; `*` a pointer; `!` written even
 * when empty; `=` merged by a strategic patch, by that key or as a set of values; `~` retainKeys; `@` the keys of the list,
 * `set` or `atomic`, for server-side apply.
 */
import { CORE } from './core.ts';
import { CORE_POD } from './core-pod.ts';
import { CORE_VOLUMES } from './core-volumes.ts';
import { META } from './meta.ts';
import { OTHERS } from './others.ts';
import { RESOURCE } from './resource.ts';
import { SCHEDULING } from './scheduling.ts';
import { STORAGE } from './storage.ts';
import { WORKLOADS } from './workloads.ts';

export type Scalar =
  | 'string'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint32'
  | 'float64'
  | 'bool'
  | 'bytes'
  | 'quantity'
  | 'intOrString'
  | 'time'
  | 'microTime'
  | 'raw';

export type TypeSchema =
  | { readonly type: Scalar; readonly goName: string }
  | { readonly type: 'list'; readonly of: TypeSchema }
  | { readonly type: 'map'; readonly of: TypeSchema }
  | StructSchema;

export interface StructSchema {
  readonly type: 'struct';
  /** `core.PodSpec`. */
  readonly name: string;
  /** `PodSpec`, as Go's decoder names it. */
  readonly goName: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** Fields that are written even when they are empty, as something else than `null`. */
  readonly always: readonly FieldSchema[];
}

export interface FieldSchema {
  readonly name: string;
  readonly type: TypeSchema;
  /** Undefined for `kind` and `apiVersion`. */
  readonly protoNumber: number | undefined;
  /** Number of the message that holds it, where Go embeds a struct. */
  readonly embeddedIn: number | undefined;
  readonly isPointer: boolean;
  /** Written even when it is empty. */
  readonly isAlwaysWritten: boolean;
  /** Strategic merge: '' merges a list as a set of values. */
  readonly mergeKey: string | undefined;
  readonly retainKeys: boolean;
  /** Server-side apply: keys of a list, or how it is taken whole. */
  readonly listKeys: readonly string[] | undefined;
  readonly applyAs: 'set' | 'atomic' | undefined;
}

const NEVER_NULL: ReadonlySet<TypeSchema['type']> = new Set([
  'struct',
  'string',
  'bool',
  'int32',
  'int64',
  'float64',
  'quantity',
]);

/** What the tables call a group and version. */
const TABLE_OF: Readonly<Record<string, string>> = {
  v1: 'core',
  'apps/v1': 'apps',
  'batch/v1': 'batch',
  'policy/v1': 'policy',
  'policy/v1beta1': 'policy',
  'autoscaling/v1': 'autoscaling',
  'storage.k8s.io/v1': 'storage',
  'resource.k8s.io/v1': 'resource',
  'resource.k8s.io/v1beta2': 'resource',
  'scheduling.k8s.io/v1': 'scheduling',
  'scheduling.k8s.io/v1beta1': 'schedulingv1beta1',
  'scheduling.k8s.io/v1alpha3': 'schedulingv1alpha3',
  'coordination.k8s.io/v1': 'coordination',
  'events.k8s.io/v1': 'events',
  'discovery.k8s.io/v1': 'discovery',
  'authorization.k8s.io/v1': 'authorization',
  'authentication.k8s.io/v1': 'authentication',
  'rbac.authorization.k8s.io/v1': 'rbac',
  'node.k8s.io/v1': 'node',
  'meta.k8s.io/v1': 'meta',
};

const PREDECLARED: ReadonlySet<string> = new Set([
  'string',
  'int32',
  'int64',
  'uint8',
  'uint32',
  'float64',
  'bool',
  'bytes',
  'quantity',
  'intOrString',
  'time',
  'microTime',
  'raw',
]);

const GO_NAMES: Readonly<Partial<Record<Scalar, string>>> = {
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  raw: 'runtime.RawExtension',
};

/** Struct by name, as written; a struct is read when somebody asks for it. */
let paragraphs: Map<string, string[]> | undefined;
const structs = new Map<string, StructSchema>();

/** Undefined for a kind that has no table. */
export function schemaOf(apiVersion: string, kind: string): StructSchema | undefined {
  const table = TABLE_OF[apiVersion];
  return table === undefined ? undefined : structSchema(`${table}.${kind}`);
}

/** `meta.DeleteOptions`, `core.PodSpec`; undefined when there is none by that name. */
export function structSchema(name: string): StructSchema | undefined {
  const known = structs.get(name);
  if (known !== undefined) return known;
  paragraphs ??= readTables();
  const lines = paragraphs.get(name);
  if (lines === undefined) return undefined;
  const fields = new Map<string, FieldSchema>();
  const [table = '', goName = ''] = name.split('.');
  // Known before its fields are: a struct may hold itself.
  const always: FieldSchema[] = [];
  const struct: StructSchema = { type: 'struct', name, goName, fields, always };
  structs.set(name, struct);
  for (const line of lines) {
    const field = readField(line, table);
    fields.set(field.name, field);
    if (field.isAlwaysWritten && !field.isPointer && NEVER_NULL.has(field.type.type)) always.push(field);
  }
  return struct;
}

function readTables(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const text of [META, CORE, CORE_POD, CORE_VOLUMES, WORKLOADS, STORAGE, RESOURCE, SCHEDULING, OTHERS]) {
    let table = '';
    let lines: string[] = [];
    for (const line of text.split('\n')) {
      if (line.startsWith('## ')) table = line.slice(3);
      else if (line.startsWith(' ')) lines.push(line.slice(1));
      else if (line !== '') {
        lines = [];
        found.set(`${table}.${line}`, lines);
      }
    }
  }
  return found;
}

function readField(line: string, table: string): FieldSchema {
  const [name = '', type = '', ...flags] = line.split(' ');
  const flag = (sign: string): string | undefined => flags.find((text) => text.startsWith(sign))?.slice(1);
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  const apply = flag('@');
  const isWhole = apply === 'set' || apply === 'atomic';
  return {
    name,
    type: readType(type, table),
    protoNumber: number(flag('#')),
    embeddedIn: number(flag('^')),
    isPointer: flag('*') !== undefined,
    isAlwaysWritten: flag('!') !== undefined,
    mergeKey: flag('='),
    retainKeys: flag('~') !== undefined,
    listKeys: apply === undefined || isWhole ? undefined : apply.split(','),
    applyAs: isWhole ? apply : undefined,
  };
}

function readType(text: string, table: string): TypeSchema {
  if (text.startsWith('[]')) return { type: 'list', of: readType(text.slice(2), table) };
  if (text.startsWith('{}')) return { type: 'map', of: readType(text.slice(2), table) };
  const [type = '', goName] = text.split('/');
  if (PREDECLARED.has(type)) {
    return { type: type as Scalar, goName: goName ?? GO_NAMES[type as Scalar] ?? type };
  }
  const name = text.startsWith('.') ? `${table}${text}` : text;
  const struct = structSchema(name);
  if (struct === undefined) throw new Error(`the tables have no ${name}`);
  return struct;
}
