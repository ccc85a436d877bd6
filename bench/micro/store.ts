/**
 * `npm run bench:store`: the stores beside each other on one machine, in one run. In memory: objects created and watched.
 * Durable: acknowledged writes with one, 64 and 1,000 clients, with a real etcd on the same disk where the machine has one
 * (an endpoint as argument names another). Start: opening a folder with 150,000 pods.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  ask,
  EtcdStore,
  MemoryStore,
  openEmbeddedStore,
  prefixRange,
  type Store,
  Value,
} from '../../cluster/store/index.ts';
import { acknowledgedWrites, POD_VALUE, startEtcd } from './durable-writes.ts';

const PODS = 150_000;
const CLIENTS = [1, 64, 1000];
const SECONDS = 3;

const folder = mkdtempSync(join(tmpdir(), 'berth-bench-store-'));
const rate = (count: number, ms: number): string => Math.round((count / ms) * 1000).toLocaleString('en');
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function memoryRow(): void {
  const store = new MemoryStore();
  let watched = 0;
  store.watch(prefixRange('/registry/pods/'), { events: (events) => (watched += events.length) });
  const object = Value.of({});
  const [wall, cpu] = [performance.now(), cpuMs()];
  for (let index = 0; index < 2 * PODS; index++) {
    const key = `/registry/pods/default/pod-${(index * 7919) % (2 * PODS)}`;
    store.txn(
      {
        compare: [{ key, target: 'mod', operator: '=', operand: 0 }],
        success: [{ type: 'put', key, value: object }],
        failure: [{ type: 'range', key }],
      },
      () => {},
    );
  }
  const created = watched;
  const [wallMs, cpuUsedMs] = [performance.now() - wall, cpuMs() - cpu];
  console.log(`memory    create and watch    ${rate(created, wallMs)}/s   ${rate(created, cpuUsedMs)}/s of CPU time`);
}

async function writesRow(name: string, store: Store, clients: number): Promise<void> {
  const perSecond = await acknowledgedWrites(store, clients, SECONDS);
  const label = `${clients} client${clients === 1 ? '' : 's'}`;
  console.log(`${name.padEnd(10)}${label.padEnd(20)}${rate(perSecond, 1000)} acknowledged writes/s`);
}

async function startRow(): Promise<void> {
  const data = join(folder, 'pods');
  const store = openEmbeddedStore({ folder: data });
  for (let from = 0; from < PODS; from += 10_000) {
    await Promise.all(
      Array.from({ length: 10_000 }, (_, index) =>
        ask((answer: Parameters<Store['txn']>[1]) =>
          store.txn(
            {
              compare: [],
              success: [
                { type: 'put', key: `/registry/pods/default/pod-${((from + index) * 7919) % PODS}`, value: POD_VALUE },
              ],
            },
            answer,
          ),
        ),
      ),
    );
  }
  await ask<void>((answer) => store.close(answer));
  const [start, cpu] = [performance.now(), cpuMs()];
  const again = openEmbeddedStore({ folder: data });
  const [wallMs, cpuUsedMs] = [performance.now() - start, cpuMs() - cpu];
  const { keys } = await ask((answer: Parameters<Store['status']>[0]) => again.status(answer));
  const megabytes = Math.round(statSync(join(data, 'store.mdb')).size / 1e6);
  console.log(
    `embedded  start with ${keys.toLocaleString('en')} pods (${megabytes} MB): ` +
      `${Math.round(wallMs)} ms, ${Math.round(cpuUsedMs)} ms of CPU time`,
  );
  await ask<void>((answer) => again.close(answer));
}

let beside: Awaited<ReturnType<typeof startEtcd>>;
try {
  memoryRow();
  memoryRow();
  const embedded = openEmbeddedStore({ folder: join(folder, 'embedded') });
  if (process.argv[2] === undefined) beside = await startEtcd(folder);
  const endpoint = process.argv[2] ?? beside?.endpoint;
  const etcd = endpoint === undefined ? undefined : new EtcdStore({ endpoints: [endpoint], timeoutMs: 60_000 });
  for (const clients of CLIENTS) {
    await writesRow('embedded', embedded, clients);
    if (etcd !== undefined) await writesRow('etcd', etcd, clients);
  }
  if (etcd === undefined) console.log('etcd      not measured: there is none on this machine');
  await ask<void>((answer) => embedded.close(answer));
  etcd?.close(() => {});
  await startRow();
} finally {
  await beside?.stop();
  rmSync(folder, { recursive: true, force: true });
}
