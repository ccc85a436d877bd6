/** The API server on a socket: TLS, who asks, how many may, where each path leads, and what is counted. */
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Target } from '../../client.ts';
import { ApiFailure, failure, forbidden, internalError, unauthorized } from '../../failures.ts';
import type { Authorize, UserInfo } from '../../request-context.ts';
import type { Status } from '../../status.ts';
import { impersonated, impersonates } from '../auth/impersonation.ts';
import { aggregated, coreVersions, groupList, groupOf, resourceList } from '../discovery.ts';
import { OpenApiV3 } from '../openapi.ts';
import { OpenApiV2, V2_CONTENT_TYPE } from '../openapi-v2.ts';
import { answerForm } from './accept.ts';
import type { ApiHandlers } from './api-handlers.ts';
import { DEFAULT_LIMITS, InFlight, type InFlightLimits, RETRY_AFTER_S } from './in-flight.ts';
import { ApiMetrics } from './metrics.ts';
import { type RequestUrl, requestUrl } from './request-url.ts';
import { serveResource, verbOf } from './resource-request.ts';
import { type Route, routeOf } from './route.ts';
import { headOf, sendBytes, sendText, TEXT_HEAD } from './send.ts';

/** Who a token belongs to; undefined for nobody. What is told at once holds for good. */
export type Authenticate = (token: string) => UserInfo | undefined | Promise<UserInfo | undefined>;

export interface ServerOptions {
  readonly handlers: ApiHandlers;
  readonly authenticate: Authenticate;
  /** Who may act for whom. @default nobody, and such headers are ignored */
  readonly authorize?: Authorize;
  /** Whether a path that is no resource may be asked for; the handlers see to the others. @default all may */
  readonly mayAsk?: (user: UserInfo, verb: string, path: string) => boolean;
  /** Requests without a token are `system:anonymous`. @default they get 401 */
  readonly anonymous?: boolean;
  /** PEM. Without it the server speaks plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** What `/version` says, `gitVersion` and so on. */
  readonly version: Readonly<Record<string, string>>;
  readonly limits?: InFlightLimits;
  /** `/readyz` and `/livez`: name → what is wrong, undefined when nothing is. */
  readonly checks?: Readonly<Record<string, () => string | undefined>>;
  /** `/openid/v1/jwks`. */
  readonly jwks?: () => object;
  readonly issuer?: string;
  nowMs(): number;
}

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Anyone may know whether the server lives. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

export class ApiHttpServer {
  readonly metrics: ApiMetrics;
  private readonly options: ServerOptions;
  private readonly server: Server;
  private readonly inFlight: InFlight;
  private readonly openapi: OpenApiV3;
  private readonly openapiV2: OpenApiV2;
  private readonly users = new WeakMap<Socket, { readonly header: string; readonly user: UserInfo }>();

  constructor(options: ServerOptions) {
    this.options = options;
    this.metrics = new ApiMetrics((target) => isServed(target, options.handlers));
    this.inFlight = new InFlight(options.limits ?? DEFAULT_LIMITS);
    this.openapi = new OpenApiV3(options.handlers.registry, options.version.gitVersion ?? '');
    this.openapiV2 = new OpenApiV2(this.openapi);
    const settings = {
      headersTimeout: 20_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 90_000,
      maxHeaderSize: 64 * 1024,
    };
    const listener = (request: IncomingMessage, response: ServerResponse): void => void this.serve(request, response);
    this.server =
      options.tls === undefined
        ? createPlainServer(settings, listener)
        : createTlsServer({ ...settings, ...options.tls, minVersion: 'TLSv1.2' }, listener);
  }

  /** Resolves with the address that is listened on. */
  listen(host: string, port: number): Promise<{ host: string; port: number; url: string }> {
    const { promise, resolve, reject } = deferred<{ host: string; port: number; url: string }>();
    this.server.once('error', reject);
    this.server.listen(port, host, () => {
      const { address, port: bound, family } = this.server.address() as AddressInfo;
      const scheme = this.options.tls === undefined ? 'http' : 'https';
      const shown = family === 'IPv6' ? `[${address}]` : address;
      resolve({ host: address, port: bound, url: `${scheme}://${shown}:${bound}` });
    });
    return promise;
  }

  /** Ends idle connections, and after a second all others. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const hard = setTimeout(() => this.server.closeAllConnections(), 1000);
      this.server.close(() => {
        clearTimeout(hard);
        resolve();
      });
      this.server.closeIdleConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', ignore);
    try {
      await this.answer(request, response);
    } catch (error) {
      sendStatus(response, error instanceof ApiFailure ? error.status : this.unexpected(error));
    }
    // What is left of a body that was refused would be read as the next request; endless ones end by the timeout.
    if (!request.complete) request.resume();
  }

  private unexpected(error: unknown): Status {
    return internalError(error instanceof Error ? error.message : String(error));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { handlers } = this.options;
    const url = requestUrl(request.url);
    const route = routeOf(url.pathname, handlers.registry);
    const asking = this.knownUser(request) ?? (await this.userOf(request, url.pathname));
    const user = this.actingFor(asking, request);
    if (route === undefined) return notThere(response);
    if (route.type !== 'resource') {
      this.authorizePath(user, request, url.pathname);
      return await this.answerOther(route, url, request, response);
    }
    const { target } = route;
    const query = url.searchParams;
    const verb = verbOf(request, target, query);
    const isRead = verb === 'get' || verb === 'list';
    const isWatch = verb === 'watch';
    const leave = isWatch ? () => {} : this.inFlight.enter(isRead);
    if (leave === undefined) {
      this.metrics.turnedAway(isRead);
      return tooMany(response);
    }
    const startMs = performance.now();
    if (isWatch && isServed(target, handlers)) response.once('close', this.metrics.watching(target));
    const nowMs = (): number => this.options.nowMs();
    try {
      await serveResource({ request, response, handlers, user, target, query, nowMs }, verb);
    } catch (error) {
      sendStatus(response, error instanceof ApiFailure ? error.status : this.unexpected(error));
    } finally {
      leave();
      if (!isWatch) this.metrics.answered({ verb, target }, response.statusCode, (performance.now() - startMs) / 1000);
    }
  }

  /** Whoever has shown a token that lasts need not show it again on the same connection. */
  private knownUser({ headers, socket }: IncomingMessage): UserInfo | undefined {
    const known = this.users.get(socket);
    return known !== undefined && known.header === headers.authorization ? known.user : undefined;
  }

  /** Throws ApiFailure: 401. */
  private async userOf(request: IncomingMessage, path: string): Promise<UserInfo> {
    const header = request.headers.authorization;
    if (header === undefined || header === '') {
      if (this.options.anonymous === true || OPEN_PATHS.has(path)) return ANONYMOUS;
      throw new ApiFailure(unauthorized());
    }
    const token = /^Bearer\s+(\S+)\s*$/i.exec(header)?.[1];
    const found = token === undefined ? undefined : this.options.authenticate(token);
    const user = await found;
    if (user === undefined) throw new ApiFailure(unauthorized());
    if (user === found) this.users.set(request.socket, { header, user });
    return user;
  }

  /** Throws ApiFailure: 400, 403. */
  private actingFor(user: UserInfo, { headers, rawHeaders }: IncomingMessage): UserInfo {
    const { authorize } = this.options;
    if (authorize === undefined || !impersonates(headers)) return user;
    return impersonated(user, headers, rawHeaders, authorize);
  }

  /** Throws ApiFailure: 403. */
  private authorizePath(user: UserInfo, { method = 'GET' }: IncomingMessage, path: string): void {
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    if (OPEN_PATHS.has(path) || this.options.mayAsk?.(user, verb, path) !== false) return;
    const text = `User "${user.username}" cannot ${verb} path "${path}"`;
    throw new ApiFailure({
      ...forbidden({ group: '', resource: '' }, '', text),
      message: `forbidden: ${text}`,
      details: {},
    });
  }

  private async answerOther(
    route: Exclude<Route, { type: 'resource' }>,
    url: RequestUrl,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new ApiFailure(
        failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}),
      );
    }
    const { registry } = this.options.handlers;
    const { accept } = request.headers;
    const json = (body: object): void => sendText(response, 200, JSON.stringify(body));
    switch (route.type) {
      case 'core':
        if (answerForm(accept, true).as === 'discovery') return sendDiscovery(response, aggregated(registry, true));
        return json(coreVersions(request.headers.host ?? ''));
      case 'groups':
        if (answerForm(accept, true).as === 'discovery') return sendDiscovery(response, aggregated(registry, false));
        return json(groupList(registry));
      case 'group':
        return json(groupOf(registry, route.group));
      case 'version':
        return json(resourceList(registry, route.apiVersion));
      case 'other':
        return await this.answerPath(route.path, url, accept ?? '', response);
    }
  }

  private async answerPath(path: string, url: RequestUrl, accept: string, response: ServerResponse): Promise<void> {
    const { version, jwks, issuer, checks = {} } = this.options;
    const json = (body: object): void => sendText(response, 200, JSON.stringify(body));
    const [, first, second] = path.split('/');
    if (first === 'healthz' || first === 'livez' || first === 'readyz') {
      if (second === undefined) return sendHealth(response, first, checks, url.searchParams);
      const check = checks[second];
      return check === undefined
        ? notThere(response)
        : sendHealth(response, first, { [second]: check }, url.searchParams);
    }
    if (path.startsWith('/openapi/v3/')) {
      const document = this.openapi.document(path.slice('/openapi/v3/'.length));
      return document === undefined ? notThere(response) : sendText(response, 200, document);
    }
    switch (path) {
      case '/':
        return json({ paths: PATHS });
      case '/version':
        return json(version);
      case '/metrics': {
        const { reading, writing } = this.inFlight.current;
        this.metrics.running(reading, writing);
        const { registry } = this.metrics;
        return sendText(response, 200, await registry.metrics(), headOf(registry.contentType));
      }
      case '/openapi/v2':
        if (!accept.includes('proto')) return json(this.openapiV2.json());
        return sendBytes(response, this.openapiV2.bytes(), V2_CONTENT_TYPE);
      case '/openapi/v3':
        return json(this.openapi.index());
      case '/openid/v1/jwks':
        return jwks === undefined ? notThere(response) : json(jwks());
      case '/.well-known/openid-configuration':
        return issuer === undefined ? notThere(response) : json(openidOf(issuer));
      default:
        return notThere(response);
    }
  }
}

const ignore = (): void => {};

const PATHS = [
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
];

const openidOf = (issuer: string): object => ({
  issuer,
  jwks_uri: `${issuer}/openid/v1/jwks`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
});

function deferred<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: Error): void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function isServed(target: Target, { registry }: ApiHandlers): boolean {
  const { subresource } = target;
  const subresources = registry.find(target)?.subresources;
  return (
    subresources !== undefined && (subresource === undefined || subresources.some(({ name }) => name === subresource))
  );
}

function sendStatus(response: ServerResponse, status: Status): void {
  const { code, details } = status;
  const retry = details?.retryAfterSeconds;
  if (code === 429 || (retry !== undefined && retry > 0))
    response.setHeader('retry-after', String(retry ?? RETRY_AFTER_S));
  if (code === 401) response.setHeader('www-authenticate', 'Bearer');
  sendText(response, code, JSON.stringify(status));
}

const notThere = (response: ServerResponse): void => sendText(response, 404, '404 page not found\n', TEXT_HEAD);

function tooMany(response: ServerResponse): void {
  response.setHeader('retry-after', String(RETRY_AFTER_S));
  const message = 'the server has received too many requests and has asked us to try again later';
  sendText(
    response,
    429,
    JSON.stringify(failure(429, 'TooManyRequests', message, { retryAfterSeconds: RETRY_AFTER_S })),
  );
}

function sendDiscovery(response: ServerResponse, body: object): void {
  const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  response.setHeader('vary', 'Accept');
  sendText(response, 200, JSON.stringify(body), headOf(type));
}

/** `ok`, or with `verbose` a line per check; 500 when one of them fails. */
function sendHealth(
  response: ServerResponse,
  name: string,
  checks: Readonly<Record<string, () => string | undefined>>,
  query: URLSearchParams,
): void {
  const excluded = new Set(query.getAll('exclude'));
  const results = Object.entries({ ping: () => undefined, ...checks }).map(([check, run]) => {
    if (excluded.has(check)) return { line: `[+]${check} excluded: ok`, isWrong: false };
    const wrong = run();
    return {
      line: wrong === undefined ? `[+]${check} ok` : `[-]${check} failed: ${wrong}`,
      isWrong: wrong !== undefined,
    };
  });
  const isWrong = results.some((result) => result.isWrong);
  if (!isWrong && !query.has('verbose')) {
    sendText(response, 200, 'ok', TEXT_HEAD);
    return;
  }
  const lines = results.map(({ line }) => line);
  const end = isWrong ? `${name} check failed` : `${name} check passed`;
  sendText(response, isWrong ? 500 : 200, `${[...lines, end].join('\n')}\n`, TEXT_HEAD);
}
