/** The API's refusals, in upstream's words. Source: `apimachinery/pkg/api/errors/errors.go`, v0.37.2. */
import { aggregate, type FieldError, goQuote } from '../../api/index.ts';
import type { Status, StatusCause, StatusDetails } from './status.ts';

/** A group and a resource, or where upstream has it so, a kind. */
export interface Qualified {
  readonly group: string;
  readonly resource: string;
}

/** Thrown inside the API server, answered as its status. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }
}

export function failure(code: number, reason: string | undefined, message: string, details?: StatusDetails): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

export const success = (code: number, details?: StatusDetails): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  ...(details === undefined ? {} : { details }),
  code,
});

/** `deployments.apps`. */
export const qualifiedText = ({ group, resource }: Qualified): string =>
  group === '' ? resource : `${resource}.${group}`;

function detailsOf({ group, resource }: Qualified, name: string, causes?: readonly StatusCause[]): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(resource === '' ? {} : { kind: resource }),
    ...(causes === undefined ? {} : { causes }),
  };
}

export const badRequest = (message: string): Status => failure(400, 'BadRequest', message);

/** Something that upstream tells without a reason. */
export const unexplained = (message: string): Status => failure(500, undefined, message);

export const internalError = (message: string): Status =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

export const noSuchResource = (): Status =>
  failure(404, 'NotFound', 'the server could not find the requested resource', {});

export const methodNotAllowed = (): Status =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const notFound = (of: Qualified, name: string): Status =>
  failure(404, 'NotFound', `${qualifiedText(of)} ${goQuote(name)} not found`, detailsOf(of, name));

export const alreadyExists = (of: Qualified, name: string): Status =>
  failure(409, 'AlreadyExists', `${qualifiedText(of)} ${goQuote(name)} already exists`, detailsOf(of, name));

/** The generated name was taken each time it was tried. */
export const noFreeName = (of: Qualified, name: string): Status =>
  failure(
    409,
    'AlreadyExists',
    `${qualifiedText(of)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`,
    { ...detailsOf(of, name), retryAfterSeconds: 1 },
  );

export const conflict = (of: Qualified, name: string, why: string): Status =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedText(of)} ${goQuote(name)}: ${why}`,
    detailsOf(of, name),
  );

export const modifiedMeanwhile = (of: Qualified, name: string): Status =>
  conflict(of, name, 'the object has been modified; please apply your changes to the latest version and try again');

/** In the words of upstream's storage. */
export const wrongUid = (of: Qualified, name: string, key: string, wanted: string, actual = ''): Status =>
  conflict(
    of,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${actual}`,
  );

export function forbidden(of: Qualified, name: string, why: string, causes?: readonly StatusCause[]): Status {
  const what = name === '' ? qualifiedText(of) : `${qualifiedText(of)} ${goQuote(name)}`;
  return failure(403, 'Forbidden', `${what} is forbidden: ${why}`, detailsOf(of, name, causes));
}

/** `of` names the kind here, not the resource. */
export function invalid(of: Qualified, name: string, errors: readonly FieldError[]): Status {
  const causes = errors.map(causeOf);
  const what = `${qualifiedText(of)} ${goQuote(name)} is invalid`;
  return failure(422, 'Invalid', `${what}: ${aggregate(errors)}`, detailsOf(of, name, causes));
}

/** Options of a request (`ListOptions`, `PatchOptions`, …) that are not valid. */
export const invalidOptions = (kind: string, errors: readonly FieldError[]): Status =>
  invalid({ group: 'meta.k8s.io', resource: kind }, '', errors);

export const tooManyRequests = (message: string, retryAfterSeconds: number, cause: StatusCause): Status =>
  failure(429, 'TooManyRequests', message, {
    causes: [cause],
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  });

export const expired = (message: string): Status => failure(410, 'Expired', message);

export const tooLargeVersion = (wanted: number, current: number): Status =>
  failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

export const unauthorized = (): Status => failure(401, 'Unauthorized', 'Unauthorized');

const CAUSES: ReadonlyArray<readonly [words: string, reason: string]> = [
  ['Invalid value', 'FieldValueInvalid'],
  ['Required value', 'FieldValueRequired'],
  ['Forbidden', 'FieldValueForbidden'],
  ['Unsupported value', 'FieldValueNotSupported'],
  ['Duplicate value', 'FieldValueDuplicate'],
  ['Too long', 'FieldValueTooLong'],
  ['Too many', 'FieldValueTooMany'],
  ['Not found', 'FieldValueNotFound'],
  ['Internal error', 'InternalError'],
];

function causeOf({ path, text }: FieldError): StatusCause {
  const message = path === '' ? text : text.slice(path.length + 2);
  const reason = CAUSES.find(([words]) => message.startsWith(words))?.[1] ?? 'FieldValueInvalid';
  return { reason, message, field: path };
}
