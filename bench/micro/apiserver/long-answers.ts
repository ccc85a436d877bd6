/** What is long, and who is many or slow: lists of 150,000 pods, 1,000 watchers, a watcher that does not read. */
import { setTimeout as wait } from 'node:timers/promises';
import { HttpClient } from '../../../cluster/client-http/index.ts';
import { created } from './call.ts';
import { startMeter } from './meter.ts';
import { PODS, podNamed } from './objects.ts';
import { drained, LineCounter, opened } from './raw-watch.ts';
import { ServedProcess } from './served.ts';

const PODS_PATH = '/api/v1/namespaces/default/pods';
const CREATORS = 16;
const SETTLE_MS = 500;
/** What has not come by then is lost. */
const PATIENCE_MS = 300_000;

async function createPods(served: ServedProcess, count: number, from = 0): Promise<void> {
  const client = new HttpClient(served.access, { connections: CREATORS });
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < from + count) await created(client, PODS, podNamed(`new-${next++}`));
  };
  await Promise.all(Array.from({ length: CREATORS }, worker));
  client.close();
}

export interface Watched {
  readonly events: number;
  readonly lost: number;
  readonly delivered: number;
  readonly serverCpuSeconds: number;
  readonly wallSeconds: number;
}

/** Every watcher must get the same bytes, a line per pod. */
export async function manyWatchers(watchers: number, events: number): Promise<Watched> {
  const served = await ServedProcess.start({ isTls: false });
  let complete = 0;
  let allComplete = (): void => {};
  const told = new Promise<void>((resolve) => {
    allComplete = resolve;
  });
  const counters = Array.from({ length: watchers }, () => new LineCounter());
  const responses = await Promise.all(
    counters.map(() => opened(served.access, `${PODS_PATH}?watch=1&resourceVersion=0`)),
  );
  for (const [i, response] of responses.entries()) {
    const counter = counters[i]!;
    response.on('data', (chunk: Buffer) => {
      const before = counter.lines;
      counter.take(chunk);
      if (before < events && counter.lines >= events && ++complete === watchers) allComplete();
    });
  }
  const before = await served.use();
  const spent = startMeter();
  await createPods(served, events);
  await Promise.race([told, wait(PATIENCE_MS, undefined, { ref: false })]);
  const { wallSeconds } = spent();
  const after = await served.use();
  for (const response of responses) response.destroy();
  await served.stop();
  const first = counters[0]!.digest();
  const lost = counters.reduce((sum, { lines }) => sum + events - lines, 0);
  const differ = counters.slice(1).filter((counter) => counter.digest() !== first).length;
  if (lost === 0 && differ > 0) throw new Error(`${differ} of ${watchers} watchers were told something else`);
  const serverCpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return { events, lost, delivered: watchers * events - lost, serverCpuSeconds, wallSeconds };
}

export interface Listed {
  readonly pods: number;
  readonly bytes: number;
  readonly serverCpuSeconds: number;
  readonly wallSeconds: number;
  /** Of the server, above what it had before. */
  readonly rssGrowthBytes: number;
}

/** The whole collection in one answer. */
export async function listAll(pods: number): Promise<Listed> {
  const served = await ServedProcess.start({ isTls: false });
  await served.fill(pods);
  await wait(SETTLE_MS);
  const before = await served.use();
  const spent = startMeter();
  const { bytes } = await drained(await opened(served.access, PODS_PATH));
  const { wallSeconds } = spent();
  const after = await served.use();
  await served.stop();
  return {
    pods,
    bytes,
    serverCpuSeconds: after.cpuSeconds - before.cpuSeconds,
    wallSeconds,
    rssGrowthBytes: after.rssPeakBytes - before.rssBytes,
  };
}

export interface Slow {
  readonly rssGrowthBytes: number;
  readonly isClosed: boolean;
  /** What it read in the end, and what it got when it went on from there. */
  readonly events: number;
  readonly resumed: number;
}

/** A watcher that opens and does not read, while there is more to be told than the server keeps for it. */
export async function slowWatcher(pods: number): Promise<Slow> {
  const served = await ServedProcess.start({ isTls: false });
  await served.fill(1);
  const response = await opened(served.access, `${PODS_PATH}?watch=1&resourceVersion=0`);
  const before = await served.use();
  await served.fill(pods, 1);
  await wait(SETTLE_MS);
  const after = await served.use();
  let last = '';
  let events = 0;
  const isClosed = await Promise.race([
    (async () => {
      let rest = '';
      for await (const chunk of response) {
        rest += String(chunk);
        const lines = rest.split('\n');
        rest = lines.pop()!;
        events += lines.length;
        last = lines.at(-1) ?? last;
      }
      return true;
    })(),
    wait(PATIENCE_MS, false, { ref: false }),
  ]);
  const version = /"resourceVersion":"(\d+)"/.exec(last)?.[1] ?? '';
  const resuming = await opened(served.access, `${PODS_PATH}?watch=1&resourceVersion=${version}&timeoutSeconds=5`);
  const { lines: resumed } = await drained(resuming);
  await served.stop();
  return { rssGrowthBytes: after.rssPeakBytes - before.rssBytes, isClosed, events, resumed };
}
