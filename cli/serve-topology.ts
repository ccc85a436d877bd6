/** `berth serve --topology`: replicas of everything from one command, on loopback. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import { writePrivate } from '../cluster/apiserver/wire/index.ts';
import { kubeconfigText } from '../cluster/client-http/index.ts';
import { checkLeaseTimes } from '../cluster/leader-election/index.ts';
import {
  type ControlPlane,
  explain,
  startControlPlane,
  TOPOLOGIES,
  type TopologyName,
} from '../cluster/topology/index.ts';
import { type ElectionOptions, electionFlags, leaseTimes } from './serve-election.ts';

export interface TopologyOptions extends ElectionOptions {
  readonly topology?: TopologyName;
  readonly replicas: number;
  readonly explain?: boolean;
  readonly etcdCommand?: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly data?: string;
  readonly kubeconfig?: string;
  readonly readyFile?: string;
  readonly nodes: number;
  readonly nodeLifecycle?: 'on' | 'off';
}

export function addTopologyOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--topology <name>',
        'replicas: etcd members and API servers as processes behind one address; each API server asks the member beside it (stacked) or all (external)',
      ).choices(TOPOLOGIES),
    )
    .option('--replicas <count>', 'etcd members, and API servers, of --topology', parseReplicas, 3)
    .option('--explain', 'say which failures the --topology outlives, and start nothing')
    .option('--etcd-command <file>', 'the etcd program of --topology (default: etcd)');
}

function parseReplicas(text: string): number {
  if (!/^[1-9]$/.test(text)) throw new InvalidArgumentError('a number from 1 to 9 is expected.');
  return Number(text);
}

/** Where there is no --data. */
const FOLDER = 'berth-replicas';

/** Flags that the replicas get from here, and whether a value follows. */
const OWN_FLAGS = [
  ...['--topology', '--replicas', '--etcd-command', '--store', '--etcd-servers', '--etcd-cafile', '--etcd-certfile'],
  ...['--etcd-keyfile', '--listen', '--data', '--kubeconfig', '--ready-file'],
];

/** Runs until it is told to end. @param args What followed `serve`. */
export async function serveTopology(
  options: TopologyOptions,
  args: readonly string[],
  say: (text: string) => void,
): Promise<void> {
  const { topology, replicas, listen, etcdCommand, nodes } = options;
  if (topology === undefined) throw new InputError('--explain: of which --topology? stacked or external is expected');
  if (options.explain === true) {
    process.stdout.write(explain({ topology, replicas }));
    return;
  }
  checkLeaseTimes(leaseTimes(options));
  const folder = path.resolve(options.data ?? FOLDER);
  const flags = [...withoutOwn(args), ...electionFlags(options)];
  if (nodes > 0 && options.nodeLifecycle === undefined) flags.push('--node-lifecycle', 'on');
  const plane = await startControlPlane({
    topology,
    replicas,
    folder,
    ...listen,
    berth: [process.execPath, ...process.execArgv, process.argv[1]!],
    // Kubelets live in one process alone, or each would be there as often as there are servers.
    serveFlags: (server) => (server === 0 || nodes === 0 ? flags : [...flags, '--nodes', '0']),
    etcd: etcdCommand,
    say,
  });
  const kubeconfig = options.kubeconfig ?? path.join(folder, 'admin.kubeconfig');
  const { authority, adminToken } = plane.credentials;
  writePrivate(
    kubeconfig,
    kubeconfigText({ server: plane.url, authority, token: adminToken }, 'berth', 'kubernetes-admin'),
  );
  for (const line of processLines(plane)) say(line);
  process.stdout.write(`${plane.url}\n`);
  say(`next: KUBECONFIG=${kubeconfig} kubectl get leases -n kube-system`);
  if (options.readyFile !== undefined) writeFileSync(options.readyFile, `${plane.url}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  if (options.readyFile !== undefined) rmSync(options.readyFile, { force: true });
  await plane.close();
}

function withoutOwn(args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const [flag = ''] = args[index]!.split('=', 1);
    if (!OWN_FLAGS.includes(flag)) kept.push(args[index]!);
    else if (flag === args[index]) index++;
  }
  return kept;
}

function processLines({ etcd, servers, serverUrls, etcdEndpoints }: ControlPlane): string[] {
  const line = (name: string, pid: number | undefined, url: string): string => `${name.padEnd(9)} pid ${pid}  ${url}`;
  return [
    ...etcd.map(({ name, pid }, index) => line(name, pid, etcdEndpoints[index]!)),
    ...servers.map(({ name, pid }, index) => line(name, pid, serverUrls[index]!)),
  ];
}
