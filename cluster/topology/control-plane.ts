/** Three (or so) real etcd members and API servers on loopback, stacked or apart, behind one address. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { InputError } from '../../api/index.ts';
import { type Credentials, credentialsIn } from '../apiserver/wire/index.ts';
import { ask } from '../store/ask.ts';
import { EtcdStore, type Store } from '../store/index.ts';
import { type Addresses, addressesIn } from './addresses.ts';
import type { ControlPlaneShape } from './availability.ts';
import { Child } from './child.ts';
import { LoadBalancer } from './load-balancer.ts';

export interface ControlPlaneOptions extends ControlPlaneShape {
  /** Data, keys and addresses; used again when there are some. */
  readonly folder: string;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** The program and first arguments that run `berth`. */
  readonly berth: readonly [command: string, ...args: string[]];
  /** More arguments of every `berth serve`, or of one. */
  serveFlags(server: number): readonly string[];
  /** @default `etcd` in the path */
  readonly etcd?: string;
  /** Processes that end without being asked to are started again, as a kubelet or systemd does. @default true */
  readonly restarts?: boolean;
  say?(text: string): void;
}

export interface ControlPlane {
  readonly url: string;
  readonly credentials: Credentials;
  readonly etcd: readonly Child[];
  readonly servers: readonly Child[];
  /** Of each API server, past the common address. */
  readonly serverUrls: readonly string[];
  readonly etcdEndpoints: readonly string[];
  /** Whether an API server answers, from its store too. */
  answers(server: number): Promise<boolean>;
  /** Servers first, so that they can give back their Leases. */
  close(): Promise<void>;
}

const READY_TRIES = 150;
const READY_PAUSE_MS = 200;
const PROBE_TIMEOUT_MS = 2000;
const RESTART_MS = 1000;

/** Answers when every server does. Throws InputError where there is no etcd. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { replicas, folder, host, port, etcd: etcdCommand = 'etcd', say = () => {} } = options;
  checkEtcd(etcdCommand);
  const addresses = await addressesIn(folder, replicas);
  const hosts = [...new Set(['127.0.0.1', 'localhost', '::1', host])];
  const credentials = await credentialsIn(join(folder, 'pki'), hosts, Date.now());
  const etcd = etcdMembers(options, etcdCommand, addresses);
  const servers = apiServers(options, addresses);
  const etcdEndpoints = addresses.etcd.map(({ client }) => `http://127.0.0.1:${client}`);
  const serverUrls = addresses.servers.map((each) => `https://127.0.0.1:${each}`);
  const backends = addresses.servers.map((each) => ({ port: each, probe: () => probe(each, credentials) }));
  const balancer = new LoadBalancer(backends, (backend, isUp) =>
    say(`server-${backends.indexOf(backend as (typeof backends)[number])}: ${isUp ? 'answers' : 'does not answer'}`),
  );
  const close = async (): Promise<void> => {
    // Connections that stay open would keep the servers.
    await Promise.all([balancer.close(), ...servers.map((each) => each.stop())]);
    await Promise.all(etcd.map((each) => each.stop()));
  };
  try {
    for (const member of etcd) member.start();
    await until('etcd', () => hasQuorum(etcdEndpoints));
    // The first one makes what a cluster cannot be without.
    for (const [index, server] of servers.entries()) {
      server.start();
      await until(server.name, () => probe(addresses.servers[index]!, credentials));
    }
    const bound = await balancer.listen(host, port);
    const shown = host.includes(':') ? `[${host}]` : host;
    return {
      ...{ url: `https://${shown}:${bound}`, credentials, etcd, servers, serverUrls, etcdEndpoints, close },
      answers: (server) => probe(addresses.servers[server]!, credentials),
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

function checkEtcd(command: string): void {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
  } catch {
    throw new InputError(
      `--topology: there is no ${command} here, and replicas share a real etcd; Debian and Ubuntu have it in the package etcd-server`,
    );
  }
}

function etcdMembers(options: ControlPlaneOptions, command: string, { etcd }: Addresses): Child[] {
  const folder = join(options.folder, 'etcd');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const local = (port: number): string => `http://127.0.0.1:${port}`;
  const cluster = etcd.map(({ peer }, index) => `etcd-${index}=${local(peer)}`).join(',');
  return etcd.map(({ client, peer }, index) =>
    child(options, `etcd-${index}`, command, [
      `--name=etcd-${index}`,
      `--data-dir=${join(folder, String(index))}`,
      `--listen-client-urls=${local(client)}`,
      `--advertise-client-urls=${local(client)}`,
      `--listen-peer-urls=${local(peer)}`,
      `--initial-advertise-peer-urls=${local(peer)}`,
      `--initial-cluster=${cluster}`,
      '--logger=zap',
      '--log-level=fatal',
    ]),
  );
}

function apiServers(options: ControlPlaneOptions, { etcd, servers }: Addresses): Child[] {
  const { folder, topology } = options;
  const [command, ...first] = options.berth;
  return servers.map((port, index) => {
    const members = topology === 'stacked' ? [etcd[index]!] : etcd;
    const flags = [
      ...['--store', 'etcd', '--etcd-servers', members.map(({ client }) => `http://127.0.0.1:${client}`).join(',')],
      ...['--listen', `127.0.0.1:${port}`, '--data', folder],
      ...['--kubeconfig', join(folder, `server-${index}.kubeconfig`)],
    ];
    const args = [...first, 'serve', ...flags, ...options.serveFlags(index)];
    return child(options, `server-${index}`, command, args);
  });
}

function child(options: ControlPlaneOptions, name: string, command: string, args: readonly string[]): Child {
  const { restarts = true, say = () => {} } = options;
  const made: Child = new Child({
    name,
    command,
    args,
    said: (line) => {
      if (!line.startsWith('next: ')) say(`${name}: ${line}`);
    },
    ended: (how) => {
      say(`${name}: ended by ${how}${restarts ? '; it is started again' : ''}`);
      if (restarts) setTimeout(() => made.restart(), RESTART_MS);
    },
  });
  return made;
}

async function until(name: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < READY_TRIES; attempt++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
  }
  throw new InputError(`--topology: ${name} did not answer within ${(READY_TRIES * READY_PAUSE_MS) / 1000} s`);
}

async function hasQuorum(endpoints: readonly string[]): Promise<boolean> {
  const store = new EtcdStore({ endpoints, timeoutMs: 1000 });
  try {
    await ask((answer: Parameters<Store['range']>[2]) => store.range({ key: 'ready' }, {}, answer));
    return true;
  } catch {
    return false;
  } finally {
    store.close(() => {});
  }
}

/** A read that needs the majority of the members, not only the process. */
function probe(port: number, { authority, adminToken }: Credentials): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      {
        ...{ host: '127.0.0.1', port, path: '/api/v1/namespaces/kube-system', ca: authority, agent: false },
        ...{ timeout: PROBE_TIMEOUT_MS, headers: { authorization: `Bearer ${adminToken}` } },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('late')));
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
