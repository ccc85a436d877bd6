import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileNodeSelector, compilePreferredTerms, compileRequiredNodeAffinity } from './node-selector.ts';
import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from './types.ts';

const KEYS = ['zone', 'disk', 'cores', 'constructor'];
const VALUES = ['', 'a', 'b', '3', '7', '+7', '07', '9223372036854775807', '9223372036854775808'];
const NAMES = ['node-1', 'node-2'];

const node: fc.Arbitrary<Node> = fc.record({
  metadata: fc.record({
    name: fc.constantFrom(...NAMES),
    labels: fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES)),
  }),
});
const key = fc.constantFrom(...KEYS);
const requirement: fc.Arbitrary<NodeSelectorRequirement> = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom('', 'a', 'b', '3', '7'), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  fc.record({
    key,
    operator: fc.constantFrom('Gt', 'Lt'),
    values: fc.constantFrom('3', '7', '0').map((bound) => [bound]),
  }),
);
const field: fc.Arbitrary<NodeSelectorRequirement> = fc.record({
  key: fc.constant('metadata.name'),
  operator: fc.constantFrom('In', 'NotIn'),
  values: fc.constantFrom(...NAMES).map((name) => [name]),
});
const term: fc.Arbitrary<NodeSelectorTerm> = fc.record(
  { matchExpressions: fc.array(requirement, { maxLength: 3 }), matchFields: fc.array(field, { maxLength: 1 }) },
  { requiredKeys: [] },
);

/** A whole number of 64 bits as Go reads it, or undefined. */
function goInteger(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[-+]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return value === BigInt.asIntN(64, value) ? value : undefined;
}

function requirementHolds({ key: name, operator, values = [] }: NodeSelectorRequirement, { metadata }: Node): boolean {
  const labels = metadata?.labels ?? {};
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default: {
      const [left, right] = [goInteger(value), goInteger(values[0])];
      if (left === undefined || right === undefined) return false;
      return operator === 'Gt' ? left > right : left < right;
    }
  }
}

const fieldHolds = ({ operator, values = [] }: NodeSelectorRequirement, { metadata }: Node): boolean =>
  values.includes(metadata?.name ?? '') === (operator === 'In');

/** Requirements are ANDed, terms ORed; a term without any requirement matches no node. */
function termHolds({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, given: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((wanted) => requirementHolds(wanted, given)) &&
    matchFields.every((wanted) => fieldHolds(wanted, given))
  );
}

describe('a node selector', () => {
  it('matches the nodes that its definition says', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 3 }), node, (nodeSelectorTerms, given) => {
        const expected = nodeSelectorTerms.some((wanted) => termHolds(wanted, given));
        expect(compileNodeSelector({ nodeSelectorTerms }).matches(given)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('goes together with spec.nodeSelector', () => {
    const pairs = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('', 'a', 'b'));
    fc.assert(
      fc.property(
        pairs,
        fc.option(fc.array(term, { minLength: 1, maxLength: 2 })),
        node,
        (nodeSelector, terms, given) => {
          const labels = given.metadata?.labels ?? {};
          const byPairs = Object.entries(nodeSelector).every(
            ([name, value]) => Object.hasOwn(labels, name) && labels[name] === value,
          );
          const byTerms = terms === null || terms.some((wanted) => termHolds(wanted, given));
          const required = terms === null ? undefined : { nodeSelectorTerms: terms };
          const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
          const matcher = compileRequiredNodeAffinity({ containers: [], nodeSelector, affinity });
          expect(matcher === undefined || matcher.matches(given)).toBe(byPairs && byTerms);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('preferred terms', () => {
  it('score a node with the weights of those that match', () => {
    const weighted = fc.record({ weight: fc.integer({ min: 1, max: 100 }), preference: term });
    fc.assert(
      fc.property(fc.array(weighted, { maxLength: 4 }), node, (terms, given) => {
        const expected = terms
          .filter(({ preference }) => termHolds(preference, given))
          .reduce((sum, { weight }) => sum + weight, 0);
        expect(compilePreferredTerms(terms).score(given)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });
});
