import { expect, test } from 'vitest';
import type { AttemptSummary } from '../../scheduler/index.ts';
import { verifySummary } from './attempt-summary.ts';

const summary: AttemptSummary = {
  feasibleCount: 3,
  evaluatedCount: 5,
  topScore: 40,
  margin: 10,
  unschedulablePlugins: [],
  record: {
    ...{ startIndex: 0, nextStartIndex: 0, feasible: ['a', 'b', 'c'], evaluated: 5, scoring: 'done' },
    ...{ totals: [30, 40, 20], topScore: 40, topNodes: ['b'], chosen: 'b' },
  },
};

test('a summary that agrees with its record gives the record', () => {
  expect(verifySummary('ns/p', 1, summary)).toBe(summary.record);
});

test.each<[string, Partial<AttemptSummary>]>([
  ['feasibleCount', { feasibleCount: 2 }],
  ['evaluatedCount', { evaluatedCount: 4 }],
  ['topScore', { topScore: 30 }],
  ['margin', { margin: 0 }],
  ['margin', { margin: undefined }],
])('a summary with another %s is refused', (field, change) => {
  expect(() => verifySummary('ns/p', 2, { ...summary, ...change })).toThrow(`ns/p, attempt 2: the summary's ${field}`);
});

test('without a record nothing can be checked', () => {
  expect(() => verifySummary('ns/p', 1, { ...summary, record: undefined })).toThrow('no record');
});
