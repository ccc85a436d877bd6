/** The body of a write: its kind, the types of its fields, its name and namespace. */
import { goQuote, type KubeObject } from '../../../api/index.ts';
import type { WriteOptions } from '../client.ts';
import { ApiFailure, badRequest } from '../failures.ts';
import { decodeStruct } from '../kinds/schema/decode.ts';
import type { StructSchema } from '../kinds/schema/schema.ts';
import type { RequestContext } from '../request-context.ts';

/** What a body has to be. */
export interface Expected {
  readonly kind: string;
  readonly apiVersion: string;
  readonly schema: StructSchema;
  /** Older versions with the same fields, which are taken as well. */
  readonly alsoVersions?: readonly string[];
}

/**
 * The object of a body: its own where that is typed, and with `context.decode` its JSON brought in shape.
 * Source: `apiserver/pkg/endpoints/handlers/{create,rest}.go`, v0.37.2.
 */
export function readBody(
  context: RequestContext,
  body: KubeObject,
  expected: Expected,
  { fieldValidation = 'Warn' }: WriteOptions,
): KubeObject {
  checkTypeMeta(body, expected);
  const kind = body.kind || expected.kind;
  const apiVersion = body.apiVersion || expected.apiVersion;
  const refuse = (why: string): never => {
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    throw new ApiFailure(
      badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${expected.kind}: ${why}`),
    );
  };
  const isKnownVersion = apiVersion === expected.apiVersion || expected.alsoVersions?.includes(apiVersion) === true;
  if (kind !== expected.kind || !isKnownVersion) {
    refuse(`converting (${goType(apiVersion, kind)}) to (${internalType(expected)}): unknown conversion`);
  }
  let object = body;
  if (context.decode) {
    const { error, unknownFields } = decodeStruct(body as Record<string, unknown>, expected.schema);
    if (error !== undefined) refuse(error);
    const unknown = unknownFields.map((field) => `unknown field ${goQuote(field)}`);
    if (fieldValidation === 'Strict' && unknown.length > 0) refuse(`strict decoding error: ${unknown.join(', ')}`);
    if (fieldValidation === 'Warn') for (const text of unknown) context.warn?.(text);
  }
  if (object.kind !== expected.kind || object.apiVersion !== expected.apiVersion) {
    object = { ...object, kind: expected.kind, apiVersion: expected.apiVersion };
  }
  return object;
}

/** What a body says that it is, is text. Throws ApiFailure. */
function checkTypeMeta(body: KubeObject, { kind }: Expected): void {
  for (const field of ['apiVersion', 'kind'] as const) {
    const value: unknown = body[field] ?? '';
    if (typeof value === 'string') continue;
    const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    const why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go struct field .${field} of type string`;
    throw new ApiFailure(badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`));
  }
}

const goType = (apiVersion: string, kind: string): string => `${apiVersion.slice(apiVersion.indexOf('/') + 1)}.${kind}`;

/** `core.Pod`: upstream's name for its own form of a kind. */
const internalType = ({ schema, kind }: Expected): string => `${schema.name.split('.')[0]}.${kind}`;

/** The namespace that the object is to have; throws ApiFailure when it names another one. */
export function checkNamespace(object: KubeObject, namespace: string): void {
  const own = object.metadata?.namespace ?? '';
  if (own !== '' && namespace !== '' && own !== namespace) {
    throw new ApiFailure(
      badRequest('the namespace of the provided object does not match the namespace sent on the request'),
    );
  }
}

/** Throws ApiFailure when a PUT's body names another object than its path. */
export function checkName(object: KubeObject, name: string, namespace: string): void {
  const { name: own = '', namespace: ownNamespace = '' } = object.metadata ?? {};
  if (own === '') {
    throw new ApiFailure(
      badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`),
    );
  }
  if (own !== name) {
    throw new ApiFailure(badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`));
  }
  if (namespace !== '' && ownNamespace !== '' && ownNamespace !== namespace) {
    throw new ApiFailure(
      badRequest(
        `the namespace of the object (${ownNamespace}) does not match the namespace on the request (${namespace})`,
      ),
    );
  }
}
