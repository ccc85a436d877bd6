/** Pods created and bound over HTTP on loopback, with a watcher that hears of every change. The clients are this process. */
import { HttpClient } from '../../../cluster/client-http/index.ts';
import { created } from './call.ts';
import { type Spent, startMeter } from './meter.ts';
import { bindingOf, NODES, nodeNamed, PODS, podNamed, podTarget } from './objects.ts';
import { ServedProcess } from './served.ts';

export interface HttpRate extends Spent {
  readonly count: number;
  readonly serverCpuSeconds: number;
}

const CONNECTIONS = 32;
const NODE_COUNT = 100;

export async function createAndBind(isTls: boolean, warm: number, count: number): Promise<HttpRate> {
  const served = await ServedProcess.start({ isTls });
  const client = new HttpClient(served.access, { connections: CONNECTIONS });
  const watching = new HttpClient(served.access, { connections: 1 });
  for (let i = 0; i < NODE_COUNT; i++) await created(client, NODES, nodeNamed(`node-${i}`, i % 10));
  let bound = 0;
  let allBound = (): void => {};
  let expected = 0;
  const stopWatch = watching.watch(
    PODS,
    { resourceVersion: '0' },
    {
      event: ({ type, object }) => {
        if (type === 'BOOKMARK' || !(object as { spec?: { nodeName?: string } }).spec?.nodeName) return;
        if (++bound === expected) allBound();
      },
      ended: () => {},
    },
  );
  let next = 0;
  /** A worker is a client that waits for its answer before it asks for more. */
  const worker = async (): Promise<void> => {
    while (next < expected) {
      const i = next++;
      const name = `pod-${i}`;
      await created(client, PODS, podNamed(name));
      await created(client, podTarget(name, 'binding'), bindingOf(name, `node-${i % NODE_COUNT}`));
    }
  };
  const run = async (until: number): Promise<void> => {
    expected = until;
    const told = new Promise<void>((resolve) => {
      allBound = resolve;
    });
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    await told;
  };
  await run(warm);
  const before = await served.use();
  const spent = startMeter();
  await run(warm + count);
  const { cpuSeconds, wallSeconds } = spent();
  const after = await served.use();
  stopWatch();
  client.close();
  watching.close();
  await served.stop();
  return { count, cpuSeconds, wallSeconds, serverCpuSeconds: after.cpuSeconds - before.cpuSeconds };
}
