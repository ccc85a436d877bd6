/**
 * What kubelets cost, in virtual time on one core: an hour of idle nodes with heartbeats, and pods that are created bound,
 * started, seen running and deleted. `npm run bench:kubelets [nodes] [pods]`.
 */
import { performance } from 'node:perf_hooks';
import type { KubeObject } from '../../api/index.ts';
import { ApiServer, InProcessClient, seededIds } from '../../cluster/apiserver/index.ts';
import { VirtualClock } from '../../cluster/clock.ts';
import { type HeartbeatKind, KubeletPool, modelRuntimes, nodeSpecs } from '../../cluster/kubelet/index.ts';
import { MemoryStore } from '../../cluster/store/index.ts';

const NODES = Number(process.argv[2] ?? 100_000);
const PODS = Number(process.argv[3] ?? 100_000);
const HOUR_MS = 3_600_000;
/** Every write is an event in the server's history; what a node costs should not be hidden by it. */
const HISTORY = 1024;

const cpuS = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function heapBytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function cluster(nodes: number, heartbeats: HeartbeatKind) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const admission = { taintNodesByCondition: false };
  const store = new MemoryStore({ clock });
  const server = new ApiServer({
    store,
    clock,
    ids: seededIds(1),
    admission,
    historySize: HISTORY,
    compactEveryMs: 60_000,
  });
  server.start((error) => {
    if (error !== undefined) throw new Error(error.message);
  });
  const client = new InProcessClient(server);
  const models = modelRuntimes({ clock, runtime: 'instant' });
  const settings = { events: false, relistMs: 0 };
  const pool = new KubeletPool({ client, clock, nodes: nodeSpecs({ count: nodes }), ...models, heartbeats, settings });
  return { clock, server, client, pool };
}

const report = (name: string, value: string): void => console.log(`${name.padEnd(44)}${value}`);

function idle(nodes: number, heartbeats: HeartbeatKind): void {
  const before = heapBytes();
  const { clock, pool } = cluster(nodes, heartbeats);
  pool.start();
  clock.settle();
  clock.runUntil(clock.nowMs + 1);
  const bytes = (heapBytes() - before) / nodes;
  const began = cpuS();
  clock.runUntil(clock.nowMs + HOUR_MS);
  const usedS = cpuS() - began;
  report(
    `${nodes.toLocaleString('en')} idle nodes, beats ${heartbeats === 'lease' ? 'as Leases' : 'noted'}`,
    `${usedS.toFixed(1)} s of CPU for an hour`,
  );
  if (globalThis.gc !== undefined) report('', `${(bytes / 1024).toFixed(2)} KB a node at start`);
  pool.stop();
}

function pods(nodes: number, count: number): void {
  const { clock, server, client, pool } = cluster(nodes, 'noted');
  pool.start();
  clock.settle();
  clock.runUntil(clock.nowMs + 1);
  const target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
  const resources = { requests: { cpu: '100m', memory: '64Mi' } };
  const containers = [{ name: 'c', image: 'nginx:1', resources }];
  const digits = String(nodes - 1).length;
  const before = heapBytes();
  const began = { cpuS: cpuS(), ms: performance.now() };
  for (let i = 0; i < count; i++) {
    const nodeName = `node-${String(i % nodes).padStart(digits, '0')}`;
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}` }, spec: { nodeName, containers } };
    client.create(target, pod as unknown as KubeObject, {}, (error) => {
      if (error !== undefined) throw new Error(error.message);
    });
    if (i % 1000 === 999) clock.settle();
  }
  clock.settle();
  clock.runUntil(clock.nowMs + 1000);
  const startedS = cpuS() - began.cpuS;
  const running = [...server.core.cachedAll('Pod', 'default')].filter(
    (pod) => (pod as { status?: { phase?: string } }).status?.phase === 'Running',
  ).length;
  if (running !== count) throw new Error(`${running} of ${count} pods run`);
  const bytes = (heapBytes() - before) / count;
  report(
    `${count.toLocaleString('en')} pods created, started, Running`,
    `${Math.round(count / startedS).toLocaleString('en')} pods/s of CPU`,
  );
  if (globalThis.gc !== undefined) report('', `${(bytes / 1024).toFixed(2)} KB a pod`);
  const again = cpuS();
  for (let i = 0; i < count; i++) {
    client.delete({ ...target, name: `pod-${i}` }, { gracePeriodSeconds: 30 }, () => {});
    if (i % 1000 === 999) clock.settle();
  }
  clock.runUntil(clock.nowMs + 60_000);
  report('the same pods deleted', `${Math.round(count / (cpuS() - again)).toLocaleString('en')} pods/s of CPU`);
  const left = [...server.core.cachedAll('Pod', 'default')].length;
  if (left > 0) throw new Error(`${left} pods are left`);
}

pods(Math.min(5000, NODES), PODS);
idle(NODES, 'noted');
idle(Math.max(1, Math.round(NODES / 20)), 'lease');
