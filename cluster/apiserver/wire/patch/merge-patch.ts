/** JSON merge patch (RFC 7396). */
import { ApiFailure, badRequest } from '../../failures.ts';
import { copyJson, hasOwn, isJson, type Json, setOwn } from './json.ts';

export function mergePatch(current: object, patch: unknown): Json {
  if (!isJson(patch)) throw new ApiFailure(badRequest('error decoding patch: a merge patch is an object'));
  const result = copyJson(current) as Json;
  mergeInto(result, patch);
  return result;
}

/** @param target Ours to change. */
function mergeInto(target: Json, patch: Json): void {
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) delete target[key];
    else if (!isJson(value)) setOwn(target, key, copyJson(value));
    else {
      const there = hasOwn(target, key) ? target[key] : undefined;
      const inner = isJson(there) ? there : {};
      mergeInto(inner, value);
      setOwn(target, key, inner);
    }
  }
}
