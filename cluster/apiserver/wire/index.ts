/** The API server over HTTP, with who may do what: everything between a socket and the handlers. */

import type { Clock } from '../../../scheduler/clock.ts';
import type { Store, StoreError } from '../../store/index.ts';
import type { IdSource } from '../ids.ts';
import { InProcessClient } from '../in-process-client.ts';
import type { UserInfo } from '../request-context.ts';
import { ApiServer, type ApiServerOptions } from '../server.ts';
import { type Credentials, credentialsIn } from './auth/credentials.ts';
import { type BindingObject, MASTERS, Rbac, type RoleObject } from './auth/rbac.ts';
import { reviewsOf } from './auth/reviews.ts';
import { ServiceAccountTokens } from './auth/service-account-tokens.ts';
import { StaticTokens } from './auth/tokens.ts';
import { answered, seedRoles, seedService } from './bootstrap.ts';
import type { InFlightLimits } from './http/in-flight.ts';
import { ApiHttpServer, type Authenticate } from './http/server.ts';

export { type Credentials, credentialsIn, writePrivate } from './auth/credentials.ts';
export { readTokenFile, StaticTokens } from './auth/tokens.ts';
export { ApiHttpServer, type Authenticate } from './http/server.ts';

export interface WireOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Where keys, certificates and the administrator's token are kept. @default in memory */
  readonly folder?: string;
  /** @default true */
  readonly isTls?: boolean;
  /** Other tokens than the administrator's. */
  readonly tokens?: StaticTokens;
  /** Requests without a token are `system:anonymous`. @default they get 401 */
  readonly anonymous?: boolean;
  readonly limits?: InFlightLimits;
  readonly compactEveryMs?: number;
  readonly admission?: ApiServerOptions['admission'];
  readonly serviceRanges?: ApiServerOptions['serviceRanges'];
  readonly failed?: (error: StoreError) => void;
  /** @default this program's */
  readonly version?: Readonly<Record<string, string>>;
}

export interface Wire {
  readonly url: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly api: ApiServer;
  readonly http: ApiHttpServer;
  /** May do everything. */
  readonly client: InProcessClient;
  /** May do what the roles of somebody allow. */
  clientAs(user: UserInfo): InProcessClient;
  /** Watches end, connections close; the store stays open. */
  close(): Promise<void>;
}

export const ADMIN_USER = 'kubernetes-admin';

/** Starts the API server on a store and listens. Rejects when the store or the port is not to be had. */
export async function startWire(options: WireOptions): Promise<Wire> {
  const { store, clock, ids, host, port, isTls = true } = options;
  const hosts = [...new Set(['127.0.0.1', 'localhost', '::1', ...(isWildcard(host) ? [] : [host])])];
  const credentials = await credentialsIn(options.folder, hosts, clock.nowMs);

  // Roles and accounts are read from the server that asks for them.
  let api!: ApiServer;
  const rbac = new Rbac({
    version: () => RBAC_KINDS.reduce((sum, kind) => sum + api.core.cacheOf(api.registry.storedKind(kind)).sequence, 0),
    role: (namespace, name) =>
      api.core.cached(namespace === '' ? 'ClusterRole' : 'Role', namespace, name) as RoleObject | undefined,
    clusterRoles: () => api.core.cachedAll('ClusterRole') as Iterable<RoleObject>,
    bindings: (namespace) =>
      (namespace === ''
        ? api.core.cachedAll('ClusterRoleBinding')
        : api.core.cachedAll('RoleBinding', namespace)) as Iterable<BindingObject>,
  });
  const account = (namespace: string, name: string) => api.core.cached('ServiceAccount', namespace, name);
  const isThere = (namespace: string, name: string, uid: string): boolean =>
    (account(namespace, name)?.metadata as { uid?: string } | undefined)?.uid === uid;
  const nowMs = (): number => clock.nowMs;
  const tokens = new ServiceAccountTokens(credentials.signingKey, ISSUER, isThere, nowMs);
  const staticTokens = options.tokens ?? new StaticTokens();
  staticTokens.add(credentials.adminToken, { username: ADMIN_USER, groups: [MASTERS] });
  const authenticate: Authenticate = (token) => staticTokens.userOf(token) ?? tokens.userOf(token);
  const reviews = reviewsOf({
    authorize: rbac.authorize,
    mayAsk: (user, verb, path) => rbac.mayAsk(user, verb, path),
    rulesFor: (user, namespace) => rbac.rulesFor(user, namespace),
    authenticate,
    tokens,
    serviceAccount: account,
    pod: (namespace, name) => api.core.cached('Pod', namespace, name),
    nowMs,
  });

  let failure: string | undefined;
  api = new ApiServer({
    store,
    clock,
    ids,
    authorize: rbac.authorize,
    reviews,
    compactEveryMs: options.compactEveryMs,
    admission: options.admission,
    serviceRanges: options.serviceRanges,
    failed: (error) => {
      failure = error.message;
      options.failed?.(error);
    },
  });
  await answered((done) => api.start(done));
  const client = new InProcessClient(api);
  await seedRoles(client);

  const jwks = await tokens.jwks();
  const http = new ApiHttpServer({
    handlers: api,
    authenticate,
    authorize: rbac.authorize,
    mayAsk: (user, verb, path) => rbac.mayAsk(user, verb, path),
    anonymous: options.anonymous,
    tls: isTls ? credentials.server : undefined,
    version: options.version ?? VERSION,
    limits: options.limits,
    checks: {
      etcd: () => failure,
      'informer-sync': () => undefined,
      'poststarthook/rbac/bootstrap-roles': () => undefined,
    },
    jwks: () => jwks,
    issuer: ISSUER,
    nowMs,
  });
  const { url, port: bound } = await http.listen(host, port);
  await seedService(client, api, bound);
  return {
    url,
    port: bound,
    credentials,
    api,
    http,
    client,
    clientAs: (user) => new InProcessClient(api, { user }),
    async close() {
      api.stop();
      await http.close();
    },
  };
}

const RBAC_KINDS = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];

const ISSUER = 'https://kubernetes.default.svc.cluster.local';

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** What clients read: the version of Kubernetes whose API this is. */
const VERSION = {
  major: '1',
  minor: '37',
  gitVersion: 'v1.37.2+berth',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};
