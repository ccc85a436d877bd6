/** Everything of a cluster on one virtual clock: the same seed gives the same bytes. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { nodeSpecs } from '../kubelet/index.ts';
import { FaultPlan } from './faults.ts';
import { Invariants } from './invariants.ts';
import { WholeCluster, type WholeClusterOptions } from './whole-cluster.ts';

const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'default' };

function started(options: Partial<WholeClusterOptions> = {}): WholeCluster {
  const cluster = new WholeCluster({
    nodes: nodeSpecs({ count: 6, zones: 3 }),
    scheduler: { config: defaultConfig(inTreePlugins), registry: inTreePlugins },
    seed: 1,
    ...options,
  });
  cluster.start();
  cluster.pass(10_000);
  return cluster;
}

function deploy(cluster: WholeCluster, replicas: number): void {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
  const spec = { replicas, selector: { matchLabels: { app: 'web' } }, template };
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
  cluster.line.create(DEPLOYMENTS, object as KubeObject, {}, (error) => expect(error).toBeUndefined());
}

const podsOf = (cluster: WholeCluster): Pod[] => cluster.objects('Pod') as Pod[];
const runningOn = (cluster: WholeCluster): string[] =>
  podsOf(cluster)
    .filter(({ metadata, status }) => status?.phase === 'Running' && metadata?.deletionTimestamp === undefined)
    .map(({ spec }) => spec?.nodeName ?? '');

const digest = (cluster: WholeCluster): string => {
  const kinds = ['Pod', 'Node', 'Event', 'Deployment', 'ReplicaSet', 'Lease', 'EndpointSlice', 'ServiceAccount'];
  const text = kinds.map((kind) => JSON.stringify(cluster.objects(kind))).join('\n');
  return createHash('sha256').update(text).digest('hex');
};

function story(seed: number): string {
  const cluster = started({ seed });
  new FaultPlan(cluster, seed).start([{ atMs: 20_000, kind: 'crash', count: 1, forMs: 60_000 }]);
  deploy(cluster, 12);
  cluster.pass(120_000);
  const text = digest(cluster);
  cluster.stop();
  return text;
}

describe('a whole cluster', () => {
  it('brings a Deployment to Running', () => {
    const cluster = started();
    deploy(cluster, 12);
    cluster.pass(30_000);
    expect(runningOn(cluster)).toHaveLength(12);
    expect(new Set(runningOn(cluster)).size).toBe(6);
  });

  it('is the same to the byte for the same seed, and another for another', () => {
    expect(story(7)).toBe(story(7));
    expect(story(8)).not.toBe(story(7));
  });
});

describe('faults', () => {
  it('a node that crashes for good loses its pods to others', () => {
    const cluster = started();
    deploy(cluster, 12);
    new FaultPlan(cluster, 1).start([{ atMs: 30_000, kind: 'crash', node: 'node-2' }]);
    cluster.pass(29_000);
    expect(runningOn(cluster)).toContain('node-2');
    cluster.pass(480_000);
    expect(runningOn(cluster)).toHaveLength(12);
    expect(runningOn(cluster)).not.toContain('node-2');
  });

  it('a zone that is back before its pods are evicted keeps them', () => {
    const cluster = started();
    deploy(cluster, 12);
    new FaultPlan(cluster, 1).start([{ atMs: 30_000, kind: 'hang', zone: 'zone-1', forMs: 120_000 }]);
    cluster.pass(29_000);
    const before = runningOn(cluster).sort();
    cluster.pass(300_000);
    expect(runningOn(cluster).sort()).toEqual(before);
  });

  it('an API server that comes back goes on where the other ended', () => {
    const cluster = started();
    deploy(cluster, 12);
    new FaultPlan(cluster, 1).start([{ atMs: 300, kind: 'apiserver-down', forMs: 20_000 }]);
    cluster.pass(19_000);
    let code: number | undefined;
    cluster.line.list(DEPLOYMENTS, {}, (error) => {
      code = error?.code;
    });
    cluster.pass(0);
    expect(code).toBe(503);
    cluster.pass(120_000);
    expect(runningOn(cluster)).toHaveLength(12);
  });

  it('nothing is written while the store stalls, and everything after', () => {
    const cluster = started();
    new FaultPlan(cluster, 1).start([{ atMs: 0, kind: 'store-stall', forMs: 15_000 }]);
    cluster.pass(1);
    deploy(cluster, 12);
    cluster.pass(10_000);
    expect(podsOf(cluster)).toEqual([]);
    cluster.pass(30_000);
    expect(runningOn(cluster)).toHaveLength(12);
  });

  it('slow watches only make it late', () => {
    const cluster = started();
    new FaultPlan(cluster, 1).start([{ atMs: 0, kind: 'slow-watch', delayMs: 3000, forMs: 20_000 }]);
    cluster.pass(1);
    deploy(cluster, 12);
    cluster.pass(2900);
    expect(podsOf(cluster)).toEqual([]);
    cluster.pass(60_000);
    expect(runningOn(cluster)).toHaveLength(12);
  });

  it('no image comes from a registry that is down', () => {
    const cluster = started();
    new FaultPlan(cluster, 1).start([{ atMs: 0, kind: 'registry-down', forMs: 60_000 }]);
    cluster.pass(1);
    deploy(cluster, 12);
    cluster.pass(50_000);
    expect(podsOf(cluster)).toHaveLength(12);
    expect(runningOn(cluster)).toEqual([]);
    cluster.pass(400_000);
    expect(runningOn(cluster)).toHaveLength(12);
  });

  it('refuses nodes and zones that are not there', () => {
    const plan = new FaultPlan(started(), 1);
    expect(() => plan.start([{ atMs: 0, kind: 'crash', node: 'node-9' }])).toThrow('there is no node "node-9"');
    expect(() => plan.start([{ atMs: 0, kind: 'crash', zone: 'z' }])).toThrow('topology.kubernetes.io/zone=z');
    expect(() => plan.start([{ atMs: 0, kind: 'crash' }])).toThrow('exactly one of node, zone and count');
  });
});

describe('invariants', () => {
  const pod = (name: string, cpu: string, nodeName?: string, phase = 'Pending') =>
    ({
      metadata: { name, uid: name },
      spec: { nodeName, containers: [{ name: 'c', resources: { requests: { cpu } } }] },
      status: { phase },
    }) as Pod;

  it('say when a pod is bound again, and when a node gets more than it has', () => {
    const invariants = new Invariants(started({ nodes: nodeSpecs({ count: 2, capacity: { cpu: '4', pods: '2' } }) }));
    invariants.podChanged('ADDED', pod('a', '3'));
    invariants.podChanged('MODIFIED', pod('a', '3', 'node-0'));
    invariants.podChanged('MODIFIED', pod('a', '3', 'node-0', 'Succeeded'));
    invariants.podChanged('MODIFIED', pod('b', '3', 'node-0'));
    expect(invariants.violations).toEqual([]);
    invariants.podChanged('MODIFIED', pod('c', '2', 'node-0'));
    expect(invariants.violations.at(-1)).toContain('pod c brought cpu on node-0 to 5 of 4');
    invariants.podChanged('MODIFIED', pod('d', '0', 'node-0'));
    expect(invariants.violations.at(-1)).toContain('pod d is pod number 3 on node-0, which takes 2');
    invariants.podChanged('MODIFIED', pod('b', '3', 'node-1'));
    expect(invariants.violations.at(-1)).toContain('pod b was bound to node-0 and then to node-1');
    expect(invariants.violations).toHaveLength(3);
  });
});
