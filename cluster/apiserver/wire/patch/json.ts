/** JSON values as patches see them. */
export type Json = Record<string, unknown>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy that may be changed; `undefined` fields do not come along. */
export function copyJson<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyJson) as T;
  if (!isJson(value)) return value;
  const copy: Json = {};
  for (const key of Object.keys(value)) if (value[key] !== undefined) setOwn(copy, key, copyJson(value[key]));
  return copy as T;
}

/** Sets a field by its name, `__proto__` too. */
export function setOwn(object: Json, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

export const hasOwn = (object: object, key: string): boolean => Object.hasOwn(object, key);

/** Equal as JSON: the order of fields does not count, that of lists does. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i]));
  if (!isJson(a) || !isJson(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => hasOwn(b, key) && equalJson(a[key], b[key]));
}
