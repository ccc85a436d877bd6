/**
 * What a pod costs with everything in the loop, in virtual time on one core: create, admit, store, watch, schedule, bind,
 * kubelet, Running, status. `npm run bench:cluster [nodes] [pods]`.
 */
import type { KubeObject } from '../../api/index.ts';
import { nodeSpecs } from '../../cluster/kubelet/index.ts';
import { WholeCluster } from '../../cluster/whole/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { ENGINES } from '../../scheduler/index.ts';

const NODES = Number(process.argv[2] ?? 5000);
const PODS = Number(process.argv[3] ?? 50_000);
const WARM_PODS = Math.min(5000, PODS);
/** Created at one moment, as by many clients. */
const BURST = 500;
const PAUSE_MS = 100;

const cpuS = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function heapBytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const cluster = new WholeCluster({
  nodes: nodeSpecs({ count: NODES, zones: 3 }),
  scheduler: { config: defaultConfig(inTreePlugins), registry: inTreePlugins, engine: ENGINES.fast, seed: 1 },
  seed: 1,
  runtime: 'instant',
  nodeLifecycle: false,
  historySize: 1024,
  kubelets: { events: false, relistMs: 0 },
});

let running = 0;
const started = new Set<string>();
cluster.follow({ group: '', version: 'v1', resource: 'pods' }, (_, { metadata, ...pod }) => {
  const { status } = pod as { status?: { phase?: string } };
  if (status?.phase !== 'Running' || started.has(metadata!.name!)) return;
  started.add(metadata!.name!);
  running++;
});
cluster.start();
cluster.pass(15_000);

const target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const resources = { requests: { cpu: '100m', memory: '64Mi' } };
const containers = [{ name: 'c', image: 'nginx:1', resources }];

function runPods(from: number, count: number): void {
  for (let i = from; i < from + count; i++) {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}` }, spec: { containers } };
    cluster.line.create(target, pod as unknown as KubeObject, {}, (error) => {
      if (error !== undefined) throw new Error(error.message);
    });
    if (i % BURST === BURST - 1) cluster.pass(PAUSE_MS);
  }
  cluster.pass(5000);
  if (running !== from + count) throw new Error(`${running} of ${from + count} pods run`);
}

runPods(0, WARM_PODS);
const before = heapBytes();
const began = cpuS();
runPods(WARM_PODS, PODS);
const usedS = cpuS() - began;
const row = (name: string, value: string): void => console.log(`${name.padEnd(52)}${value}`);
row(
  `${PODS.toLocaleString('en')} pods to Running on ${NODES.toLocaleString('en')} nodes, everything in the loop`,
  `${Math.round(PODS / usedS).toLocaleString('en')} pods/s of CPU`,
);
if (globalThis.gc !== undefined) row('', `${((heapBytes() - before) / PODS / 1024).toFixed(2)} KB a pod`);
