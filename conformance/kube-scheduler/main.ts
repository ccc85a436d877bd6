/**
 * `npm run conformance:kube-scheduler -- --kube-scheduler BINARY`: the real kube-scheduler and berth's, each against a berth
 * serve of its own that gets the same objects in the same order. Their placements have to be equal. `build.sh` builds the
 * binary. Objects come after the scheduler has started: what kube-scheduler finds at its start it takes in random order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { KubeObject, Pod } from '../../api/index.ts';
import type { ApiAnswer, ApiClient, ObjectList, Target } from '../../cluster/apiserver/client.ts';
import { HttpClient, readKubeconfig } from '../../cluster/client-http/index.ts';
import { randomWorkload } from './workload.ts';

const BERTH = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
const SETTLED_MS = 5000;
const POLL_MS = 500;
/** Until a scheduler has seen what was created. */
const NOTICED_MS = 2000;

const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };
const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };

const LEASE: Target = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  namespace: 'kube-system',
  name: 'kube-scheduler',
};

const { values } = parseArgs({
  options: {
    'kube-scheduler': { type: 'string' },
    nodes: { type: 'string', default: '200' },
    pods: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});

/** Why a pod has no node, or its node. */
type Placements = ReadonlyMap<string, string>;

const children: ChildProcess[] = [];
const folder = mkdtempSync(path.join(tmpdir(), 'berth-kube-scheduler-'));
async function main(): Promise<void> {
  const binary = values['kube-scheduler'];
  if (binary === undefined) {
    process.stderr.write('error: --kube-scheduler BINARY is missing; conformance/kube-scheduler/build.sh builds one\n');
    process.exitCode = 2;
    return;
  }
  const size = { nodes: Number(values.nodes), pods: Number(values.pods), seed: Number(values.seed) };
  const objects = randomWorkload(size);
  const placements = new Map<string, Placements>();
  for (const name of ['berth', 'kube-scheduler']) placements.set(name, await scheduled(name, objects, binary));
  report(placements.get('berth')!, placements.get('kube-scheduler')!);
}

async function scheduled(name: string, objects: readonly KubeObject[], binary: string): Promise<Placements> {
  const data = path.join(folder, name);
  const server = await serve(data, name === 'berth' ? 'berth' : 'none');
  const client = clientOf(server.kubeconfig);
  const scheduler = name === 'berth' ? undefined : realScheduler(binary, server.kubeconfig, data);
  if (scheduler !== undefined) await leads(client);
  await pause(NOTICED_MS);
  for (const node of objects.filter(({ kind }) => kind === 'Node')) await create(client, node);
  await pause(NOTICED_MS);
  const started = performance.now();
  for (const pod of objects.filter(({ kind }) => kind === 'Pod')) await create(client, pod);
  const placements = await settled(client);
  const seconds = (performance.now() - started - SETTLED_MS) / 1000;
  const bound = [...placements.values()].filter((node) => node.startsWith('node-')).length;
  process.stdout.write(`${name}: ${bound} of ${placements.size} pods bound in ${seconds.toFixed(1)} s\n`);
  if (scheduler !== undefined) await stop(scheduler);
  client.close();
  await server.stop();
  return placements;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Only the leader schedules; by then its caches are full. */
async function leads(client: ApiClient): Promise<void> {
  for (;;) {
    // The lease is not there before somebody leads.
    const lease = await asked<KubeObject>((answer) => client.get(LEASE, answer)).catch(() => undefined);
    const holder = (lease as { spec?: { holderIdentity?: string } } | undefined)?.spec?.holderIdentity ?? '';
    if (holder !== '') return;
    await pause(POLL_MS);
  }
}

interface Server {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

async function serve(data: string, scheduler: 'berth' | 'none'): Promise<Server> {
  const kubeconfig = `${data}.kubeconfig`;
  const config = `${data}.yaml`;
  writeFileSync(config, CONFIG);
  const child = start(process.execPath, [
    ...[BERTH, 'serve', '--store', 'memory', '--listen', '127.0.0.1:0', '--kubeconfig', kubeconfig],
    ...['--controllers', 'none', '--scheduler', scheduler, ...(scheduler === 'berth' ? ['--config', config] : [])],
  ]);
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`berth serve ended with code ${code}`)));
  });
  return { kubeconfig, stop: () => stop(child) };
}

const CONFIG = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
parallelism: 1
percentageOfNodesToScore: 100
`;

function realScheduler(binary: string, kubeconfig: string, data: string): ChildProcess {
  const config = `${data}.yaml`;
  writeFileSync(
    config,
    `${CONFIG}clientConnection: {kubeconfig: ${JSON.stringify(kubeconfig)}, qps: 1000, burst: 2000}\n`,
  );
  return start(binary, ['--config', config, '--bind-address', '127.0.0.1', '--secure-port', '0']);
}

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    errors = (errors + String(chunk)).slice(-4000);
  });
  child.stdout!.on('data', () => {});
  child.once('exit', (code) => {
    if (code !== 0 && code !== null) process.stderr.write(errors);
  });
  children.push(child);
  return child;
}

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });

const readText = (file: string): string => readFileSync(file, 'utf8');
const clientOf = (kubeconfig: string): HttpClient =>
  new HttpClient(readKubeconfig(readText(kubeconfig), kubeconfig, readText));

const asked = <T>(call: (answer: ApiAnswer<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error === undefined ? resolve(result) : reject(new Error(error.message))));
  });

const create = (client: ApiClient, object: KubeObject): Promise<KubeObject> =>
  asked((answer) => client.create(object.kind === 'Node' ? NODES : PODS, object, {}, answer));

const pods = async (client: ApiClient): Promise<readonly Pod[]> =>
  (await asked<ObjectList>((answer) => client.list(PODS, {}, answer))).items as readonly Pod[];

/** Once nothing has changed for a while. */
async function settled(client: ApiClient): Promise<Placements> {
  let last = '';
  let since = performance.now();
  for (;;) {
    const placements = new Map((await pods(client)).map((pod) => [pod.metadata?.name ?? '', stateOf(pod)]));
    const now = JSON.stringify([...placements]);
    if (now !== last) since = performance.now();
    last = now;
    const isTried = ![...placements.values()].includes('');
    if (isTried && performance.now() - since >= SETTLED_MS) return placements;
    await pause(POLL_MS);
  }
}

function stateOf(pod: Pod): string {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  return pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '';
}

function report(ours: Placements, theirs: Placements): void {
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  const different = names.filter((name) => ours.get(name) !== theirs.get(name));
  for (const name of different.slice(0, 10)) {
    process.stdout.write(`${name}: kube-scheduler ${theirs.get(name)}, berth ${ours.get(name)}\n`);
  }
  process.stdout.write(`${names.length} pods compared, ${different.length} differ\n`);
  if (different.length > 0) process.exitCode = 1;
}

try {
  await main();
} finally {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}
