/** What is measured, and against which goals. A scenario runs in a process of its own and gives one sample of its figures. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, EtcdStore, openEmbeddedStore, type Store } from '../../../cluster/store/index.ts';
import { acknowledgedWrites, startEtcd } from '../durable-writes.ts';
import { createAndWatch, type Rate, schedule } from './in-process.ts';
import { listAll, manyWatchers, slowWatcher } from './long-answers.ts';
import { createAndBind, type HttpRate } from './over-http.ts';
import { newFolder, prepare, remove, start } from './start.ts';

export type Figures = Readonly<Record<string, number>>;

export interface Figure {
  /** In `Figures`. */
  readonly name: string;
  readonly text: string;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface Scenario {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** @param folder Of what `prepare` has made. */
  run(folder: string): Figures | Promise<Figures>;
  /** Once, before all samples. */
  prepare?(folder: string): Promise<void>;
}

const PODS = 150_000;
const NODES = 5000;
const WATCHERS = 1000;
const EVENTS = 1000;
const CLIENTS = [1, 64, 1000];
const SECONDS = 3;
const MEGABYTE = 1e6;

const rates = ({ count, cpuSeconds, wallSeconds }: Rate): Figures => ({
  perCpuSecond: count / cpuSeconds,
  perSecond: count / wallSeconds,
});

const httpRates = ({ count, serverCpuSeconds, cpuSeconds, wallSeconds }: HttpRate): Figures => ({
  perCpuSecond: count / serverCpuSeconds,
  clientPerCpuSecond: count / cpuSeconds,
  perSecond: count / wallSeconds,
});

const overHttp = (name: string, isTls: boolean): Scenario => ({
  name,
  figures: [
    { name: 'perSecond', text: 'pods/s', goal: { atLeast: 3000 } },
    { name: 'perCpuSecond', text: 'pods/CPU s of the server', goal: { atLeast: 3000 } },
    { name: 'clientPerCpuSecond', text: 'pods/CPU s of the client' },
  ],
  run: async () => httpRates(await createAndBind(isTls, 2000, 6000)),
});

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'created and watched in process',
    figures: [
      { name: 'perCpuSecond', text: 'pods/CPU s', goal: { atLeast: 100_000 } },
      { name: 'perSecond', text: 'pods/s' },
    ],
    run: () => rates(createAndWatch(20_000, PODS)),
  },
  {
    name: 'created, watched, scheduled and bound in process, 5,000 nodes',
    figures: [
      { name: 'perCpuSecond', text: 'pods/CPU s', goal: { atLeast: 60_000 } },
      { name: 'perSecond', text: 'pods/s' },
    ],
    run: () => rates(schedule(NODES, 20_000, 60_000)),
  },
  overHttp('created and bound over HTTP', false),
  overHttp('created and bound over HTTPS', true),
  {
    name: '1,000 watchers over HTTP, 1,000 events',
    figures: [
      { name: 'lost', text: 'events lost', goal: { atMost: 0 } },
      { name: 'perCpuSecond', text: 'deliveries/CPU s of the server' },
      { name: 'perSecond', text: 'deliveries/s' },
    ],
    async run() {
      const { lost, delivered, serverCpuSeconds, wallSeconds } = await manyWatchers(WATCHERS, EVENTS);
      return { lost, perCpuSecond: delivered / serverCpuSeconds, perSecond: delivered / wallSeconds };
    },
  },
  {
    name: 'list of 150,000 pods over HTTP',
    figures: [
      { name: 'rssGrowth', text: 'MB of memory above what it had' },
      { name: 'megabytes', text: 'MB sent' },
      { name: 'cpuSeconds', text: 'CPU s of the server' },
      { name: 'wallSeconds', text: 's' },
    ],
    async run() {
      const { bytes, rssGrowthBytes, serverCpuSeconds, wallSeconds } = await listAll(PODS);
      const [rssGrowth, megabytes] = [rssGrowthBytes / MEGABYTE, bytes / MEGABYTE];
      return { rssGrowth, megabytes, cpuSeconds: serverCpuSeconds, wallSeconds };
    },
  },
  {
    name: 'a watcher that does not read, 60,000 events',
    figures: [
      { name: 'isClosed', text: 'its stream ends (1: yes)', goal: { atLeast: 1 } },
      { name: 'lost', text: 'events lost once it goes on', goal: { atMost: 0 } },
      { name: 'waiting', text: 'events that it read before' },
    ],
    async run() {
      const count = 60_000;
      const { isClosed, events, resumed } = await slowWatcher(count);
      return { isClosed: Number(isClosed), lost: count + 1 - events - resumed, waiting: events };
    },
  },
  {
    name: 'start with 150,000 pods in the embedded store',
    figures: [
      { name: 'wallSeconds', text: 's until requests are answered', goal: { atMost: 3 } },
      { name: 'cpuSeconds', text: 'CPU s', goal: { atMost: 3 } },
      { name: 'storeMs', text: 'ms of it for the store' },
      { name: 'megabytes', text: 'MB on disk' },
    ],
    prepare: (folder) => prepare(folder, PODS),
    async run(folder) {
      const { pods, cpuSeconds, wallSeconds, storeMs, storeBytes } = await start(folder);
      if (pods !== PODS) throw new Error(`${PODS} pods were stored, ${pods} are there`);
      return { cpuSeconds, wallSeconds, storeMs, megabytes: storeBytes / MEGABYTE };
    },
  },
  {
    name: 'acknowledged writes/s, on disk',
    figures: CLIENTS.flatMap((clients) => [
      { name: `embedded${clients}`, text: `embedded, ${clients} client${clients === 1 ? '' : 's'}` },
      { name: `etcd${clients}`, text: `etcd, ${clients} client${clients === 1 ? '' : 's'}` },
    ]),
    run: durableWrites,
  },
];

/** Without etcd its figures are missing. */
async function durableWrites(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-bench-writes-'));
  const beside = await startEtcd(folder);
  const stores: [string, Store][] = [['embedded', openEmbeddedStore({ folder: join(folder, 'embedded') })]];
  if (beside !== undefined) {
    stores.push(['etcd', new EtcdStore({ endpoints: [beside.endpoint], timeoutMs: 60_000 })]);
  }
  const figures: Record<string, number> = {};
  try {
    for (const clients of CLIENTS) {
      for (const [name, store] of stores) {
        figures[`${name}${clients}`] = await acknowledgedWrites(store, clients, SECONDS);
      }
    }
  } finally {
    for (const [, store] of stores) await ask<void>((answer) => store.close(answer));
    await beside?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

export { newFolder, remove };
