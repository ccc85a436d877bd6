/** The API over HTTP, by the same verbs as in process. */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { KubeObject } from '../../api/index.ts';
import type {
  ApiAnswer,
  ApiClient,
  ApiWatchEvent,
  ApiWatchHandler,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Target,
  WatchOptions,
  WriteOptions,
} from '../apiserver/client.ts';
import type { Status } from '../apiserver/status.ts';
import type { Access } from './kubeconfig.ts';
import { Lines } from './lines.ts';

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export interface HttpClientOptions {
  readonly userAgent?: string;
  /** @default 64 */
  readonly connections?: number;
}

export class HttpClient implements ApiClient {
  private readonly base: URL;
  private readonly agent: PlainAgent | TlsAgent;
  private readonly headers: Record<string, string>;

  constructor(access: Access, { userAgent = 'berth', connections = 64 }: HttpClientOptions = {}) {
    this.base = new URL(access.server);
    const { authority, clientCertificate, clientKey, insecure } = access;
    const settings = { keepAlive: true, maxSockets: connections };
    const tls = { ca: authority, cert: clientCertificate, key: clientKey, rejectUnauthorized: insecure !== true };
    this.agent = this.base.protocol === 'https:' ? new TlsAgent({ ...settings, ...tls }) : new PlainAgent(settings);
    this.headers = {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(access.token === undefined ? {} : { authorization: `Bearer ${access.token}` }),
    };
  }

  /** Idle connections go. */
  close(): void {
    this.agent.destroy();
  }

  get(target: Target, answer: ApiAnswer<KubeObject>): void {
    this.call('GET', pathOf(target, {}), undefined, undefined, answer);
  }

  list(target: Target, options: ListOptions, answer: ApiAnswer<ObjectList>): void {
    this.call<ObjectList>('GET', pathOf(target, { ...options }), undefined, undefined, (error, list) =>
      answer(error, error === undefined ? withKinds(list) : list),
    );
  }

  create(target: Target, object: KubeObject, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    // A POST on an object's subresource names the object, one on a collection does not.
    const place = target.subresource === undefined ? { ...target, name: undefined } : target;
    this.call('POST', pathOf(place, queryOf(options)), 'application/json', object, answer);
  }

  update(target: Target, object: KubeObject, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    this.call('PUT', pathOf(target, queryOf(options)), 'application/json', object, answer);
  }

  patch(target: Target, type: PatchType, patch: unknown, options: WriteOptions, answer: ApiAnswer<KubeObject>): void {
    this.call('PATCH', pathOf(target, queryOf(options)), PATCH_TYPES[type], patch, answer);
  }

  delete(target: Target, options: DeleteOptions, answer: ApiAnswer<KubeObject | Status>): void {
    this.call('DELETE', pathOf(target, {}), 'application/json', deleteBody(options), answer);
  }

  deleteCollection(
    target: Target,
    options: DeleteOptions,
    listOptions: ListOptions,
    answer: ApiAnswer<ObjectList>,
  ): void {
    const path = pathOf(target, { ...listOptions });
    this.call<ObjectList>('DELETE', path, 'application/json', deleteBody(options), (error, list) =>
      answer(error, error === undefined ? withKinds(list) : list),
    );
  }

  watch(target: Target, options: WatchOptions, handler: ApiWatchHandler): () => void {
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      handler.ended();
    };
    const refuse = (status: Status): void => {
      if (!isOver) handler.event({ type: 'ERROR', object: status });
      end();
    };
    const request = this.send('GET', pathOf(target, { ...options, watch: true }), undefined, undefined, (response) => {
      if (response.statusCode !== 200) {
        whole(response, (body) => refuse(statusFrom(response, body)));
        return;
      }
      const lines = new Lines((line) => {
        if (!isOver && line !== '') handler.event(JSON.parse(line) as ApiWatchEvent);
      });
      response.on('data', (chunk: Buffer) => lines.push(chunk));
      response.on('end', end);
      response.on('error', end);
      response.on('close', end);
    });
    request.on('error', (error) => refuse(unreachable(error)));
    return () => {
      isOver = true;
      request.destroy();
    };
  }

  private call<T>(
    method: string,
    path: string,
    contentType: string | undefined,
    body: unknown,
    answer: ApiAnswer<T>,
  ): void {
    let isAnswered = false;
    const once = (error: Status | undefined, result: T): void => {
      if (isAnswered) return;
      isAnswered = true;
      answer(error, result);
    };
    const request = this.send(method, path, contentType, body, (response) => {
      whole(response, (text) => {
        if ((response.statusCode ?? 0) >= 400) once(statusFrom(response, text), undefined as T);
        else {
          try {
            once(undefined, JSON.parse(text) as T);
          } catch (error) {
            once(unreachable(error as Error), undefined as T);
          }
        }
      });
      response.on('error', (error) => once(unreachable(error), undefined as T));
    });
    request.on('error', (error) => once(unreachable(error), undefined as T));
  }

  private send(
    method: string,
    path: string,
    contentType: string | undefined,
    body: unknown,
    respond: (response: IncomingMessage) => void,
  ) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...this.headers,
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      // Without a length Node sends the body of a DELETE as if it were the next request.
      ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }),
    };
    const { hostname, port, protocol } = this.base;
    const host = hostname.replace(/^\[|\]$/g, '');
    const options = { method, host, port, path, headers, agent: this.agent };
    const request =
      protocol === 'https:'
        ? tlsRequest({ ...options, agent: this.agent as TlsAgent }, respond)
        : plainRequest(options, respond);
    request.end(text);
    return request;
  }
}

function pathOf(target: Target, query: Readonly<Record<string, unknown>>): string {
  const { group, version, resource, namespace, name, subresource } = target;
  const steps = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    resource,
    ...(name === undefined ? [] : [name]),
    ...(name === undefined || subresource === undefined ? [] : [subresource]),
  ];
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(key, String(value));
  const text = parameters.toString();
  return `/${steps.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

const queryOf = ({ dryRun, ...options }: WriteOptions): Readonly<Record<string, unknown>> => ({
  ...options,
  ...(dryRun === true ? { dryRun: 'All' } : {}),
});

const deleteBody = ({ dryRun, ...options }: DeleteOptions): object => ({
  apiVersion: 'v1',
  kind: 'DeleteOptions',
  ...options,
  ...(dryRun === true ? { dryRun: ['All'] } : {}),
});

/** Items of lists do not say what they are; here they do, as in process. */
function withKinds(list: ObjectList): ObjectList {
  const { apiVersion } = list;
  const kind = list.kind.replace(/List$/, '');
  return { ...list, items: (list.items ?? []).map((item) => ({ apiVersion, kind, ...item })) };
}

function whole(response: IncomingMessage, use: (text: string) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => use(Buffer.concat(chunks).toString()));
}

function statusFrom({ statusCode = 500 }: IncomingMessage, text: string): Status {
  try {
    const parsed = JSON.parse(text) as Status;
    if (parsed.kind === 'Status') return parsed;
  } catch {
    // Not everything that refuses speaks JSON.
  }
  return failed(statusCode, text.trim() || `HTTP status ${statusCode}`);
}

const unreachable = (error: Error): Status => failed(503, `the server cannot be reached: ${error.message}`);

const failed = (code: number, message: string): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  ...(code === 503 ? { reason: 'ServiceUnavailable' } : {}),
  code,
});
