/** Bodies of requests: taken whole up to a limit, then read as JSON, YAML or protobuf. */
import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { goQuote } from '../../../../api/index.ts';
import { jsonErrorAt } from '../../../../api/text/json.ts';
import type { PatchType } from '../../client.ts';
import { ApiFailure, badRequest, failure } from '../../failures.ts';
import { decodeProtobuf, openEnvelope } from '../protobuf/decode.ts';
import { ProtobufError } from '../protobuf/reader.ts';

/** Upstream's limit (`MaxRequestBodyBytes` of `apiserver/pkg/server/config.go`). */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Deeper bodies than this are nobody's objects, and would exhaust whoever walks them. */
const MAX_DEPTH = 500;

const tooLarge = (): ApiFailure =>
  new ApiFailure(failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`));

/** Rejects with ApiFailure when the body is too large, with an Error when the client goes away. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > MAX_BODY_BYTES) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let isOver = false;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) {
        isOver = true;
        request.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => {
      isOver = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on('error', reject);
    // Every request closes; an error for nobody would cost more than reading the body.
    request.on('close', () => {
      if (!isOver) reject(new Error('the client went away'));
    });
  });
}

const mediaType = (header: string | undefined): string => (header ?? '').split(';')[0]!.trim().toLowerCase();

/**
 * The object of a POST, PUT or DELETE.
 * @param kind What it should be, for what is told when it is not readable.
 */
export function parseObject(contentType: string | undefined, body: Buffer, kind: string): Record<string, unknown> {
  switch (mediaType(contentType)) {
    case '':
    case 'application/json':
      return asObject(parseJson(body, kind), body, kind);
    case 'application/yaml':
      return asObject(parseYaml(body, kind), body, kind);
    case 'application/vnd.kubernetes.protobuf':
      return parseProtobuf(body, kind);
    default:
      throw new ApiFailure(
        failure(
          415,
          'UnsupportedMediaType',
          'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
        ),
      );
  }
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

export function parsePatch(contentType: string | undefined, body: Buffer): { type: PatchType; patch: unknown } {
  const type = PATCH_TYPES[mediaType(contentType)];
  if (type === undefined) {
    throw new ApiFailure(failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {}));
  }
  const refuse = (why: string): never => {
    throw new ApiFailure(badRequest(`error decoding patch: ${why}`));
  };
  const text = body.toString();
  checkDepth(body, refuse);
  try {
    return { type, patch: JSON.parse(text) };
  } catch {
    if (type !== 'apply') return refuse(jsonErrorAt(text, 0)?.message ?? 'invalid JSON');
  }
  return { type, patch: yamlValue(text, refuse) };
}

function asObject(value: unknown, body: Buffer, kind: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  const what = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  throw unrecognized(kind, `json: cannot unmarshal ${what} into Go value of type runtime.TypeMeta`, body);
}

function parseJson(body: Buffer, kind: string): unknown {
  checkDepth(body, (why) => {
    throw unrecognized(kind, why, body);
  });
  const text = body.toString();
  try {
    return JSON.parse(text);
  } catch {
    throw unrecognized(kind, jsonErrorAt(text, 0)?.message ?? 'invalid JSON', body);
  }
}

function parseYaml(body: Buffer, kind: string): unknown {
  const refuse = (why: string): never => {
    throw unrecognized(kind, why, body);
  };
  checkDepth(body, refuse);
  return yamlValue(body.toString(), refuse);
}

function yamlValue(text: string, refuse: (why: string) => never): unknown {
  try {
    return JSON.parse(
      JSON.stringify(parse(text, { maxAliasCount: 100, uniqueKeys: true, logLevel: 'error' })) ?? 'null',
    );
  } catch (error) {
    return refuse(`yaml: ${(error as Error).message.split('\n')[0]}`);
  }
}

function parseProtobuf(body: Buffer, kind: string): Record<string, unknown> {
  try {
    const object = decodeProtobuf(body);
    if (object !== undefined) return object;
    const envelope = openEnvelope(body);
    throw new ApiFailure(
      failure(
        415,
        'UnsupportedMediaType',
        `no kind ${goQuote(envelope.kind)} is known in version ${goQuote(envelope.apiVersion)} to be read from protobuf: send application/json`,
      ),
    );
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new ApiFailure(badRequest(`the object provided is unrecognized (must be of type ${kind}): ${error.message}`));
  }
}

/** Source: `transformDecodeError` of `apiserver/pkg/endpoints/handlers/rest.go`, v0.37.2. */
function unrecognized(kind: string, why: string, body: Buffer): ApiFailure {
  const text = `couldn't get version/kind; json parse error: ${why}`;
  return new ApiFailure(
    badRequest(`the object provided is unrecognized (must be of type ${kind}): ${text} (${summaryOf(body)})`),
  );
}

const SUMMARY_BYTES = 30;

function summaryOf(body: Buffer): string {
  if (body.length === 0) return '<empty>';
  const start = body.subarray(0, SUMMARY_BYTES);
  const text = body[0] === 0x7b ? start.toString() : start.toString('hex');
  return body.length > SUMMARY_BYTES ? `${text} ...` : text;
}

/** Counts brackets outside strings. */
function checkDepth(body: Buffer, refuse: (why: string) => never): void {
  if (body.length <= MAX_DEPTH) return;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!;
    if (isInString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) isInString = false;
    } else if (byte === 0x22) isInString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH) refuse('exceeded max depth');
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}
