/** Reads what an object may or may not have, by path: printers take every kind as plain JSON. */
import { isJson, type Json } from '../patch/index.ts';

export function field(object: unknown, ...path: string[]): unknown {
  let value = object;
  for (const key of path) {
    if (!isJson(value)) return undefined;
    value = value[key];
  }
  return value ?? undefined;
}

export const text = (object: unknown, ...path: string[]): string => {
  const value = field(object, ...path);
  return value === undefined ? '' : String(value);
};

export const count = (object: unknown, ...path: string[]): number => Number(field(object, ...path) ?? 0);

export const list = (object: unknown, ...path: string[]): readonly Json[] => {
  const value = field(object, ...path);
  return Array.isArray(value) ? (value as Json[]) : [];
};

export const texts = (object: unknown, ...path: string[]): readonly string[] => list(object, ...path).map(String);

/** How many fields a map has. */
export const size = (object: unknown, ...path: string[]): number => Object.keys(field(object, ...path) ?? {}).length;

export const condition = (object: unknown, type: string): Json | undefined =>
  list(object, 'status', 'conditions').find((entry) => entry.type === type);
