/**
 * Medians with intervals and the test of whether two samples differ, as benchstat has them (`golang.org/x/perf/benchmath`):
 * no assumption about how figures are distributed.
 */
import { mannWhitneyAsymptotic, mannWhitneyExact, median, midranks } from '../../statistics/index.ts';

const CONFIDENCE = 0.95;
/** Up to here all arrangements are counted. */
const EXACT_UP_TO = 50;

/**
 * Half the width of the median's interval, in parts of the median: between the order statistics that enclose it with the
 * confidence, or the least and the most where too few were taken for that. 0 for a sample of one.
 */
export function relativeInterval(sample: readonly number[]): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const count = sorted.length;
  if (count < 2) return 0;
  let rank = 0;
  let tail = 0;
  for (let k = 0, ways = 1; k < count / 2; k++) {
    tail += ways * 2 ** -count;
    if (2 * tail > 1 - CONFIDENCE) break;
    rank = k + 1;
    ways = (ways * (count - k)) / (k + 1);
  }
  const low = sorted[Math.max(0, rank - 1)]!;
  const high = sorted[Math.min(count - 1, count - rank)]!;
  return (high - low) / 2 / median(sorted);
}

/** Two-sided p value of the Mann-Whitney U test. Exact for small samples without ties. */
export function mannWhitneyP(a: readonly number[], b: readonly number[]): number {
  const isExact = a.length <= EXACT_UP_TO && b.length <= EXACT_UP_TO && !midranks([...a, ...b]).hasTies;
  return (isExact ? mannWhitneyExact(a, b) : mannWhitneyAsymptotic(a, b)).p;
}
