/**
 * `npm run fuzz:apiserver`: odd requests against the API server on a socket of this process. Exit code 0: every answer was as
 * it should be and the heap did not grow, 1: something was found (with the smallest request that shows it), 2: an option
 * cannot be used.
 *
 *   npm run fuzz:apiserver -- [--requests 10000] [--seed 1] [--recordings DIR]
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { FuzzTarget, HeapWatch, recordedRequests, runCampaign } from './apiserver/fuzz/index.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    recordings: {
      type: 'string',
      default: fileURLToPath(new URL('../../conformance/golden-apiserver', import.meta.url)),
    },
  },
});

function numberOf(name: 'requests' | 'seed'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`error: --${name}: "${values[name]}" is not a whole number from 0 on\n`);
  process.exit(2);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const requests = numberOf('requests');
const target = await FuzzTarget.start();
const heap = new HeapWatch();
const crashes: string[] = [];
process.on('uncaughtException', (error) => crashes.push(error.stack ?? error.message));
process.on('unhandledRejection', (error) => crashes.push(String((error as Error).stack ?? error)));

const startMs = performance.now();
const {
  requests: sent,
  byStatus,
  roundTrips,
  findings,
} = await runCampaign({
  target,
  recorded: recordedRequests(values.recordings),
  requests,
  seed: numberOf('seed'),
  round: (done) => {
    collect();
    heap.add(process.memoryUsage().heapUsed);
    if (done % 10_000 === 0) process.stderr.write(`… ${done} requests, heap ${heap.text}\n`);
  },
});
await target.stop();

for (const { fault, request } of findings) process.stdout.write(`${fault}\n  ${request}\n`);
for (const crash of crashes) process.stdout.write(`crash: ${crash}\n`);
const statuses = [...byStatus]
  .sort(([a], [b]) => a - b)
  .map(([status, count]) => `${status === 0 ? 'raw' : status} ${count}`);
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
process.stdout.write(`${sent} requests in ${seconds} s: ${statuses.join(', ')}\n`);
process.stdout.write(`${roundTrips} objects sent back as they came; heap ${heap.text}\n`);
const found = findings.length + crashes.length + (heap.grows ? 1 : 0);
process.stdout.write(found === 0 ? 'nothing found\n' : `${found} found\n`);
if (found > 0) process.exitCode = 1;
