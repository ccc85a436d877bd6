/** The other side of `served.ts`: serves until it is told to stop. */
import { startWire } from '../../../cluster/apiserver/wire/index.ts';
import type { Access } from '../../../cluster/client-http/index.ts';
import { RealClock } from '../../../cluster/clock.ts';
import { nodeHost } from '../../../cluster/node-host.ts';
import { MemoryStore } from '../../../cluster/store/index.ts';
import { hostIds } from './ids.ts';
import { PODS, podNamed } from './objects.ts';
import type { ServerUse } from './served.ts';

export interface ServedTask {
  readonly isTls: boolean;
}
export type ServedRequest = 'use' | 'stop' | { readonly fill: number; readonly from: number };
export interface ServedAnswer {
  readonly access?: Access;
  readonly use?: ServerUse;
}

const FILL_AT_ONCE = 1000;

const { isTls } = JSON.parse(process.argv[2]!) as ServedTask;
const clock = new RealClock(nodeHost);
const wire = await startWire({
  store: new MemoryStore({ clock }),
  clock,
  ids: hostIds(),
  host: '127.0.0.1',
  port: 0,
  isTls,
  admission: { taintNodesByCondition: false },
});
const { authority, adminToken } = wire.credentials;
const send = (answer: ServedAnswer): void => void process.send!(answer);

process.on('message', (request: ServedRequest) => {
  if (request === 'stop') void stop();
  else if (request === 'use') send({ use: use() });
  else fill(request.from, request.from + request.fill);
});
send({ access: { server: wire.url, authority: isTls ? authority : undefined, token: adminToken } });

const SAMPLE_MS = 10;
let rssPeakBytes = 0;
const sampling = setInterval(() => {
  rssPeakBytes = Math.max(rssPeakBytes, process.memoryUsage.rss());
}, SAMPLE_MS);

function use(): ServerUse {
  const { user, system } = process.cpuUsage();
  const rssBytes = process.memoryUsage.rss();
  const peak = Math.max(rssPeakBytes, rssBytes);
  rssPeakBytes = 0;
  return { cpuSeconds: (user + system) / 1e6, rssBytes, rssPeakBytes: peak };
}

function fill(from: number, until: number): void {
  const end = Math.min(from + FILL_AT_ONCE, until);
  for (let i = from; i < end; i++) {
    wire.client.create(PODS, podNamed(`pod-${i}`), {}, (error) => {
      if (error !== undefined) throw new Error(error.message);
    });
  }
  if (end === until) send({});
  else setImmediate(() => fill(end, until));
}

// Nobody is there any more to ask for anything.
process.on('disconnect', () => process.exit());

async function stop(): Promise<void> {
  clearInterval(sampling);
  await wire.close();
  clock.stop();
  process.disconnect();
}
