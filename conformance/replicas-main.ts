/** `npm run chaos:replicas -- --minutes 3 --topology external --seed 1`: faults on real replicas, counted. Exit 1 on any violation. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TOPOLOGIES } from '../cluster/topology/index.ts';
import { runChaos } from './replicas/run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0.75' },
    topology: { type: 'string', default: 'external' },
    replicas: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    'lease-seconds': { type: 'string', default: '6' },
    'pods-per-second': { type: 'string', default: '10' },
    verbose: { type: 'boolean', default: false },
  },
});

const topology = TOPOLOGIES.find((name) => name === values.topology);
if (topology === undefined) {
  console.error(`error: --topology ${values.topology}: ${TOPOLOGIES.join(' or ')} is expected`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'berth-chaos-'));
try {
  const result = await runChaos({
    topology,
    replicas: Number(values.replicas),
    folder,
    berth: [process.execPath, fileURLToPath(new URL('../cli/main.js', import.meta.url))],
    minutes: Number(values.minutes),
    seed: Number(values.seed),
    leaseMs: Number(values['lease-seconds']) * 1000,
    podsPerSecond: Number(values['pods-per-second']),
    say: (text) => values.verbose && console.error(text),
  });
  const { faults, handovers, failures } = result;
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${topology}, seed ${values.seed}, ${values.minutes} minutes: ${total} faults, ${result.outages} more than it outlives`,
  );
  for (const [name, count] of [...faults].sort()) console.log(`  ${String(count).padStart(4)} ${name}`);
  console.log(
    `${result.acknowledged} pods acknowledged, ${result.deleted} of them deleted again; ${result.unknown} calls whose outcome nobody was told`,
  );
  console.log(`${result.podWrites} writes of pods in etcd's history, ${result.bindings} bindings`);
  const gaps = handovers.filter(({ isClean }) => !isClean).map(({ gapMs }) => gapMs);
  console.log(
    `${handovers.length} new leaders, ${handovers.length - gaps.length} after a Lease given back; after a loss ` +
      `${gaps.length === 0 ? 'none' : `${Math.min(...gaps)} to ${Math.max(...gaps)} ms from the last renewal`} (lease and retry: ${result.lateMs} ms)`,
  );
  console.log(`bound twice, lost, came back, never bound, refused or late: ${failures.length}`);
  for (const failure of failures.slice(0, 50)) console.log(`  ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
