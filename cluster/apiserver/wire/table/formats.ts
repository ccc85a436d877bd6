/** What several printers write alike. */
import type { KubeObject } from '../../../../api/index.ts';
import type { Json } from '../patch/index.ts';
import { since } from './age.ts';
import { field, list, text, texts } from './fields.ts';

export const name = (object: KubeObject): string => text(object, 'metadata', 'name');
export const age = (object: KubeObject, nowMs: number): string =>
  since(text(object, 'metadata', 'creationTimestamp'), nowMs);

/** `a=1,b=2`. */
export function formatLabels(labels: unknown): string {
  const entries = Object.entries((labels as Json | undefined) ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${String(value)}`).join(',');
}

const OPERATORS: Readonly<Record<string, (key: string, values: string) => string>> = {
  In: (key, values) => `${key} in (${values})`,
  NotIn: (key, values) => `${key} notin (${values})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
};

/** A label selector as `-l` takes it, its keys in order. */
export function formatSelector(selector: unknown, none = '<none>'): string {
  const parts: [key: string, text: string][] = [];
  for (const [key, value] of Object.entries((field(selector, 'matchLabels') as Json | undefined) ?? {})) {
    parts.push([key, `${key}=${String(value)}`]);
  }
  for (const each of list(selector, 'matchExpressions')) {
    const key = text(each, 'key');
    const write = OPERATORS[text(each, 'operator')];
    if (write === undefined) return '<error>';
    parts.push([key, write(key, [...texts(each, 'values')].sort().join(','))]);
  }
  if (parts.length === 0) return none;
  return parts
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, part]) => part)
    .join(',');
}

/** The first few, and how many more there are. */
export function firstOf(all: readonly string[], shown = 3): string {
  if (all.length === 0) return '<unset>';
  const some = all.slice(0, shown).join(',');
  return all.length > shown ? `${some} + ${all.length - shown} more...` : some;
}

const MODES: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

export const accessModes = (modes: readonly string[]): string =>
  MODES.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
