/** Election by Lease in virtual time, against the API server. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../scheduler/index.ts';
import { type ApiClient, ApiServer, InProcessClient, seededIds } from '../apiserver/index.ts';
import { VirtualClock } from '../clock.ts';
import { MemoryStore } from '../store/index.ts';
import { LeaderElector, type Lease } from './index.ts';
import { MachineClock, type NetworkFaults, overNetwork } from './machine.fixture.ts';

const LEASE = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace: 'kube-system', name: 'l' };
const START_MS = Date.UTC(2026, 2, 4);

function cluster(seed = 1) {
  const clock = new VirtualClock(START_MS);
  const server = new ApiServer({ store: new MemoryStore({ clock }), clock, ids: seededIds(seed) });
  server.start((error) => expect(error).toBeUndefined());
  clock.settle();
  const client = new InProcessClient(server);
  const random = new Random(seed);
  const log: string[] = [];
  const candidate = (identity: string, { offsetMs = 0, rate = 1, faults = quiet() } = {}) => {
    const machine = new MachineClock(clock, offsetMs, rate);
    const say = (what: string) => log.push(`${Math.round((clock.nowMs - START_MS) / 1000)}s ${identity} ${what}`);
    const elector = new LeaderElector({
      client: overNetwork(client, clock, machine, random, faults),
      clock: machine,
      namespace: LEASE.namespace,
      name: LEASE.name,
      identity,
      random,
      startedLeading: () => say('leads'),
      stoppedLeading: () => say('ends'),
    });
    return { identity, elector, machine, faults };
  };
  const lease = () => server.core.cached('Lease', LEASE.namespace, LEASE.name) as Lease | undefined;
  const run = (seconds: number) => clock.runUntil(clock.nowMs + seconds * 1000);
  return { clock, client, random, log, candidate, lease, run };
}

const quiet = (): NetworkFaults => ({ delayMs: 0, lossShare: 0, errorShare: 0 });
const broken = (faults: NetworkFaults): void => void Object.assign(faults, { lossShare: 1 });

describe('LeaderElector', () => {
  it('writes the Lease as client-go does, and renews it every retry period', () => {
    const { candidate, lease, run, client } = cluster();
    const a = candidate('a');
    a.elector.start();
    run(0);
    expect(lease()?.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-03-04T00:00:00.000000Z',
      renewTime: '2026-03-04T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    let versions = 0;
    client.watch(LEASE, {}, { event: () => versions++, ended: () => {} });
    run(60);
    expect(versions).toBeGreaterThanOrEqual(30);
    expect(versions).toBeLessThanOrEqual(31);
    expect(lease()?.spec).toMatchObject({ acquireTime: '2026-03-04T00:00:00.000000Z', leaseTransitions: 0 });
  });

  it('has one leader of three; when it crashes, the next leads within lease and retry', () => {
    const { candidate, lease, run, log } = cluster();
    const all = ['a', 'b', 'c'].map((identity) => candidate(identity));
    for (const { elector } of all) elector.start();
    run(10);
    expect(all.map(({ elector }) => elector.isLeader)).toEqual([true, false, false]);
    all[0]!.machine.pause();
    run(15 + 2 * 2.2);
    expect(all.filter(({ elector }) => elector.isLeader)).toHaveLength(1);
    expect(all[0]!.elector.isLeader).toBe(false);
    expect(lease()?.spec?.leaseTransitions).toBe(1);
    expect(log).toHaveLength(2);
  });

  it('gives the Lease back on a clean stop: the next one need not wait', () => {
    const { candidate, lease, run } = cluster();
    const a = candidate('a');
    const b = candidate('b');
    a.elector.start();
    run(1);
    b.elector.start();
    run(3);
    let isDone = false;
    a.elector.stop(() => {
      isDone = true;
    });
    run(0);
    expect(isDone).toBe(true);
    expect(a.elector.isLeader).toBe(false);
    expect(lease()?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    run(2 * 2.2);
    expect(b.elector.isLeader).toBe(true);
    expect(lease()?.spec).toMatchObject({ holderIdentity: 'b', leaseDurationSeconds: 15, leaseTransitions: 1 });
  });

  it('stops at the renew deadline when the server cannot be reached, before another may lead', () => {
    const { candidate, run, log } = cluster();
    const a = candidate('a');
    const b = candidate('b');
    a.elector.start();
    b.elector.start();
    run(20);
    broken(a.faults);
    run(60);
    expect(log[0]).toBe('0s a leads');
    const [ended, began] = log.slice(1).map((line) => Number.parseInt(line, 10));
    expect(log[1]).toMatch(/a ends/);
    expect(log[2]).toMatch(/b leads/);
    expect(ended! - 20).toBeLessThanOrEqual(10);
    expect(began!).toBeGreaterThan(ended!);
    expect(began! - 20).toBeLessThanOrEqual(15 + 4.4 + 1);
  });

  it('knows after a pause that its time is up, before any timer has run', () => {
    const { candidate, run, log } = cluster();
    const a = candidate('a');
    const b = candidate('b');
    a.elector.start();
    b.elector.start();
    run(5);
    a.machine.pause();
    run(30);
    expect(b.elector.isLeader).toBe(true);
    expect(a.elector.isLeader).toBe(false);
    a.machine.resume();
    run(60);
    expect(log.map((line) => line.replace(/^\d+s /, ''))).toEqual(['a leads', 'b leads', 'a ends']);
  });

  it('never reads the times of others: a clock that is a day wrong changes nothing', () => {
    const { candidate, run, log } = cluster();
    const a = candidate('a');
    const ahead = candidate('ahead', { offsetMs: 86_400_000 });
    const behind = candidate('behind', { offsetMs: -86_400_000 });
    for (const { elector } of [a, ahead, behind]) elector.start();
    run(600);
    expect(log).toEqual(['0s a leads']);
  });

  it('ends the term when a renewal is answered after the deadline, before the timer of the deadline has run', () => {
    const tasks: Array<() => void> = [];
    const put = (_: number, task: () => void) => tasks.push(task);
    const timer = (timeMs: number, task: () => void) => {
      put(timeMs, task);
      return () => void tasks.splice(tasks.indexOf(task), 1);
    };
    const clock = { nowMs: 0, at: put, timer, soon: () => {}, whenSettled: () => {} };
    let renewed: () => void = () => {};
    const client = {
      get: (_: unknown, answer: (error: object) => void) => answer({ code: 404 }),
      create: (_: unknown, lease: object, __: unknown, answer: (error: undefined, lease: object) => void) =>
        answer(undefined, lease),
      update: (_: unknown, lease: object, __: unknown, answer: (error: undefined, lease: object) => void) => {
        renewed = () => answer(undefined, lease);
      },
    } as unknown as ApiClient;
    const log: string[] = [];
    const elector = new LeaderElector({
      ...{ client, clock, random: new Random(1), namespace: 'kube-system', name: 'l', identity: 'a' },
      startedLeading: () => log.push('leads'),
      stoppedLeading: () => log.push('ends'),
    });
    elector.start();
    clock.nowMs = 2000;
    tasks.at(-1)!();
    clock.nowMs = 10_500;
    expect(elector.isLeader).toBe(false);
    renewed();
    expect(log).toEqual(['leads', 'ends']);
    expect(elector.isLeader).toBe(false);
  });

  it('refuses times by which two could lead', () => {
    const { client, clock, random } = cluster();
    const make = (leaseDurationMs: number, renewDeadlineMs: number, retryPeriodMs: number) => () =>
      new LeaderElector({
        ...{ client, clock, random, namespace: 'kube-system', name: 'l', identity: 'a' },
        times: { leaseDurationMs, renewDeadlineMs, retryPeriodMs },
        startedLeading: () => {},
        stoppedLeading: () => {},
      });
    expect(make(10_000, 10_000, 2000)).toThrow(/longer than the renew deadline/);
    expect(make(15_000, 2400, 2000)).toThrow(/longer than 1.2 retry periods/);
    expect(make(15_000, 10_000, 2000)).not.toThrow();
  });
});

const SEEDS = 60;

describe('any faults: pauses, lost and late calls, errors, clocks that are wrong and run at other speeds', () => {
  it(`never has two leaders in ${SEEDS} random ten minutes, and has one again when the faults are over`, () => {
    let terms = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { clock, candidate, random, run, log } = cluster(seed);
      const all = Array.from({ length: 2 + (seed % 4) }, (_, index) =>
        candidate(`c${index}`, {
          offsetMs: random.below(7_200_000) - 3_600_000,
          rate: 0.9 + random.below(200) / 1000,
          faults: {
            delayMs: 1 + random.below(8000),
            lossShare: random.below(40) / 100,
            errorShare: random.below(40) / 100,
          },
        }),
      );
      for (const { elector } of all) elector.start();
      for (let tick = 0; tick < 1200; tick++) {
        clock.runUntil(clock.nowMs + 500);
        const leaders = all.filter(({ elector }) => elector.isLeader).map(({ identity }) => identity);
        expect(leaders.length, `seed ${seed}, tick ${tick}: ${leaders.join(' and ')}`).toBeLessThanOrEqual(1);
        const { machine } = all[random.below(all.length)]!;
        if (random.below(20) === 0) machine.pause();
        else if (random.below(10) === 0) machine.resume();
      }
      for (const { machine, faults } of all) {
        machine.resume();
        Object.assign(faults, quiet());
      }
      // What is late by then has come; clocks may be a tenth slow.
      run(60);
      expect(all.filter(({ elector }) => elector.isLeader).length, `seed ${seed} at the end`).toBe(1);
      terms += log.filter((line) => line.endsWith('leads')).length;
    }
    expect(terms).toBeGreaterThan(SEEDS * 2);
  });
});
