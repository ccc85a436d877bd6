/** Whatever happens to pods in whatever order: none is lost, none is in two places, and who can go goes in time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../config/index.ts';
import { SchedulerCore } from '../core.ts';
import { Action, ASSIGNED_POD_DELETE, clusterEvent, NODE_ADD } from '../events.ts';
import type { PodInfo } from '../plugin.ts';
import type { QueuedEntity } from './entity.ts';
import { HintTable } from './hints.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

const core = new SchedulerCore({ config: defaultConfig(inTreePlugins), registry: inTreePlugins });
const [framework] = core.frameworks.values();
const hints = new HintTable(framework!.eventPlugins);

function makeQueue(popFromBackoff: boolean) {
  const time = { ms: 0 };
  const queue = new SchedulingQueue({
    profiles: new Map([[framework!.name, { preEnqueue: framework!.preEnqueue, hints }]]),
    less: (a, b) => framework!.queueSort[0]!.plugin.less!(a, b),
    cluster: core.cluster,
    nominator: core.nominator,
    now: () => time.ms,
    profileOf: () => framework!.name,
    initialBackoffMs: 1000,
    maxBackoffMs: 10_000,
    popFromBackoff,
  });
  return { queue, time };
}

const infoOf = (id: number, gated: boolean, version: number, priority = id % 3): PodInfo =>
  core.cluster.classes.info({
    metadata: { name: `p${id}`, uid: `u${id}`, namespace: 'default', resourceVersion: String(version) },
    spec: {
      priority,
      schedulerName: framework!.name,
      schedulingGates: gated ? [{ name: 'example.com/gate' }] : [],
      containers: [{ name: 'c', resources: { requests: { cpu: `${100 * (1 + (id % 4))}m` } } }],
    },
  });

const REJECTORS = [[], ['NodeAffinity'], ['NodeResourcesFit'], ['NodePorts', 'NodeResourcesFit'], ['TaintToleration']];
const NODE = { metadata: { name: 'n' }, status: { allocatable: { cpu: '8', pods: '110' } } };

const operation = fc.record({
  op: fc.constantFrom(
    'add',
    'add',
    'pop',
    'pop',
    'fail',
    'fail',
    'bind',
    'update',
    'ungate',
    'delete',
    'event',
    'time',
    'activate',
  ),
  id: fc.nat(12),
  pick: fc.nat(1000),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Where every pod is, as the queue's parts say; throws when one is in two places. */
function places(queue: SchedulingQueue): Map<string, string> {
  const found = new Map<string, string>();
  const put = (key: string, place: string): void => {
    if (found.has(key)) throw new Error(`${key} is in ${found.get(key)} and in ${place}`);
    found.set(key, place);
  };
  for (const { key } of queue.active.list()) put(key, 'active');
  for (const { key } of queue.backoff.rejected.list()) put(key, 'backoff');
  for (const { key } of queue.backoff.failed.list()) put(key, 'errorBackoff');
  for (const { key } of queue.waiting.list()) put(key, 'waiting');
  for (const { key } of queue.inFlight.list()) put(key, 'inFlight');
  return found;
}

class Model {
  /** Pods that are neither bound nor deleted. */
  readonly pending = new Map<number, PodInfo>();
  readonly flying = new Map<string, QueuedEntity>();
  private readonly queue: SchedulingQueue;
  private readonly time: { ms: number };
  private version = 0;

  constructor({ queue, time }: ReturnType<typeof makeQueue>) {
    this.queue = queue;
    this.time = time;
  }

  run({ op, id, pick }: Operation): void {
    const { queue, pending, flying } = this;
    const known = pending.get(id);
    const entity = [...flying.values()][pick % Math.max(1, flying.size)];
    if (op === 'add' && known === undefined)
      this.put(id, infoOf(id, pick % 5 === 0, ++this.version), (pod) => queue.add(pod));
    else if (op === 'pop') {
      const popped = queue.pop();
      if (popped !== undefined) flying.set(popped.pod.uid, popped);
    } else if (op === 'fail' && entity !== undefined) this.fail(entity, pick);
    else if (op === 'bind' && entity !== undefined) {
      flying.delete(entity.pod.uid);
      queue.done(entity.pod.uid);
      this.forget(entity.pod);
    } else if ((op === 'update' || op === 'ungate') && known !== undefined) {
      const gated = op === 'update' && (known.pod.spec?.schedulingGates?.length ?? 0) > 0;
      this.put(id, infoOf(id, gated, ++this.version, pick % 4), (pod) => queue.update(known, pod));
    } else if (op === 'delete' && known !== undefined && !flying.has(known.uid)) {
      queue.delete(known);
      pending.delete(id);
    } else if (op === 'event') this.event(pick);
    else if (op === 'time') this.pass(pick * 20);
    else if (op === 'activate' && known !== undefined) queue.activate([known]);
  }

  private put(id: number, pod: PodInfo, act: (pod: PodInfo) => void): void {
    this.pending.set(id, pod);
    act(pod);
  }

  private fail(entity: QueuedEntity, pick: number): void {
    this.flying.delete(entity.pod.uid);
    const now = [...this.pending.values()].find(({ uid }) => uid === entity.pod.uid)!;
    entity.pod = now;
    this.queue.requeue(entity, REJECTORS[pick % REJECTORS.length]!, []);
  }

  private forget(pod: PodInfo): void {
    for (const [id, { uid }] of this.pending) if (uid === pod.uid) this.pending.delete(id);
  }

  private event(pick: number): void {
    const events = [
      () => this.queue.moveAll(NODE_ADD, undefined, NODE),
      () => this.queue.moveAll(ASSIGNED_POD_DELETE, infoOf(1, false, 0), undefined),
      () => this.queue.moveAll(clusterEvent('Node', Action.UpdateNodeLabel), NODE, NODE),
    ];
    events[pick % events.length]!();
  }

  /** As the scheduler's timers do it. */
  private pass(ms: number): void {
    const endMs = this.time.ms + ms;
    for (let next = Math.floor(this.time.ms / 1000 + 1) * 1000; next <= endMs; next += 1000) {
      this.time.ms = next;
      this.queue.flushBackoff();
      if (next % 30_000 === 0) this.queue.flushWaiting();
    }
    this.time.ms = endMs;
  }

  drain(ms: number): void {
    this.pass(ms);
  }
}

describe('the scheduling queue, under any interleaving', () => {
  it('keeps every pending pod in exactly one place', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(operation, { maxLength: 150 }), (popFromBackoff, operations) => {
        const made = makeQueue(popFromBackoff);
        const model = new Model(made);
        for (const one of operations) {
          model.run(one);
          const found = places(made.queue);
          expect([...found.keys()].sort()).toEqual([...model.pending.values()].map(({ key }) => key).sort());
          expect(made.queue.size + made.queue.inFlight.size).toBe(found.size);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tries every pod again that no gate holds: after its back-off, or after five and a half minutes at the latest', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(operation, { maxLength: 80 }), (popFromBackoff, operations) => {
        const made = makeQueue(popFromBackoff);
        const model = new Model(made);
        for (const one of operations) model.run(one);
        for (const entity of model.flying.values()) made.queue.requeue(entity, ['NodeAffinity'], []);
        model.drain(300_000 + 30_000 + 11_000 + 1000);
        const found = places(made.queue);
        for (const { key, pod } of model.pending.values()) {
          const isGated = (pod.spec?.schedulingGates?.length ?? 0) > 0;
          // A gate that came back after the pod had passed it does not hold it any more.
          if (found.get(key) === 'waiting') expect(isGated).toBe(true);
          else expect(found.get(key)).toBe('active');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('hands pods out in one total order: priority, then time in the queue', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ priority: fc.integer({ min: -2, max: 2 }), afterMs: fc.nat(3) }), { maxLength: 40 }),
        (pods) => {
          const { queue, time } = makeQueue(true);
          const expected = pods.map(({ priority, afterMs }, id) => {
            time.ms += afterMs + 1;
            queue.add(infoOf(id, false, 1, priority));
            return { key: `default/p${id}`, priority, addedMs: time.ms };
          });
          expected.sort((a, b) => b.priority - a.priority || a.addedMs - b.addedMs);
          expect(expected.map(() => queue.pop()!.key)).toEqual(expected.map(({ key }) => key));
        },
      ),
    );
  });

  it('remembers an event for a pod that is being tried, and only as long as it is', () => {
    const { queue } = makeQueue(true);
    queue.add(infoOf(1, false, 1));
    const entity = queue.pop()!;
    queue.moveAll(NODE_ADD, undefined, NODE);
    expect(queue.inFlight.eventCount).toBe(1);
    queue.requeue(entity, ['NodeResourcesFit'], []);
    expect(queue.poppable).toBe('backoff');
    expect(queue.inFlight.eventCount).toBe(0);
  });
});
