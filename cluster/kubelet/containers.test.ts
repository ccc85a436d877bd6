/** Init containers, sidecars and probes, in the order and with the effects that upstream gives them. */
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/index.ts';
import { behaviour, clusterWithKubelets, conditionsOf } from './kubelet.fixture.ts';

const init = (name: string, more: object = {}) => ({ name, image: 'busybox:1', ...more });
const sidecar = (name: string, more: object = {}) => init(name, { restartPolicy: 'Always', ...more });
const main = { name: 'c', image: 'nginx:1' };

const startOf = (pod: Pod | undefined, name: string): number => {
  const { initContainerStatuses = [], containerStatuses = [] } = pod?.status ?? {};
  const { state, lastState } =
    [...initContainerStatuses, ...containerStatuses].find((each) => each.name === name) ?? {};
  const time = (state?.running ?? state?.terminated ?? lastState?.terminated)?.startedAt;
  return time === undefined ? Number.NaN : Date.parse(time as unknown as string) / 1000 - Date.UTC(2026, 2, 4) / 1000;
};

describe('init containers', () => {
  it('run one after another, each to its end, before the others begin', () => {
    const each = clusterWithKubelets();
    const spec = { initContainers: [init('first'), init('second')], containers: [main] };
    each.create('web', spec, behaviour('containers: {first: {runs: 10s}, second: {runs: 5s}}'));
    each.wait(5000);
    expect(each.pod('web')?.status).toMatchObject({
      phase: 'Pending',
      initContainerStatuses: [{ state: { running: {} } }, { state: { waiting: { reason: 'PodInitializing' } } }],
      containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
    });
    expect(each.pod('web')?.status?.conditions?.find(({ type }) => type === 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [first second]',
    });
    each.wait(20_000);
    const pod = each.pod('web');
    expect(pod?.status?.phase).toBe('Running');
    expect(conditionsOf(pod)).toMatchObject({ Initialized: 'True', Ready: 'True' });
    expect(startOf(pod, 'second') - startOf(pod, 'first')).toBeGreaterThanOrEqual(10);
    expect(startOf(pod, 'c') - startOf(pod, 'second')).toBeGreaterThanOrEqual(5);
    expect(pod?.status?.initContainerStatuses?.map(({ ready, state }) => [ready, state?.terminated?.reason])).toEqual([
      [true, 'Completed'],
      [true, 'Completed'],
    ]);
  });

  it('that fail are tried again, or end the pod', () => {
    const each = clusterWithKubelets();
    const failing = { initContainers: [init('bad')], containers: [main] };
    const said = behaviour('containers: {bad: {runs: 1s, exitCode: 2}}');
    each.create('never', { ...failing, restartPolicy: 'Never' }, said);
    each.create('always', failing, said);
    each.wait(60_000);
    expect(each.pod('never')?.status?.phase).toBe('Failed');
    expect(each.pod('always')?.status?.phase).toBe('Pending');
    expect(each.pod('always')?.status?.initContainerStatuses?.[0]?.restartCount).toBeGreaterThan(1);
    expect(each.pod('always')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing');
  });
});

describe('sidecars', () => {
  it('start in order, each when the one before has started, and stay', () => {
    const each = clusterWithKubelets();
    const startupProbe = { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 30 };
    const spec = { initContainers: [sidecar('proxy', { startupProbe }), init('setup')], containers: [main] };
    each.create('web', spec, behaviour('containers: {proxy: {startedAfter: 8s}, setup: {runs: 2s}}'));
    each.wait(6000);
    expect(startOf(each.pod('web'), 'setup')).toBeNaN();
    expect(each.pod('web')?.status?.phase).toBe('Pending');
    each.wait(20_000);
    const pod = each.pod('web');
    expect(pod?.status?.phase).toBe('Running');
    expect(startOf(pod, 'setup') - startOf(pod, 'proxy')).toBeGreaterThanOrEqual(8);
    expect(startOf(pod, 'c')).toBeGreaterThan(startOf(pod, 'setup'));
    expect(pod?.status?.initContainerStatuses?.[0]).toMatchObject({
      ready: true,
      started: true,
      state: { running: {} },
    });
  });

  it('are started again while the pod lives, and do not keep it alive', () => {
    const each = clusterWithKubelets();
    const spec = { initContainers: [sidecar('proxy')], containers: [main], restartPolicy: 'Never' };
    each.create('job', spec, behaviour('containers: {proxy: {runs: 4s, exitCode: 1}, c: {runs: 30s}}'));
    each.wait(25_000);
    expect(each.pod('job')?.status?.phase).toBe('Running');
    expect(each.pod('job')?.status?.initContainerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
    each.wait(20_000);
    expect(each.pod('job')?.status?.phase).toBe('Succeeded');
  });

  it('end after the containers that they serve, the last one first', () => {
    const each = clusterWithKubelets();
    const spec = { initContainers: [sidecar('a'), sidecar('b')], containers: [main] };
    each.create('web', spec, behaviour('stopsIn: 3s'));
    each.wait(10_000);
    each.remove('web');
    const seen = each.history('web');
    each.wait(20_000);
    expect(each.pod('web')).toBeUndefined();
    const { initContainerStatuses = [], containerStatuses = [] } = seen.at(-1)?.status ?? {};
    const endOf = (name: string): number => {
      const status = [...initContainerStatuses, ...containerStatuses].find((one) => one.name === name);
      return Date.parse(status?.state?.terminated?.finishedAt as unknown as string);
    };
    expect(endOf('b') - endOf('c')).toBe(3000);
    expect(endOf('a') - endOf('b')).toBe(3000);
  });
});

describe('probes', () => {
  const readinessProbe = { httpGet: { port: 80 }, periodSeconds: 2 };
  const livenessProbe = { httpGet: { port: 80 }, periodSeconds: 5, failureThreshold: 2 };

  it('of readiness make the pod ready and unready', () => {
    const each = clusterWithKubelets();
    const spec = { containers: [{ ...main, readinessProbe }] };
    each.create('web', spec, behaviour('{readyAfter: 20s, unreadyAfter: 60s}'));
    each.wait(15_000);
    expect(each.pod('web')?.status?.phase).toBe('Running');
    expect(each.pod('web')?.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [c]',
    });
    expect(
      each
        .events('web')
        .some((text) => /^Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503/.test(text)),
    ).toBe(true);
    each.wait(12_000);
    expect(conditionsOf(each.pod('web')).Ready).toBe('True');
    each.wait(45_000);
    expect(conditionsOf(each.pod('web')).Ready).toBe('False');
  });

  it('of liveness have a container killed and started again', () => {
    const each = clusterWithKubelets();
    each.create('web', { containers: [{ ...main, livenessProbe }] }, behaviour('liveFor: 12s'));
    each.wait(40_000);
    const [status] = each.pod('web')?.status?.containerStatuses ?? [];
    expect(status?.restartCount).toBe(1);
    expect(status?.lastState?.terminated?.exitCode).toBe(143);
    expect(each.events('web').join()).toContain('Killing: Container c failed liveness probe, will be restarted');
  });

  it('of start-up hold the others back, and end what does not start', () => {
    const each = clusterWithKubelets();
    const startupProbe = { exec: { command: ['cat', '/started'] }, periodSeconds: 5, failureThreshold: 3 };
    const probed = { containers: [{ ...main, startupProbe, readinessProbe, livenessProbe }] };
    each.create('slow', probed, behaviour('{startedAfter: 12s, liveFor: 1h}'));
    each.create('stuck', probed, behaviour('startedAfter: 10m'));
    each.wait(9000);
    expect(each.pod('slow')?.status?.containerStatuses?.[0]).toMatchObject({ started: false, ready: false });
    each.wait(16_000);
    expect(each.pod('slow')?.status?.containerStatuses?.[0]).toMatchObject({
      started: true,
      ready: true,
      restartCount: 0,
    });
    each.wait(10_000);
    expect(each.pod('stuck')?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(each.events('stuck').join()).toContain('Killing: Container c failed startup probe, will be restarted');
    expect(
      each.events('stuck').some((text) => text.startsWith('Unhealthy: Startup probe failed: not started yet')),
    ).toBe(true);
  });

  it('wait for their initial delay', () => {
    const each = clusterWithKubelets();
    const delayed = { ...readinessProbe, initialDelaySeconds: 30 };
    each.create('web', { containers: [{ ...main, readinessProbe: delayed }] });
    each.wait(29_000);
    expect(conditionsOf(each.pod('web')).Ready).toBe('False');
    each.wait(8000);
    expect(conditionsOf(each.pod('web')).Ready).toBe('True');
  });
});

describe('images', () => {
  it('that cannot be had are asked for again and again, with back-off', () => {
    const each = clusterWithKubelets({ runtime: 'containerd' });
    const seen = each.history('web');
    const reasons = () =>
      seen.flatMap(({ status }) => {
        const reason = status?.containerStatuses?.[0]?.state?.waiting?.reason;
        return reason === undefined ? [] : [reason];
      });
    each.registry.isDown = true;
    each.create('web');
    each.wait(120_000);
    expect([...new Set(reasons())]).toEqual(['ContainerCreating', 'ErrImagePull', 'ImagePullBackOff']);
    expect(each.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting?.message).toContain('connection refused');
    each.registry.isDown = false;
    each.wait(200_000);
    expect(each.pod('web')?.status?.phase).toBe('Running');
  });

  it('are pulled one after another, and once', () => {
    const each = clusterWithKubelets({ runtime: 'containerd' });
    for (const name of ['a', 'b', 'c']) each.create(name, { containers: [{ name: 'c', image: `${name}:1` }] });
    each.create('again', { containers: [{ name: 'c', image: 'a:1' }] });
    each.wait(60_000);
    const starts = ['a', 'b', 'c'].map((name) => startOf(each.pod(name), 'c')).sort((a, b) => a - b);
    expect(starts[1]! - starts[0]!).toBeGreaterThanOrEqual(1);
    expect(starts[2]! - starts[1]!).toBeGreaterThanOrEqual(1);
    expect(startOf(each.pod('again'), 'c')).toBeLessThanOrEqual(starts[2]! + 1);
  });

  it('that must be there and are not', () => {
    const each = clusterWithKubelets();
    each.create('web', { containers: [{ ...main, imagePullPolicy: 'Never' }] });
    each.wait(20_000);
    expect(each.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: 'ErrImageNeverPull',
      message: 'Container image "nginx:1" is not present with pull policy of Never',
    });
  });
});
