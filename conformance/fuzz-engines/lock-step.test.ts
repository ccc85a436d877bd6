/** The fast engine decides what the reference engine decides, over random histories of small clusters. */
import { describe, expect, it } from 'vitest';
import { NO_DECISIONS, runHistory, type Tally } from './lock-step.ts';

const HISTORIES = 60;
const STEPS = 150;

/**
 * Histories that once told of a difference: a zone that changed after a cycle that had looked at no node; a node that was
 * cordoned while no class but a seldom used one had the same said of the nodes; nodes with equal facts that were all changed, and
 * then one was as they had been.
 */
const TOLD = [424823, 7000081, 7205104];
const TOLD_STEPS = 400;

describe('engines in lock step', () => {
  const total: Tally = { ...NO_DECISIONS };

  it.each([...Array(HISTORIES).keys(), ...TOLD])('history %i', (seed) => {
    const tally = runHistory({ seed, steps: TOLD.includes(seed) ? TOLD_STEPS : STEPS, debug: true });
    for (const key of Object.keys(total) as Array<keyof Tally>) total[key] += tally[key];
  });

  it('covers every way through the engines', () => {
    expect(total.decisions).toBeGreaterThan(5000);
    expect(total.fast).toBeGreaterThan(2500);
    expect(total.scanned).toBeGreaterThan(50);
    expect(total.unfit).toBeGreaterThan(300);
    expect(total.unschedulable).toBeGreaterThan(300);
    expect(total.preempting).toBeGreaterThan(50);
  });
});
