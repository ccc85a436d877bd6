import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstUntoleratedTaint, isDoNotScheduleTaint, tolerationToleratesTaint } from './taints.ts';
import type { Taint, Toleration } from './types.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const taint: fc.Arbitrary<Taint> = fc.record(
  { key: fc.constantFrom('a', 'b'), value: fc.constantFrom('', 'x', 'y'), effect: fc.constantFrom(...EFFECTS) },
  { requiredKeys: ['key', 'effect'] },
);
const toleration: fc.Arbitrary<Toleration> = fc.record(
  {
    key: fc.constantFrom('', 'a', 'b'),
    operator: fc.constantFrom('', 'Equal', 'Exists', 'Gt', 'Lt'),
    value: fc.constantFrom('', 'x', 'y'),
    effect: fc.constantFrom('', ...EFFECTS),
  },
  { requiredKeys: [] },
);

/** What is absent is empty. An empty key or effect covers all; Gt and Lt are behind a gate that v1.37 has off. */
function toleratesNaively(tolerated: Toleration, { key, value = '', effect }: Taint): boolean {
  const wanted = { key: '', operator: '', value: '', effect: '', ...tolerated };
  const isKey = wanted.key === '' || wanted.key === key;
  const isEffect = wanted.effect === '' || wanted.effect === effect;
  const isEqual = (wanted.operator === '' || wanted.operator === 'Equal') && wanted.value === value;
  return isKey && isEffect && (isEqual || wanted.operator === 'Exists');
}

describe('tolerations', () => {
  it('cover the taints that their definition says', () => {
    fc.assert(
      fc.property(toleration, taint, (tolerated, given) => {
        expect(tolerationToleratesTaint(tolerated, given)).toBe(toleratesNaively(tolerated, given));
      }),
      { numRuns: 5000 },
    );
  });

  it('leave the first taint, in the order of the node, that none of them covers', () => {
    fc.assert(
      fc.property(fc.array(taint, { maxLength: 4 }), fc.array(toleration, { maxLength: 3 }), (taints, tolerated) => {
        const expected = taints
          .filter(({ effect }) => effect !== 'PreferNoSchedule')
          .find((given) => !tolerated.some((one) => toleratesNaively(one, given)));
        expect(firstUntoleratedTaint(taints, tolerated, isDoNotScheduleTaint)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });
});
