/** What every runtime model does alike, and where they differ. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { Code, ContainerState, type CriAnswer, type CriError, NamespaceMode, SandboxState } from '../cri/index.ts';
import {
  type CreateRuntimeOptions,
  createRuntime,
  PROFILES,
  profileWith,
  Registry,
  RUNTIMES,
  type RuntimeModel,
  type RuntimeName,
  readBehaviourRules,
} from './index.ts';

const MIB = 2 ** 20;

function withRuntime(runtime: RuntimeName, more: Partial<CreateRuntimeOptions> = {}) {
  const clock = new VirtualClock(Date.UTC(2026, 2, 4));
  const model = createRuntime({ clock, runtime, seed: 7, ...more });
  /** The answer, once it has come. */
  const ask = <T>(start: (answer: CriAnswer<T>) => void): T => {
    const { error, result } = attempt(start);
    if (error !== undefined) throw error;
    return result as T;
  };
  const attempt = <T>(start: (answer: CriAnswer<T>) => void): { error?: CriError; result?: T; tookMs: number } => {
    const beganMs = clock.nowMs;
    let answered: { error?: CriError; result?: T; tookMs: number } | undefined;
    start((error, result) => {
      answered = { error, result, tookMs: clock.nowMs - beganMs };
    });
    while (answered === undefined && clock.runNext()) {}
    if (answered === undefined) throw new Error('never answered');
    return answered;
  };
  const sandbox = (name = 'p', more: object = {}) => {
    const config = { metadata: { name, uid: `uid-${name}`, namespace: 'default', attempt: 0 }, ...more };
    return { config, id: ask<string>((answer) => model.runPodSandbox(config, '', answer)) };
  };
  const container = (pod: ReturnType<typeof sandbox>, name = 'c', image = 'nginx') => {
    ask((answer: CriAnswer<string>) => model.pullImage({ image }, answer));
    const config = { metadata: { name, attempt: 0 }, image: { image } };
    return ask<string>((answer) => model.createContainer(pod.id, config, pod.config, answer));
  };
  const state = (id: string) =>
    ask((answer: CriAnswer<{ state: number; exitCode: number; reason: string }>) =>
      model.containerStatus(id, answer as never),
    );
  return { clock, model, ask, attempt, sandbox, container, state };
}

const start = (model: RuntimeModel, id: string) => (answer: CriAnswer<undefined>) => model.startContainer(id, answer);
const stop = (model: RuntimeModel, id: string, timeoutS: number) => (answer: CriAnswer<undefined>) =>
  model.stopContainer(id, timeoutS, answer);
const annotated = (text: string) => ({ annotations: { 'berth/behaviour': text } });

describe.each(RUNTIMES)('%s', (runtime) => {
  it('takes a container from created over running to exited', () => {
    const { model, ask, sandbox, container, state } = withRuntime(runtime);
    const id = container(sandbox());
    expect(state(id).state).toBe(ContainerState.CREATED);
    ask(start(model, id));
    expect(state(id).state).toBe(ContainerState.RUNNING);
    ask(stop(model, id, 30));
    expect(state(id)).toMatchObject({ state: ContainerState.EXITED, exitCode: 143, reason: 'Error' });
    ask(stop(model, id, 30));
  });

  it('kills what does not stop in time, at the earliest time that was asked for', () => {
    const { clock, model, attempt, ask, sandbox, container, state } = withRuntime(runtime);
    const id = container(sandbox('p', annotated('ignoresStop: true')));
    ask(start(model, id));
    model.stopContainer(id, 300, () => {});
    const { tookMs } = attempt(stop(model, id, 5));
    expect(tookMs).toBeGreaterThanOrEqual(5000);
    expect(tookMs).toBeLessThan(6000);
    expect(state(id)).toMatchObject({ exitCode: 137 });
    expect(clock.nowMs - Date.UTC(2026, 2, 4)).toBeLessThan(60_000);
  });

  it('stops and removes what is in a sandbox with it, and gives its address back last', () => {
    const { model, ask, attempt, sandbox, container, state } = withRuntime(runtime, { podCidr: '10.1.2.0/30' });
    const pod = sandbox();
    const id = container(pod);
    ask(start(model, id));
    expect(
      attempt((answer: CriAnswer<string>) =>
        model.runPodSandbox({ metadata: { name: 'q', uid: 'q', namespace: 'd', attempt: 0 } }, '', answer),
      ).error?.message,
    ).toContain('no IP addresses available');
    ask((answer: CriAnswer<undefined>) => model.stopPodSandbox(pod.id, answer));
    expect(state(id).state).toBe(ContainerState.EXITED);
    ask((answer: CriAnswer<undefined>) => model.removePodSandbox(pod.id, answer));
    expect(attempt((answer: CriAnswer<unknown>) => model.containerStatus(id, answer as never)).error?.code).toBe(
      Code.NOT_FOUND,
    );
    const next = sandbox('again');
    const status = ask((answer: CriAnswer<{ network?: { ip: string } }>) =>
      model.podSandboxStatus(next.id, answer as never),
    );
    expect(status.network?.ip).toBe('10.1.2.2');
  });

  it('refuses to start what has ended, and to create without image or sandbox', () => {
    const { model, ask, attempt, sandbox, container } = withRuntime(runtime);
    const pod = sandbox('p', annotated('runs: 1s'));
    const id = container(pod);
    ask(start(model, id));
    ask(stop(model, id, 1));
    expect(attempt(start(model, id)).error?.message).toContain('CONTAINER_EXITED');
    const config = { metadata: { name: 'x', attempt: 0 }, image: { image: 'absent' } };
    expect(
      attempt((answer: CriAnswer<string>) => model.createContainer(pod.id, config, pod.config, answer)).error?.code,
    ).toBe(Code.NOT_FOUND);
    ask((answer: CriAnswer<undefined>) => model.stopPodSandbox(pod.id, answer));
    const known = { ...config, image: { image: 'nginx' } };
    expect(
      attempt((answer: CriAnswer<string>) => model.createContainer(pod.id, known, pod.config, answer)).error?.message,
    ).toContain('is not running');
  });

  it('does the same for the same seed', () => {
    const times = [1, 2].map(() => {
      const { clock, model, ask, sandbox, container } = withRuntime(runtime);
      for (let i = 0; i < 5; i++) ask(start(model, container(sandbox(`p${i}`))));
      return clock.nowMs;
    });
    expect(times[0]).toBe(times[1]);
  });
});

describe('the four models', () => {
  const startMs = (runtime: RuntimeName): number => {
    const { clock, model, ask, sandbox, container } = withRuntime(runtime, { changes: { pullBaseMs: 0, sigma: 0 } });
    ask((answer: CriAnswer<string>) => model.pullImage({ image: 'nginx' }, answer));
    const beganMs = clock.nowMs;
    ask(start(model, container(sandbox())));
    return clock.nowMs - beganMs;
  };

  it('start a pod in the time of their table', () => {
    expect(startMs('containerd')).toBe(180);
    expect(startMs('cri-o')).toBe(185);
    expect(startMs('docker')).toBe(340);
    expect(startMs('frakti')).toBe(1020);
    expect(startMs('instant')).toBe(0);
  });

  it('take so much for each sandbox: a virtual machine with frakti', () => {
    const overhead = (runtime: RuntimeName) => {
      const { model, ask, sandbox, container } = withRuntime(runtime);
      for (const name of ['a', 'b']) ask(start(model, container(sandbox(name))));
      return model.overhead();
    };
    expect(overhead('frakti')).toEqual({ memoryBytes: 128 * MIB, cpuMilli: 2000 });
    expect(overhead('containerd')).toEqual({ memoryBytes: 24 * MIB, cpuMilli: 0 });
    expect(overhead('cri-o')).toEqual({ memoryBytes: 10 * MIB, cpuMilli: 0 });
  });

  it('frakti hands privileged pods and those on the network of the node to Docker', () => {
    const { attempt, model } = withRuntime('frakti', { changes: { sigma: 0 }, hostIp: '192.0.2.1' });
    const run = (linux: object) =>
      attempt((answer: CriAnswer<string>) =>
        model.runPodSandbox({ metadata: { name: 'p', uid: 'p', namespace: 'd', attempt: 0 }, linux }, '', answer),
      ).tookMs;
    expect(run({})).toBe(900);
    expect(run({ securityContext: { privileged: true } })).toBe(190);
    expect(run({ securityContext: { namespaceOptions: { network: NamespaceMode.NODE, pid: 1, ipc: 0 } } })).toBe(190);
    expect(model.overhead().memoryBytes).toBe((64 + 14 + 14) * MIB);
  });

  it('lose their containers with the daemon only where it is Docker', () => {
    const afterRestart = (runtime: RuntimeName): number => {
      const { model, ask, sandbox, container, state } = withRuntime(runtime);
      const id = container(sandbox());
      ask(start(model, id));
      model.stopDaemon();
      model.startDaemon();
      return state(id).state;
    };
    expect(afterRestart('docker')).toBe(ContainerState.EXITED);
    expect(afterRestart('containerd')).toBe(ContainerState.RUNNING);
  });

  it('do so many things at a time', () => {
    const { clock, model } = withRuntime('docker', { changes: { sigma: 0 } });
    const ends: number[] = [];
    const beganMs = clock.nowMs;
    for (let i = 0; i < 9; i++) {
      const metadata = { name: `p${i}`, uid: `p${i}`, namespace: 'd', attempt: 0 };
      model.runPodSandbox({ metadata }, '', () => ends.push(clock.nowMs - beganMs));
    }
    clock.runUntil(clock.nowMs + 10_000);
    expect(ends).toEqual([190, 190, 190, 190, 380, 380, 380, 380, 570]);
  });
});

describe('images', () => {
  const pull = (model: RuntimeModel, image: string) => (answer: CriAnswer<string>) =>
    model.pullImage({ image }, answer);
  const plain = { sigma: 0, pullBaseMs: 100, pullBytesPerSecond: 10 * MIB, unpackBytesPerSecond: 25 * MIB };
  const sizes = { app: { bytes: 20 * MIB } };

  it('take the time of the line and of unpacking, once', () => {
    const { attempt, model } = withRuntime('containerd', { changes: plain, registry: new Registry({ sizes }) });
    expect(attempt(pull(model, 'app')).tookMs).toBe(100 + 2000 + 2000);
    expect(attempt(pull(model, 'app')).tookMs).toBe(100);
    expect(attempt(pull(model, 'docker.io/library/app:latest')).tookMs).toBe(100);
  });

  it('share layers, and a pull that is under way', () => {
    const base = { digest: 'base', bytes: 15 * MIB };
    const shared = {
      a: { bytes: 20 * MIB, layers: [base, { digest: 'a', bytes: 5 * MIB }] },
      b: { bytes: 20 * MIB, layers: [base, { digest: 'b', bytes: 5 * MIB }] },
    };
    const { clock, attempt, model } = withRuntime('containerd', {
      changes: plain,
      registry: new Registry({ sizes: shared }),
    });
    attempt(pull(model, 'a'));
    expect(attempt(pull(model, 'b')).tookMs).toBe(100 + 500 + 500);
    const ends: number[] = [];
    const beganMs = clock.nowMs;
    for (let i = 0; i < 2; i++) model.pullImage({ image: 'nginx' }, () => ends.push(clock.nowMs - beganMs));
    clock.runUntil(clock.nowMs + 600_000);
    expect(ends[0]).toBe(ends[1]);
  });

  it('come over a line that all nodes share', () => {
    const clock = new VirtualClock(0);
    const registry = new Registry({ sizes, bytesPerSecond: 10 * MIB });
    const ends: number[] = [];
    for (let seed = 0; seed < 3; seed++) {
      const model = createRuntime({ clock, runtime: 'containerd', changes: plain, registry, seed });
      model.pullImage({ image: 'app' }, () => ends.push(clock.nowMs));
    }
    clock.runUntil(60_000);
    expect(ends).toEqual([4100, 6100, 8100]);
  });

  it('are refused beyond the limit of the registry, when there is none of the name, and when it is down', () => {
    const registry = new Registry({ pullsPerWindow: 2, windowMs: 3_600_000 });
    registry.missing.add('typo');
    const { clock, attempt, model } = withRuntime('containerd', { registry });
    expect(attempt(pull(model, 'typo')).error).toMatchObject({ code: Code.NOT_FOUND });
    attempt(pull(model, 'a'));
    attempt(pull(model, 'b'));
    expect(attempt(pull(model, 'c')).error).toMatchObject({
      code: Code.RESOURCE_EXHAUSTED,
      message: expect.stringContaining('toomanyrequests'),
    });
    clock.runUntil(clock.nowMs + 3_600_000);
    expect(attempt(pull(model, 'c')).error).toBeUndefined();
    registry.isDown = true;
    expect(attempt(pull(model, 'd')).error).toMatchObject({ code: Code.UNAVAILABLE });
  });

  it('that nobody uses go when the disk is full, the one used longest ago first', () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { bytes: 100 * MIB }]));
    const { ask, model, sandbox, container } = withRuntime('containerd', {
      diskBytes: 1000 * MIB,
      registry: new Registry({ sizes: many }),
    });
    ask(start(model, container(sandbox(), 'c', 'a')));
    for (const name of ['b', 'c', 'd']) ask(pull(model, name));
    const left = ask((answer: CriAnswer<readonly { repoTags: readonly string[] }[]>) =>
      model.listImages(undefined, answer as never),
    );
    expect(left.map(({ repoTags }) => repoTags[0])).toEqual(
      ['a', 'c', 'd'].map((name) => `docker.io/library/${name}:latest`),
    );
  });
});

describe('power', () => {
  it('off ends everything without a word, and on finds what is left', () => {
    const { model, ask, attempt, sandbox, container, state } = withRuntime('containerd');
    const pod = sandbox();
    const id = container(pod);
    ask(start(model, id));
    let events = 0;
    model.getContainerEvents(() => events++);
    model.powerOff();
    expect(attempt((answer: CriAnswer<unknown>) => model.version(answer as never)).error?.code).toBe(Code.UNAVAILABLE);
    model.powerOn();
    expect(state(id)).toMatchObject({ state: ContainerState.EXITED, exitCode: 255, reason: 'Unknown' });
    expect(ask((answer: CriAnswer<{ state: number }>) => model.podSandboxStatus(pod.id, answer as never)).state).toBe(
      SandboxState.NOTREADY,
    );
    expect(events).toBe(0);
  });
});

describe('settings', () => {
  it('replace figures of a profile, and nothing else', () => {
    expect(profileWith('docker', { sandboxMs: 5 })).toEqual({ ...PROFILES.docker, sandboxMs: 5 });
    expect(() => profileWith('docker', { sandboxms: 5 })).toThrow(/no parameter "sandboxms"; there are runtimeName, /);
    expect(() => profileWith('docker', { sandboxMs: -1 })).toThrow(
      'runtime docker: sandboxMs: -1 is not a number from 0',
    );
  });

  it('say what containers do, by image, name and labels', () => {
    const behaviours = readBehaviourRules(
      '- {image: "*batch:*", behaviour: {runs: 5s, exitCode: 4}}\n- {container: slow, behaviour: {runs: 1h}}\n- {labels: {kind: short}, behaviour: {runs: 2}}',
      'rules.yaml',
    );
    const { clock, model, ask, sandbox, container, state } = withRuntime('instant', { behaviours });
    const batch = container(sandbox('a'), 'c', 'example.com/batch:2');
    const slow = container(sandbox('b'), 'slow');
    const short = container(sandbox('d', { labels: { kind: 'short' } }));
    for (const id of [batch, slow, short]) ask(start(model, id));
    clock.runUntil(clock.nowMs + 3000);
    expect([batch, slow, short].map((id) => state(id).state)).toEqual([1, 1, 2]);
    clock.runUntil(clock.nowMs + 3000);
    expect(state(batch)).toMatchObject({ state: 2, exitCode: 4 });
    expect(() => readBehaviourRules('- {behaviour: {run: 5s}}', 'rules.yaml')).toThrow(
      /^rules\.yaml: \[0\]\.behaviour: no field "run"; there are runs, /,
    );
    expect(() => readBehaviourRules('- {behaviour: {runs: soon}}', 'rules.yaml')).toThrow(
      'rules.yaml: [0].behaviour.runs: "soon" is not a duration such as 30s',
    );
  });
});
