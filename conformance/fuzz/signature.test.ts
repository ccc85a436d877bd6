import { expect, test } from 'vitest';
import type { LocatedDifference } from '../check.ts';
import { signaturesOf } from './signature.ts';

const check = (...differences: LocatedDifference[]) => ({
  ...{ kind: 'decision', passed: false, pods: 1, attempts: 1, notes: [], differences },
});

const score = (pod: number, index: number, plugin: string): LocatedDifference => ({
  kind: 'value',
  path: ['pods', pod, 'attempts', 0, 'scores', 2, 'raw', index],
  where: `pod default/p-${pod}, attempt 1, plugin ${plugin}, node n-${index}`,
});

test('positions do not count, plugin and field do', () => {
  expect(signaturesOf(check(score(0, 3, 'ImageLocality'), score(7, 1, 'ImageLocality')))).toEqual([
    'value pods.attempts.scores.raw of ImageLocality',
  ]);
  expect(signaturesOf(check(score(0, 3, 'NodeAffinity')))).not.toEqual(
    signaturesOf(check(score(0, 3, 'ImageLocality'))),
  );
});

test('errors of a configuration differ by what they say, not by the values they name', () => {
  const error = (expected: string) => signaturesOf(check({ kind: 'value', path: ['error'], where: '', expected }));
  expect(error('parallelism: Invalid value: 0: above zero')).toEqual(
    error('parallelism: Invalid value: 7: above zero'),
  );
  expect(error('unknown field "a"')).toEqual(error('unknown field "b"'));
  expect(error('unknown field "a"')).not.toEqual(error('key "a" already set in map'));
});

test('a failure of berth itself is told by its message, without names that carry numbers', () => {
  const problem = (text: string) => signaturesOf({ ...check(), problem: text });
  expect(problem('berth failed: no node node-017')).toEqual(problem('berth failed: no node node-003'));
});
