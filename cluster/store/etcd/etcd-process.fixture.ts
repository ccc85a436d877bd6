/** A real etcd on loopback for tests, where the machine has one. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../free-ports.ts';
import { ask } from '../ask.ts';
import type { Store } from '../store.ts';
import { EtcdStore, type EtcdStoreOptions } from './etcd-store.ts';

export function hasEtcd(): boolean {
  try {
    execFileSync('etcd', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const NO_ETCD = 'no etcd on this machine (Debian: etcd-server); its part of the contract was not run';

export interface EtcdMember {
  readonly name: string;
  readonly endpoint: string;
  kill(): Promise<void>;
  start(): void;
}

export interface EtcdCluster {
  readonly members: readonly EtcdMember[];
  readonly endpoints: readonly string[];
  readonly tls: EtcdStoreOptions['tls'];
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts the members and waits until they answer. */
export async function startEtcd(memberCount: number, tls?: TestTls): Promise<EtcdCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-etcd-'));
  const scheme = tls === undefined ? 'http' : 'https';
  const ports = await freePorts(memberCount * 2);
  const addresses = Array.from({ length: memberCount }, (_, index) => ({
    name: `m${index}`,
    client: `${scheme}://localhost:${ports[2 * index]}`,
    peer: `${scheme}://localhost:${ports[2 * index + 1]}`,
  }));
  const local = (url: string): string => url.replace('localhost', '127.0.0.1');
  const cluster = addresses.map(({ name, peer }) => `${name}=${peer}`).join(',');
  const members = addresses.map(({ name, client, peer }) => {
    const args = [
      `--name=${name}`,
      `--data-dir=${join(folder, name)}`,
      `--listen-client-urls=${local(client)}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${local(peer)}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=${cluster}`,
      '--logger=zap',
      '--log-level=error',
      ...(tls === undefined ? [] : tlsArgs(tls)),
    ];
    return new Member(name, client, args);
  });
  for (const member of members) member.start();
  const endpoints = members.map(({ endpoint }) => endpoint);
  await untilReady(endpoints, tls?.client);
  return {
    members,
    endpoints,
    tls: tls?.client,
    folder,
    async close() {
      await Promise.all(members.map((member) => member.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface TestTls {
  readonly client: NonNullable<EtcdStoreOptions['tls']>;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const tlsArgs = ({ caFile, certFile, keyFile }: TestTls): string[] => [
  '--client-cert-auth',
  `--trusted-ca-file=${caFile}`,
  `--cert-file=${certFile}`,
  `--key-file=${keyFile}`,
  '--peer-client-cert-auth',
  `--peer-trusted-ca-file=${caFile}`,
  `--peer-cert-file=${certFile}`,
  `--peer-key-file=${keyFile}`,
];

class Member implements EtcdMember {
  readonly name: string;
  readonly endpoint: string;
  private readonly args: readonly string[];
  private child: ChildProcess | undefined;

  constructor(name: string, endpoint: string, args: readonly string[]) {
    this.name = name;
    this.endpoint = endpoint;
    this.args = args;
  }

  start(): void {
    this.child = spawn('etcd', this.args, { stdio: ['ignore', 'ignore', 'ignore'] });
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

async function untilReady(endpoints: readonly string[], tls: EtcdStoreOptions['tls']): Promise<void> {
  const store = new EtcdStore({ endpoints, tls, timeoutMs: 1000 });
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        await ask((answer: Parameters<Store['range']>[2]) => store.range({ key: 'ready' }, {}, answer));
        return;
      } catch (error) {
        if (attempt === 60) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  } finally {
    store.close(() => {});
  }
}
