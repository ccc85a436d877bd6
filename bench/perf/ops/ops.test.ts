/** Operations on a cluster: what they leave behind. Every opcode at once, on the command line: `cli/perf.e2e.test.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CSINode, KubeObject, Node, PersistentVolume, Pod } from '../../../api/index.ts';
import { inTreePlugins } from '../../../plugins/index.ts';
import { defaultConfig } from '../../../scheduler/config/index.ts';
import { hooksOf } from '../hooks.ts';
import { ObjectTemplates } from '../objects.ts';
import { PerfCluster } from '../perf-cluster.ts';
import { runOps } from '../run-ops.ts';
import { SuiteText } from '../schema/fields.ts';
import { readTestCases, resolveWorkload } from '../schema/test-case.ts';
import { WorkloadRun } from '../workload-run.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'berth-ops-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = (name: string, text: string): void => writeFileSync(path.join(dir, name), text);

async function run(ops: string): Promise<WorkloadRun> {
  const text = `- name: Case\n  workloadTemplate:\n${ops}\n  workloads: [{name: w}]\n`;
  const [testCase] = readTestCases(new SuiteText(text, 'suite.yaml'));
  const workload = testCase!.workloads[0]!;
  const cluster = new PerfCluster({
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    engine: 'reference',
    tieBreak: 'heap',
    featureGates: {},
  });
  const done = new WorkloadRun({
    resolved: resolveWorkload(testCase!, workload),
    cluster,
    templates: new ObjectTemplates(dir),
    podsTimeoutMs: 60_000,
    outDir: dir,
  });
  await runOps(done, hooksOf('', testCase!, workload));
  return done;
}

const list = <T extends KubeObject>({ cluster }: WorkloadRun, kind: string) => [...cluster.api.list(kind)] as T[];
const measured = '  - {opcode: createPods, count: 1, namespace: measured, collectMetrics: true}';

describe('createNodes', () => {
  test('labels the next nodes in the order of all names, whoever made them', async () => {
    file('z.yaml', 'metadata: {name: "z-{{.Index}}"}\nstatus: {capacity: {cpu: "4", memory: 8Gi, pods: "9"}}\n');
    file('a.yaml', 'metadata: {name: "a-{{.Index}}"}\nstatus: {capacity: {cpu: "4", memory: 8Gi, pods: "9"}}\n');
    const done = await run(`  - {opcode: createNodes, count: 2, nodeTemplatePath: z.yaml}
  - {opcode: createNodes, count: 2, nodeTemplatePath: a.yaml, labelNodePrepareStrategy: {labelKey: zone, labelValues: [x, w]}}
${measured}`);
    const zones = list<Node>(done, 'Node').map(({ metadata }) => [metadata!.name, metadata!.labels]);
    expect(Object.fromEntries(zones)).toEqual({
      'a-0': { 'kubernetes.io/hostname': 'a-0' },
      'a-1': { 'kubernetes.io/hostname': 'a-1' },
      'z-0': { 'kubernetes.io/hostname': 'z-0', zone: 'x' },
      'z-1': { 'kubernetes.io/hostname': 'z-1', zone: 'w' },
    });
  });

  test('without a template: the base node, named after the operation', async () => {
    const done = await run(`  - {opcode: createNamespaces, count: 1, prefix: a}
  - {opcode: createNodes, count: 1, nodeAllocatableStrategy: {nodeAllocatable: {example.com/x: "3"}, csiNodeAllocatable: {d: {count: 5}}, migratedPlugins: [p, q]}}
${measured}`);
    const [node] = list<Node>(done, 'Node');
    expect(node!.metadata!.name).toMatch(/^node-1-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(node!.status!.allocatable).toEqual({ cpu: '4', memory: '32Gi', pods: '110', 'example.com/x': '3' });
    const [csi] = list<CSINode>(done, 'CSINode');
    expect(csi!.spec!.drivers).toEqual([{ name: 'd', nodeID: node!.metadata!.name, allocatable: { count: 5 } }]);
    expect(csi!.metadata!.annotations).toEqual({ 'storage.alpha.kubernetes.io/migrated-plugins': 'p,q' });
  });
});

describe('createPods', () => {
  test('labels pods of templates by batch, and leaves base pods without', async () => {
    file(
      'pod.yaml',
      'metadata: {generateName: p-, labels: {number: "{{.Index}}-of-{{.Count}}"}}\nspec: {containers: [{name: c, image: i}]}\n',
    );
    const done = await run(`  - {opcode: createNodes, count: 1}
  - {opcode: createPods, count: 3, namespace: batched, podTemplatePath: pod.yaml, signatureBatchSize: 2}
${measured}`);
    const labels = (namespace: string) =>
      list<Pod>(done, 'Pod')
        .filter(({ metadata }) => metadata!.namespace === namespace)
        .map(({ metadata }) => metadata!.labels);
    expect(labels('batched')).toEqual([
      { number: '0-of-3', signature: 'signature-label-0' },
      { number: '1-of-3', signature: 'signature-label-0' },
      { number: '2-of-3', signature: 'signature-label-1' },
    ]);
    expect(labels('measured')).toEqual([undefined]);
  });

  test('binds claims and volumes to each other, and gives each pod one', async () => {
    file(
      'claim.yaml',
      'metadata: {annotations: {pv.kubernetes.io/bind-completed: "yes"}}\nspec: {accessModes: [ReadOnlyMany], resources: {requests: {storage: 1Gi}}}\n',
    );
    file('volume.yaml', 'spec: {accessModes: [ReadOnlyMany], capacity: {storage: 1Gi}, csi: {driver: d}}\n');
    const done = await run(`  - {opcode: createNodes, count: 1}
  - {opcode: createPods, count: 2, namespace: disks, persistentVolumeTemplatePath: volume.yaml, persistentVolumeClaimTemplatePath: claim.yaml}
${measured}`);
    const volumes = list<PersistentVolume>(done, 'PersistentVolume');
    expect(
      volumes.map(({ metadata, spec, status }) => [metadata!.name, spec!.claimRef!.name, spec!.csi, status!.phase]),
    ).toEqual([
      ['disks-vol-0', 'pvc-0', { driver: 'd', volumeHandle: 'disks-vol-0' }, 'Bound'],
      ['disks-vol-1', 'pvc-1', { driver: 'd', volumeHandle: 'disks-vol-1' }, 'Bound'],
    ]);
    const pods = list<Pod>(done, 'Pod').filter(({ metadata }) => metadata!.namespace === 'disks');
    expect(pods.map(({ spec }) => [spec!.volumes, Boolean(spec!.nodeName)])).toEqual([
      [[{ name: 'vol', persistentVolumeClaim: { claimName: 'pvc-0' } }], true],
      [[{ name: 'vol', persistentVolumeClaim: { claimName: 'pvc-1' } }], true],
    ]);
  });
});

describe('deletion', () => {
  test('a bound pod with a grace period stays terminating, one with a finalizer too, any other goes', async () => {
    const pod = (name: string, more: string) =>
      file(
        `${name}.yaml`,
        `metadata: {generateName: ${name}-${more.startsWith(',') ? more : ''}}\nspec: {containers: [{name: c, image: i}]${more.startsWith(',') ? '' : `, ${more}`}}\n`,
      );
    pod('graceful', 'terminationGracePeriodSeconds: 30');
    pod('quick', 'terminationGracePeriodSeconds: 0');
    pod('kept', ', finalizers: [a.b/c]');
    const done = await run(`  - {opcode: createNodes, count: 1}
  - {opcode: createPods, count: 1, namespace: n1, podTemplatePath: graceful.yaml}
  - {opcode: createPods, count: 1, namespace: n2, podTemplatePath: quick.yaml}
  - {opcode: createPods, count: 1, namespace: n3, podTemplatePath: kept.yaml}
  - {opcode: deletePods, namespace: n1}
  - {opcode: deletePods, namespace: n2}
  - {opcode: deletePods, namespace: n3, deletePodsPerSecond: 10}
  - {opcode: sleep, duration: 2m}
${measured}`);
    const left = list<Pod>(done, 'Pod').map(({ metadata }) => [
      metadata!.namespace,
      Boolean(metadata!.deletionTimestamp),
    ]);
    expect(left).toEqual([
      ['n1', true],
      ['n3', true],
      ['measured', false],
    ]);
  });
});

describe('churn', () => {
  test('recreate fills its slots and empties them in turn', async () => {
    file('service.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {generateName: s-}\nspec: {ports: [{port: 80}]}\n');
    const servicesAfter = async (duration: string) => {
      const done = await run(`  - {opcode: createNodes, count: 1}
  - {opcode: churn, mode: recreate, number: 2, intervalMilliseconds: 60000, templatePaths: [service.yaml]}
  - {opcode: sleep, duration: ${duration}}
${measured}`);
      return list(done, 'Service').length;
    };
    // Once a minute: two are made, then two are deleted.
    expect([
      await servicesAfter('90s'),
      await servicesAfter('150s'),
      await servicesAfter('210s'),
      await servicesAfter('270s'),
    ]).toEqual([1, 2, 1, 0]);
  });

  test('create stops at its number', async () => {
    const done = await run(`  - {opcode: createNodes, count: 1}
  - {opcode: churn, mode: create, number: 3, intervalMilliseconds: 1000, templatePaths: [service.yaml]}
  - {opcode: sleep, duration: 5m}
${measured}`);
    expect(list(done, 'Service')).toHaveLength(3);
  });
});

describe('barriers', () => {
  const waiting = `  - {opcode: createPods, count: 2, namespace: waiting, skipWaitToCompletion: true}`;

  test('attempted: without nodes pods have been tried, and a barrier for the scheduled ones ends in an error', async () => {
    await expect(
      run(`${waiting}\n  - {opcode: barrier, stageRequirement: Attempted}\n  - {opcode: barrier}\n${measured}`),
    ).rejects.toThrow(
      /^op 2: error waiting for pods in namespace "waiting": at least pod waiting\/pod-\w{5} is not scheduled \(no nodes available/,
    );
  });

  test('scheduled: the namespace is no longer registered', async () => {
    await expect(
      run(`  - {opcode: createNodes, count: 1}\n${waiting}\n  - {opcode: barrier}\n${waiting}\n${measured}`),
    ).rejects.toThrow('op 3: failed to create namespace for Pod: waiting');
    await expect(run(`  - {opcode: barrier, namespaces: [nowhere]}\n${measured}`)).rejects.toThrow(
      'op 0: unknown namespace nowhere',
    );
  });
});

describe('collections', () => {
  test('must not overlap, and must begin before they end', async () => {
    const start = '  - {opcode: startCollectingMetrics, name: a, namespaces: [b]}';
    const stop = '  - {opcode: stopCollectingMetrics}';
    await expect(run(`${start}\n${start}\n${stop}`)).rejects.toThrow('op 1: metrics collection is overlapping.');
    await expect(run(stop)).rejects.toThrow('op 0: missing startCollectingMetrics operation before stopping');
  });
});
