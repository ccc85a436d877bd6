/** The API server by reference: memory store, virtual time, one thread. */
import type { KubeObject } from '../../../api/index.ts';
import { ApiServer, InProcessClient, seededIds, type Target } from '../../../cluster/apiserver/index.ts';
import { VirtualClock } from '../../../cluster/clock.ts';
import { runScheduler } from '../../../cluster/scheduler-client/index.ts';
import { MemoryStore } from '../../../cluster/store/index.ts';
import { inTreePlugins } from '../../../plugins/index.ts';
import { defaultConfig } from '../../../scheduler/config/index.ts';
import { ENGINES } from '../../../scheduler/index.ts';
import { type Spent, startMeter } from './meter.ts';
import { NODES, nodeNamed, PODS, podNamed } from './objects.ts';

export interface Rate extends Spent {
  readonly count: number;
}

interface Cluster {
  readonly clock: VirtualClock;
  readonly client: InProcessClient;
  create(target: Target, object: KubeObject): void;
}

function cluster(): Cluster {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const store = new MemoryStore({ clock });
  // No controller is there to take the taint of a new node away again.
  const server = new ApiServer({ store, clock, ids: seededIds(1), admission: { taintNodesByCondition: false } });
  server.start(throwError);
  const client = new InProcessClient(server);
  return { clock, client, create: (target, object) => client.create(target, object, {}, throwError) };
}

function throwError(error: { readonly message?: string } | undefined): void {
  if (error !== undefined) throw new Error(error.message);
}

/** What comes in one moment; as many requests a real client has on their way. */
const BATCH = 500;

/** Every object is told to one watcher, and counts when it has been. */
export function createAndWatch(warm: number, count: number): Rate {
  const { clock, client, create } = cluster();
  let told = 0;
  client.watch(PODS, { resourceVersion: '0' }, { event: () => void told++, ended: () => {} });
  let next = 0;
  const run = (until: number): void => {
    while (next < until) {
      for (const end = Math.min(next + BATCH, until); next < end; next++) create(PODS, podNamed(`pod-${next}`));
      clock.settle();
    }
  };
  run(warm);
  const spent = startMeter();
  run(warm + count);
  if (told !== warm + count) throw new Error(`${warm + count} pods created, ${told} told`);
  return { count, ...spent() };
}

const ZONES = 10;

/** All that follows from what was written. */
function pass(clock: VirtualClock): void {
  clock.settle();
  clock.runUntil(clock.nowMs + 1);
}

/** A pod counts when a watcher has been told of its node. */
export function schedule(nodes: number, warm: number, count: number): Rate {
  const { clock, client, create } = cluster();
  for (let i = 0; i < nodes; i++) create(NODES, nodeNamed(`node-${i}`, i % ZONES));
  const running = runScheduler({
    client,
    clock,
    instance: 'bench',
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    engine: ENGINES.fast,
  });
  pass(clock);
  let bound = 0;
  client.watch(
    PODS,
    { resourceVersion: '0' },
    {
      event: ({ type, object }) => {
        if (type === 'MODIFIED' && (object as { spec?: { nodeName?: string } }).spec?.nodeName) bound++;
      },
      ended: () => {},
    },
  );
  let next = 0;
  const run = (until: number): void => {
    while (next < until) {
      for (const end = Math.min(next + BATCH, until); next < end; next++) create(PODS, podNamed(`pod-${next}`));
      pass(clock);
    }
  };
  run(warm);
  const spent = startMeter();
  run(warm + count);
  const rate = { count, ...spent() };
  if (bound !== warm + count) throw new Error(`${warm + count} pods created, ${bound} bound`);
  running.stop();
  return rate;
}
