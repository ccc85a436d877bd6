/** A request about objects: its options and body are read, the handlers do it, and the answer takes the form asked for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import type { KubeObject } from '../../../../api/index.ts';
import type { ObjectList, Target, WriteOptions } from '../../client.ts';
import type { ServerAnswer } from '../../core.ts';
import { ApiFailure, badRequest, invalidOptions, methodNotAllowed, noSuchResource } from '../../failures.ts';
import type { Resource } from '../../kinds/resource.ts';
import type { RequestContext, UserInfo } from '../../request-context.ts';
import type { Status } from '../../status.ts';
import { printerOf } from '../table/printers.ts';
import { type IncludeObject, partialObject, rowOf, tableHead, tableOf } from '../table/table.ts';
import { type AnswerForm, answerForm } from './accept.ts';
import type { ApiHandlers } from './api-handlers.ts';
import { parseObject, parsePatch, readBody } from './body.ts';
import { itemText, listHead, objectText, written } from './encode.ts';
import { deleteOptions, listOptions, wantsWatch, watchOptions, writeOptions } from './query.ts';
import { headOf, JSON_HEAD, sendText, YAML_HEAD } from './send.ts';
import { separated, writePieces } from './stream.ts';
import { Warnings } from './warnings.ts';
import { WatchStream } from './watch-stream.ts';

export interface ResourceRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly handlers: ApiHandlers;
  readonly user: UserInfo;
  readonly target: Target;
  readonly query: URLSearchParams;
  nowMs(): number;
}

/** Undefined for a method that no resource has. */
export function verbOf({ method }: IncomingMessage, { name }: Target, query: URLSearchParams): string | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (name !== undefined) return 'get';
      return wantsWatch(query) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}

/** Resolves when the answer is out, or the watch open. Throws ApiFailure. */
export async function serveResource(each: ResourceRequest, verb: string | undefined): Promise<void> {
  const { request, handlers, query, target } = each;
  const resource = handlers.registry.find(target);
  if (resource === undefined) throw new ApiFailure(noSuchResource());
  if (verb === undefined) throw new ApiFailure(methodNotAllowed());
  const subresource = resource.subresources.find(({ name }) => name === target.subresource);
  if (target.subresource !== undefined && subresource === undefined) throw new ApiFailure(noSuchResource());
  // Before what the client takes comes what can be had at all.
  const isServed = (subresource ?? resource).verbs.some((known) => known === verb);
  if (!isServed) throw new ApiFailure(methodNotAllowed());
  if (target.subresource === 'log') return serveLog(each, resource);

  const form = answerForm(request.headers.accept, false);
  const context = contextOf(each);
  const kind = subresource?.kind ?? resource.kind;
  const answer = answerOne(each, resource, form);
  switch (verb) {
    case 'get':
      return await settled<KubeObject>((done) => handlers.get(context, target, done), answer);
    case 'list':
      return await settled<ObjectList>(
        (done) => handlers.list(context, target, listOptions(query), done),
        (list) => answerList(each, resource, form, list),
      );
    case 'watch':
      openWatch(each, resource, form, context);
      return;
  }
  const body = await readBody(request);
  const contentType = request.headers['content-type'];
  switch (verb) {
    case 'create': {
      const options = withManager(writeOptions(query, 'CreateOptions'), request);
      const object = parseObject(contentType, body, kind) as KubeObject;
      return await settled<KubeObject>((done) => handlers.create(context, target, object, options, done), answer);
    }
    case 'update': {
      const options = withManager(writeOptions(query, 'UpdateOptions'), request);
      const object = parseObject(contentType, body, kind) as KubeObject;
      return await settled<KubeObject>((done) => handlers.update(context, target, object, options, done), answer);
    }
    case 'patch': {
      const { type, patch } = parsePatch(contentType, body);
      const given = writeOptions(query, 'PatchOptions');
      const options = type === 'apply' ? applyOptions(given) : withManager(given, request);
      return await settled<KubeObject>((done) => handlers.patch(context, target, type, patch, options, done), answer);
    }
    case 'delete': {
      const options = deleteOptions(query, body.length === 0 ? {} : parseObject(contentType, body, 'DeleteOptions'));
      return await settled<KubeObject | Status>((done) => handlers.remove(context, target, options, done), answer);
    }
    case 'deletecollection': {
      const options = deleteOptions(query, body.length === 0 ? {} : parseObject(contentType, body, 'DeleteOptions'));
      return await settled<ObjectList>(
        (done) => handlers.removeCollection(context, target, options, listOptions(query), done),
        (list) => answerList(each, resource, form, list),
      );
    }
    default:
      throw new ApiFailure(badRequest(`verb ${verb} is not known`));
  }
}

/** Whoever does not say as whom it writes, writes as the program that it is. */
function withManager(options: WriteOptions, { headers }: IncomingMessage): WriteOptions {
  if (options.force !== undefined && options.force) {
    const error = { path: 'force', text: 'force: Forbidden: may not be specified for non-apply patch' };
    throw new ApiFailure(invalidOptions('PatchOptions', [error]));
  }
  return options.fieldManager ? options : { ...options, fieldManager: (headers['user-agent'] ?? '').split('/')[0] };
}

/** Throws ApiFailure: 422. */
function applyOptions(options: WriteOptions): WriteOptions {
  if (options.fieldManager) return options;
  const error = { path: 'fieldManager', text: 'fieldManager: Required value: is required for apply patch' };
  throw new ApiFailure(invalidOptions('PatchOptions', [error]));
}

/** Runs a handler, and what is to be done with its result; rejects with what it refuses. */
function settled<T>(
  run: (answer: ServerAnswer<T>) => void,
  use: (result: T, code: number) => void | Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error, result, code) => {
      if (error !== undefined) reject(new ApiFailure(error));
      else Promise.resolve(use(result, code)).then(resolve, reject);
    });
  });
}

function contextOf({ response, user }: ResourceRequest): RequestContext {
  const warnings = new Warnings();
  return {
    user,
    decode: true,
    warn(text) {
      response.setHeader('warning', warnings.with(text));
    },
  };
}

const answerOne =
  (each: ResourceRequest, resource: Resource, form: AnswerForm) =>
  (object: KubeObject | Status, code: number): void => {
    const { response } = each;
    // Who has asked for a table of a Status gets the Status.
    const one = object as KubeObject;
    if (object.kind === 'Status') sendText(response, code, JSON.stringify(object));
    else if (form.as === 'table') {
      sendText(
        response,
        code,
        JSON.stringify(tableOf(printerOf(one.kind ?? resource.kind), one, includeOf(each), each.nowMs())),
      );
    } else if (form.as === 'partial') sendText(response, code, JSON.stringify(partialObject(one)));
    else if (form.isYaml) {
      sendText(response, code, stringify(written(resource, one)), YAML_HEAD);
    } else sendText(response, code, objectText(resource, one));
  };

function includeOf({ query }: ResourceRequest): IncludeObject {
  const include = query.get('includeObject');
  if (include === null || include === '') return 'Metadata';
  if (include === 'None' || include === 'Metadata' || include === 'Object') return include;
  throw new ApiFailure(badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`));
}

function answerList(each: ResourceRequest, resource: Resource, form: AnswerForm, list: ObjectList): Promise<void> {
  const { response } = each;
  if (response.destroyed) return Promise.resolve();
  if (form.isYaml) {
    const items = list.items.map((item) => written(resource, item));
    sendText(response, 200, stringify({ ...list, items }), YAML_HEAD);
    return Promise.resolve();
  }
  const pieces = piecesOf(each, resource, form, list);
  response.writeHead(200, JSON_HEAD);
  return writePieces(response, pieces);
}

function piecesOf(each: ResourceRequest, resource: Resource, form: AnswerForm, list: ObjectList): Iterable<string> {
  const { items, metadata } = list;
  switch (form.as) {
    case 'table': {
      const printer = printerOf(resource.kind);
      const nowMs = each.nowMs();
      const include = includeOf(each);
      const head = JSON.stringify(tableHead(printer, metadata));
      const rows = mapped(items, (item) => JSON.stringify(rowOf(printer, item, include, nowMs)));
      return around(`${head.slice(0, -1)},"rows":[`, separated(rows), ']}');
    }
    case 'partial': {
      const head = listHead({ ...list, kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
      return around(head, separated(mapped(items, (item) => JSON.stringify(partialObject(item)))), ']}');
    }
    default:
      return around(listHead(list), separated(mapped(items, (item) => itemText(resource.schema, item))), ']}');
  }
}

function* around(head: string, body: Iterable<string>, tail: string): Generator<string> {
  yield head;
  yield* body;
  yield tail;
}

function* mapped<T>(items: Iterable<T>, text: (item: T) => string): Generator<string> {
  for (const item of items) yield text(item);
}

function openWatch(each: ResourceRequest, resource: Resource, form: AnswerForm, context: RequestContext): void {
  const { request, response, handlers, target, query } = each;
  const include = includeOf(each);
  const stream = new WatchStream(response, { resource, form, include, nowMs: each.nowMs });
  const options = watchOptions(query);
  const timeoutSeconds = options.timeoutSeconds ?? defaultTimeoutS();
  // Throws where there is no stream to be had; events wait until it is open.
  const stop = handlers.watch(context, target, { ...options, timeoutSeconds }, stream);
  stream.onGivenUp = stop;
  response.on('close', stop);
  request.on('error', () => {});
  stream.open();
}

/** Half an hour to an hour, so that not all clients come back at the same time (`handlers/get.go`). */
const MIN_TIMEOUT_S = 1800;
const defaultTimeoutS = (): number => Math.floor(MIN_TIMEOUT_S * (1 + Math.random()));

const LOG_HEAD = headOf('text/plain');

/** Nothing runs here: a few lines that say so, with what is known of the container. */
async function serveLog(each: ResourceRequest, resource: Resource): Promise<void> {
  const { handlers, target, query, response } = each;
  if (each.request.method !== 'GET') throw new ApiFailure(methodNotAllowed());
  await settled<KubeObject>(
    (done) => handlers.get(contextOf(each), target, done),
    (pod) => sendText(response, 200, logOf(pod, query, resource), LOG_HEAD),
  );
}

interface LoggedPod extends KubeObject {
  readonly spec?: { readonly nodeName?: string; readonly containers?: readonly { readonly name: string }[] };
  readonly status?: { readonly phase?: string };
}

function logOf(pod: LoggedPod, query: URLSearchParams, resource: Resource): string {
  const containers = (pod.spec?.containers ?? []).map(({ name }) => name);
  const wanted = query.get('container') ?? containers[0] ?? '';
  const name = pod.metadata?.name ?? '';
  if (!containers.includes(wanted)) {
    throw new ApiFailure(badRequest(`container ${wanted} is not valid for ${resource.singular} ${name}`));
  }
  const where = pod.spec?.nodeName === undefined ? 'no node yet' : `node ${pod.spec.nodeName}`;
  return `container ${wanted} of pod ${name} is simulated: phase ${pod.status?.phase ?? 'Pending'}, ${where}\n`;
}
