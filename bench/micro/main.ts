/**
 * `npm run bench`: how many pods a second the engines decide, default profile, one core, by tinybench. Each sample places a
 * batch of pods on a cluster that is built anew before the clock starts. `berth bench` has sizes, ratios and files.
 *
 *   npm run bench -- [--nodes 500] [--pods 1000] [--seconds 4] [--workload TEXT]
 */
import { parseArgs } from 'node:util';
import { Bench } from 'tinybench';
import { ENGINES, type EngineName } from '../../scheduler/index.ts';
import { MicroRun } from './measure.ts';
import { MICRO_WORKLOADS, type MicroWorkload } from './workloads.ts';

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

async function measure(workload: MicroWorkload, engine: EngineName): Promise<void> {
  const bench = new Bench({ time: seconds * 1000, warmupIterations: 2, iterations: 5 });
  let run: MicroRun;
  let placed = 0;
  const beforeEach = () => {
    run = new MicroRun(workload, engine);
    for (let i = 0; i < nodeCount; i++) run.add(run.node(i));
    run.fill();
    run.prepare(podCount);
  };
  bench.add(
    workload.name,
    () => {
      placed = run.place(podCount);
    },
    { beforeEach },
  );
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`benchmark "${workload.name}" gave no result`);
  const rate = (batchMs: number) => Math.round((podCount * 1000) / batchMs).toLocaleString('en-US');
  const { p50, min, max, samplesCount } = result.latency;
  const cells = [
    workload.name.padEnd(38),
    engine.padEnd(10),
    rate(p50).padStart(10),
    `${rate(max)} to ${rate(min)}`.padStart(24),
  ];
  cells.push(
    ((p50 * 1000) / podCount).toFixed(1).padStart(10),
    String(samplesCount).padStart(8),
    String(placed).padStart(8),
  );
  process.stdout.write(`${cells.join('')}\n`);
}

process.stdout.write(`${nodeCount} nodes · ${podCount} pods a batch · default profile\n\n`);
const titles = [
  'workload'.padEnd(38),
  'engine'.padEnd(10),
  'pods/s'.padStart(10),
  'min to max'.padStart(24),
  'us/pod'.padStart(10),
];
process.stdout.write(`${[...titles, 'batches'.padStart(8), 'placed'.padStart(8)].join('')}\n`);
for (const workload of workloads) {
  for (const engine of Object.keys(ENGINES) as EngineName[]) await measure(workload, engine);
}
