/**
 * Puts recorded requests to berth's API server, by reference and in virtual time: the paths, options, bodies and forms of
 * answers are those of the HTTP server, without a socket.
 */
import type { KubeObject } from '../../../api/index.ts';
import {
  ApiFailure,
  ApiServer,
  type ApiWatchEvent,
  type ObjectList,
  type RequestContext,
  type Resource,
  type ReviewRequest,
  type ServerAnswer,
  type Status,
  seededIds,
  type Target,
} from '../../../cluster/apiserver/index.ts';
import { answerForm } from '../../../cluster/apiserver/wire/http/accept.ts';
import { parseObject, parsePatch } from '../../../cluster/apiserver/wire/http/body.ts';
import { itemText, objectText } from '../../../cluster/apiserver/wire/http/encode.ts';
import {
  deleteOptions,
  listOptions,
  wantsWatch,
  watchOptions,
  writeOptions,
} from '../../../cluster/apiserver/wire/http/query.ts';
import { routeOf } from '../../../cluster/apiserver/wire/http/route.ts';
import { printerOf } from '../../../cluster/apiserver/wire/table/printers.ts';
import { partialObject, rowOf, tableHead, tableOf } from '../../../cluster/apiserver/wire/table/table.ts';
import { VirtualClock } from '../../../cluster/clock.ts';
import { MemoryStore } from '../../../cluster/store/index.ts';
import { prepare } from './prepare.ts';
import type { RecordedRequest, Recording, Replayed } from './types.ts';

const ADMIN = { username: 'admin', groups: ['system:masters'] };
const ANONYMOUS = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
/** Longer than any recorded watch, and than a list waits for a revision to come. */
const PATIENCE_MS = 5000;

export function replay(recordings: readonly Recording[]): Replayed[] {
  const run = new Run();
  return recordings.map((recording) => run.replay(recording));
}

type Answered = { readonly error?: Status; readonly result?: unknown; readonly code: number };

export class Run {
  readonly clock = new VirtualClock(Date.UTC(2026, 10, 23, 22, 57, 9));
  readonly store = new MemoryStore({ clock: this.clock });
  server: ApiServer = this.serverOn();
  /** What the recorded server gave out, and what stands for it here. */
  private readonly ours = new Map<string, string>();

  replay({ name, req, res }: Recording): Replayed {
    const prepared = prepare(this, name, res);
    if (prepared !== undefined) return { name, ...prepared };
    const answer = this.request(this.translated(req), name === 'no token');
    this.learn(res.body, answer.body);
    return { name, ...answer };
  }

  /** Another server on the same store: it knows nothing of what was before. */
  restart(): void {
    this.server.stop();
    this.server = this.serverOn();
  }

  request(req: RecordedRequest, isAnonymous = false): Omit<Replayed, 'name'> {
    const warnings: string[] = [];
    const context: RequestContext = {
      user: isAnonymous ? ANONYMOUS : ADMIN,
      decode: true,
      warn: (text) => warnings.push(`299 - ${JSON.stringify(text)}`),
    };
    const url = new URL(req.path, 'http://server');
    const route = routeOf(url.pathname, this.server.registry);
    if (route === undefined) return { status: 404, body: '404 page not found\n' };
    if (route.type !== 'resource') return { skipped: `${url.pathname} is a path of the HTTP server` };
    let answer: { status: number; body: unknown };
    try {
      answer = this.answer(req, route.target, url.searchParams, context);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      answer = { status: error.status.code, body: error.status };
    }
    const body = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body));
    return warnings.length === 0
      ? { status: answer.status, body }
      : { status: answer.status, body, warning: warnings.join(', ') };
  }

  private serverOn(): ApiServer {
    const server = new ApiServer({
      store: this.store,
      clock: this.clock,
      ids: seededIds(this.store.mvcc.revision),
      authorize: (user) => (user === ANONYMOUS ? '' : undefined),
      reviews: { selfsubjectaccessreviews: allow },
    });
    server.start((error) => {
      if (error !== undefined) throw new Error(error.message);
    });
    return server;
  }

  private answer(
    req: RecordedRequest,
    target: Target,
    query: URLSearchParams,
    context: RequestContext,
  ): { status: number; body: unknown } {
    const { server } = this;
    const resource = server.registry.find(target);
    if (resource === undefined) {
      return this.settle(
        (done) => server.list(context, target, {}, done),
        (list) => list,
      );
    }
    const subresource = resource.subresources.find(({ name }) => name === target.subresource);
    const form = answerForm(req.accept, false);
    const one = (object: unknown): unknown =>
      form.as === 'table'
        ? tableOf(printerOf(resource.kind), object as KubeObject, 'Metadata', this.clock.nowMs)
        : JSON.parse(objectText(resource, object as KubeObject));
    const body = Buffer.from(typeof req.body === 'string' ? req.body : JSON.stringify(req.body ?? ''));
    const kind = subresource?.kind ?? resource.kind;
    switch (req.method) {
      case 'GET': {
        if (target.name !== undefined) return this.settle((done) => server.get(context, target, done), one);
        if (wantsWatch(query)) return { status: 200, body: this.watch(context, target, query, resource, form.as) };
        const options = listOptions(query);
        const written = (list: ObjectList): unknown => this.writtenList(resource, form.as, list);
        return this.settle<ObjectList>((done) => server.list(context, target, options, done), written);
      }
      case 'POST': {
        const options = writeOptions(query, 'CreateOptions');
        const object = parseObject(req.contentType, body, kind) as KubeObject;
        return this.settle<KubeObject>((done) => server.create(context, target, object, options, done), one);
      }
      case 'PUT': {
        const options = writeOptions(query, 'UpdateOptions');
        const object = parseObject(req.contentType, body, kind) as KubeObject;
        return this.settle<KubeObject>((done) => server.update(context, target, object, options, done), one);
      }
      case 'PATCH': {
        const { type, patch } = parsePatch(req.contentType, body);
        const options = writeOptions(query, 'PatchOptions');
        return this.settle<KubeObject>((done) => server.patch(context, target, type, patch, options, done), one);
      }
      default: {
        const given = req.body === undefined ? {} : parseObject(req.contentType, body, 'DeleteOptions');
        const options = deleteOptions(query, given);
        if (target.name !== undefined) {
          return this.settle<KubeObject | Status>((done) => server.remove(context, target, options, done), one);
        }
        const written = (list: ObjectList): unknown => this.writtenList(resource, 'object', list);
        return this.settle<ObjectList>(
          (done) => server.removeCollection(context, target, options, listOptions(query), done),
          written,
        );
      }
    }
  }

  /** Lets time pass until the answer is there. */
  private settle<T>(
    call: (done: ServerAnswer<T>) => void,
    written: (result: T) => unknown,
  ): { status: number; body: unknown } {
    let answered: Answered | undefined;
    call((error, result, code) => {
      answered = error === undefined ? { result, code } : { error, code };
    });
    if (answered === undefined) this.clock.runUntil(this.clock.nowMs + PATIENCE_MS);
    this.clock.settle();
    if (answered === undefined) throw new Error('no answer');
    const { error, result, code } = answered as Answered;
    return { status: code, body: error ?? written(result as T) };
  }

  private writtenList(resource: Resource, as: string, list: ObjectList): unknown {
    const { items, metadata, kind, apiVersion } = list;
    if (as === 'table') {
      const printer = printerOf(resource.kind);
      const rows = items.map((item) => rowOf(printer, item, 'Metadata', this.clock.nowMs));
      return { ...tableHead(printer, metadata), rows };
    }
    if (as === 'partial') {
      const partial = items.map(partialObject);
      return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: partial };
    }
    const plain = items.map((item) => JSON.parse(itemText(resource.schema, item)) as unknown);
    return { kind, apiVersion, metadata, items: plain };
  }

  private watch(
    context: RequestContext,
    target: Target,
    query: URLSearchParams,
    resource: Resource,
    as: string,
  ): unknown {
    const events: ApiWatchEvent[] = [];
    const handler = { event: (event: ApiWatchEvent) => void events.push(event), ended: () => {} };
    const stop = this.server.watch(context, target, watchOptions(query), handler);
    this.clock.settle();
    this.clock.runUntil(this.clock.nowMs + PATIENCE_MS);
    stop();
    // berth tells how far a watch has come before it ends; upstream only once a minute.
    const last = events.at(-1);
    if (last?.type === 'BOOKMARK' && last.object.metadata?.annotations === undefined) events.pop();
    const written = events.map(({ type, object }, i) => ({
      type,
      object:
        as === 'table' ? this.tableEvent(resource, object as KubeObject, i) : JSON.parse(objectText(resource, object)),
    }));
    if (written.length === 0) return '';
    return written.length === 1 && written[0]!.type === 'ERROR' ? written[0] : written;
  }

  /** Only the first event of a watch tells the columns. */
  private tableEvent(resource: Resource, object: KubeObject, i: number): unknown {
    const table = tableOf(printerOf(resource.kind), object, 'Metadata', this.clock.nowMs);
    return i === 0 ? table : { ...table, columnDefinitions: null };
  }

  /** The request with our UIDs and tokens for those that were recorded. */
  private translated(req: RecordedRequest): RecordedRequest {
    let text = JSON.stringify(req);
    for (const [theirs, ours] of this.ours) text = text.replaceAll(theirs, ours);
    return JSON.parse(text) as RecordedRequest;
  }

  private learn(theirs: unknown, ours: unknown, field = ''): void {
    if (typeof theirs === 'string' && typeof ours === 'string') {
      if ((field === 'uid' || field === 'continue') && theirs !== ours) this.ours.set(theirs, ours);
    } else if (typeof theirs === 'object' && typeof ours === 'object' && theirs !== null && ours !== null) {
      for (const [key, value] of Object.entries(theirs)) this.learn(value, (ours as Record<string, unknown>)[key], key);
    }
  }
}

function allow({ object }: ReviewRequest, answer: ServerAnswer<KubeObject>): void {
  answer(undefined, { ...object, status: { allowed: true } } as KubeObject, 201);
}
