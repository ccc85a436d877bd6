/** Pods with names, one for each node, or to be run to their end: whatever is done to them, in the end they are as asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../api/index.ts';
import { smallCluster, template } from './controllers.fixture.ts';
import { nodeOf } from './daemonset/daemon-pods.ts';
import { FINALIZER } from './job/job-pods.ts';
import { isTerminating } from './owners.ts';
import { isActive, isReady } from './pod-state.ts';
import { DAEMON_SETS, JOBS, NODES, PODS, REVISIONS, STATEFUL_SETS } from './types.ts';

type Cluster = ReturnType<typeof smallCluster>;

const POD_CHANGES = ['delete', 'orphan', 'release', 'fail', 'ready', 'untrack'] as const;
const OTHER_CHANGES = [
  'scale',
  'image',
  'parallelism',
  'taint',
  'revision-gone',
  'revision-orphan',
  'suspend',
] as const;

const disturbance = fc.record({
  what: fc.constantFrom(...POD_CHANGES, ...OTHER_CHANGES),
  which: fc.nat(30),
  number: fc.integer({ min: 0, max: 4 }),
  waitMs: fc.integer({ min: 0, max: 2500 }),
});

const workload = (kind: string, name: string, spec: object) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec },
});

const once = (name: string) => ({ ...template(name), spec: { ...template(name).spec, restartPolicy: 'Never' } });

const NAMES = ['n1', 'n2', 'n3'];

const onNode = (each: Cluster, name: string, taints: object[]): void => {
  each.client.patch({ ...NODES, name }, 'merge', { spec: { taints } }, {}, () => {});
  each.wait();
};

/** Nodes that say nothing are given up. */
function beat(each: Cluster): void {
  const now = new Date(each.clock.nowMs).toISOString();
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now }];
  for (const name of NAMES) {
    const target = { ...NODES, name, subresource: 'status' };
    each.client.patch(target, 'merge', { status: { conditions } }, {}, () => {});
  }
}

/** What is asked for, as it changes. */
interface Wanted {
  replicas: number;
  image: string;
  readonly tainted: Set<string>;
}

function begin(seed: number, isParallel: boolean): Cluster {
  const each = smallCluster(seed);
  for (const name of NAMES) {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
    each.client.create(NODES, node as KubeObject, {}, () => {});
    each.wait();
    onNode(each, name, []);
  }
  beat(each);
  const podManagementPolicy = isParallel ? 'Parallel' : 'OrderedReady';
  each.create(STATEFUL_SETS, workload('StatefulSet', 'db', { replicas: 2, podManagementPolicy, serviceName: 'db' }));
  each.create(DAEMON_SETS, workload('DaemonSet', 'agent', {}));
  const job = { completions: 4, parallelism: 2, backoffLimit: 1000, template: once('job') };
  each.create(JOBS, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec: job });
  return each;
}

function changePod(each: Cluster, what: string, pod: Pod): void {
  const name = pod.metadata!.name!;
  if (what === 'delete') each.remove(PODS, name);
  if (what === 'orphan') each.patch(PODS, name, { metadata: { ownerReferences: null } });
  if (what === 'release') each.patch(PODS, name, { metadata: { labels: { app: 'other' } } });
  if (what === 'fail' && isActive(pod)) each.patch(PODS, name, { status: { phase: 'Failed' } }, 'status');
  if (what === 'ready' && isActive(pod)) each.ready(pod);
  if (what === 'untrack' && !isTerminating(pod)) each.patch(PODS, name, { metadata: { finalizers: null } });
}

function changeOther(each: Cluster, what: string, which: number, number: number, wanted: Wanted): void {
  if (what === 'scale') {
    wanted.replicas = number;
    each.patch(STATEFUL_SETS, 'db', { spec: { replicas: number } });
  }
  if (what === 'image') {
    wanted.image = `i:${number}`;
    each.patch(STATEFUL_SETS, 'db', { spec: { template: template('db', wanted.image) } });
    each.patch(DAEMON_SETS, 'agent', { spec: { template: template('agent', wanted.image) } });
  }
  if (what === 'parallelism') each.patch(JOBS, 'job', { spec: { parallelism: number } });
  if (what === 'suspend') each.patch(JOBS, 'job', { spec: { suspend: number % 2 === 0 } });
  if (what === 'taint') {
    const name = `n${(which % 3) + 1}`;
    if (!wanted.tainted.delete(name)) wanted.tainted.add(name);
    onNode(each, name, wanted.tainted.has(name) ? [{ key: 'no', effect: 'NoExecute' }] : []);
  }
  const revisions = [...each.server.core.cachedAll('ControllerRevision', 'default')];
  const revision = revisions[which % Math.max(1, revisions.length)]?.metadata?.name;
  if (what === 'revision-gone' && revision !== undefined) each.remove(REVISIONS, revision);
  if (what === 'revision-orphan' && revision !== undefined) {
    each.patch(REVISIONS, revision, { metadata: { ownerReferences: null } });
  }
}

/** A kubelet that does its work, and somebody who clears away what nobody owns. */
function calmDown(each: Cluster): void {
  each.patch(JOBS, 'job', { spec: { suspend: false, parallelism: 2 } });
  for (let round = 0; round < 40; round++) {
    beat(each);
    for (const { metadata } of each.pods()) {
      const pod = each.get('Pod', metadata!.name!) as Pod | undefined;
      if (pod === undefined) continue;
      if (pod.metadata?.labels?.app === 'other' && (pod.metadata.ownerReferences ?? []).length === 0) {
        each.remove(PODS, metadata!.name!);
      } else if (pod.metadata?.labels?.app !== 'job' && isActive(pod) && !isReady(pod)) each.ready(pod);
      else if (pod.metadata?.labels?.['job-name'] === 'job' && isActive(pod)) {
        each.patch(PODS, metadata!.name!, { status: { phase: 'Succeeded' } }, 'status');
      }
    }
    each.wait(15_000);
  }
}

function check(each: Cluster, { replicas, image, tainted }: Wanted): void {
  const of = (app: string): Pod[] => each.pods().filter((pod) => isActive(pod) && pod.metadata?.labels?.app === app);
  const shown = (pods: Pod[]) =>
    pods.map(({ metadata, spec }) => `${metadata!.name} ${spec!.containers[0]!.image}`).sort();
  expect(shown(of('db'))).toEqual(Array.from({ length: replicas }, (_, i) => `db-${i} ${image}`));
  const { status } = each.get('StatefulSet', 'db');
  expect(status.currentRevision).toBe(status.updateRevision);
  expect(status).toMatchObject({ replicas, availableReplicas: replicas });
  const nodes = NAMES.filter((name) => !tainted.has(name));
  expect(of('agent').map(nodeOf).sort()).toEqual(nodes);
  expect(of('agent').map(({ spec }) => spec!.containers[0]!.image)).toEqual(nodes.map(() => image));
  expect(each.get('DaemonSet', 'agent').status).toMatchObject({ desiredNumberScheduled: nodes.length });
  const job = each.get('Job', 'job');
  expect(job.status.conditions.at(-1)).toMatchObject({ type: 'Complete', status: 'True' });
  expect(job.status).toMatchObject({ uncountedTerminatedPods: {}, terminating: 0, ready: 0 });
  expect(job.status.succeeded).toBeGreaterThanOrEqual(4);
  expect(each.pods().filter(({ metadata }) => metadata!.finalizers?.includes(FINALIZER))).toEqual([]);
}

describe('controllers of ordered, daemon and finite pods', () => {
  it('converge from any state', () => {
    fc.assert(
      fc.property(
        fc.array(disturbance, { maxLength: 15 }),
        fc.nat(1000),
        fc.boolean(),
        (disturbances, seed, isParallel) => {
          const each = begin(seed, isParallel);
          const wanted: Wanted = { replicas: 2, image: 'i:1', tainted: new Set() };
          for (const { what, which, number, waitMs } of disturbances) {
            beat(each);
            const pods = each.pods();
            const pod = pods[which % Math.max(1, pods.length)];
            if (!(POD_CHANGES as readonly string[]).includes(what)) changeOther(each, what, which, number, wanted);
            else if (pod !== undefined) changePod(each, what, pod);
            each.wait(waitMs);
          }
          calmDown(each);
          check(each, wanted);
          const busiest = Math.max(...Object.values(each.running.queues).map(({ syncs }) => syncs));
          expect(busiest).toBeLessThan(2500);
        },
      ),
      { numRuns: 15, seed: 11 },
    );
  });
});
