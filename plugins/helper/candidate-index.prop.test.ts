import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PodInfo, type PreemptionCandidate, unresolvable } from '../../scheduler/plugin.ts';
import { CandidateIndex, CRITERIA, type DryRunOutcome } from './candidate-index.ts';

const REJECTED = [unresolvable('no victims'), unresolvable('too small', 'too few')];

/** What a dry run would say of a node. Few values, so that candidates tie. */
const outcome = fc.oneof(
  fc.constant<DryRunOutcome>(undefined),
  fc.constantFrom(...REJECTED).map((status): DryRunOutcome => ({ status })),
  fc
    .record({
      priorities: fc.array(fc.constantFrom(0, 5), { minLength: 1, maxLength: 3 }),
      startTimeMs: fc.constantFrom(undefined, 1, 2),
      pdbViolations: fc.constantFrom(0, 1, 1, 2),
    })
    .map(({ priorities, startTimeMs, pdbViolations }): DryRunOutcome => {
      const victims = priorities
        .sort((a, b) => b - a)
        .map((priority) => ({ priority, startTimeMs }) as unknown as PodInfo);
      return { row: 0, victims, pdbViolations };
    }),
);

const history = fc.integer({ min: 1, max: 70 }).chain((nodeCount) =>
  fc.record({
    first: fc.array(outcome, { minLength: nodeCount, maxLength: nodeCount }),
    steps: fc.array(
      fc.record({
        changes: fc.array(fc.tuple(fc.nat(nodeCount - 1), outcome), { maxLength: 12 }),
        wanted: fc.integer({ min: 1, max: 20 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  }),
);

/** The dry run as upstream does it: node by node until there are enough, one of them without a violation. */
function bestByWalk(outcomes: readonly DryRunOutcome[], wanted: number): PreemptionCandidate | undefined {
  const keeping: PreemptionCandidate[] = [];
  const violating: PreemptionCandidate[] = [];
  for (const one of outcomes) {
    if (one === undefined || !('victims' in one)) continue;
    (one.pdbViolations === 0 ? keeping : violating).push(one);
    if (keeping.length > 0 && keeping.length + violating.length >= wanted) break;
  }
  let best = outcomes.filter(
    (one): one is PreemptionCandidate =>
      one !== undefined && 'victims' in one && (keeping.includes(one) || violating.slice(0, wanted).includes(one)),
  );
  for (const criterion of CRITERIA) {
    const top = Math.max(...best.map(criterion));
    best = best.filter((one) => criterion(one) === top);
  }
  return best[0];
}

describe('the candidates that are kept', () => {
  it('give the candidate that a walk over all nodes gives, whatever has changed', () => {
    fc.assert(
      fc.property(history, ({ first, steps }) => {
        const outcomes = first.map((one) => (one === undefined ? one : { ...one }));
        const index = new CandidateIndex(outcomes.length);
        for (const { changes, wanted } of steps) {
          for (const [position, one] of changes) {
            outcomes[position] = one === undefined ? one : { ...one };
            index.forget(position);
          }
          const got = index.best(wanted, (position) => outcomes[position]);
          expect(got).toBe(bestByWalk(outcomes, wanted));
          if (got !== undefined) continue;
          const counts = [...index.rejected].map(({ status, count }) => [status.reasons.join(), count]).sort();
          const rejected = outcomes.flatMap((one) =>
            one !== undefined && 'status' in one ? one.status.reasons.join() : [],
          );
          expect(counts).toEqual(
            [...new Set(rejected)].sort().map((text) => [text, rejected.filter((r) => r === text).length]),
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  it('are judged no further than needed', () => {
    const judged: number[] = [];
    const index = new CandidateIndex(1000);
    const victims = [{ priority: 0 } as PodInfo];
    const judge = (position: number) => {
      judged.push(position);
      return { row: position, victims, pdbViolations: 0 };
    };
    expect(index.best(10, judge)?.row).toBe(0);
    expect(judged).toHaveLength(10);
    index.forget(3);
    index.forget(500);
    expect(index.best(10, judge)?.row).toBe(0);
    expect(judged.slice(10)).toEqual([3]);
  });
});
