/**
 * `npm run fuzz:engines`: the fast engine against the reference engine over random histories, for a while. Exit code 0: no
 * difference, 1: one was found (the message names seed and step), 2: an option cannot be used.
 *
 *   npm run fuzz:engines -- [--minutes 5] [--seed 1] [--steps 400] [--decisions N] [--debug]
 */
import { parseArgs } from 'node:util';
import { NO_DECISIONS, runHistory, type Tally } from './fuzz-engines/lock-step.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '400' },
    decisions: { type: 'string', default: '0' },
    debug: { type: 'boolean', default: false },
  },
});

function numberOf(name: 'minutes' | 'seed' | 'steps' | 'decisions'): number {
  const value = Number(values[name]);
  if (value >= 0) return value;
  process.stderr.write(`error: --${name}: "${values[name]}" is not a number from 0 on\n`);
  process.exit(2);
}

const deadlineMs = performance.now() + numberOf('minutes') * 60_000;
const wanted = numberOf('decisions') || Number.POSITIVE_INFINITY;
const firstSeed = numberOf('seed');
const total: Tally = { ...NO_DECISIONS };
let seed = firstSeed;
let reportMs = performance.now() + 10_000;
try {
  for (; performance.now() < deadlineMs && total.decisions < wanted; seed++) {
    const tally = runHistory({ seed, steps: numberOf('steps'), debug: values.debug });
    for (const key of Object.keys(total) as Array<keyof Tally>) total[key] += tally[key];
    if (performance.now() > reportMs) {
      process.stderr.write(`… ${line()}\n`);
      reportMs = performance.now() + 10_000;
    }
  }
  process.stdout.write(`${line()}: no difference\n`);
} catch (error) {
  process.stdout.write(`${line()}\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function line(): string {
  const { decisions, fast, scanned, unfit, unschedulable, preempting } = total;
  const share = decisions === 0 ? 0 : Math.round((100 * fast) / decisions);
  return `${seed - firstSeed} histories, ${decisions} decisions, ${share} % of them by the fast way (${scanned} by passes over all nodes, ${unfit} that no node fits), ${unschedulable} pods unschedulable, ${preempting} preempting`;
}
