/**
 * `npm run bench:queue`: what scheduling over time costs around the decisions.
 *
 *   npm run bench:queue -- [--alive 100000] [--waiting 1000000] [--classes 1000] [--nodes 100,1000] [--pods 5000]
 *
 * - churn: queue, clock and bookkeeping alone, with a stub that places every pod at once, while many pods are alive;
 * - waiting: a pool of unschedulable pods, what each takes in memory, and what an event costs that wakes none of them;
 * - simulation: whole simulations with the engines, pods per second by cluster size.
 *
 * Times are CPU times of this process, so that a busy machine does not blur them.
 */
import { parseArgs } from 'node:util';
import type { Node, Pod } from '../../api/index.ts';
import { Lane, VirtualClock } from '../../cluster/clock.ts';
import { Simulation } from '../../cluster/simulation/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { SchedulerCore } from '../../scheduler/core.ts';
import { ENGINES, type EngineName } from '../../scheduler/engines.ts';
import { Action, ASSIGNED_POD_ADD, ASSIGNED_POD_DELETE, clusterEvent, NODE_ADD } from '../../scheduler/events.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';
import { HintTable } from '../../scheduler/queue/hints.ts';
import { SchedulingQueue } from '../../scheduler/queue/scheduling-queue.ts';

const { values } = parseArgs({
  options: {
    alive: { type: 'string', default: '100000' },
    waiting: { type: 'string', default: '1000000' },
    classes: { type: 'string', default: '1000' },
    nodes: { type: 'string', default: '100,1000' },
    pods: { type: 'string', default: '5000' },
  },
});

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
/** CPU milliseconds that the work takes. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');

function makeQueue(now: () => number) {
  const core = new SchedulerCore({ config: defaultConfig(inTreePlugins), registry: inTreePlugins });
  const [framework] = core.frameworks.values();
  const queue = new SchedulingQueue({
    profiles: new Map([
      [framework!.name, { preEnqueue: framework!.preEnqueue, hints: new HintTable(framework!.eventPlugins) }],
    ]),
    less: (a, b) => framework!.queueSort[0]!.plugin.less!(a, b),
    cluster: core.cluster,
    nominator: core.nominator,
    now,
    profileOf: () => framework!.name,
    initialBackoffMs: 1000,
    maxBackoffMs: 10_000,
    popFromBackoff: true,
  });
  return { core, queue };
}

const podOf = (index: number, ofClass: number, cpu: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${index}`, namespace: 'default', uid: `uid-${index}`, labels: { app: `app-${ofClass}` } },
  spec: {
    schedulerName: 'default-scheduler',
    priority: index % 3,
    nodeSelector: { pool: `pool-${ofClass}` },
    containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu, memory: '128Mi' } } }],
  },
});

/** Pods come, are placed by a stub, live, and end; four events each. */
function churn(alive: number): void {
  const clock = new VirtualClock(0);
  const { core, queue } = makeQueue(() => clock.nowMs);
  const total = alive * 4;
  const template = core.cluster.classes.info(podOf(0, 0, '100m'));
  const infoOf = (index: number): PodInfo => ({
    ...template,
    uid: `uid-${index}`,
    name: `pod-${index}`,
    key: `default/pod-${index}`,
  });
  let events = 0;
  const arrive = (index: number): void => {
    events++;
    queue.add(infoOf(index));
    clock.at(clock.nowMs, place, Lane.Attempt);
    if (index + 1 < total) clock.at(clock.nowMs + 1, () => arrive(index + 1), Lane.Input);
  };
  const place = (): void => {
    const entity = queue.pop();
    if (entity === undefined) return;
    events++;
    const { pod } = entity;
    queue.done(pod.uid);
    clock.soon(() => {
      events++;
      queue.delete(pod);
      queue.moveAll(ASSIGNED_POD_ADD, undefined, pod);
    });
    clock.at(clock.nowMs + alive, () => end(pod), Lane.Component);
  };
  const end = (pod: PodInfo): void => {
    events++;
    queue.moveAll(ASSIGNED_POD_DELETE, pod, undefined);
  };
  clock.at(0, () => arrive(0), Lane.Input);
  const seconds =
    cpuMs(() => {
      while (clock.runNext()) {}
    }) / 1000;
  print(`churn       ${count(events / seconds)} events/s   ${count(events)} events, ${count(alive)} pods alive`);
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

function waiting(waitingPods: number, classes: number): void {
  let nowMs = 0;
  const { core, queue } = makeQueue(() => nowMs);
  const infos = Array.from({ length: waitingPods }, (_, i) => core.cluster.classes.info(podOf(i, i % classes, '100m')));
  const before = heapBytes();
  const fillMs = cpuMs(() => {
    for (const info of infos) {
      nowMs += 0.01;
      queue.add(info);
      queue.requeue(queue.pop()!, ['NodeAffinity', 'NodeResourcesFit'], []);
    }
  });
  const perPodUs = (fillMs * 1000) / waitingPods;
  const bytes = (heapBytes() - before) / waitingPods;
  const memory =
    globalThis.gc === undefined ? 'memory not measured (needs --expose-gc)' : `${count(bytes)} bytes a pod`;
  print(
    `waiting     ${count(waitingPods)} pods of ${count(classes)} classes: ${perPodUs.toFixed(1)} µs to try and put back, ${memory}`,
  );
  const small: Node = {
    kind: 'Node',
    metadata: { name: 'small', labels: { pool: 'none' } },
    status: { allocatable: {} },
  };
  const relabelled: Node = { ...small, metadata: { name: 'small', labels: { pool: 'other' } } };
  const other = { ...infos[0]!, pod: { ...infos[0]!.pod, spec: { ...infos[0]!.pod.spec!, nodeName: '' } } };
  const quiet: ReadonlyArray<readonly [name: string, raise: () => void]> = [
    ['node added, nobody fits it', () => queue.moveAll(NODE_ADD, undefined, small)],
    ['node relabelled', () => queue.moveAll(clusterEvent('Node', Action.UpdateNodeLabel), small, relabelled)],
    ['pod placed', () => queue.moveAll(ASSIGNED_POD_ADD, undefined, other)],
    [
      'claim added',
      () => queue.moveAll(clusterEvent('PersistentVolumeClaim', Action.Add), undefined, { metadata: {} }),
    ],
    ['flush of the pool', () => queue.flushWaiting()],
  ];
  globalThis.gc?.();
  for (const [name, raise] of quiet) {
    for (let i = 0; i < 5; i++) raise();
    const rounds = 50;
    // One by one and the middle one, or garbage left from filling the pool would count.
    const times = Array.from({ length: rounds }, () => cpuMs(raise)).sort((a, b) => a - b);
    const ms = times[rounds / 2]!;
    if (queue.poppable !== '') throw new Error(`"${name}" was to wake nobody`);
    print(`            ${name.padEnd(28)} ${ms.toFixed(4)} ms`);
  }
}

function simulate(engine: EngineName, nodes: number, pods: number): void {
  const simulation = new Simulation({
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    engine: ENGINES[engine],
    lifetimeMs: () => 60_000,
  });
  simulation.load(
    Array.from(
      { length: nodes },
      (_, i): Node => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `node-${i}`, labels: { 'kubernetes.io/hostname': `node-${i}`, pool: 'pool-0' } },
        status: { allocatable: { cpu: '16', memory: '64Gi', pods: '110' } },
      }),
    ),
  );
  const events = Array.from({ length: pods }, (_, i) => ({
    ms: i,
    op: 'create' as const,
    object: podOf(i, 0, '100m'),
  }));
  const seconds =
    cpuMs(() => {
      simulation.start(events);
      simulation.run(pods + 120_000);
    }) / 1000;
  let bound = 0;
  for (const pod of simulation.api.list('Pod')) if ((pod as Pod).spec?.nodeName) bound++;
  print(
    `simulation  ${engine.padEnd(9)} ${count(nodes).padStart(6)} nodes  ${count(pods / seconds).padStart(8)} pods/s   ${count(bound)} of ${count(pods)} pods placed`,
  );
}

churn(Number(values.alive));
waiting(Number(values.waiting), Number(values.classes));
for (const engine of Object.keys(ENGINES) as EngineName[]) {
  for (const nodes of values.nodes.split(',')) simulate(engine, Number(nodes), Number(values.pods));
}
