/** `berth serve`: the API server on a socket, with berth's scheduler as its first client. */
import { getRandomValues } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import { type ApiClient, serviceRanges, WordIds } from '../cluster/apiserver/index.ts';
import { readTokenFile, StaticTokens, startWire, type Wire, writePrivate } from '../cluster/apiserver/wire/index.ts';
import { kubeconfigText } from '../cluster/client-http/index.ts';
import { type Clock, RealClock } from '../cluster/clock.ts';
import { httpTransport } from '../cluster/extender-http/index.ts';
import { nodeHost } from '../cluster/node-host.ts';
import { runScheduler, SchedulerMetrics } from '../cluster/scheduler-client/index.ts';
import { expressionPlugins, inTreePlugins } from '../plugins/index.ts';
import { defaultConfig, type LoadedConfig, loadConfig } from '../scheduler/config/index.ts';
import type { FeatureGates } from '../scheduler/feature-gates.ts';
import { ENGINES, type EngineName } from '../scheduler/index.ts';
import { engineOption } from './engine-option.ts';
import { parseFeatureGates } from './feature-gates.ts';
import { addControllersOptions, admissionFor, type ControllersOptions, startControllers } from './serve-controllers.ts';
import { addElectionOptions, type RunningComponent, startComponent } from './serve-election.ts';
import { addNodesOptions, type NodesOptions, startNodes } from './serve-nodes.ts';
import { openStore, STORES, type StoreName } from './serve-store.ts';
import { addTopologyOptions, serveTopology, type TopologyOptions } from './serve-topology.ts';

interface Options extends NodesOptions, ControllersOptions, TopologyOptions {
  readonly store: StoreName;
  readonly listen: { readonly host: string; readonly port: number };
  readonly data?: string;
  readonly kubeconfig?: string;
  readonly readyFile?: string;
  readonly scheduler: 'berth' | 'none';
  readonly config?: string;
  readonly engine: EngineName;
  readonly featureGates: Partial<FeatureGates>;
  readonly etcdServers?: readonly string[];
  readonly etcdCafile?: string;
  readonly etcdCertfile?: string;
  readonly etcdKeyfile?: string;
  readonly tokenAuthFile?: string;
  readonly anonymousAuth?: boolean;
  readonly serviceClusterIpRange?: string;
  readonly serviceNodePortRange?: string;
}

const HELP = `
Examples:
  berth serve --store memory --kubeconfig /tmp/berth.kubeconfig
  KUBECONFIG=/tmp/berth.kubeconfig kubectl get nodes
  berth serve --store memory --kubeconfig /tmp/berth.kubeconfig --nodes 50 --runtime containerd
  berth serve --topology stacked --replicas 3 --kubeconfig /tmp/berth.kubeconfig

Clients come in by TLS with a token: the administrator's is in the kubeconfig, others by --token-auth-file and as tokens of
service accounts. The certificate authority, all keys and the administrator's token are kept in --data and used again.`;

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Serve a cluster that kubectl and kube-scheduler can talk to')
    .addOption(new Option('--store <name>', 'where objects are kept').choices(STORES).default(STORES[0]))
    .option('--listen <host:port>', 'address; port 0 takes any that is free', parseListen, {
      host: '127.0.0.1',
      port: 6443,
    })
    .option(
      '--data <dir>',
      'folder for what outlives the process (default: berth-data for --store embedded, else none)',
    )
    .option('--kubeconfig <file>', "where to write the administrator's access (default: admin.kubeconfig in --data)")
    .option('--ready-file <file>', 'written with the address once requests are answered, removed at the end')
    .addOption(new Option('--scheduler <name>', 'who binds pods').choices(['berth', 'none']).default('berth'))
    .option('--config <file>', "KubeSchedulerConfiguration of berth's scheduler")
    .addOption(engineOption())
    .option(
      '--feature-gates <list>',
      'feature gates of the scheduler, such as GenericWorkload=true',
      parseFeatureGates,
      {},
    )
    .option('--etcd-servers <urls>', 'members of an etcd cluster, separated by commas, for --store etcd', (text) =>
      text.split(','),
    )
    .option('--etcd-cafile <file>', 'authority of the etcd members')
    .option('--etcd-certfile <file>', 'certificate to show to etcd')
    .option('--etcd-keyfile <file>', 'its key')
    .option('--token-auth-file <file>', 'more tokens: token,user,uid,"group1,group2" a line')
    .option('--anonymous-auth', 'requests without a token are system:anonymous instead of refused')
    .option('--service-cluster-ip-range <ranges>', 'addresses of services, one range or one of each family')
    .option('--service-node-port-range <from-to>', 'ports of services on nodes')
    .addHelpText('after', HELP)
    .action(run);
  return addTopologyOptions(addElectionOptions(addControllersOptions(addNodesOptions(command))));
}

function parseListen(text: string): Options['listen'] {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new InvalidArgumentError('an address such as 127.0.0.1:6443 is expected.');
  return { host: match[1] ?? match[2]!, port };
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function run(options: Options): Promise<void> {
  if (options.topology !== undefined || options.explain === true) {
    await serveTopology(options, process.argv.slice(process.argv.indexOf('serve') + 1), say);
    return;
  }
  const ranges = serviceRanges(options.serviceClusterIpRange, options.serviceNodePortRange);
  const data = options.data ?? (options.store === 'embedded' ? 'berth-data' : undefined);
  const loaded = options.scheduler === 'berth' ? await readConfig(options) : undefined;
  const tokens = new StaticTokens();
  if (options.tokenAuthFile !== undefined) {
    readTokenFile(readText(options.tokenAuthFile, '--token-auth-file'), options.tokenAuthFile, tokens);
  }
  const clock = new RealClock(nodeHost);
  const store = await openStore(options.store, { ...options, data, clock });
  const wire = await startWire({
    store,
    clock,
    ids: new WordIds(randomWords()),
    ...options.listen,
    folder: data === undefined ? undefined : path.join(data, 'pki'),
    serviceRanges: ranges,
    tokens,
    anonymous: options.anonymousAuth,
    compactEveryMs: COMPACT_MS,
    admission: admissionFor(options),
    failed: (error) => {
      say(`error: the store cannot be read any more: ${error.message}`);
      process.exitCode = 1;
    },
  });
  const kubeconfig = options.kubeconfig ?? (data === undefined ? undefined : path.join(data, 'admin.kubeconfig'));
  if (kubeconfig !== undefined) writeKubeconfig(kubeconfig, wire);
  const controllers = await startControllers(wire, clock, options, say);
  const scheduler = loaded && startScheduler(wire, clock, loaded, options);
  const nodes = startNodes(wire, clock, options, say);
  process.stdout.write(`${wire.url}\n`);
  if (kubeconfig !== undefined) say(`next: KUBECONFIG=${kubeconfig} kubectl get nodes`);
  if (options.readyFile !== undefined) writeFileSync(options.readyFile, `${wire.url}\n`);

  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  if (options.readyFile !== undefined) rmSync(options.readyFile, { force: true });
  nodes?.stop();
  await Promise.all([controllers?.stop(), scheduler?.stop()]);
  await wire.close();
  clock.stop();
  await new Promise<void>((resolve) => store.close(() => resolve()));
}

/** From the host, many at a time. */
function randomWords(): () => number {
  const words = new Uint32Array(1024);
  let next = words.length;
  return () => {
    if (next === words.length) {
      getRandomValues(words);
      next = 0;
    }
    return words[next++]!;
  };
}

/** As upstream's API server does. */
const COMPACT_MS = 5 * 60_000;

function writeKubeconfig(file: string, { url, credentials }: Wire): void {
  const access = { server: url, authority: credentials.authority, token: credentials.adminToken };
  writePrivate(file, kubeconfigText(access, 'berth', 'kubernetes-admin'));
}

function startScheduler(wire: Wire, clock: RealClock, loaded: LoadedConfig, options: Options): RunningComponent {
  const metrics = new SchedulerMetrics(wire.http.metrics.registry, () => performance.now());
  const run = (client: ApiClient, ownClock: Clock): (() => void) => {
    const running = runScheduler({
      ...loaded,
      client,
      clock: ownClock,
      instance: hostname(),
      featureGates: options.featureGates,
      engine: ENGINES[options.engine],
      extenderTransport: httpTransport,
      observer: metrics.observer,
      failed: ({ resource }, { message }) => say(`scheduler: ${resource}: ${message}`),
    });
    metrics.attach(running.scheduler);
    return () => {
      running.stop();
      metrics.attach(undefined);
    };
  };
  const user = { username: 'system:kube-scheduler', groups: ['system:authenticated'] };
  return startComponent({ name: 'kube-scheduler', user, run }, wire, clock, options, say);
}

async function readConfig({ config: file, featureGates }: Options): Promise<LoadedConfig> {
  if (file === undefined) return { config: defaultConfig(inTreePlugins, featureGates), registry: inTreePlugins };
  const baseDir = path.dirname(path.resolve(file));
  return loadConfig({
    text: readText(file, '--config'),
    file,
    baseDir,
    registry: inTreePlugins,
    named: expressionPlugins,
    featureGates,
  });
}

function readText(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new InputError(`${flag} ${file}: the file cannot be read`);
  }
}
