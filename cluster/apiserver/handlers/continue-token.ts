/** Where a list in pages goes on. Source: `apiserver/pkg/storage/continue.go`, v0.37.2. */
import { ApiFailure, badRequest } from '../failures.ts';

export interface Continuation {
  readonly key: string;
  /** −1 for the current revision. */
  readonly revision: number;
}

const VERSION = 'meta.k8s.io/v1';

/** @param keyPrefix Of the whole list, without a slash at its end. */
export function encodeContinue(key: string, keyPrefix: string, revision: number): string {
  const token = JSON.stringify({ v: VERSION, rv: revision, start: key.slice(keyPrefix.length) });
  // Go escapes a NUL as we do, so that the tokens are the same.
  return Buffer.from(token).toString('base64url');
}

/** Throws ApiFailure: 400. */
export function decodeContinue(token: string, keyPrefix: string): Continuation {
  const refuse = (why: string): never => {
    throw new ApiFailure(badRequest(`invalid continue token: continue key is not valid${why}`));
  };
  const illegalAt = token.search(/[^A-Za-z0-9_-]/);
  if (illegalAt >= 0) refuse(`: illegal base64 data at input byte ${illegalAt}`);
  if (token.length % 4 === 1) refuse(`: illegal base64 data at input byte ${token.length - 1}`);
  const bytes = Buffer.from(token, 'base64url');
  let parsed: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    parsed = JSON.parse(bytes.toString()) as typeof parsed;
  } catch {
    const first = bytes.length === 0 ? undefined : String.fromCharCode(bytes[0]!);
    return refuse(
      first === undefined || first === '{'
        ? ': unexpected end of JSON input'
        : `: invalid character '${first}' looking for beginning of value`,
    );
  }
  if (typeof parsed !== 'object' || parsed === null)
    refuse(': json: cannot unmarshal into Go value of type storage.continueToken');
  const { v = '', rv = 0, start = '' } = parsed;
  if (v !== VERSION) refuse(`: server does not recognize this encoded version ${v}`);
  if (!Number.isSafeInteger(rv) || rv === 0) refuse(`: incorrect encoded start resourceVersion (version ${VERSION})`);
  if (typeof start !== 'string' || start === '') return refuse(`: encoded start key empty (version ${VERSION})`);
  const key = start.startsWith('/') ? start : `/${start}`;
  if (key.split('/').some((step, i) => step === '..' || step === '.' || (step === '' && i > 0))) refuse(`: ${start}`);
  return { key: `${keyPrefix}${key}`, revision: rv as number };
}
