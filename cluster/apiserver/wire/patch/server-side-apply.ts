/**
 * Server-side apply: what a manager applies is merged into the object, what it applied before and no longer sends goes if
 * nobody else owns it, and what another manager owns and has otherwise is a conflict unless forced.
 * Source: `sigs.k8s.io/structured-merge-diff/v6/merge/update.go`, `apimachinery/pkg/util/managedfields/internal`, v0.37.2.
 */
import { ApiFailure, failure } from '../../failures.ts';
import type { FieldSchema, StructSchema, TypeSchema } from '../../kinds/schema/schema.ts';
import type { StatusCause } from '../../status.ts';
import {
  elementOf,
  elementsOf,
  type FieldSet,
  fieldsOf,
  isMerged,
  isTakenWhole,
  type Path,
  pathOf,
  pathText,
} from './field-paths.ts';
import { copyJson, hasOwn, isJson, type Json, setOwn } from './json.ts';
import { inOrder } from './list-order.ts';
import {
  BEFORE_FIRST_APPLY,
  changesBetween,
  isSameManager,
  isWrittenBy,
  type Manager,
  managersOf,
  only,
  ownsWithin,
  toManagedFields,
  type Writer,
  without,
} from './managed-fields.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** @param current Undefined when the object is created by this. Throws ApiFailure for conflicts. */
export function serverSideApply(
  schema: StructSchema,
  current: object | undefined,
  applied: Json,
  writer: Writer,
  force: boolean,
  hasStatus = false,
): Json {
  const isWritten = isWrittenBy(writer.subresource ?? '', hasStatus);
  const live = current ?? {};
  const config = copyJson(applied);
  const own: Manager = {
    manager: writer.manager,
    operation: 'Apply',
    apiVersion: writer.apiVersion,
    subresource: writer.subresource ?? '',
    time: writer.time,
    fields: only(new Set(fieldsOf(config, schema).keys()), isWritten),
  };
  const managers = current === undefined ? [] : knownManagers(schema, current, writer);
  const last = managers.find((other) => isSameManager(other, own))?.fields ?? new Set<Path>();
  const others = managers.filter((other) => !isSameManager(other, own));

  const next = mergeStruct(copyJson(live) as Json, config, schema);
  for (const path of droppedPaths(last, own.fields)) {
    if (!others.some((other) => ownsWithin(other, path))) removeAt(next, path, schema);
  }

  const all = changesBetween(live, next, schema);
  const changes = { set: only(all.set, isWritten), removed: only(all.removed, isWritten) };
  const conflicts = others
    .map((other) => ({ other, paths: [...other.fields].filter((path) => changes.set.has(path)).sort() }))
    .filter(({ paths }) => paths.length > 0);
  if (conflicts.length > 0 && !force && !isUpgrade(schema, live, writer.manager, conflicts)) {
    throw conflictOf(conflicts);
  }

  const kept = others.map((other) => without(other, [changes.set, changes.removed]));
  const isUnchanged = changes.set.size === 0 && changes.removed.size === 0 && sameFields(last, own.fields);
  const mine = isUnchanged ? (managers.find((other) => isSameManager(other, own)) ?? own) : own;
  const metadata = (isJson(next.metadata) ? next.metadata : {}) as Json;
  metadata.managedFields = toManagedFields([...kept, mine]);
  next.metadata = metadata;
  return next;
}

/** Before the first apply everything there belongs to nobody in particular. */
function knownManagers(schema: StructSchema, current: object, { apiVersion, time }: Writer): Manager[] {
  const managers = managersOf(current);
  if (managers.length > 0) return managers;
  const fields = new Set(fieldsOf(current, schema).keys());
  return [{ manager: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion, subresource: '', time, fields }];
}

const sameFields = (a: FieldSet, b: FieldSet): boolean => a.size === b.size && [...a].every((path) => b.has(path));

/** Paths and the structs around them that were applied and are no longer, the outer ones first. */
function droppedPaths(last: FieldSet, now: FieldSet): Path[] {
  const isStill = withParents(now);
  return [...withParents(last)].filter((path) => !isStill.has(path)).sort();
}

function withParents(paths: FieldSet): Set<Path> {
  const all = new Set(paths);
  for (const path of paths) {
    const elements = elementsOf(path);
    for (let length = 1; length < elements.length; length++) all.add(pathOf(elements.slice(0, length)));
  }
  return all;
}

interface Conflict {
  readonly other: Manager;
  readonly paths: readonly Path[];
}

/** kubectl may take over what its client-side apply had written. Source: `lastappliedmanager.go`. */
function isUpgrade(schema: StructSchema, live: object, manager: string, conflicts: readonly Conflict[]): boolean {
  const text = (live as { metadata?: { annotations?: Json } }).metadata?.annotations?.[LAST_APPLIED];
  if (manager !== 'kubectl' || typeof text !== 'string') return false;
  try {
    const applied: unknown = JSON.parse(text);
    if (!isJson(applied)) return false;
    const allowed = fieldsOf(applied, schema);
    return conflicts.every(({ paths }) => paths.every((path) => allowed.has(path) || isAnnotation(path)));
  } catch {
    return false;
  }
}

const isAnnotation = (path: Path): boolean => path === pathOf(['f:metadata', 'f:annotations', `f:${LAST_APPLIED}`]);

function conflictOf(conflicts: readonly Conflict[]): ApiFailure {
  const causes: StatusCause[] = [];
  const parts: string[] = [];
  for (const { other, paths } of [...conflicts].sort((a, b) => (a.other.manager < b.other.manager ? -1 : 1))) {
    const who = managerText(other);
    parts.push(`conflicts with ${who}:`, ...paths.map((path) => `- ${pathText(path)}`));
    for (const path of paths) {
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field: pathText(path) });
    }
  }
  const what =
    causes.length === 1
      ? `1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `${causes.length} conflicts: ${parts.join('\n')}`;
  return new ApiFailure(failure(409, 'Conflict', `Apply failed with ${what}`, { causes }));
}

function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

/** @param target Ours to change. */
function mergeStruct(target: Json, config: Json, schema: TypeSchema | undefined): Json {
  for (const key of Object.keys(config)) {
    const value = config[key];
    if (value === undefined || value === null) continue;
    const field = schema?.type === 'struct' ? schema.fields.get(key) : undefined;
    const type = field?.type ?? (schema?.type === 'map' ? schema.of : undefined);
    setOwn(target, key, mergeValue(hasOwn(target, key) ? target[key] : undefined, value, field, type));
  }
  return target;
}

function mergeValue(
  current: unknown,
  value: unknown,
  field: FieldSchema | undefined,
  type: TypeSchema | undefined,
): unknown {
  if (isJson(current) && isJson(value) && !isTakenWhole(field, type)) return mergeStruct(current, value, type);
  if (Array.isArray(current) && Array.isArray(value) && isMerged(field)) return mergeList(current, value, field!, type);
  return value;
}

function mergeList(current: unknown[], value: unknown[], field: FieldSchema, type: TypeSchema | undefined): unknown[] {
  const items = type?.type === 'list' ? type.of : undefined;
  const places = new Map(current.map((item, i) => [elementOf(item, field), i]));
  const merged = [...current];
  for (const item of value) {
    const at = places.get(elementOf(item, field));
    if (at === undefined) merged.push(item);
    else merged[at] = mergeValue(merged[at], item, undefined, items);
  }
  const named = (item: unknown): { item: unknown; element: string } => ({ item, element: elementOf(item, field) });
  return inOrder(merged.map(named), value.map(named), current.map(named), 'element').map(
    (entry) => (entry as { item: unknown }).item,
  );
}

function removeAt(object: Json, path: Path, schema: StructSchema): void {
  let holder: unknown = object;
  let type: TypeSchema | undefined = schema;
  let field: FieldSchema | undefined;
  const elements = elementsOf(path);
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]!;
    const isLast = i === elements.length - 1;
    if (element.startsWith('f:')) {
      const key = element.slice(2);
      if (!isJson(holder) || !hasOwn(holder, key)) return;
      if (isLast) {
        delete holder[key];
        return;
      }
      holder = holder[key];
      field = type?.type === 'struct' ? type.fields.get(key) : undefined;
      type = field?.type ?? (type?.type === 'map' ? type.of : undefined);
    } else {
      if (!Array.isArray(holder) || field === undefined) return;
      const itemsOf: FieldSchema = field;
      const at: number = holder.findIndex((item) => elementOf(item, itemsOf) === element);
      if (at < 0) return;
      if (isLast) {
        holder.splice(at, 1);
        return;
      }
      holder = holder[at];
      type = type?.type === 'list' ? type.of : undefined;
      field = undefined;
    }
  }
}
