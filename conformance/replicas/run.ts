/** Faults on a real control plane under load, and what must hold whatever happens. */
import type { Access } from '../../cluster/client-http/index.ts';
import { type ControlPlaneShape, startControlPlane } from '../../cluster/topology/index.ts';
import { Random } from '../../scheduler/index.ts';
import { Faults } from './faults.ts';
import { type Handover, History } from './history.ts';
import { Load, podsOf } from './load.ts';

export interface ChaosOptions extends ControlPlaneShape {
  readonly folder: string;
  readonly berth: readonly [command: string, ...args: string[]];
  readonly minutes: number;
  readonly seed: number;
  readonly leaseMs: number;
  readonly podsPerSecond: number;
  say(text: string): void;
}

export interface ChaosResult {
  readonly faults: ReadonlyMap<string, number>;
  readonly outages: number;
  readonly acknowledged: number;
  readonly deleted: number;
  readonly unknown: number;
  readonly bindings: number;
  readonly podWrites: number;
  readonly handovers: readonly Handover[];
  readonly lateMs: number;
  readonly failures: readonly string[];
}

const NODES = 20;
const FAULT_EVERY_MS = 2500;
const BOUND_TRIES = 240;
const LIST_TRIES = 30;
const LEASE = 'kube-scheduler';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, leaseMs, minutes, podsPerSecond, say, ...shape } = options;
  const times = { renew: Math.round((leaseMs * 2) / 3), retry: Math.round((leaseMs * 2) / 15) };
  const lateMs = leaseMs + 2.2 * times.retry;
  /** Where each candidate lives, from what the servers say. */
  const serverOf = new Map<string, number>();
  const plane = await startControlPlane({
    ...shape,
    host: '127.0.0.1',
    port: 0,
    restarts: false,
    serveFlags: () => [
      '--leader-elect',
      ...['--leader-elect-lease-duration', `${leaseMs}ms`, '--leader-elect-renew-deadline', `${times.renew}ms`],
      ...['--leader-elect-retry-period', `${times.retry}ms`],
    ],
    say: (text) => {
      const [, server, identity] = /^server-(\d+): kube-scheduler: (\S+) leads$/.exec(text) ?? [];
      if (identity !== undefined) serverOf.set(identity, Number(server));
      say(text);
    },
  });
  const history = new History(plane.etcdEndpoints, LEASE);
  const random = new Random(seed);
  const accessTo = (server: string): Access => ({
    server,
    authority: plane.credentials.authority,
    token: plane.credentials.adminToken,
  });
  const load = new Load(accessTo(plane.url), new Random(seed + 1));
  const faults = new Faults({
    ...{ shape, etcd: plane.etcd, servers: plane.servers, random, awayMsMax: leaseMs + 2000 },
    answers: plane.answers,
    leader: () => serverOf.get(history.holder) ?? -1,
  });
  const failures: string[] = [];
  try {
    await load.makeNodes(NODES);
    await inflictAndLoad(faults, load, minutes * 60_000, podsPerSecond);
    await faults.settled();
    await load.settled();
    await untilBound(load, history, failures);
    for (const [index, url] of plane.serverUrls.entries()) {
      const listed = await podsSoon(accessTo(url));
      if (listed instanceof Error) failures.push(`server-${index} does not list pods: ${listed.message}`);
      else compare(load, listed, `server-${index}`, failures);
    }
    for (const handover of history.handovers) {
      if (isLate(handover, lateMs, faults.outages)) failures.push(`a new leader only after ${handover.gapMs} ms`);
    }
    failures.push(...history.wrong, ...load.refused);
    if (history.broken !== undefined) failures.push(`the watch of the history ended: ${history.broken}`);
    return {
      faults: faults.counts,
      outages: faults.outages.length,
      acknowledged: load.there.size + load.gone.size,
      deleted: load.gone.size,
      unknown: load.unknown,
      bindings: history.bindings,
      podWrites: history.podWrites,
      handovers: history.handovers,
      lateMs,
      failures,
    };
  } finally {
    load.close();
    history.close();
    await plane.close();
  }
}

/** What it lists, or why it does not, once it has had time to be back. */
async function podsSoon(access: Access): Promise<ReadonlyMap<string, string> | Error> {
  for (let attempt = 1; ; attempt++) {
    const listed = await podsOf(access).catch((error: Error) => error);
    if (!(listed instanceof Error) || attempt === LIST_TRIES) return listed;
    await sleep(1000);
  }
}

async function inflictAndLoad(faults: Faults, load: Load, forMs: number, podsPerSecond: number): Promise<void> {
  const untilMs = Date.now() + forMs;
  const pods = setInterval(() => load.step(), 1000 / podsPerSecond);
  try {
    while (Date.now() < untilMs) {
      await sleep(FAULT_EVERY_MS);
      faults.step();
    }
  } finally {
    clearInterval(pods);
  }
}

async function untilBound(load: Load, history: History, failures: string[]): Promise<void> {
  let waiting: string[] = [];
  for (let attempt = 0; attempt < BOUND_TRIES; attempt++) {
    waiting = [...load.there].filter(([, uid]) => !history.isBound(uid)).map(([name]) => name);
    if (waiting.length === 0) return;
    await sleep(250);
  }
  failures.push(`${waiting.length} pods were never bound: ${waiting.slice(0, 5).join(', ')}`);
}

function compare(load: Load, listed: ReadonlyMap<string, string>, server: string, failures: string[]): void {
  for (const [name, uid] of load.there) {
    if (listed.get(name) !== uid)
      failures.push(`${server}: ${name} was acknowledged and is ${listed.get(name) ?? 'lost'}`);
  }
  for (const name of load.gone) if (listed.has(name)) failures.push(`${server}: ${name} was deleted and is there`);
}

/** A server that was paused or lost its member may have had a call under way: it takes half a renew deadline to give up. */
function isLate({ gapMs, atMs }: Handover, lateMs: number, outages: Faults['outages']): boolean {
  const fromMs = atMs - gapMs;
  const wasDown = outages.some((outage) => outage.fromMs < atMs && outage.toMs + SETTLE_MS > fromMs);
  return !wasDown && gapMs > lateMs + CALL_MS;
}

const SETTLE_MS = 5000;
const CALL_MS = 4000;
