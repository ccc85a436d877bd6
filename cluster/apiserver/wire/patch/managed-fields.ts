/**
 * Who manages which fields of an object. Nothing is written down before the first apply; from then on every write is.
 * Source: `apimachinery/pkg/util/managedfields/internal`, v0.37.2.
 */
import type { StructSchema } from '../../kinds/schema/schema.ts';
import { type FieldSet, fieldsOf, fromFieldsV1, isUnder, type Path, pathOf, toFieldsV1 } from './field-paths.ts';
import { equalJson, isJson, type Json } from './json.ts';

/** Who writes, and by which way. */
export interface Writer {
  readonly manager: string;
  /** Of the version that is written: `apps/v1`. */
  readonly apiVersion: string;
  readonly subresource?: string;
  /** RFC 3339, whole seconds. */
  readonly time: string;
}

export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Upstream's name for whoever wrote what was there already. */
export const BEFORE_FIRST_APPLY = 'before-first-apply';

/** What a write changed: added or set to another value, and taken away. */
export interface Changes {
  readonly set: FieldSet;
  readonly removed: FieldSet;
}

export function changesBetween(before: object, after: object, schema: StructSchema): Changes {
  const old = fieldsOf(before, schema);
  const now = fieldsOf(after, schema);
  const set = new Set<Path>();
  for (const [path, value] of now) if (!old.has(path) || !equalJson(old.get(path), value)) set.add(path);
  return { set, removed: new Set([...old.keys()].filter((path) => !now.has(path))) };
}

export function managersOf(object: object | undefined): Manager[] {
  const entries = (object as { metadata?: Json } | undefined)?.metadata?.managedFields;
  if (!Array.isArray(entries)) return [];
  return entries.filter(isJson).flatMap((entry) => {
    const { manager, operation, apiVersion, subresource, time, fieldsV1 } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return [];
    return [
      {
        manager: String(manager ?? ''),
        operation,
        apiVersion: String(apiVersion ?? ''),
        subresource: String(subresource ?? ''),
        time: typeof time === 'string' ? time : undefined,
        fields: fromFieldsV1(fieldsV1),
      },
    ];
  });
}

/** In upstream's order; managers of nothing are left out. */
export function toManagedFields(managers: readonly Manager[]): Json[] {
  const seconds = ({ time }: Manager): number => (time === undefined ? 0 : Date.parse(time));
  const text = (m: Manager): string => `${m.manager}\0${m.apiVersion}\0${m.subresource}`;
  return managers
    .filter(({ fields }) => fields.size > 0)
    .sort((a, b) =>
      a.operation !== b.operation
        ? compare(a.operation, b.operation)
        : seconds(a) - seconds(b) || compare(text(a), text(b)),
    )
    .map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource === '' ? {} : { subresource }),
    }));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Appliers are known by name and subresource, updaters by the version they write too. */
export const isSameManager = (a: Manager, b: Manager): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  a.subresource === b.subresource &&
  (a.operation === 'Apply' || a.apiVersion === b.apiVersion);

const STATUS = pathOf(['f:status']);

/** Fields that a write by this way can change: `/status` only what is under it, and nothing else that (`GetResetFields`). */
export const isWrittenBy =
  (subresource: string, hasStatus: boolean) =>
  (path: Path): boolean =>
    !hasStatus || (path === STATUS || isUnder(path, STATUS)) === (subresource === 'status');

/**
 * `managedFields` after an ordinary write of an object that has some; undefined for none.
 * @param after With its defaults.
 * @param hasStatus Whether the kind has a `/status`.
 */
export function managedAfterUpdate(
  schema: StructSchema,
  before: object,
  after: object,
  { manager, apiVersion, subresource = '', time }: Writer,
  hasStatus = false,
): Json[] | undefined {
  const given = (after as { metadata?: Json }).metadata?.managedFields;
  // An empty entry, or an empty list, is how a client has everything forgotten.
  if (Array.isArray(given) && given.every((entry) => isJson(entry) && Object.keys(entry).length === 0))
    return undefined;
  const asGiven = managersOf(after);
  const managers = asGiven.length > 0 ? asGiven : managersOf(before);
  if (managers.length === 0) return undefined;
  const isWritten = isWrittenBy(subresource, hasStatus);
  const all = changesBetween(before, after, schema);
  const changes = { set: only(all.set, isWritten), removed: only(all.removed, isWritten) };
  if (changes.set.size === 0 && changes.removed.size === 0) return toManagedFields(managers);
  const writer: Manager = { manager, operation: 'Update', apiVersion, subresource, time, fields: new Set() };
  const own = managers.find((other) => isSameManager(other, writer))?.fields ?? new Set<Path>();
  const others = managers
    .filter((other) => !isSameManager(other, writer))
    .map((other) => without(other, [changes.set, changes.removed]));
  const fields = new Set([...own].filter((path) => !isRemoved(path, changes.removed)));
  for (const path of changes.set) fields.add(path);
  return toManagedFields([...others, { ...writer, fields }]);
}

export const only = (paths: FieldSet, isMeant: (path: Path) => boolean): FieldSet =>
  new Set([...paths].filter(isMeant));

export function without(manager: Manager, taken: readonly FieldSet[]): Manager {
  const fields = new Set([...manager.fields].filter((path) => !taken.some((paths) => paths.has(path))));
  return fields.size === manager.fields.size ? manager : { ...manager, fields };
}

const isRemoved = (path: Path, removed: FieldSet): boolean => removed.has(path);

/** Whether somebody owns a path or something below it. */
export const ownsWithin = ({ fields }: Manager, path: Path): boolean =>
  fields.has(path) || [...fields].some((other) => isUnder(other, path));
