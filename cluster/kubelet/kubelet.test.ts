/** Pods on nodes, from their binding to the last of them, in virtual time. */
import { describe, expect, it } from 'vitest';
import { behaviour, clusterWithKubelets, conditionsOf } from './kubelet.fixture.ts';

describe('a pod that runs', () => {
  it('is started, with phase, conditions, addresses and container statuses as upstream writes them', () => {
    const each = clusterWithKubelets({ runtime: 'containerd' });
    each.create('web');
    each.wait(20_000);
    const pod = each.pod('web')!;
    expect(pod.status).toMatchObject({
      phase: 'Running',
      hostIP: '198.18.0.1',
      podIP: '10.0.0.2',
      podIPs: [{ ip: '10.0.0.2' }],
      startTime: '2026-03-04T00:00:00Z',
      qosClass: 'BestEffort',
    });
    expect(pod.status?.conditions?.map(({ type, status }) => [type, status])).toEqual([
      ['PodReadyToStartContainers', 'True'],
      ['Initialized', 'True'],
      ['Ready', 'True'],
      ['ContainersReady', 'True'],
      ['PodScheduled', 'True'],
    ]);
    expect(pod.status?.containerStatuses).toEqual([
      {
        name: 'c',
        state: { running: { startedAt: expect.stringMatching(/^2026-03-04T00:00:0\d/) } },
        lastState: {},
        ready: true,
        started: true,
        restartCount: 0,
        image: 'docker.io/library/nginx:1',
        imageID: expect.stringMatching(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/),
        containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/),
        resources: {},
      },
    ]);
    expect(each.events('web')).toEqual([
      'Pulling: Pulling image "nginx:1"',
      expect.stringMatching(
        /^Pulled: Successfully pulled image "nginx:1" in \d.*s \(.*including waiting\)\. Image size: 183500800 bytes\.$/,
      ),
      'Created: Container created',
      'Started: Container started',
    ]);
  });

  it('is told step by step: waiting, its sandbox ready, running', () => {
    const each = clusterWithKubelets({ runtime: 'containerd' });
    const seen = each.history('web');
    each.create('web');
    each.wait(20_000);
    const steps = seen.map(({ status }) => [
      status?.phase,
      conditionsOf({ status }).PodReadyToStartContainers,
      status?.containerStatuses?.[0]?.state?.waiting?.reason,
    ]);
    expect(steps).toEqual([
      ['Pending', undefined, undefined],
      ['Pending', 'False', 'ContainerCreating'],
      ['Pending', 'True', 'ContainerCreating'],
      ['Running', 'True', undefined],
    ]);
  });

  it('costs one write where nothing takes time', () => {
    const each = clusterWithKubelets({ pool: { settings: { relistMs: 0 } } });
    const seen = each.history('web');
    each.create('web');
    each.wait();
    expect(seen.map(({ status }) => status?.phase)).toEqual(['Pending', 'Running']);
  });
});

describe('a pod that is deleted', () => {
  it('gets its grace period, and is gone when its containers are', () => {
    const each = clusterWithKubelets();
    each.create('web', {}, behaviour('stopsIn: 7s'));
    each.wait();
    each.remove('web');
    each.wait(6000);
    expect(each.pod('web')?.metadata?.deletionGracePeriodSeconds).toBe(30);
    expect(each.pod('web')?.status?.phase).toBe('Running');
    const seen = each.history('web');
    each.wait(2000);
    expect(each.pod('web')).toBeUndefined();
    expect(seen.at(-1)?.status).toMatchObject({
      phase: 'Failed',
      podIP: '10.0.0.2',
      containerStatuses: [{ state: { terminated: { exitCode: 143, reason: 'Error' } } }],
    });
    expect(each.events('web')).toContain('Killing: Stopping container c');
  });

  it('is killed when the grace period is over', () => {
    const each = clusterWithKubelets();
    each.create('web', { terminationGracePeriodSeconds: 5 }, behaviour('ignoresStop: true'));
    each.wait();
    each.remove('web');
    const seen = each.history('web');
    each.wait(4900);
    expect(each.pod('web')).toBeDefined();
    each.wait(200);
    expect(each.pod('web')).toBeUndefined();
    expect(seen.at(-1)?.status).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'Error' } } }],
    });
  });

  it('does not wait for its image', () => {
    const each = clusterWithKubelets({ runtime: 'containerd', changes: { pullBytesPerSecond: 1000 } });
    each.create('web');
    each.wait();
    each.remove('web');
    each.wait(1000);
    expect(each.pod('web')).toBeUndefined();
  });

  it('leaves nothing behind', () => {
    const each = clusterWithKubelets({ runtime: 'containerd' });
    each.create('web');
    each.wait(20_000);
    each.remove('web');
    each.wait(20_000);
    let left = -1;
    each.model().listPodSandbox({}, (_, sandboxes) => {
      left = sandboxes.length;
    });
    expect(left).toBe(0);
    expect(each.pool.kubelet('node-0').podCount).toBe(0);
  });

  it('is ended sooner when it is asked for again with less time', () => {
    const each = clusterWithKubelets();
    each.create('web', {}, behaviour('ignoresStop: true'));
    each.wait();
    each.remove('web');
    each.wait();
    each.remove('web', 4);
    each.wait(4500);
    expect(each.pod('web')).toBeUndefined();
  });

  it('ends its containers also when it was deleted by force', () => {
    const each = clusterWithKubelets();
    each.create('web');
    each.wait();
    each.remove('web', 0);
    each.wait();
    expect(each.pod('web')).toBeUndefined();
    expect(each.pool.kubelet('node-0').podCount).toBe(0);
  });
});

describe('containers that end', () => {
  it('succeed or fail as their restart policy lets them', () => {
    const each = clusterWithKubelets();
    each.create('done', { restartPolicy: 'Never' }, behaviour('runs: 5s'));
    each.create('failed', { restartPolicy: 'Never' }, behaviour('{runs: 5s, exitCode: 3}'));
    each.create('retried', { restartPolicy: 'OnFailure' }, behaviour('runs: 5s'));
    each.wait(10_000);
    expect(each.pod('done')?.status?.phase).toBe('Succeeded');
    expect(conditionsOf(each.pod('done'))).toMatchObject({
      Ready: 'False',
      Initialized: 'True',
      ContainersReady: 'False',
    });
    expect(each.pod('done')?.status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('PodCompleted');
    expect(each.pod('failed')?.status).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 3, reason: 'Error' } } }],
    });
    expect(each.pod('retried')?.status?.phase).toBe('Succeeded');
  });

  it('are started again later and later, up to 5 minutes', () => {
    const each = clusterWithKubelets();
    each.create('crash', {}, behaviour('{runs: 1500ms, exitCode: 1}'));
    const starts: number[] = [];
    const seen = each.history('crash');
    each.wait(1_800_000);
    let count = -1;
    for (const { status } of seen) {
      const { restartCount = 0, state } = status?.containerStatuses?.[0] ?? {};
      if (state?.running === undefined || restartCount === count) continue;
      count = restartCount;
      starts.push(Date.parse(state.running.startedAt as unknown as string));
    }
    const gapsS = starts.slice(1).map((start, i) => (start - starts[i]!) / 1000);
    // The first restart is at once; every wait may be half as long again, and none is below its back-off.
    expect(gapsS[0]).toBeLessThan(4);
    [10, 20, 40, 80, 160, 300].forEach((backOffS, i) => {
      expect(gapsS[i + 1]).toBeGreaterThanOrEqual(backOffS);
      expect(gapsS[i + 1]).toBeLessThan(backOffS * 1.5 + 70);
    });
    const waiting = seen.find(
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
    );
    expect(waiting?.status).toMatchObject({
      phase: 'Running',
      containerStatuses: [
        {
          state: {
            waiting: {
              message: expect.stringMatching(/^back-off 10s restarting failed container=c pod=crash_default\(/),
            },
          },
          lastState: { terminated: { exitCode: 1 } },
        },
      ],
    });
    expect(
      each
        .events('crash')
        .some((text) => text.startsWith('BackOff: Back-off restarting failed container c in pod crash_default')),
    ).toBe(true);
  });

  it('begin with short waits again after ten quiet minutes', () => {
    const each = clusterWithKubelets();
    each.create('calm', {}, behaviour('{runs: 11m, exitCode: 1}'));
    const seen = each.history('calm');
    each.wait(60 * 60_000);
    const reasons = seen.map(({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason);
    expect(each.pod('calm')?.status?.containerStatuses?.[0]?.restartCount).toBe(5);
    expect(reasons).not.toContain('CrashLoopBackOff');
  });

  it('for want of memory say so', () => {
    const each = clusterWithKubelets();
    each.create('oom', { restartPolicy: 'Never' }, behaviour('{runs: 1s, oomKilled: true}'));
    each.wait();
    expect(each.pod('oom')?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    });
  });

  it('past their deadline are ended', () => {
    const each = clusterWithKubelets();
    each.create('late', { activeDeadlineSeconds: 20 });
    each.wait(19_000);
    expect(each.pod('late')?.status?.phase).toBe('Running');
    each.wait(5000);
    expect(each.pod('late')?.status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });
});

describe('a node', () => {
  it('registers, renews its Lease every 10 s and writes its status every 5 min', () => {
    const each = clusterWithKubelets({ runtime: 'containerd' });
    const { status, spec, metadata } = each.node('node-0');
    expect(metadata?.labels).toMatchObject({ 'kubernetes.io/hostname': 'node-0', 'kubernetes.io/os': 'linux' });
    expect(spec?.podCIDR).toBe('10.0.0.0/24');
    expect(status?.nodeInfo?.containerRuntimeVersion).toBe('containerd://2.0.0');
    expect(status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
      ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
      ['Ready', 'True', 'KubeletReady'],
    ]);
    const lease = () => each.server.core.cached('Lease', 'kube-node-lease', 'node-0') as unknown as Lease;
    each.wait(60_000);
    expect(lease().spec).toMatchObject({ holderIdentity: 'node-0', leaseDurationSeconds: 40 });
    const before = Date.parse(lease().spec.renewTime);
    each.wait(10_000);
    expect(Date.parse(lease().spec.renewTime) - before).toBe(10_000);
    const heartbeat = () => each.node('node-0').status?.conditions?.[3]?.lastHeartbeatTime as unknown as string;
    const beats = new Set<string>();
    for (let minute = 0; minute < 30; minute++) {
      each.wait(60_000);
      beats.add(heartbeat());
    }
    expect(beats.size).toBeGreaterThanOrEqual(6);
    expect(beats.size).toBeLessThanOrEqual(7);
  });

  it('tells which images it has', () => {
    const each = clusterWithKubelets({ runtime: 'containerd' });
    each.create('web');
    each.wait(30_000);
    expect(each.node('node-0').status?.images).toEqual([
      { names: [expect.stringContaining('nginx@sha256:'), 'docker.io/library/nginx:1'], sizeBytes: 183_500_800 },
    ]);
  });
});

interface Lease {
  readonly spec: { readonly renewTime: string };
}
