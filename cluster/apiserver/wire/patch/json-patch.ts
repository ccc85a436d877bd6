/** JSON patch (RFC 6902), refused as upstream refuses it (`apiserver/pkg/endpoints/handlers/patch.go`, v0.37.2). */
import { applyPatch, type Operation } from 'rfc6902';
import { ApiFailure, badRequest, failure } from '../../failures.ts';
import { copyJson, isJson, type Json } from './json.ts';

const MAX_OPERATIONS = 10_000;

/** Whatever keeps an operation from being done is told alike. */
export const rejectedPatch = (): ApiFailure =>
  new ApiFailure(failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {}));

export function jsonPatch(current: object, patch: unknown): Json {
  if (!Array.isArray(patch) || !patch.every(isJson)) {
    throw new ApiFailure(badRequest('error decoding patch: a JSON patch is a list of operations'));
  }
  if (patch.length > MAX_OPERATIONS) {
    throw new ApiFailure(
      failure(
        413,
        'RequestEntityTooLarge',
        `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
      ),
    );
  }
  const document = copyJson(current) as Json;
  for (const operation of patch) {
    if (!isDone(document, operation as unknown as Operation)) throw rejectedPatch();
  }
  return document;
}

function isDone(document: Json, operation: Operation): boolean {
  try {
    return applyPatch(document, [operation]).every((error) => error === null);
  } catch {
    return false;
  }
}
