/**
 * `npm run bench`: how many pods a second an engine decides, default profile, 100 % of the nodes scored, one core.
 * Each sample schedules a batch of pods on a cluster that is built anew before the clock starts.
 *
 *   npm run bench -- [--nodes 500] [--pods 1000] [--seconds 4] [--workload TEXT]
 */
import { parseArgs } from 'node:util';
import { Bench } from 'tinybench';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { createScheduler, type Scheduler } from '../../scheduler/index.ts';
import { benchNode, MICRO_WORKLOADS, type MicroWorkload } from './workloads.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '500' },
    pods: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '4' },
    workload: { type: 'string', default: '' },
  },
});
const nodeCount = wholeNumber('nodes', values.nodes);
const podCount = wholeNumber('pods', values.pods);
const seconds = wholeNumber('seconds', values.seconds);
const workloads = MICRO_WORKLOADS.filter(({ name }) => name.includes(values.workload));

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  process.stderr.write(`error: --${name}: "${text}" is not a whole number above 0\n`);
  process.exit(2);
}

function freshScheduler(): Scheduler {
  const scheduler = createScheduler({
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    percentageOfNodesToScore: 100,
  });
  for (let i = 0; i < nodeCount; i++) scheduler.cluster.addNode(benchNode(i));
  return scheduler;
}

async function measure({ name, pod }: MicroWorkload): Promise<void> {
  const bench = new Bench({ time: seconds * 1000, warmupIterations: 2, iterations: 5 });
  let scheduler: Scheduler;
  let placed = 0;
  const pods = Array.from({ length: podCount }, (_, i) => pod(i));
  bench.add(
    name,
    () => {
      placed = 0;
      for (const one of pods) if (scheduler.schedule(one).outcome === 'scheduled') placed++;
    },
    {
      beforeEach: () => {
        scheduler = freshScheduler();
      },
    },
  );
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`benchmark "${name}" gave no result`);
  const rate = (batchMs: number) => Math.round((podCount * 1000) / batchMs).toLocaleString('en-US');
  const { p50, min, max, samplesCount } = result.latency;
  const cells = [name.padEnd(30), rate(p50).padStart(10), `${rate(max)} to ${rate(min)}`.padStart(20)];
  cells.push(
    ((p50 * 1000) / podCount).toFixed(0).padStart(10),
    String(samplesCount).padStart(8),
    String(placed).padStart(8),
  );
  process.stdout.write(`${cells.join('')}\n`);
}

process.stdout.write(
  `reference engine · ${nodeCount} nodes · ${podCount} pods a batch · default profile · 100 % scored\n\n`,
);
const titles = ['workload'.padEnd(30), 'pods/s'.padStart(10), 'min to max'.padStart(20), 'us/pod'.padStart(10)];
process.stdout.write(`${[...titles, 'batches'.padStart(8), 'placed'.padStart(8)].join('')}\n`);
for (const workload of workloads) await measure(workload);
