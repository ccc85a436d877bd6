/** The fast engine decides what the reference engine decides, over random histories of small clusters. */
import { describe, expect, it } from 'vitest';
import { runHistory, type Tally } from './lock-step.ts';

const HISTORIES = 60;
const STEPS = 150;

describe('engines in lock step', () => {
  const total: Tally = { decisions: 0, fast: 0, scanned: 0, unschedulable: 0, preempting: 0 };

  it.each(Array.from({ length: HISTORIES }, (_, seed) => seed))('history %i', (seed) => {
    const tally = runHistory({ seed, steps: STEPS, debug: true });
    for (const key of Object.keys(total) as Array<keyof Tally>) total[key] += tally[key];
  });

  it('covers every way through the engines', () => {
    expect(total.decisions).toBeGreaterThan(5000);
    expect(total.fast).toBeGreaterThan(2500);
    expect(total.scanned).toBeGreaterThan(100);
    expect(total.unschedulable).toBeGreaterThan(300);
    expect(total.preempting).toBeGreaterThan(50);
  });
});
