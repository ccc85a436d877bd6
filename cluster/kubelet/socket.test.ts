/** The kubelet model against a runtime behind a real socket, and a client that does what crictl does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../api/index.ts';
import { ApiServer, InProcessClient, seededIds } from '../apiserver/index.ts';
import { RealClock } from '../clock.ts';
import {
  Code,
  type ContainerStatus,
  type CriAnswer,
  CriClient,
  type CriError,
  type CriServer,
  type ExecSyncResult,
  type ImageFsInfo,
  type StatusResult,
  serveCri,
} from '../cri/index.ts';
import { nodeHost } from '../node-host.ts';
import { createRuntime, type RuntimeModel } from '../runtimes/index.ts';
import { MemoryStore } from '../store/index.ts';
import { PODS } from './kubelet.fixture.ts';
import { KubeletPool } from './kubelet-pool.ts';
import { nodeSpecs } from './node-spec.ts';

let folder: string;
let clock: RealClock;
let model: RuntimeModel;
let server: CriServer;
let client: CriClient;
const socketOf = (): string => path.join(folder, 'cri.sock');
const now = (): number => nodeHost.now();

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'berth-cri-'));
  clock = new RealClock(nodeHost);
  const changes = {
    sandboxMs: 5,
    createMs: 2,
    startMs: 2,
    stopMs: 1,
    removeMs: 1,
    execMs: 1,
    pullBaseMs: 5,
    pullBytesPerSecond: 1e12,
    unpackBytesPerSecond: 1e12,
  };
  model = createRuntime({ clock, runtime: 'containerd', changes, seed: 1 });
  server = await serveCri(model, socketOf());
  client = new CriClient({ socket: socketOf(), now, timeoutMs: 5000 });
});

afterEach(async () => {
  client.close();
  await server.close();
  clock.stop();
  rmSync(folder, { recursive: true });
});

const ask = <T>(start: (answer: CriAnswer<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => start((error, result) => (error === undefined ? resolve(result) : reject(error))));
const refusal = <T>(start: (answer: CriAnswer<T>) => void): Promise<CriError> =>
  ask(start).then(
    () => Promise.reject(new Error('was not refused')),
    (error: CriError) => error,
  );
const until = async (what: string, isTrue: () => boolean): Promise<void> => {
  const endMs = now() + 15_000;
  while (!isTrue()) {
    if (now() > endMs) throw new Error(`${what}: not after 15 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const metadata = { name: 'p', uid: 'u', namespace: 'default', attempt: 0 };

describe('a client on the socket', () => {
  it('goes through the life of a pod as crictl does', async () => {
    expect(await ask((answer) => client.version(answer))).toMatchObject({
      runtimeName: 'containerd',
      runtimeVersion: '2.0.0',
      runtimeApiVersion: 'v1',
    });
    const { status } = await ask<StatusResult>((answer) => client.status(false, answer));
    expect(status.conditions.map(({ type, status }) => [type, status])).toEqual([
      ['RuntimeReady', true],
      ['NetworkReady', true],
    ]);
    const ref = await ask<string>((answer) => client.pullImage({ image: 'nginx' }, answer));
    expect(ref).toMatch(/^sha256:[0-9a-f]{64}$/);
    const images = await ask((answer) => client.listImages(undefined, answer));
    expect(images).toMatchObject([{ id: ref, repoTags: ['docker.io/library/nginx:latest'], size: 183_500_800 }]);
    expect(await ask((answer) => client.imageStatus({ image: 'absent' }, answer))).toBeUndefined();

    const config = { metadata, labels: { app: 'web' }, annotations: { 'berth/behaviour': 'memory: 64Mi' } };
    const pod = await ask<string>((answer) => client.runPodSandbox(config, '', answer));
    expect(pod).toMatch(/^[0-9a-f]{64}$/);
    expect(await ask((answer) => client.podSandboxStatus(pod, answer))).toMatchObject({
      id: pod,
      metadata,
      state: 0,
      network: { ip: '10.88.0.2' },
      labels: { app: 'web' },
    });
    const labelled = (value: string) =>
      ask((answer: CriAnswer<readonly unknown[]>) => client.listPodSandbox({ labelSelector: { app: value } }, answer));
    expect(await labelled('web')).toHaveLength(1);
    expect(await labelled('other')).toHaveLength(0);

    const container = { metadata: { name: 'c', attempt: 0 }, image: { image: 'nginx' } };
    const id = await ask<string>((answer) => client.createContainer(pod, container, config, answer));
    await ask((answer) => client.startContainer(id, answer));
    const running = await ask<ContainerStatus>((answer) => client.containerStatus(id, answer));
    expect(running).toMatchObject({ id, state: 1, exitCode: 0, image: { image: 'docker.io/library/nginx:latest' } });
    expect(Math.abs(running.startedAt / 1e6 - now())).toBeLessThan(5000);
    const ps = await ask((answer) => client.listContainers({ state: { state: 1 } }, answer));
    expect(ps).toMatchObject([{ id, podSandboxId: pod, metadata: { name: 'c' } }]);
    const said = await ask<ExecSyncResult>((answer) => client.execSync(id, ['echo', 'hello'], 1, answer));
    expect(Buffer.from(said.stdout).toString()).toBe('echo hello\n');
    const stats = await ask((answer) => client.listContainerStats({}, answer));
    expect(stats).toMatchObject([{ attributes: { id }, memory: { workingSetBytes: { value: 64 * 2 ** 20 } } }]);

    await ask((answer) => client.stopContainer(id, 10, answer));
    expect(await ask((answer) => client.containerStatus(id, answer))).toMatchObject({
      state: 2,
      exitCode: 143,
      reason: 'Error',
    });
    await ask((answer) => client.removeContainer(id, answer));
    await ask((answer) => client.stopPodSandbox(pod, answer));
    expect(await ask((answer) => client.podSandboxStatus(pod, answer))).toMatchObject({ state: 1 });
    await ask((answer) => client.removePodSandbox(pod, answer));
    expect(await ask((answer) => client.listPodSandbox({}, answer))).toEqual([]);
    const info = await ask<ImageFsInfo>((answer) => client.imageFsInfo(answer));
    expect(info.imageFilesystems[0]?.usedBytes?.value).toBe(183_500_800);
    await ask((answer) => client.removeImage({ image: 'nginx' }, answer));
    expect(await ask((answer) => client.listImages(undefined, answer))).toEqual([]);
  });

  it('is refused with the codes of gRPC, and may stop and remove what is not there', async () => {
    expect(await refusal((answer) => client.containerStatus('nope', answer))).toMatchObject({ code: Code.NOT_FOUND });
    expect((await refusal((answer) => client.podSandboxStatus('nope', answer))).text).toBe(
      'rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found: "nope"',
    );
    await ask((answer) => client.stopContainer('nope', 1, answer));
    await ask((answer) => client.removePodSandbox('nope', answer));
    const pod = await ask<string>((answer) => client.runPodSandbox({ metadata }, '', answer));
    const container = { metadata: { name: 'c', attempt: 0 }, image: { image: 'never-pulled' } };
    const refused = await refusal((answer) => client.createContainer(pod, container, { metadata }, answer));
    expect(refused).toMatchObject({ code: Code.NOT_FOUND });
  });

  it('hears of changes as they happen', async () => {
    const types: number[] = [];
    const stop = client.getContainerEvents(
      ({ containerEventType }) => types.push(containerEventType),
      () => {},
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const pod = await ask<string>((answer) => client.runPodSandbox({ metadata }, '', answer));
    await ask((answer) => client.stopPodSandbox(pod, answer));
    await ask((answer) => client.removePodSandbox(pod, answer));
    await until('three events', () => types.length === 3);
    expect(types).toEqual([1, 2, 3]);
    stop();
  });

  it('that goes away in the middle disturbs nobody', async () => {
    const other = new CriClient({ socket: socketOf(), now });
    other.getContainerEvents(
      () => {},
      () => {},
    );
    other.runPodSandbox({ metadata: { ...metadata, uid: 'lost' } }, '', () => {});
    other.close();
    const pod = await ask<string>((answer) => client.runPodSandbox({ metadata }, '', answer));
    expect(await ask((answer) => client.listPodSandbox({ id: pod }, answer))).toHaveLength(1);
  });

  it('gives up on a runtime that hangs', async () => {
    const hasty = new CriClient({ socket: socketOf(), now, timeoutMs: 100 });
    model.daemon.hang();
    expect(await refusal((answer) => hasty.version(answer))).toMatchObject({ code: Code.DEADLINE_EXCEEDED });
    model.daemon.resume();
    expect(await ask((answer) => client.version(answer))).toMatchObject({ runtimeName: 'containerd' });
    hasty.close();
  });
});

describe('the kubelet over the socket', () => {
  const settings = { relistMs: 50, heartbeatMs: 500, backOffMs: 300, garbageMs: 300, runtimeTimeoutMs: 1000 };

  function cluster() {
    const api = new ApiServer({
      store: new MemoryStore({ clock }),
      clock,
      ids: seededIds(1),
      admission: { taintNodesByCondition: false },
    });
    api.start((error) => expect(error).toBeUndefined());
    const apiClient = new InProcessClient(api);
    const pool = new KubeletPool({
      client: apiClient,
      clock,
      nodes: nodeSpecs({ count: 1 }),
      runtimeVersion: 'containerd://2.0.0',
      runtimeFor: () => ({ runtime: client, scheme: 'containerd', version: 'containerd://2.0.0', isDirect: false }),
      settings,
    });
    pool.start();
    const pod = (name: string) => api.core.cached('Pod', 'default', name) as Pod | undefined;
    const create = (name: string, more: object = {}, annotations: object = {}): void => {
      const spec = {
        nodeName: 'node-0',
        terminationGracePeriodSeconds: 3,
        containers: [{ name: 'c', image: 'nginx:1' }],
        ...more,
      };
      const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, annotations }, spec };
      apiClient.create(PODS, object as unknown as KubeObject, {}, (error) => expect(error).toBeUndefined());
    };
    const remove = (name: string): void =>
      apiClient.delete({ ...PODS, name }, {}, (error) => expect(error).toBeUndefined());
    return { pool, pod, create, remove };
  }

  it('starts pods once, sees them end, starts them again, and leaves nothing behind', async () => {
    const { pool, pod, create, remove } = cluster();
    for (let i = 0; i < 5; i++) create(`web-${i}`);
    create('job', { restartPolicy: 'OnFailure' }, { 'berth/behaviour': '{runs: 300ms, exitCode: 0}' });
    create('crash', {}, { 'berth/behaviour': '{runs: 200ms, exitCode: 1}' });
    await until('all run', () => [0, 1, 2, 3, 4].every((i) => pod(`web-${i}`)?.status?.phase === 'Running'));
    await until('the job is done', () => pod('job')?.status?.phase === 'Succeeded');
    await until('the crash was restarted', () => (pod('crash')?.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    const containers = await ask((answer) =>
      client.listContainers({ labelSelector: { 'io.kubernetes.pod.name': 'web-0' } }, answer),
    );
    expect(containers).toHaveLength(1);
    expect(new Set([0, 1, 2, 3, 4].map((i) => pod(`web-${i}`)?.status?.podIP)).size).toBe(5);
    for (const name of ['web-0', 'web-1', 'web-2', 'web-3', 'web-4', 'job', 'crash']) remove(name);
    await until('all gone', () => pool.kubelet('node-0').podCount === 0);
    await until('nothing left', () => {
      let left = -1;
      model.listPodSandbox({}, (_, sandboxes) => {
        left = sandboxes.length;
      });
      return left === 0;
    });
    pool.stop();
  });

  it('goes on when the runtime went down and came back', async () => {
    const { pool, pod, create } = cluster();
    create('first');
    await until('first runs', () => pod('first')?.status?.phase === 'Running');
    await server.close();
    create('second');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(pod('second')?.status?.phase).toBe('Pending');
    rmSync(socketOf(), { force: true });
    server = await serveCri(model, socketOf());
    await until('second runs', () => pod('second')?.status?.phase === 'Running');
    expect(pod('first')?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    pool.stop();
  });
});
