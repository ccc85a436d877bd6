/** Acknowledged writes of a durable store: an etcd of the machine's beside the project's own, on one disk, in one run. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePorts } from '../../cluster/free-ports.ts';
import { ask, EtcdStore, type Store, Value } from '../../cluster/store/index.ts';

const POD_BYTES = 1900;
/** As large as a pod. */
export const POD_VALUE = Value.ofBytes(new Uint8Array(POD_BYTES).fill(120));

/** Every client writes its next key when its last write was acknowledged. @returns Writes per second. */
export async function acknowledgedWrites(store: Store, clients: number, seconds: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let written = 0;
  const client = async (_: unknown, id: number): Promise<void> => {
    while (performance.now() < end) {
      const key = `/bench/${id}/${written}`;
      await ask((answer: Parameters<Store['txn']>[1]) =>
        store.txn({ compare: [], success: [{ type: 'put', key, value: POD_VALUE }] }, answer),
      );
      written++;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return (written * 1000) / (performance.now() - start);
}

export interface EtcdBeside {
  readonly version: string;
  readonly endpoint: string;
  stop(): Promise<void>;
}

const READY_MS = 20_000;
const ASK_EVERY_MS = 100;

/** One member with its data in the folder; undefined where the machine has no etcd. */
export async function startEtcd(folder: string): Promise<EtcdBeside | undefined> {
  const asked = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  if (asked.status !== 0) return undefined;
  const [client, peer] = (await freePorts(2)).map((port) => `http://127.0.0.1:${port}`) as [string, string];
  const args = [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
  const child = spawn('etcd', args, { stdio: 'ignore' });
  const endpoint = client.replace('127.0.0.1', 'localhost');
  try {
    await untilReady(endpoint, child);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const version = /etcd Version: (\S+)/.exec(asked.stdout)?.[1] ?? '';
  return { version, endpoint, stop: () => ended(child) };
}

async function untilReady(endpoint: string, child: ChildProcess): Promise<void> {
  const store = new EtcdStore({ endpoints: [endpoint], timeoutMs: 1000 });
  const end = performance.now() + READY_MS;
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`etcd ended with code ${child.exitCode}`);
      try {
        await ask((answer: Parameters<Store['status']>[0]) => store.status(answer));
        return;
      } catch (error) {
        if (performance.now() > end) throw error;
        await wait(ASK_EVERY_MS);
      }
    }
  } finally {
    store.close(() => {});
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
