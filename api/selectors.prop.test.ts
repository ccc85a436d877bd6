import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLabelSelector, type Labels } from './selectors.ts';
import type { LabelSelector, LabelSelectorRequirement } from './types.ts';

const KEYS = ['app', 'tier', 'example.com/zone', 'constructor'];
const VALUES = ['', 'a', 'b', '1', '10'];

const labels: fc.Arbitrary<Labels> = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES));
const values = fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 3 });
const requirement: fc.Arbitrary<LabelSelectorRequirement> = fc.oneof(
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('In', 'NotIn'), values }),
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const selector: fc.Arbitrary<LabelSelector> = fc.record(
  { matchLabels: labels.map((map) => ({ ...map })), matchExpressions: fc.array(requirement, { maxLength: 3 }) },
  { requiredKeys: [] },
);

const has = (map: Labels, key: string): boolean => Object.hasOwn(map, key);

/** The documentation of LabelSelector, word for word. */
function matchesNaively({ matchLabels = {}, matchExpressions = [] }: LabelSelector, map: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => has(map, key) && map[key] === value) &&
    matchExpressions.every(({ key, operator, values: wanted = [] }) => {
      if (operator === 'In') return has(map, key) && wanted.includes(map[key]!);
      if (operator === 'NotIn') return !has(map, key) || !wanted.includes(map[key]!);
      return has(map, key) === (operator === 'Exists');
    })
  );
}

describe('a label selector', () => {
  it('matches the label sets that its definition says', () => {
    fc.assert(
      fc.property(selector, labels, (given, map) => {
        expect(compileLabelSelector(given).matches(map)).toBe(matchesNaively(given, map));
      }),
      { numRuns: 5000 },
    );
  });

  it('that is empty matches everything, one that is absent nothing', () => {
    fc.assert(
      fc.property(labels, (map) => {
        expect(compileLabelSelector({}).matches(map)).toBe(true);
        expect(compileLabelSelector(undefined).matches(map)).toBe(false);
        expect(compileLabelSelector(null).matches(map)).toBe(false);
      }),
    );
  });

  it('takes an object without labels for one with none', () => {
    fc.assert(
      fc.property(selector, (given) => {
        expect(compileLabelSelector(given).matches(undefined)).toBe(matchesNaively(given, {}));
      }),
    );
  });
});
