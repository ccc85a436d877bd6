/** What a node refuses, whom it evicts, how it goes down and comes back. */
import { describe, expect, it } from 'vitest';
import { Code, CriError } from '../cri/index.ts';
import { behaviour, clusterWithKubelets, conditionsOf } from './kubelet.fixture.ts';
import { NodeFaults } from './node-faults.ts';

const GI = 2 ** 30;
const asks = (requests: Record<string, string>, more: object = {}) => ({
  containers: [{ name: 'c', image: 'nginx:1', resources: { requests } }],
  ...more,
});

describe('admission', () => {
  const capacity = { cpu: '2', memory: '4Gi', pods: '3', 'ephemeral-storage': '100Gi' };
  const rejected = (each: ReturnType<typeof clusterWithKubelets>, name: string) => {
    const { phase, reason, message } = each.pod(name)?.status ?? {};
    return { phase, reason, message };
  };

  it('refuses what does not fit, with the reasons of upstream', () => {
    const each = clusterWithKubelets({ capacity });
    each.create('first', asks({ cpu: '1500m', memory: '1Gi' }));
    each.wait();
    each.create('cpu', asks({ cpu: '1' }));
    each.create('memory', asks({ memory: '4Gi' }));
    each.create('disk', asks({ 'ephemeral-storage': '200Gi' }));
    each.create('affinity', asks({}, { nodeSelector: { disk: 'ssd' } }));
    each.wait();
    expect(rejected(each, 'cpu')).toEqual({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
    });
    expect(rejected(each, 'memory')).toEqual({
      phase: 'Failed',
      reason: 'OutOfmemory',
      message: `Pod was rejected: Node didn't have enough resource: memory, requested: ${4 * GI}, used: ${GI}, capacity: ${4 * GI}`,
    });
    expect(rejected(each, 'disk').reason).toBe('OutOfephemeral-storage');
    expect(rejected(each, 'affinity')).toEqual({
      phase: 'Failed',
      reason: 'NodeAffinity',
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    });
    expect(each.events('cpu')).toEqual([
      "OutOfcpu: Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
    ]);
    expect(each.pod('first')?.status?.phase).toBe('Running');
  });

  it('refuses ports that are taken, pods beyond the limit, and what does not tolerate a NoExecute taint', () => {
    const each = clusterWithKubelets({ capacity, nodes: 2 });
    const port = { containers: [{ name: 'c', image: 'nginx:1', ports: [{ containerPort: 80, hostPort: 80 }] }] };
    each.create('one', port);
    each.create('two', port);
    each.wait();
    expect(rejected(each, 'two').reason).toBe('NodePorts');
    each.create('three');
    each.create('four');
    each.wait();
    each.create('five');
    each.wait();
    expect(rejected(each, 'five')).toMatchObject({ reason: 'OutOfpods' });
    expect(rejected(each, 'five').message).toBe(
      "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
    );
    const taints = [{ key: 'gone', effect: 'NoExecute' }];
    const target = { group: '', version: 'v1', resource: 'nodes', name: 'node-1' };
    each.client.patch(target, 'merge', { spec: { taints } }, {}, (error) => expect(error).toBeUndefined());
    each.create('tainted', { nodeName: 'node-1' });
    each.wait();
    expect(rejected(each, 'tainted').reason).toBe('TaintToleration');
  });

  it('has room again when pods end, and lets finished pods be deleted', () => {
    const each = clusterWithKubelets({ capacity });
    each.create('first', asks({ cpu: '2' }, { restartPolicy: 'Never' }), behaviour('runs: 10s'));
    each.wait();
    each.create('early', asks({ cpu: '1' }));
    each.wait(20_000);
    each.create('late', asks({ cpu: '1' }));
    each.wait();
    expect(each.pod('early')?.status?.reason).toBe('OutOfcpu');
    expect(each.pod('late')?.status?.phase).toBe('Running');
    for (const name of ['first', 'early', 'late']) each.remove(name);
    each.wait(10_000);
    expect(['first', 'early', 'late'].map(each.pod)).toEqual([undefined, undefined, undefined]);
    expect(each.pool.kubelet('node-0').podCount).toBe(0);
  });
});

describe('a node under pressure', () => {
  const capacity = { cpu: '8', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' };

  it('evicts first who uses more than it asked for, then by priority, then by excess, one pod at a time', () => {
    const each = clusterWithKubelets({ capacity });
    const using = (memory: string) => behaviour(`memory: ${memory}`);
    each.create('modest', asks({ memory: '3Gi' }), using('2500Mi'));
    each.create('greedy', asks({ memory: '1Gi' }), using('3Gi'));
    each.create('greedier', asks({ memory: '100Mi' }), using('2600Mi'));
    each.wait(13_000);
    expect(each.pod('greedier')?.status?.phase).toBe('Failed');
    expect(each.pod('greedy')?.status?.phase).toBe('Running');
    const { reason, message, conditions } = each.pod('greedier')?.status ?? {};
    expect(reason).toBe('Evicted');
    expect(message).toMatch(
      /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: \d.*\. Container c was using 2600Mi, request is 100Mi, has larger consumption of memory\. $/,
    );
    expect(conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
    });
    const pressure = () => each.node('node-0').status?.conditions?.find(({ type }) => type === 'MemoryPressure');
    expect(pressure()).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' });
    each.create('best-effort');
    each.create('burstable', asks({ memory: '10Mi' }));
    each.wait();
    expect(each.pod('best-effort')?.status).toMatchObject({
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
    });
    expect(each.pod('burstable')?.status?.phase).toBe('Running');
    each.wait(320_000);
    expect(pressure()).toMatchObject({ status: 'False', reason: 'KubeletHasSufficientMemory' });
    expect(['modest', 'greedy'].map((name) => each.pod(name)?.status?.phase)).toEqual(['Running', 'Running']);
  });

  it('evicts for want of disk as well', () => {
    const each = clusterWithKubelets({ capacity });
    each.create('full', {}, behaviour('disk: 95Gi'));
    each.wait(15_000);
    expect(each.pod('full')?.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(each.pod('full')?.status?.message).toContain('The node was low on resource: ephemeral-storage.');
  });
});

describe('a node that goes down in good order', () => {
  it('ends its pods, the critical ones last, and takes no more', () => {
    const settings = { shutdownGraceS: 30, shutdownGraceCriticalS: 10 };
    const each = clusterWithKubelets({ pool: { settings } });
    each.create('web', {}, behaviour('stopsIn: 5s'));
    each.create('core', { priorityClassName: 'system-node-critical' }, behaviour('stopsIn: 5s'));
    each.wait();
    each.pool.kubelet('node-0').shutDown();
    each.wait(100);
    expect(conditionsOf(each.node('node-0') as never).Ready).toBe('False');
    each.create('late');
    each.wait(5500);
    expect(each.pod('late')?.status).toMatchObject({ phase: 'Failed', reason: 'NodeShutdown' });
    expect(each.pod('web')?.status).toMatchObject({
      phase: 'Failed',
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
    });
    expect(each.pod('core')?.status?.phase).toBe('Running');
    each.wait(7000);
    expect(each.pod('core')?.status?.phase).toBe('Failed');
  });
});

describe('a node that fails', () => {
  const renewed = (each: ReturnType<typeof clusterWithKubelets>): number => {
    const lease = each.server.core.cached('Lease', 'kube-node-lease', 'node-0') as unknown as {
      spec: { renewTime: string };
    };
    return Date.parse(lease.spec.renewTime);
  };

  it('is silent, and starts its pods anew when it comes back', () => {
    const each = clusterWithKubelets();
    each.create('web');
    each.create('job', { restartPolicy: 'Never' });
    each.create('deleted');
    each.wait(15_000);
    each.pool.crash('node-0');
    const lastMs = renewed(each);
    each.remove('deleted');
    each.create('new');
    each.wait(120_000);
    expect(renewed(each)).toBe(lastMs);
    expect(each.pod('web')?.status?.phase).toBe('Running');
    expect(each.pod('new')?.status?.phase).toBe('Pending');
    expect(each.pod('deleted')).toBeDefined();
    each.pool.recover('node-0');
    each.wait(30_000);
    expect(renewed(each)).toBeGreaterThan(lastMs + 120_000);
    expect(each.pod('web')?.status).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ restartCount: 1, lastState: { terminated: { exitCode: 255, reason: 'Unknown' } } }],
    });
    expect(each.pod('job')?.status?.phase).toBe('Failed');
    expect(each.pod('new')?.status?.phase).toBe('Running');
    expect(each.pod('deleted')).toBeUndefined();
    expect(each.pool.kubelet('node-0').podCount).toBe(3);
  });

  it('whose kubelet alone is restarted goes on with what runs', () => {
    const each = clusterWithKubelets({ runtime: 'containerd' });
    each.create('web');
    each.wait(20_000);
    const before = each.pod('web')?.status?.containerStatuses?.[0];
    each.pool.stopKubelet('node-0');
    each.wait(60_000);
    each.pool.recover('node-0');
    each.wait(30_000);
    expect(each.pod('web')?.status?.containerStatuses?.[0]).toEqual(before);
    each.remove('web');
    each.wait(30_000);
    expect(each.pod('web')).toBeUndefined();
  });

  it('whose kubelet hangs does nothing, and catches up afterwards', () => {
    const each = clusterWithKubelets();
    each.create('web');
    each.create('gone');
    each.create('forced');
    each.wait();
    each.pool.hang('node-0');
    each.create('new');
    each.remove('gone');
    each.remove('forced', 0);
    each.wait(100_000);
    expect(each.pod('new')?.status?.phase).toBe('Pending');
    expect(each.pod('gone')).toBeDefined();
    each.pool.resume('node-0');
    each.wait(20_000);
    expect(each.pod('new')?.status?.phase).toBe('Running');
    expect(each.pod('web')?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(each.pod('gone')).toBeUndefined();
    expect(each.pool.kubelet('node-0').podCount).toBe(2);
  });
});

describe('faults by annotation', () => {
  it('turn a node off and on again', () => {
    const each = clusterWithKubelets();
    const faults = new NodeFaults(each.client, each.clock, each.pool);
    faults.start();
    const annotate = (value: string | null): void => {
      const target = { group: '', version: 'v1', resource: 'nodes', name: 'node-0' };
      const change = { metadata: { annotations: { 'berth/fault': value } } };
      each.client.patch(target, 'merge', change, {}, (error) => expect(error).toBeUndefined());
      each.wait(20_000);
    };
    each.create('web');
    each.wait();
    for (const fault of ['hang', 'stop', 'crash', 'shutdown']) {
      annotate(fault);
      expect(each.pool.kubelet('node-0').isSilent).toBe(true);
    }
    annotate(null);
    expect(each.pool.kubelet('node-0').isSilent).toBe(false);
    each.create('after');
    each.wait();
    expect(each.pod('after')?.status?.phase).toBe('Running');
  });
});

describe('a runtime that fails', () => {
  it('is asked again when it cannot make a sandbox', () => {
    const each = clusterWithKubelets();
    each.create('first');
    each.wait();
    each.model().daemon.fail('runPodSandbox', new CriError(Code.UNKNOWN, 'no network'), 2);
    each.create('web');
    each.wait(8000);
    expect(each.pod('web')?.status?.phase).toBe('Pending');
    expect(each.events('web')).toEqual([
      'FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = no network',
    ]);
    each.wait(40_000);
    expect(each.pod('web')?.status?.phase).toBe('Running');
  });

  it('that cannot create or start a container is reported by reason', () => {
    const each = clusterWithKubelets();
    each.create('first');
    each.wait();
    each.model().daemon.fail('createContainer', new CriError(Code.UNKNOWN, 'no space left'));
    each.create('web');
    each.wait(16_000);
    expect(each.events('web')).toContain('Failed: Error: no space left');
    expect(each.pod('web')?.status?.phase).toBe('Running');
    each.model().daemon.fail('startContainer', new CriError(Code.UNKNOWN, 'exec format error'), 1000);
    each.create('broken');
    each.wait(30_000);
    expect(each.pod('broken')?.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: 'RunContainerError',
      message: 'exec format error',
    });
  });

  it('that hangs is given two minutes for a call', () => {
    const each = clusterWithKubelets();
    each.create('first');
    each.wait();
    each.model().daemon.hang();
    each.create('web');
    each.wait(110_000);
    expect(each.events('web')).toEqual([]);
    each.wait(20_000);
    expect(each.events('web')).toEqual([
      'FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    ]);
    each.model().daemon.resume();
    each.wait(60_000);
    expect(each.pod('web')?.status?.phase).toBe('Running');
    each.remove('web');
    each.remove('first');
    each.wait(60_000);
    let left = -1;
    each.model().listPodSandbox({}, (_, sandboxes) => {
      left = sandboxes.length;
    });
    expect(left).toBe(0);
  });

  it('that says it stopped what still runs is found out, and the pod stays', () => {
    const each = clusterWithKubelets();
    each.create('web');
    each.wait();
    const { daemon } = each.model();
    daemon.lie('stopContainer');
    daemon.lie('stopPodSandbox');
    each.remove('web');
    each.wait(50_000);
    expect(each.pod('web')?.status?.phase).toBe('Running');
    expect(
      each
        .events('web')
        .some((text) =>
          /^FailedKillPod: error killing pod: detected running containers after a successful KillPod, CRI violation/.test(
            text,
          ),
        ),
    ).toBe(true);
    daemon.lie('stopContainer', false);
    daemon.lie('stopPodSandbox', false);
    each.wait(30_000);
    expect(each.pod('web')).toBeUndefined();
  });

  it('whose sandbox has no address gets another one made', () => {
    const each = clusterWithKubelets();
    each.create('first');
    each.wait();
    each.model().daemon.lie('runPodSandbox');
    each.create('web');
    each.wait(20_000);
    expect(each.pod('web')?.status?.phase).toBe('Pending');
    each.model().daemon.lie('runPodSandbox', false);
    each.wait(40_000);
    expect(each.pod('web')?.status).toMatchObject({
      phase: 'Running',
      podIP: expect.stringMatching(/^10\.0\.0\.\d+$/),
    });
  });
});
