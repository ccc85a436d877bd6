/** Exact permutation tests of a difference of means. */
import { mean } from './descriptive.ts';

export interface PermutationTest {
  readonly observed: number;
  readonly arrangements: number;
  /** Twice the smaller tail, at most 1. */
  readonly p: number;
  readonly pGreater: number;
  readonly pLess: number;
  /** Share of arrangements at least as far from 0 as what was observed. */
  readonly pAbs: number;
}

/** Arrangements that differ from the observed one by rounding only count as equal. */
const TOLERANCE = 1e-12;

class Tally {
  private greater = 0;
  private less = 0;
  private far = 0;
  private all = 0;
  private readonly observed: number;
  private readonly tolerance: number;

  constructor(observed: number, tolerance: number) {
    this.observed = observed;
    this.tolerance = tolerance;
  }

  add(value: number): void {
    this.all++;
    if (value >= this.observed - this.tolerance) this.greater++;
    if (value <= this.observed + this.tolerance) this.less++;
    if (Math.abs(value) >= Math.abs(this.observed) - this.tolerance) this.far++;
  }

  result(observed: number): PermutationTest {
    const { all } = this;
    const pGreater = this.greater / all;
    const pLess = this.less / all;
    return {
      observed,
      arrangements: all,
      p: Math.min(1, 2 * Math.min(pGreater, pLess)),
      pGreater,
      pLess,
      pAbs: this.far / all,
    };
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const sizeOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + Math.abs(value), 0);

/** All 2ⁿ choices of signs, one sign flipped at a time (Gray code). For n up to about 20. */
export function signFlipExact(differences: readonly number[]): PermutationTest {
  const n = differences.length;
  if (n === 0) return { observed: 0, arrangements: 1, p: 1, pGreater: 1, pLess: 1, pAbs: 1 };
  const signed = [...differences];
  const tally = new Tally(sumOf(differences), TOLERANCE * Math.max(1, sizeOf(differences)));
  for (let arrangement = 0; ; ) {
    // Summed anew rather than updated, so that rounding does not pile up over the arrangements.
    tally.add(sumOf(signed));
    arrangement++;
    if (arrangement === 2 ** n) break;
    const flipped = 31 - Math.clz32(arrangement & -arrangement);
    signed[flipped] = -(signed[flipped] as number);
  }
  return tally.result(mean(differences));
}

/** All splits of the joint sample into parts of the two sizes. */
export function splitExact(x: readonly number[], y: readonly number[]): PermutationTest {
  const all = [...x, ...y];
  const total = sumOf(all);
  const observed = mean(x) - mean(y);
  const largest = all.reduce((top, value) => Math.max(top, Math.abs(value)), 1);
  const tally = new Tally(observed, TOLERANCE * largest);
  const difference = (sum: number): number => sum / x.length - (total - sum) / y.length;
  const choose = (from: number, left: number, sum: number): void => {
    if (left === 0) {
      tally.add(difference(sum));
      return;
    }
    for (let i = from; i <= all.length - left; i++) choose(i + 1, left - 1, sum + (all[i] as number));
  };
  choose(0, x.length, 0);
  return tally.result(observed);
}
