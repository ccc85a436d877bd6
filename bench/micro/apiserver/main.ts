/**
 * `npm run bench:apiserver`: the speed of the control plane beside its goals. Each sample is taken in a fresh process; the
 * figure is the median. Where a goal is for one core, CPU seconds count: they tell the same on a machine that others use too.
 *
 *   npm run bench:apiserver -- [--samples 3] [--only TEXT] [--json FILE]
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../../../statistics/index.ts';
import { type Figure, type Figures, newFolder, remove, SCENARIOS, type Scenario } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const samples = Number(values.samples);
if (!Number.isInteger(samples) || samples < 1) {
  process.stderr.write(`error: --samples: "${values.samples}" is not a whole number above 0\n`);
  process.exit(2);
}
const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.only));
if (scenarios.length === 0) {
  process.stderr.write(`error: --only: no scenario has "${values.only}" in its name\n`);
  process.exit(2);
}

interface Row {
  readonly scenario: string;
  readonly figure: string;
  readonly goal: Figure['goal'];
  readonly samples: readonly number[];
  readonly median: number;
  readonly isReached: boolean | undefined;
}

/** Throws when the process ends without an answer. */
function inProcess(scenario: Scenario, step: 'prepare' | 'run', folder: string): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL('./scenario-process.js', import.meta.url));
    const child = fork(file, [scenario.name, step, folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let figures: Figures | undefined;
    child.on('message', (message) => {
      figures = message as Figures;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (figures !== undefined) resolve(figures);
      else reject(new Error(`"${scenario.name}" ended with code ${code}`));
    });
  });
}

async function measure(scenario: Scenario): Promise<Row[]> {
  const folder = scenario.prepare === undefined ? '' : newFolder();
  try {
    if (scenario.prepare !== undefined) await inProcess(scenario, 'prepare', folder);
    const taken: Figures[] = [];
    for (let i = 0; i < samples; i++) taken.push(await inProcess(scenario, 'run', folder));
    return scenario.figures.flatMap((figure) => rowOf(scenario, figure, taken));
  } finally {
    if (folder !== '') remove(folder);
  }
}

function rowOf({ name }: Scenario, { name: figure, text, goal }: Figure, taken: readonly Figures[]): Row[] {
  const sample = taken.flatMap((figures) => figures[figure] ?? []);
  if (sample.length === 0) return [];
  const middle = median(sample);
  return [{ scenario: name, figure: text, goal, samples: sample, median: middle, isReached: isReached(goal, middle) }];
}

function isReached(goal: Figure['goal'], value: number): boolean | undefined {
  if (goal === undefined) return undefined;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

const shown = (value: number): string =>
  Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

function goalText(goal: Figure['goal']): string {
  if (goal === undefined) return '';
  return 'atLeast' in goal ? `>= ${shown(goal.atLeast)}` : `<= ${shown(goal.atMost)}`;
}

function line(row: Row): string {
  const { figure, goal, samples: sample, median: middle, isReached: reached } = row;
  const range = `${shown(Math.min(...sample))} to ${shown(Math.max(...sample))}`;
  const verdict = reached === undefined ? '' : reached ? 'reached' : 'not reached';
  const cells = [`  ${figure.padEnd(36)}`, shown(middle).padStart(10), range.padStart(24), goalText(goal).padStart(12)];
  return `${cells.join('')}   ${verdict}`.trimEnd();
}

const [cpu] = cpus();
process.stdout.write(
  `Node ${process.version} · ${availableParallelism()} × ${cpu?.model.trim() ?? 'unknown CPU'} · medians of ${samples}\n`,
);
const rows: Row[] = [];
for (const scenario of scenarios) {
  process.stdout.write(`\n${scenario.name}\n`);
  for (const row of await measure(scenario)) {
    rows.push(row);
    process.stdout.write(`${line(row)}\n`);
  }
}
if (values.json !== undefined) {
  const host = { node: process.version, cpus: availableParallelism(), cpuModel: cpu?.model.trim() };
  writeFileSync(values.json, `${JSON.stringify({ host, rows }, undefined, 2)}\n`);
}
