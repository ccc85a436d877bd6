/** Whatever happens to pods, kubelets, machines and runtimes: once it is calm, everything is as it should be. */
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/index.ts';
import { Random } from '../../scheduler/random.ts';
import { ContainerState, type PodSandbox, SandboxState } from '../cri/index.ts';
import type { RuntimeName } from '../runtimes/index.ts';
import { behaviour, clusterWithKubelets } from './kubelet.fixture.ts';

const NODES = 3;
/** 1,500 more were run when this was written. */
const SEEDS = 12;
/**
 * Found a pod whose deletion was first told by the answer to a write, one that came back from a kubelet's memory, and one that
 * was deleted while a kubelet asked its runtime what there is.
 */
const HARD_SEEDS = [60, 126, 163];
const RUNTIMES: readonly RuntimeName[] = ['instant', 'containerd', 'docker', 'frakti'];
const BEHAVIOURS = ['{}', 'runs: 20s', '{runs: 15s, exitCode: 1}', 'ignoresStop: true', 'stopsIn: 12s', 'liveFor: 30s'];
const POLICIES = ['Always', 'OnFailure', 'Never'];
const OPERATIONS = [
  'runPodSandbox',
  'createContainer',
  'startContainer',
  'stopContainer',
  'stopPodSandbox',
  'removePodSandbox',
  'pullImage',
] as const;

/** A simulation; throws when something is wrong at its end. */
function simulate(seed: number): { readonly pods: number; readonly steps: number } {
  const random = new Random(seed);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const runtime = pick(RUNTIMES);
  const relistMs = pick([0, 1000]);
  const each = clusterWithKubelets({
    nodes: NODES,
    runtime,
    pool: { seed, heartbeats: 'noted', settings: { relistMs, events: false } },
  });
  const names = Array.from({ length: NODES }, (_, i) => `node-${i}`);
  const down = new Map<string, 'crash' | 'hang' | 'stop'>();
  const live = new Set<string>();
  const probe = { httpGet: { port: 80 }, periodSeconds: 3 };
  let made = 0;

  const create = (): void => {
    const name = `p${made++}`;
    const main = {
      name: 'c',
      image: `app-${random.below(3)}:1`,
      ...(random.below(3) === 0 && { livenessProbe: probe, readinessProbe: probe }),
    };
    const side = random.below(4) === 0 ? [{ name: 's', image: 'side:1', restartPolicy: 'Always' }] : [];
    const init = random.below(4) === 0 ? [{ name: 'i', image: 'init:1' }] : [];
    const spec = {
      nodeName: pick(names),
      restartPolicy: pick(POLICIES),
      terminationGracePeriodSeconds: 10,
      containers: [main],
      initContainers: [...init, ...side],
    };
    const text = pick(BEHAVIOURS);
    each.create(
      name,
      spec,
      behaviour(init.length > 0 ? `containers: {i: {runs: 2s}, c: {${text.replace(/[{}]/g, '')}}}` : text),
    );
    live.add(name);
  };
  const recover = (node: string): void => {
    const how = down.get(node);
    if (how === 'hang') each.pool.resume(node);
    else if (how !== undefined) each.pool.recover(node);
    down.delete(node);
  };
  const disturb = (): void => {
    const node = pick(names);
    switch (random.below(8)) {
      case 0:
        if (!down.has(node)) {
          const how = pick(['crash', 'hang', 'stop'] as const);
          down.set(node, how);
          if (how === 'crash') each.pool.crash(node);
          else if (how === 'hang') each.pool.hang(node);
          else each.pool.stopKubelet(node);
        }
        return;
      case 1:
        recover(node);
        return;
      case 2:
        each.model(node).daemon.fail(pick(OPERATIONS), undefined, 1 + random.below(3));
        return;
      case 3:
        each.model(node).daemon.hang();
        each.clock.at(each.clock.nowMs + random.below(200_000), () => each.model(node).daemon.resume());
        return;
      case 4:
        each.registry.isDown = !each.registry.isDown;
        return;
      case 5: {
        const [name] = live;
        if (name !== undefined)
          each.client.delete(
            { ...{ group: '', version: 'v1', resource: 'pods', namespace: 'default' }, name },
            random.below(3) === 0 ? { gracePeriodSeconds: 0 } : {},
            () => {},
          );
        if (name !== undefined) live.delete(name);
        return;
      }
      default:
        create();
    }
  };
  const steps = 10 + random.below(30);
  for (let step = 0; step < steps; step++) {
    disturb();
    each.wait(random.below(20_000));
  }
  for (const node of names) {
    recover(node);
    each.model(node).daemon.resume();
  }
  each.registry.isDown = false;
  each.wait(1_200_000);
  checkConsistent(each, names);
  for (const name of live)
    each.client.delete({ group: '', version: 'v1', resource: 'pods', namespace: 'default', name }, {}, () => {});
  each.wait(600_000);
  checkEmpty(each, names);
  return { pods: made, steps };
}

type Cluster = ReturnType<typeof clusterWithKubelets>;

const sandboxesOf = (each: Cluster, node: string): readonly PodSandbox[] => {
  let found: readonly PodSandbox[] = [];
  each.model(node).listPodSandbox({}, (error, sandboxes) => {
    expect(error).toBeUndefined();
    found = sandboxes;
  });
  return found;
};

/** The API says what the runtime does, each pod has at most one ready sandbox, and nobody else has any. */
function checkConsistent(each: Cluster, names: readonly string[]): void {
  const pods = [...each.server.core.cachedAll('Pod', 'default')] as Pod[];
  expect(
    pods.filter(({ metadata }) => metadata?.deletionTimestamp !== undefined).map(({ metadata }) => metadata?.name),
  ).toEqual([]);
  for (const node of names) {
    const ready = sandboxesOf(each, node).filter(({ state }) => state === SandboxState.READY);
    const own = pods.filter(({ spec }) => spec?.nodeName === node);
    const uids = ready.map(({ metadata }) => metadata.uid);
    expect(new Set(uids).size).toBe(uids.length);
    const known = new Set(own.map(({ metadata }) => metadata?.uid));
    expect(uids.filter((uid) => !known.has(uid))).toEqual([]);
    each.model(node).listContainers({ state: { state: ContainerState.RUNNING } }, (_, running) => {
      const said = own.flatMap(({ status }) =>
        [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].filter(
          ({ state }) => state?.running !== undefined,
        ),
      );
      expect(said.map(({ containerID }) => containerID?.split('//')[1]).sort()).toEqual(
        running.map(({ id }) => id).sort(),
      );
    });
    for (const { status } of own) expect(['Running', 'Succeeded', 'Failed', 'Pending']).toContain(status?.phase);
  }
}

function checkEmpty(each: Cluster, names: readonly string[]): void {
  expect([...each.server.core.cachedAll('Pod', 'default')]).toEqual([]);
  for (const node of names) {
    expect(sandboxesOf(each, node)).toEqual([]);
    const kubelet = each.pool.kubelet(node);
    expect(kubelet.podCount).toBe(0);
    expect(kubelet.use.pods).toBe(0);
    expect([...kubelet.use.requested.values()].every((amount) => amount === 0)).toBe(true);
  }
}

describe('kubelets under random faults', () => {
  it('converge from random histories, and leave nothing behind', () => {
    for (const seed of [...Array(SEEDS).keys(), ...HARD_SEEDS]) {
      try {
        simulate(seed);
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
  });

  it('do the same for the same seed', () => {
    expect(simulate(7)).toEqual(simulate(7));
  });
});
