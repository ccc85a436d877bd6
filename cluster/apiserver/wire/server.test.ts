/** Who gets in, what is turned away, and what long answers cost. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/index.ts';
import { HttpClient } from '../../client-http/index.ts';
import type { ApiAnswer, ApiWatchEvent, ObjectList } from '../client.ts';
import type { Status } from '../status.ts';
import { credentialsIn } from './auth/credentials.ts';
import { readTokenFile, StaticTokens } from './auth/tokens.ts';
import { type Served, serveForTest } from './wire.fixture.ts';

const NODES = { group: '', version: 'v1', resource: 'nodes' };
const PODS = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const ACCOUNTS = { ...PODS, resource: 'serviceaccounts' };
const ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'roles', namespace: 'default' };
const pod = (name: string, more: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...more },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  }) as KubeObject;

const promised = <T>(call: (answer: ApiAnswer<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error === undefined ? resolve(result) : reject(error)));
  });
const refused = <T>(call: (answer: ApiAnswer<T>) => void): Promise<Status> =>
  new Promise((resolve, reject) => {
    call((error) => (error === undefined ? reject(new Error('nothing was refused')) : resolve(error)));
  });

interface Raw {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

function raw(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Raw> {
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('security by default', () => {
  const tokens = new StaticTokens();
  readTokenFile('reader,rita,1\nlister,lee,2,"readers,others"\n', 'tokens.csv', tokens);
  let served: Served;
  let admin: HttpClient;
  const clientOf = (token?: string): HttpClient =>
    new HttpClient({ server: served.url, authority: served.credentials.authority, token });
  beforeAll(async () => {
    served = await serveForTest({ tokens });
    admin = clientOf(served.credentials.adminToken);
  });
  afterAll(async () => {
    admin.close();
    await served.stop();
  });

  it('speaks TLS, by a certificate of its own authority', async () => {
    expect(served.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    const stranger = new HttpClient({ server: served.url, token: served.credentials.adminToken });
    expect((await refused<ObjectList>((done) => stranger.list(NODES, {}, done))).message).toMatch(/certificate/);
    expect((await promised<ObjectList>((done) => admin.list(NODES, {}, done))).kind).toBe('NodeList');
  });
  it('answers 401 without a token and to an unknown one, 403 to one without a role', async () => {
    for (const token of [undefined, 'nobody']) {
      const client = clientOf(token);
      expect(await refused<ObjectList>((done) => client.list(NODES, {}, done))).toMatchObject({
        code: 401,
        reason: 'Unauthorized',
      });
    }
    const rita = clientOf('reader');
    expect(await refused<ObjectList>((done) => rita.list(NODES, {}, done))).toMatchObject({
      code: 403,
      message: 'nodes is forbidden: User "rita" cannot list resource "nodes" in API group "" at the cluster scope',
    });
    expect(await refused((done) => rita.create(PODS, pod('x'), {}, done))).toMatchObject({ code: 403 });
  });
  it('lets a role in a namespace do what its rules say there, by user and by group', async () => {
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'look', namespace: 'default' },
      rules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }],
    };
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'look', namespace: 'default' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'look' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' }],
    };
    await promised((done) => admin.create(ROLES, role as KubeObject, {}, done));
    await promised((done) => admin.create({ ...ROLES, resource: 'rolebindings' }, binding as KubeObject, {}, done));
    const lee = clientOf('lister');
    expect((await promised<ObjectList>((done) => lee.list(PODS, {}, done))).items).toEqual([]);
    expect((await refused<ObjectList>((done) => lee.list({ ...PODS, namespace: 'kube-system' }, {}, done))).code).toBe(
      403,
    );
    expect((await refused<KubeObject>((done) => lee.get({ ...PODS, name: 'x' }, done))).code).toBe(403);
    // On the same connections, from the next request on.
    await promised((done) => admin.delete({ ...ROLES, resource: 'rolebindings', name: 'look' }, {}, done));
    expect((await refused<ObjectList>((done) => lee.list(PODS, {}, done))).code).toBe(403);
  });
  it('signs tokens for service accounts, which end with the account', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } };
    await promised((done) => admin.create(ACCOUNTS, account, {}, done));
    const target = { ...ACCOUNTS, name: 'robot', subresource: 'token' };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { status } = (await promised<KubeObject>((done) =>
      admin.create(target, body as KubeObject, {}, done),
    )) as KubeObject & {
      status: { token: string };
    };
    const robot = clientOf(status.token);
    const SELF = { group: 'authentication.k8s.io', version: 'v1', resource: 'selfsubjectreviews' };
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    expect(await promised((done) => robot.create(SELF, review as KubeObject, {}, done))).toMatchObject({
      status: {
        userInfo: {
          username: 'system:serviceaccount:default:robot',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        },
      },
    });
    await promised((done) => admin.delete({ ...ACCOUNTS, name: 'robot' }, {}, done));
    expect((await refused<ObjectList>((done) => robot.list(PODS, {}, done))).code).toBe(401);
  });
  it('keeps keys, certificates and the token in files for their owner alone, and uses them again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-pki-'));
    try {
      const first = await credentialsIn(folder, ['127.0.0.1'], Date.now());
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      expect(await credentialsIn(folder, ['127.0.0.1'], Date.now())).toEqual(first);
      const wider = await credentialsIn(folder, ['127.0.0.1', 'cluster.example'], Date.now());
      expect(wider.authority).toBe(first.authority);
      expect(wider.server).not.toEqual(first.server);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('limits', () => {
  let served: Served;
  let headers: Record<string, string>;
  beforeAll(async () => {
    served = await serveForTest({ isTls: false, limits: { reading: 2, writing: 1 } });
    headers = { authorization: `Bearer ${served.credentials.adminToken}`, 'content-type': 'application/json' };
  });
  afterAll(() => served.stop());

  it('413 for a body beyond 3 MiB, said or found', async () => {
    const body = JSON.stringify(pod('big', { annotations: { a: 'x'.repeat(4_000_000) } }));
    const url = `${served.url}/api/v1/namespaces/default/pods`;
    const said = { ...headers, 'content-length': String(body.length) };
    for (const more of [said, { ...headers, 'transfer-encoding': 'chunked' }]) {
      expect((await raw(url, { method: 'POST', headers: more, body })).status).toBe(413);
    }
    expect((await raw(`${served.url}/readyz`)).text).toBe('ok');
  });
  it('429 with Retry-After when too many write at a time', async () => {
    const url = new URL(served.url);
    const slow = connect(Number(url.port), url.hostname);
    slow.on('error', () => {});
    const head = `POST /api/v1/namespaces/default/pods HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\n`;
    slow.write(`${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
    let answer: Raw;
    do {
      answer = await raw(`${served.url}/api/v1/namespaces/default/pods`, { method: 'POST', headers, body: '{}' });
    } while (answer.status !== 429);
    expect(answer.headers['retry-after']).toBe('1');
    expect(JSON.parse(answer.text)).toMatchObject({ reason: 'TooManyRequests' });
    slow.destroy();
  });
  it.each([
    ['GET', '/api/v1/pods?limit=abc', 400],
    ['GET', '/api/v1/pods?watch=1&timeoutSeconds=x', 400],
    ['GET', '/%zz', 404],
    ['GET', '/apis/nope/v1', 404],
    ['GET', '/api/v1/namespaces/default/pods/p/nope', 404],
    ['OPTIONS', '/api/v1/pods', 405],
    ['POST', '/api/v1/namespaces/default/pods?dryRun=Some', 422],
    ['POST', '/api/v1/namespaces/default/pods?fieldValidation=Maybe', 422],
    ['PATCH', '/api/v1/namespaces/default/pods/p', 415],
  ])('%s %s: %i', async (method, path, code) => {
    const { status, text } = await raw(`${served.url}${path}`, {
      method,
      headers,
      body: method === 'GET' || method === 'OPTIONS' ? undefined : '{}',
    });
    expect(status).toBe(code);
    if (text.startsWith('{')) expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code });
  });
  it('refuses what is nested too deeply, or is no object', async () => {
    const url = `${served.url}/api/v1/namespaces/default/pods`;
    for (const body of ['['.repeat(100_000), `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, '[]', 'null', '1', '']) {
      expect((await raw(url, { method: 'POST', headers, body })).status).toBe(400);
    }
  });
});

describe('long answers', () => {
  let served: Served;
  let client: HttpClient;
  beforeAll(async () => {
    served = await serveForTest();
    client = new HttpClient({
      server: served.url,
      authority: served.credentials.authority,
      token: served.credentials.adminToken,
    });
    for (let i = 0; i < 500; i++) await promised((done) => served.client.create(PODS, pod(`p${i}`), {}, done));
  });
  afterAll(async () => {
    client.close();
    await served.stop();
  });

  it('lists what the server holds, as in process', async () => {
    const over = await promised<ObjectList>((done) => client.list(PODS, {}, done));
    const here = await promised<ObjectList>((done) => served.client.list(PODS, {}, done));
    expect(over.items).toHaveLength(500);
    expect(over.items.map(({ metadata }) => metadata)).toEqual(here.items.map(({ metadata }) => metadata));
    expect(over.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
  });
  it('tells every watcher every change, and a selector what begins and ends to match', async () => {
    const events: string[][] = [[], [], []];
    const list = await promised<ObjectList>((done) => client.list(PODS, {}, done));
    const { resourceVersion } = list.metadata;
    const stops = events.map((seen, i) =>
      client.watch(
        PODS,
        { resourceVersion, labelSelector: i === 2 ? 'a=1' : undefined },
        {
          event: (event: ApiWatchEvent) => seen.push(`${event.type} ${(event.object as KubeObject).metadata?.name}`),
          ended: () => {},
        },
      ),
    );
    await promised((done) => client.create(PODS, pod('w', { labels: { a: '1' } }), {}, done));
    const patch = { metadata: { labels: { a: null } } };
    await promised((done) => client.patch({ ...PODS, name: 'w' }, 'merge', patch, {}, done));
    await promised((done) => client.delete({ ...PODS, name: 'w' }, {}, done));
    for (let waited = 0; events[1]!.length < 4 && waited < 5000; waited += 10) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const stop of stops) stop();
    // A pod shows that it ends before it is gone.
    expect(events[0]).toEqual(['ADDED w', 'MODIFIED w', 'MODIFIED w', 'DELETED w']);
    expect(events[1]).toEqual(events[0]);
    expect(events[2]).toEqual(['ADDED w', 'DELETED w']);
  });
  it('tells a watch that cannot be why, in one ERROR event', async () => {
    const seen: ApiWatchEvent[] = [];
    await new Promise<void>((resolve) => {
      const options = { resourceVersion: '1', labelSelector: 'a in (' };
      client.watch(PODS, options, { event: (event) => seen.push(event), ended: resolve });
    });
    expect(seen).toMatchObject([{ type: 'ERROR', object: { code: 400 } }]);
  });
  it('counts what it answers', async () => {
    const { registry } = served.http.metrics;
    expect(await registry.metrics()).toMatch(
      /apiserver_request_total\{verb="LIST",group="",version="v1",resource="pods",subresource="",scope="namespace",code="200",dry_run=""\} [1-9]/,
    );
  });
});
