/**
 * The numbers that every run keeps of an attempt, checked against the attempt in full. Only the latter is in the golden
 * files, and an engine may come by the two on different ways.
 */
import type { AttemptRecord, AttemptSummary } from '../../scheduler/index.ts';

/** Throws an Error that names the first number that disagrees. */
export function verifySummary(pod: string, attempt: number, summary: AttemptSummary): AttemptRecord {
  const { record } = summary;
  if (record === undefined) throw new Error(`${pod}, attempt ${attempt}: no record was kept`);
  const { feasible = [], evaluated, scoring, topScore, totals = [], chosen } = record;
  const scored = scoring === 'done' && chosen !== undefined;
  const others = totals.filter((_, i) => feasible[i] !== chosen);
  const expected: Partial<AttemptSummary> = {
    feasibleCount: feasible.length,
    evaluatedCount: evaluated,
    topScore: scored ? topScore : undefined,
    margin: scored
      ? topScore! - others.reduce((best, total) => Math.max(best, total), Number.NEGATIVE_INFINITY)
      : undefined,
  };
  for (const field of Object.keys(expected) as Array<keyof typeof expected>) {
    if (summary[field] === expected[field]) continue;
    throw new Error(
      `${pod}, attempt ${attempt}: the summary's ${field} is ${summary[field]}, the record's is ${expected[field]}`,
    );
  }
  return record;
}
