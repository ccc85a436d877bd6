/** The server that is put to the test: in this process, on a socket, on a store whose revision can be looked at. */
import { randomBytes } from 'node:crypto';
import { Agent, get, request } from 'node:http';
import { connect } from 'node:net';
import { WordIds } from '../../../cluster/apiserver/index.ts';
import { startWire, type Wire } from '../../../cluster/apiserver/wire/index.ts';
import { type Host, RealClock } from '../../../cluster/clock.ts';
import { nodeHost } from '../../../cluster/node-host.ts';
import { MemoryStore, type Value } from '../../../cluster/store/index.ts';
import { operationsOf } from './from-openapi.ts';
import type { FuzzAnswer } from './judge.ts';
import type { FuzzRequest, Material } from './requests.ts';

/** What waits for seconds here waits for milliseconds. */
const FASTER = 200;
/** A watch that is open is closed again after so long. */
const WATCHED_MS = 2;
export const HANG_MS = 10_000;

function fastHost(): Host {
  const startMs = nodeHost.now();
  return {
    now: () => startMs + (nodeHost.now() - startMs) * FASTER,
    wait: (delayMs, callback) => nodeHost.wait(delayMs / FASTER, callback),
  };
}

export class FuzzTarget {
  readonly wire: Wire;
  private readonly clock: RealClock;
  private readonly store: MemoryStore;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 4 });
  /** What a new server has. */
  private readonly first: ReadonlyArray<{ readonly key: string; readonly value: Value }>;

  private constructor(wire: Wire, clock: RealClock, store: MemoryStore) {
    this.wire = wire;
    this.clock = clock;
    this.store = store;
    this.first = this.everything();
  }

  static async start(): Promise<FuzzTarget> {
    const clock = new RealClock(fastHost());
    // Leases of events do not end while somebody looks at revisions.
    const store = new MemoryStore({});
    const ids = new WordIds(() => randomBytes(4).readUInt32LE());
    const wire = await startWire({ store, clock, ids, host: '127.0.0.1', port: 0, isTls: false });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fuzz' } };
    await new Promise<void>((resolve) =>
      wire.client.create({ group: '', version: 'v1', resource: 'namespaces' }, namespace, {}, () => resolve()),
    );
    return new FuzzTarget(wire, clock, store);
  }

  get token(): string {
    return this.wire.credentials.adminToken;
  }

  get revision(): number {
    return this.store.mvcc.revision;
  }

  async material(recorded: Material['recorded']): Promise<Material> {
    const index = JSON.parse((await this.get('/openapi/v3')).text) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const documents: object[] = [];
    for (const { serverRelativeURL } of Object.values(index.paths)) {
      documents.push(JSON.parse((await this.get(serverRelativeURL)).text) as object);
    }
    return { recorded, ...operationsOf(documents), token: this.token };
  }

  get(path: string): Promise<FuzzAnswer> {
    return this.send({ method: 'GET', path, headers: { authorization: `Bearer ${this.token}` } });
  }

  /** Rejects when nothing comes back. */
  send({ method, path, headers, body, raw }: FuzzRequest): Promise<FuzzAnswer> {
    if (raw !== undefined) return this.sendRaw(raw);
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': body.length };
      const { port } = this.wire;
      const options = { agent: this.agent, host: '127.0.0.1', port, method, path, headers: { ...headers, ...length } };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        const { statusCode: status = 0, headers: got } = response;
        const contentType = String(got['content-type'] ?? '');
        const done = (): void => {
          clearTimeout(hang);
          resolve({ status, contentType, text: Buffer.concat(chunks).toString() });
        };
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', done);
        response.on('error', done);
        const isStream = got['transfer-encoding'] === 'chunked' && /[?&]watch=/.test(path);
        if (isStream) {
          setTimeout(() => {
            done();
            sent.destroy();
          }, WATCHED_MS);
        }
      });
      const hang = setTimeout(() => {
        reject(new Error(`no answer in ${HANG_MS} ms`));
        sent.destroy();
      }, HANG_MS);
      sent.on('error', (error) => {
        clearTimeout(hang);
        reject(error);
      });
      sent.end(body);
    });
  }

  /** Whatever comes back, or nothing. */
  private sendRaw(bytes: Buffer): Promise<FuzzAnswer> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const socket = connect(this.wire.port, '127.0.0.1');
      const done = (): void => {
        clearTimeout(enough);
        socket.destroy();
        resolve({ status: 0, contentType: '', text: Buffer.concat(chunks).toString('latin1') });
      };
      const enough = setTimeout(done, 50);
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', done);
      socket.on('error', done);
      socket.end(bytes);
    });
  }

  /** As new, so that the store grows no further: its history is dropped. */
  async wipe(): Promise<void> {
    const { store } = this;
    const kept = new Map(this.first.map((each) => [each.key, each.value]));
    const now = this.everything();
    const gone = now.filter(({ key }) => !kept.has(key)).map(({ key }) => ({ type: 'delete', key }) as const);
    const there = new Map(now.map((each) => [each.key, each.value]));
    const back = this.first
      .filter(({ key, value }) => there.get(key) !== value)
      .map(({ key, value }) => ({ type: 'put', key, value }) as const);
    for (const op of [...gone, ...back]) {
      await new Promise<void>((resolve) => store.txn({ compare: [], success: [op] }, () => resolve()));
    }
    await new Promise<void>((resolve) => store.compact(this.revision, () => resolve()));
  }

  private everything(): Array<{ key: string; value: Value }> {
    let all: Array<{ key: string; value: Value }> = [];
    this.store.range({ key: '/registry/', rangeEnd: '/registry0' }, {}, (_, { kvs }) => {
      all = kvs.map(({ key, value }) => ({ key, value }));
    });
    return all;
  }

  async isAlive(): Promise<boolean> {
    const { status, text } = await new Promise<FuzzAnswer>((resolve, reject) => {
      const asked = get({ host: '127.0.0.1', port: this.wire.port, path: '/readyz' }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, contentType: '', text: body }));
      });
      asked.on('error', reject);
    });
    return status === 200 && text === 'ok';
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.wire.close();
    this.clock.stop();
  }
}
