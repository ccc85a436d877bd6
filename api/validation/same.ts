/** Equality as `apimachinery/pkg/api/equality` has it: an absent list equals an empty one, an empty struct is not none. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return isNone(a) && isNone(b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  }
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (!isSame(left[key], right[key])) return false;
  for (const key in right) if (left[key] === undefined && !isNone(right[key])) return false;
  return true;
}

const isNone = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);
