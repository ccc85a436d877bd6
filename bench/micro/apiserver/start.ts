/** How long a start takes with a full embedded store: opened, read into the caches, and serving. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer, InProcessClient } from '../../../cluster/apiserver/index.ts';
import { startWire } from '../../../cluster/apiserver/wire/index.ts';
import { RealClock } from '../../../cluster/clock.ts';
import { nodeHost } from '../../../cluster/node-host.ts';
import { ask, openEmbeddedStore } from '../../../cluster/store/index.ts';
import { created } from './call.ts';
import { hostIds } from './ids.ts';
import type { Spent } from './meter.ts';
import { PODS, podNamed } from './objects.ts';

const AT_ONCE = 10_000;

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'berth-bench-start-'));

/** A store as a server with so many pods leaves it. */
export async function prepare(folder: string, pods: number): Promise<void> {
  const clock = new RealClock(nodeHost);
  const store = openEmbeddedStore({ folder: join(folder, 'store'), clock });
  const server = new ApiServer({ store, clock, ids: hostIds() });
  await ask<void>((answer) => server.start(answer as never));
  const client = new InProcessClient(server);
  for (let from = 0; from < pods; from += AT_ONCE) {
    const names = Array.from({ length: Math.min(AT_ONCE, pods - from) }, (_, i) => `pod-${from + i}`);
    await Promise.all(names.map((name) => created(client, PODS, podNamed(name))));
  }
  server.stop();
  await ask<void>((answer) => store.close(answer));
  clock.stop();
}

export interface Started extends Spent {
  readonly pods: number;
  readonly storeMs: number;
  readonly storeBytes: number;
}

/** In a process that has done nothing before: its own start counts. */
export async function start(folder: string): Promise<Started> {
  const beforeMs = performance.now();
  const clock = new RealClock(nodeHost);
  const store = openEmbeddedStore({ folder: join(folder, 'store'), clock });
  const storeMs = performance.now() - beforeMs;
  const options = { ids: hostIds(), host: '127.0.0.1', port: 0, folder: join(folder, 'pki') };
  const wire = await startWire({ store, clock, ...options });
  const wallSeconds = performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  const pods = wire.api.cacheOf(wire.api.registry.storedKind('Pod')).sizeOf('default');
  await wire.close();
  clock.stop();
  await ask<void>((answer) => store.close(answer));
  const storeBytes = statSync(join(folder, 'store', 'store.mdb')).size;
  return { pods, storeMs, cpuSeconds: (user + system) / 1e6, wallSeconds, storeBytes };
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });
