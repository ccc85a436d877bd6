/** Whole clusters under random events: what must hold at every step, whatever happens. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject, Node, Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { ENGINES } from '../../scheduler/index.ts';
import { AttemptRecorder } from './attempt-recorder.ts';
import { Simulation, type SimulationEvent, type StepInfo } from './simulation.ts';

const CPU_PER_NODE_MILLI = 4000;

const node = (id: number): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `n${id}`, labels: { 'kubernetes.io/hostname': `n${id}` } },
    status: { allocatable: { cpu: `${CPU_PER_NODE_MILLI}m`, memory: '8Gi', pods: '5' } },
  }) as Node;

const pod = (id: number, cpuMilli: number, priority: number, graceSeconds: number, gated: boolean): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${id}`, uid: `uid-${id}` },
    spec: {
      priority,
      terminationGracePeriodSeconds: graceSeconds,
      schedulingGates: gated ? [{ name: 'example.com/gate' }] : undefined,
      containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: `${cpuMilli}m` } } }],
    },
  }) as Pod;

const change = fc.record({
  afterMs: fc.integer({ min: 0, max: 4000 }),
  what: fc.constantFrom('pod', 'pod', 'pod', 'pod', 'node', 'deletePod', 'deleteNode', 'cordon', 'ungate', 'label'),
  id: fc.nat(30),
  cpuMilli: fc.constantFrom(200, 900, 1500, 2500, 5000),
  priority: fc.constantFrom(0, 0, 10, 100),
  graceSeconds: fc.constantFrom(0, 3, 30),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function eventsOf(changes: readonly Change[]): SimulationEvent[] {
  let ms = 0;
  return changes.map(({ afterMs, what, id, cpuMilli, priority, graceSeconds }): SimulationEvent => {
    ms += afterMs;
    const nodeName = `n${id % 5}`;
    const podName = `p${id}`;
    switch (what) {
      case 'pod':
        return { ms, op: 'create', object: pod(id, cpuMilli, priority, graceSeconds, id % 7 === 0) };
      case 'node':
        return { ms, op: 'create', object: node(id % 5) };
      case 'deletePod':
        return { ms, op: 'delete', kind: 'Pod', name: podName };
      case 'deleteNode':
        return { ms, op: 'delete', kind: 'Node', name: nodeName };
      case 'cordon':
        return { ms, op: 'patch', kind: 'Node', name: nodeName, patch: { spec: { unschedulable: id % 2 === 0 } } };
      case 'ungate':
        return { ms, op: 'patch', kind: 'Pod', name: podName, patch: { spec: { schedulingGates: null } } };
      default:
        return { ms, op: 'patch', kind: 'Pod', name: podName, patch: { metadata: { labels: { v: String(ms) } } } };
    }
  });
}

interface Run {
  readonly simulation: Simulation;
  readonly recorder: AttemptRecorder;
}

function makeRun(
  options: { bindingDelayMs: number; attemptMs: number; async: boolean },
  check?: (run: Run, step: StepInfo) => void,
): Run {
  const recorder = new AttemptRecorder();
  const stepped = recorder.observer.stepped!;
  const simulation: Simulation = new Simulation({
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    engine: ENGINES.reference,
    attemptMs: () => options.attemptMs,
    bindingDelayMs: options.bindingDelayMs,
    featureGates: { SchedulerAsyncPreemption: options.async },
    lifetimeMs: ({ metadata }) => (metadata!.name!.length % 2 === 0 ? 20_000 : undefined),
    observer: {
      ...recorder.observer,
      stepped: (step) => {
        stepped(step);
        check?.({ simulation, recorder }, step);
      },
    },
  });
  recorder.attach(simulation);
  return { simulation, recorder };
}

const settings = fc.record({
  bindingDelayMs: fc.constantFrom(0, 0, 700),
  attemptMs: fc.constantFrom(0, 5, 400),
  async: fc.boolean(),
});

function play({ simulation }: Run, events: readonly SimulationEvent[]): void {
  simulation.load([node(0), node(1)]);
  simulation.start(events);
  simulation.run((events.at(-1)?.ms ?? 0) + 60_000);
}

function livePods(simulation: Simulation): Pod[] {
  return ([...simulation.api.list('Pod')] as Pod[]).filter(({ status }) => status?.phase !== 'Succeeded');
}

/** Not even by pods that are on their way: what the scheduler believes is checked, and what the API says. */
function checkRoom({ simulation }: Run): void {
  const { cluster } = simulation.scheduler.core;
  const used = new Map<string, number>();
  for (const { spec } of livePods(simulation)) {
    if (!spec?.nodeName) continue;
    const cpu = Number.parseInt(spec.containers[0]!.resources!.requests!.cpu!, 10);
    used.set(spec.nodeName, (used.get(spec.nodeName) ?? 0) + cpu);
  }
  for (const [name, cpuMilli] of used) expect(cpuMilli, `cpu on ${name}`).toBeLessThanOrEqual(CPU_PER_NODE_MILLI);
  for (const name of cluster.nodeOrder()) {
    const row = cluster.rowOf(name);
    expect(cluster.requestedCpuMilli[row]).toBeLessThanOrEqual(CPU_PER_NODE_MILLI);
    expect(cluster.podCount[row]).toBeLessThanOrEqual(5);
  }
}

/** Every pod without a node waits, is tried, or is on its way to one. */
function checkNobodyIsLost({ simulation }: Run): void {
  const { queue, core } = simulation.scheduler;
  for (const { metadata, spec } of livePods(simulation)) {
    if (spec?.nodeName) continue;
    const key = `default/${metadata!.name}`;
    const isQueued = queue.get(key) !== undefined;
    const isBeingBound = core.cluster.podByUid(metadata!.uid!) !== undefined;
    expect(isQueued !== isBeingBound, `${key}: queued ${isQueued}, on its way ${isBeingBound}`).toBe(true);
  }
}

/** Asks the engine about everybody who waits for an event. */
function expectNobodyCouldGo(simulation: Simulation): void {
  const { queue, core } = simulation.scheduler;
  for (const { pod: waiting, isGated } of queue.waiting.list()) {
    if (isGated) continue;
    const cycle = core.engine.schedulePod(core.frameworkOf(waiting)!, waiting, '');
    expect(cycle.chosen, `${waiting.key} could go`).toBe(-1);
  }
  expect(queue.active.size + queue.backoff.rejected.size).toBe(0);
}

describe('a cluster in virtual time', () => {
  it('never overcommits a node, loses or doubles a pod, or goes back in time', () => {
    fc.assert(
      fc.property(settings, fc.array(change, { minLength: 1, maxLength: 60 }), (options, changes) => {
        let lastMs = Number.NEGATIVE_INFINITY;
        const run = makeRun(options, (now, { ms }) => {
          expect(ms).toBeGreaterThanOrEqual(lastMs);
          lastMs = ms;
          checkRoom(now);
          checkNobodyIsLost(now);
        });
        play(run, eventsOf(changes));
        expect(lastMs).toBeGreaterThan(Number.NEGATIVE_INFINITY);
      }),
      { numRuns: 150 },
    );
  });

  it('leaves nobody waiting for longer than six minutes who could go', () => {
    fc.assert(
      fc.property(settings, fc.array(change, { minLength: 1, maxLength: 60 }), (options, changes) => {
        const run = makeRun(options);
        const events = eventsOf(changes);
        play(run, events);
        run.simulation.run(events.at(-1)!.ms + 60_000 + 360_000);
        expectNobodyCouldGo(run.simulation);
      }),
      { numRuns: 100 },
    );
  });

  it('wakes whoever can go when something changes, at the latest after the longest back-off', () => {
    // Without priorities nobody is promised a node: that such a promise ends is no event upstream.
    const plain = fc
      .array(change, { minLength: 1, maxLength: 60 })
      .map((changes) => changes.map((one) => ({ ...one, priority: 0 as const })));
    fc.assert(
      fc.property(settings, plain, (options, changes) => {
        let lastMs = 0;
        let bound = 0;
        const run = makeRun(options, ({ recorder }, { ms, kind }) => {
          if (kind === 'event' || kind === 'kubelet' || recorder.waitsMs.length !== bound) lastMs = ms;
          bound = recorder.waitsMs.length;
        });
        const { simulation } = run;
        simulation.load([node(0), node(1)]);
        const events = eventsOf(changes);
        simulation.start(events);
        const boundMs = 10_000 + 1000 + 60 * options.attemptMs + options.bindingDelayMs;
        do simulation.run(simulation.nowMs + 1000);
        while (simulation.nowMs < events.at(-1)!.ms || simulation.nowMs - lastMs <= boundMs);
        // Back-off is flushed at whole seconds; between two of them whoever was flushed has been tried.
        simulation.run(simulation.nowMs + 500);
        expectNobodyCouldGo(simulation);
      }),
      { numRuns: 150, seed: 1653829388 },
    );
  });

  it('does the same again, to the byte', () => {
    fc.assert(
      fc.property(settings, fc.array(change, { minLength: 1, maxLength: 60 }), (options, changes) => {
        const texts = [0, 1].map(() => {
          const run = makeRun(options);
          play(run, eventsOf(changes));
          return JSON.stringify([run.recorder.attempts, run.recorder.kubeEvents]);
        });
        expect(texts[1]).toBe(texts[0]);
      }),
      { numRuns: 40 },
    );
  });
});
