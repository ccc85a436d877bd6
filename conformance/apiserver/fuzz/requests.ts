/** Requests that the server should refuse politely or take in its stride. */
import type { RecordedRequest } from '../recorded.ts';
import type { Draw } from './draw.ts';
import { EXAMPLES, OF_SUBRESOURCES } from './examples.ts';
import { madeUp, type Operation, type Schemas } from './from-openapi.ts';
import { type Json, mutated, mutatedBytes, oddText, oddValue } from './odd-values.ts';

export interface FuzzRequest {
  readonly method: string;
  /** With its query, in bytes that HTTP knows. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Instead of all that: bytes for the socket. */
  readonly raw?: Buffer;
}

/** What requests are made of. */
export interface Material {
  readonly recorded: readonly RecordedRequest[];
  readonly operations: readonly Operation[];
  readonly schemas: Schemas;
  readonly token: string;
}

interface Draft {
  method: string;
  path: string;
  query: Array<[name: string, value: string]>;
  headers: Record<string, string>;
  /** A document, unless it is bytes already. */
  body: unknown;
}

/** Few, so that what was made is met again. */
const NAMES = ['a', 'b'];
const NAMESPACES = ['default', 'default', 'default', 'fuzz'];

export function requestOf(draw: Draw, material: Material): FuzzRequest {
  const draft = draw.way<Draft | Buffer>([
    [40, () => onObject(draw, material)],
    [20, () => recorded(draw, material)],
    [20, () => patching(draw, material)],
    [8, () => reading(draw, material)],
    [3, () => elsewhere(draw)],
    [1, () => rawBytes(draw)],
  ]);
  if (Buffer.isBuffer(draft)) return { method: '', path: '', headers: {}, raw: draft };
  return finished(draw, draft, material);
}

// --- drafts ------------------------------------------------------------------------------------------------------------

const empty = (method: string, path: string): Draft => ({ method, path, query: [], headers: {}, body: undefined });

/** An operation that the server tells of, with an object made for it. */
function onObject(draw: Draw, { operations, schemas }: Material): Draft {
  // What nobody has made cannot be changed.
  const creating = operations.filter(({ method, path }) => method === 'POST' && !path.includes('{name}'));
  const operation = draw.of(draw.chance(0.4) ? creating : operations);
  const draft = empty(operation.method, '');
  const place = placeIn(draw, operation);
  draft.path = place.path;
  for (const name of operation.parameters) if (draw.chance(0.1)) draft.query.push([name, parameterValue(draw, name)]);
  if (operation.method === 'PATCH') return patched(draw, draft, operation, place.name);
  if (operation.method === 'DELETE' && draw.chance(0.5)) draft.body = deletion(draw);
  if (operation.schema !== undefined) draft.body = bodyFor(draw, operation, schemas, operation.schema, place.name);
  return draft;
}

function placeIn(draw: Draw, { path }: Operation): { path: string; name: string } {
  const name = draw.chance(0.03) ? oddText(draw) : draw.of(NAMES);
  const namespace = draw.chance(0.03) ? oddText(draw) : draw.of(NAMESPACES);
  const inPath = path
    .replace('{namespace}', () => encodeURIComponent(wellFormed(namespace)))
    .replace('{name}', () => encodeURIComponent(wellFormed(name)));
  return { path: inPath, name };
}

/** Lone surrogates cannot be written in a path. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '?');

function exampleFor(draw: Draw, operation: Operation, name: string): Json {
  const isSub = operation.last !== operation.resource;
  const example = isSub ? OF_SUBRESOURCES[operation.last] : draw.of(EXAMPLES[operation.resource] ?? [{}]);
  const metadata: Json = { ...((example?.metadata as Json | undefined) ?? {}), name };
  if (!isSub && draw.chance(0.05)) Object.assign(metadata, draw.of(METADATA));
  const { apiVersion, kind } = isSub ? typeOfSub(operation) : operation;
  return { apiVersion, kind, ...example, metadata };
}

const METADATA: readonly Json[] = [
  { name: undefined, generateName: 'g-' },
  { finalizers: ['x.io/f'] },
  { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u', controller: true }] },
  { resourceVersion: '1' },
  { uid: 'x' },
  { deletionTimestamp: '2026-11-25T00:00:00Z' },
  { managedFields: [{ manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }] },
];

function typeOfSub({ last, apiVersion, kind }: Operation): { apiVersion: string; kind: string } {
  switch (last) {
    case 'binding':
      return { apiVersion: 'v1', kind: 'Binding' };
    case 'eviction':
      return { apiVersion: 'policy/v1', kind: 'Eviction' };
    case 'token':
      return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
    case 'scale':
      return { apiVersion: 'autoscaling/v1', kind: 'Scale' };
    default:
      return { apiVersion, kind };
  }
}

function bodyFor(draw: Draw, operation: Operation, schemas: Schemas, schema: string, name: string): unknown {
  return draw.way<unknown>([
    [3, () => exampleFor(draw, operation, name)],
    [5, () => mutated(draw, exampleFor(draw, operation, name), 1 + draw.below(3))],
    [2, () => ({ ...exampleFor(draw, operation, name), ...withoutType(madeUp(draw, schemas, schema)) })],
    [1, () => madeUp(draw, schemas, schema)],
  ]);
}

const withoutType = ({ apiVersion: _, kind: __, metadata: ___, ...rest }: Json): Json => rest;

const deletion = (draw: Draw): unknown =>
  mutated(
    draw,
    { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions: { uid: 'u' }, dryRun: ['All'] },
    1 + draw.below(3),
  );

/** A request that was recorded, with something changed. */
function recorded(draw: Draw, { recorded: all }: Material): Draft {
  const { method, path, query = '', accept, contentType, body } = draw.of(all);
  const [pathname = '', own = ''] = path.split('?');
  const draft = empty(method, pathname);
  draft.query = [...new URLSearchParams(own === '' ? query : own)];
  if (accept) draft.headers.accept = accept;
  if (contentType) draft.headers['content-type'] = contentType;
  draft.body = body === undefined ? undefined : mutated(draw, documentOf(body), draw.below(4));
  return draft;
}

function documentOf(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function patching(draw: Draw, { operations }: Material): Draft {
  const operation = draw.of(operations.filter(({ method }) => method === 'PATCH'));
  const draft = empty('PATCH', '');
  const place = placeIn(draw, operation);
  draft.path = place.path;
  return patched(draw, draft, operation, place.name);
}

const PATCHES = ['strategic-merge-patch+json', 'merge-patch+json', 'json-patch+json', 'apply-patch+yaml'];

function patched(draw: Draw, draft: Draft, operation: Operation, name: string): Draft {
  const type = draw.of(PATCHES);
  draft.headers['content-type'] = `application/${type}`;
  const example = exampleFor(draw, operation, name);
  if (type === 'json-patch+json') {
    draft.body = jsonPatch(draw, example);
    return draft;
  }
  if (type === 'apply-patch+yaml')
    draft.query.push(['fieldManager', draw.of(['m', 'n'])], ['force', draw.of(['true', 'false'])]);
  const document = mutated(draw, example, draw.below(4));
  if (type === 'strategic-merge-patch+json' && draw.chance(0.3)) withDirective(draw, document);
  draft.body = document;
  return draft;
}

const DIRECTIVES: readonly string[] = [
  '$patch',
  '$retainKeys',
  '$deleteFromPrimitiveList/finalizers',
  '$setElementOrder/containers',
  '$setElementOrder/env',
  '$deleteFromPrimitiveList/bogus',
];

function withDirective(draw: Draw, document: unknown): void {
  let holder = document;
  for (let depth = draw.below(5); depth > 0; depth--) {
    const inner: unknown[] = typeof holder === 'object' && holder !== null ? Object.values(holder) : [];
    const next = inner.filter((value) => typeof value === 'object' && value !== null);
    if (next.length === 0) break;
    holder = draw.of(next);
  }
  if (typeof holder !== 'object' || holder === null) return;
  const value = draw.way<unknown>([
    [2, () => draw.of(['delete', 'replace', 'merge', 'bogus'])],
    [1, () => [{ name: 'c' }, { name: 'i' }]],
    [1, () => ['x.io/f', 'a']],
    [1, () => oddValue(draw)],
  ]);
  if (Array.isArray(holder)) holder.push({ [draw.of(DIRECTIVES)]: value, name: 'c' });
  else (holder as Json)[draw.of(DIRECTIVES)] = value;
}

function jsonPatch(draw: Draw, example: Json): unknown {
  const pointers = pointersOf(example, '').slice(0, 60);
  const operations = Array.from({ length: 1 + draw.below(3) }, () => {
    const path = draw.chance(0.15) ? oddText(draw) : draw.of(pointers);
    const op = draw.of(['replace', 'add', 'remove', 'test', 'move', 'copy']);
    const value = draw.chance(0.5) ? oddValue(draw) : 'a';
    return op === 'move' || op === 'copy' ? { op, from: draw.of(pointers), path } : { op, path, value };
  });
  return draw.chance(0.2) ? mutated(draw, operations, 1) : operations;
}

function pointersOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    pointersOf(item, `${path}/${key.replaceAll('/', '~1')}`),
  );
  return [path, ...inner, ...(Array.isArray(value) ? [`${path}/-`] : [])];
}

const LISTING = ['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion', 'resourceVersionMatch'];
const WATCHING = ['watch', 'allowWatchBookmarks', 'sendInitialEvents', 'timeoutSeconds'];

/** Lists and watches with all their options. */
function reading(draw: Draw, { operations }: Material): Draft {
  const operation = draw.of(operations.filter(({ method, path }) => method === 'GET' && !path.includes('{name}')));
  const draft = empty('GET', placeIn(draw, operation).path);
  for (const name of [...LISTING, ...WATCHING, 'includeObject']) {
    if (draw.chance(0.25)) draft.query.push([name, parameterValue(draw, name)]);
  }
  draft.headers.accept = draw.of(ACCEPTS);
  return draft;
}

const OTHER_PATHS = [
  '/',
  '/api',
  '/apis',
  '/apis/apps',
  '/apis/apps/v1',
  '/api/v1',
  '/healthz',
  '/readyz?verbose',
  '/livez/etcd',
  '/metrics',
  '/version',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/openid/v1/jwks',
  '/.well-known/openid-configuration',
  '/apis/nothing.io/v1/things',
  '/api/v1/bogus',
  '/api/v1/namespaces/default/bogus/a/b/c/d',
  '//',
  '/api/v1//pods',
  '/api/v1/namespaces//pods',
  '/api/v1/pods/%2e%2e/%2f',
  '/api/v1/%zz',
  '/api/v1/namespaces/default/pods/a/exec',
  '/api/v1/namespaces/default/pods/a/log?container=c&tailLines=x',
  '/api/v1/watch/pods',
];

function elsewhere(draw: Draw): Draft {
  const [path = '/', query = ''] = draw.of(OTHER_PATHS).split('?');
  const draft = empty(draw.of(['GET', 'GET', 'GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PATCH', 'PUT']), path);
  draft.query = [...new URLSearchParams(query)];
  return draft;
}

/** No HTTP at all, or not quite. */
function rawBytes(draw: Draw): Buffer {
  const request = Buffer.from(
    draw.of([
      'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'POST /api/v1/nodes HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\nContent-Type: application/json\r\n\r\n{}',
      'POST /api/v1/nodes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'GET http://elsewhere/api HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'GET //[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n',
      `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    ]),
  );
  return draw.chance(0.6) ? mutatedBytes(draw, request) : request;
}

// --- finishing ---------------------------------------------------------------------------------------------------------

const ACCEPTS = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/vnd.kubernetes.protobuf, */*',
  'application/yaml',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=Bogus;v=v9;g=x',
  'text/html',
  ';;;,,,=;q=',
  '*/*;q=0',
  'application/vnd.kubernetes.protobuf',
];

const CONTENT_TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json; charset=utf-8',
  'text/plain',
  'application/x-www-form-urlencoded',
  ';',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

const VALUES: Readonly<Record<string, readonly string[]>> = {
  watch: ['true', '1', 'false', '0', 'x'],
  sendInitialEvents: ['true', 'false'],
  allowWatchBookmarks: ['true'],
  resourceVersionMatch: ['NotOlderThan', 'Exact', 'Bogus'],
  resourceVersion: ['0', '1', '5', '99999999', '-1', 'x', '18446744073709551615', '18446744073709551616'],
  limit: ['1', '0', '-1', '500', '9223372036854775807', '9223372036854775808', '1.5'],
  timeoutSeconds: ['0', '1', '-1', '99999999999', '600'],
  continue: [
    'x',
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0',
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiIn0',
    'e30',
    'bnVsbA',
    'W10',
  ],
  fieldSelector: ['metadata.name=a', 'spec.nodeName=', 'a', 'metadata.name==a,status.phase!=Running', 'x=\\', '=', ','],
  labelSelector: ['app=a', 'app in (a,b)', '!app', 'app>1', 'in', 'a in ()', 'a=,b', '=a', 'app notin (', 'x.io/y=z'],
  dryRun: ['All', 'None', ''],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'Bogus'],
  fieldManager: ['m', 'n', 'x'.repeat(129), '\u0001'],
  force: ['true', 'false', 'x'],
  gracePeriodSeconds: ['0', '1', '-1', '9223372036854775807', 'x'],
  propagationPolicy: ['Background', 'Foreground', 'Orphan', 'Bogus'],
  orphanDependents: ['true', 'false'],
  includeObject: ['None', 'Metadata', 'Object', 'Bogus'],
};

const PARAMETERS = Object.keys(VALUES);

const parameterValue = (draw: Draw, name: string): string =>
  draw.chance(0.2) || !Object.hasOwn(VALUES, name) ? oddText(draw) : draw.of(VALUES[name]!);

function finished(draw: Draw, draft: Draft, { token }: Material): FuzzRequest {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, ...draft.headers };
  let { method } = draft;
  for (let i = draw.of([0, 0, 1, 2]); i > 0; i--) {
    if (!draw.chance(0.5)) continue;
    const name = draw.chance(0.05) ? oddText(draw) : draw.of(PARAMETERS);
    draft.query.push([name, parameterValue(draw, name)]);
  }
  if (draw.chance(0.03))
    method = draw.of(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']);
  if (draw.chance(0.05)) draft.path = oddPath(draw, draft.path);
  if (draw.chance(0.05)) headers.accept = draw.of(ACCEPTS);
  if (draw.chance(0.02))
    headers.authorization = draw.of([
      '',
      'Bearer x',
      'Basic eDp5',
      'Bearer',
      `Bearer ${'x'.repeat(9000)}`,
      'Bearer a.b.c',
    ]);
  if (draw.chance(0.02))
    headers[draw.of(['user-agent', 'x-odd', 'impersonate-user', 'if-match', 'range'])] = headerText(oddText(draw));
  let body = bytesOf(draft.body);
  if (body !== undefined) {
    headers['content-type'] ??= 'application/json';
    if (draw.chance(0.06)) body = mutatedBytes(draw, body);
    if (draw.chance(0.03)) body = envelope(draw, body);
    if (draw.chance(0.04)) headers['content-type'] = draw.of(CONTENT_TYPES);
    if (body[0] === 0x6b) headers['content-type'] = 'application/vnd.kubernetes.protobuf';
  }
  const query = draft.query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  return { method, path: `${draft.path}${query === '' ? '' : `?${query}`}`, headers, body };
}

const encode = (text: string): string => encodeURIComponent(wellFormed(text));
const headerText = (text: string): string => text.replace(/[^\x20-\x7e]/g, '').slice(0, 1000);

function oddPath(draw: Draw, path: string): string {
  const steps = path.split('/');
  const at = 1 + draw.below(Math.max(1, steps.length - 1));
  draw.way([
    [3, () => void steps.splice(at, 1, encodeURIComponent(wellFormed(oddText(draw)).slice(0, 1000)))],
    [1, () => void steps.splice(at, 1)],
    [1, () => void steps.splice(at, 0, draw.of(['status', 'namespaces', 'a', '', '.', '..']))],
    [1, () => void steps.push(draw.of(['status', 'scale', 'log', 'binding', 'bogus', '']))],
  ]);
  return steps.join('/') || '/';
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? 'null'));
}

const KINDS = ['Pod', 'Binding', 'Lease', 'Event', 'DeleteOptions', 'Deployment', 'Bogus'];

/** Something in the envelope of protobuf. */
function envelope(draw: Draw, inner: Buffer): Buffer {
  const field = (number: number, bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
  const type = Buffer.concat([
    field(1, Buffer.from(draw.of(['v1', 'apps/v1', 'coordination.k8s.io/v1']))),
    field(2, Buffer.from(draw.of(KINDS))),
  ]);
  const metadata = field(1, field(1, Buffer.from('a')));
  const raw = draw.chance(0.5) ? metadata : draw.chance(0.5) ? mutatedBytes(draw, metadata) : inner.subarray(0, 200);
  const whole = Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, raw)]);
  return draw.chance(0.3) ? mutatedBytes(draw, whole) : whole;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
