/** Schedulers of which one is at work: what a stale leader still sends, or would send, changes nothing. In virtual time. */
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { Random } from '../../scheduler/index.ts';
import { type ApiClient, ApiServer, InProcessClient, type Status, seededIds, type Target } from '../apiserver/index.ts';
import { VirtualClock } from '../clock.ts';
import { runScheduler } from '../scheduler-client/index.ts';
import { MemoryStore } from '../store/index.ts';
import { runElected, Term } from './index.ts';
import { MachineClock } from './machine.fixture.ts';

const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };

function cluster() {
  const clock = new VirtualClock(Date.UTC(2026, 2, 4));
  const store = new MemoryStore({ clock });
  const server = new ApiServer({ store, clock, ids: seededIds(1), admission: { taintNodesByCondition: false } });
  server.start((error) => expect(error).toBeUndefined());
  const client = new InProcessClient(server);
  const nodesOf = new Map<string, Set<string>>();
  client.watch(
    PODS,
    {},
    {
      event: ({ object }) => {
        const { metadata, spec } = object as Pod;
        const seen = nodesOf.get(metadata?.name ?? '') ?? new Set<string>();
        nodesOf.set(metadata?.name ?? '', spec?.nodeName === undefined ? seen : seen.add(spec.nodeName));
      },
      ended: () => {},
    },
  );
  const allocatable = { cpu: '64', memory: '64Gi', pods: '110' };
  for (const name of ['n0', 'n1', 'n2']) {
    client.create(
      NODES,
      { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { allocatable } } as KubeObject,
      {},
      (error) => expect(error).toBeUndefined(),
    );
  }
  const pod = (name: string): void =>
    client.create(
      PODS,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      } as KubeObject,
      {},
      (error) => expect(error).toBeUndefined(),
    );
  const run = (seconds: number): void => clock.runUntil(clock.nowMs + seconds * 1000);
  return { clock, client, nodesOf, pod, run };
}

/** Bindings wait in the network until they are let through; everything is counted. */
function holding(client: ApiClient) {
  const held: Array<() => void> = [];
  const refusals: Array<Status | undefined> = [];
  const counts = { isHolding: false, calls: 0 };
  const counted = new Proxy(client, {
    get:
      (target, verb: keyof ApiClient) =>
      (...args: unknown[]): unknown => {
        counts.calls++;
        const call = (): unknown => (target[verb] as (...all: unknown[]) => unknown).apply(target, args);
        if (verb !== 'create' || (args[0] as Target).subresource !== 'binding') return call();
        const answer = args[3] as (error: Status | undefined, result: unknown) => void;
        args[3] = (error: Status | undefined, result: unknown): void => {
          refusals.push(error);
          answer(error, result);
        };
        return counts.isHolding ? void held.push(call) : call();
      },
  });
  return { client: counted, counts, refusals, deliver: () => held.splice(0).forEach((call) => void call()) };
}

function replica(each: ReturnType<typeof cluster>, identity: string, seed: number) {
  const machine = new MachineClock(each.clock);
  const network = holding(each.client);
  const elector = runElected({
    client: network.client,
    clock: machine,
    namespace: 'kube-system',
    name: 'kube-scheduler',
    identity,
    random: new Random(seed),
    lead: ({ client, clock }) =>
      runScheduler({ client, clock, instance: identity, config: defaultConfig(inTreePlugins), registry: inTreePlugins })
        .stop,
  });
  return { machine, network, elector };
}

describe('fencing', () => {
  it('refuses the late binding of a leader that was paused: the pod stays where the next leader put it', () => {
    const each = cluster();
    const a = replica(each, 'a', 1);
    each.run(1);
    const b = replica(each, 'b', 2);
    each.run(3);
    each.pod('before');
    each.run(2);
    expect(each.nodesOf.get('before')?.size).toBe(1);

    a.network.counts.isHolding = true;
    each.pod('p');
    each.run(1);
    expect(each.nodesOf.get('p')?.size).toBe(0);
    a.machine.pause();
    each.run(20);
    expect([a.elector.isLeader, b.elector.isLeader]).toEqual([false, true]);
    const [boundTo] = each.nodesOf.get('p')!;
    expect(boundTo).toMatch(/^n\d$/);

    a.network.deliver();
    each.run(1);
    expect(a.network.refusals.at(-1)).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: expect.stringContaining(`pod p is already assigned to node "${boundTo}"`),
    });
    expect([...each.nodesOf.get('p')!]).toEqual([boundTo]);
  });

  it('sends nothing for the scheduler after a pause past the deadline, and goes on as a candidate', () => {
    const each = cluster();
    const a = replica(each, 'a', 1);
    each.run(5);
    const b = replica(each, 'b', 2);
    each.run(5);
    a.machine.pause();
    for (let n = 0; n < 20; n++) each.pod(`p${n}`);
    each.run(25);
    const bound = a.network.refusals.length;
    a.machine.resume();
    each.pod('after');
    each.run(30);
    expect(a.network.refusals).toHaveLength(bound);
    expect([a.elector.isLeader, b.elector.isLeader]).toEqual([false, true]);
    expect([...each.nodesOf.values()].map(({ size }) => size)).toEqual(Array(21).fill(1));

    b.elector.stop();
    each.pod('last');
    each.run(10);
    expect(a.elector.isLeader).toBe(true);
    expect(each.nodesOf.get('last')?.size).toBe(1);
  });
});

describe('Term', () => {
  it('sends no call, hears no answer and runs no timer once it is over', () => {
    const clock = new VirtualClock(0);
    const log: string[] = [];
    let answerLater: () => void = () => {};
    const client = {
      get: (_: Target, answer: () => void) => {
        log.push('sent');
        answerLater = answer;
      },
    } as unknown as ApiClient;
    let mayAct = true;
    const term = new Term(client, clock, () => mayAct);
    term.clock.at(1000, () => log.push('timer'));
    term.clock.at(3000, () => log.push('late timer'));
    term.client.get(PODS, () => log.push('answered'));
    answerLater();
    clock.runUntil(2000);
    term.client.get(PODS, () => log.push('answered'));
    mayAct = false;
    term.client.get(PODS, () => log.push('answered'));
    term.end();
    answerLater();
    clock.runUntil(5000);
    expect(log).toEqual(['sent', 'answered', 'timer', 'sent']);
  });
});
