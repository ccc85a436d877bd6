/**
 * Better, worse, same or inconclusive: an effect, its interval, and a practical threshold. "Not significant" is never
 * "same": that takes an interval that lies within the threshold (two one-sided tests).
 */
import { mean } from './descriptive.ts';
import { detectableEffect, pairsForSame, pairsNeeded } from './power.ts';
import { type Interval, pairedEstimate, type TEstimate, tInterval, tost, tTest } from './t-tests.ts';

export type Verdict = 'better' | 'worse' | 'same' | 'inconclusive';

export interface Judgement {
  readonly verdict: Verdict;
  /** All of the interval lies beyond the threshold. */
  readonly clearly: boolean;
  /** The effect is real, but too small to matter. */
  readonly realButSmall: boolean;
  /** Signed so that positive is better, in the unit of the threshold. */
  readonly effect: number;
  readonly interval95: Interval;
  readonly interval90: Interval;
  readonly p: number;
  readonly pSame: number;
}

/** @param signed An effect with positive = better. @param threshold In the same unit, above 0. */
export function judge(signed: TEstimate, threshold: number, level = 0.95): Judgement {
  const interval95 = tInterval(signed, level);
  const interval90 = tInterval(signed, 2 * level - 1);
  const isSame = interval90.low > -threshold && interval90.high < threshold;
  const isUp = interval95.low > 0;
  const isDown = interval95.high < 0;
  const verdict: Verdict = isSame ? 'same' : isUp ? 'better' : isDown ? 'worse' : 'inconclusive';
  return {
    verdict,
    clearly:
      (verdict === 'better' && interval95.low >= threshold) || (verdict === 'worse' && interval95.high <= -threshold),
    realButSmall: isSame && (isUp || isDown),
    effect: signed.estimate,
    interval95,
    interval90,
    p: tTest(signed).p,
    pSame: tost(signed, -threshold, threshold).p,
  };
}

export interface MoreRuns {
  /** The smallest effect that so many pairs find in 80 % of the cases. */
  readonly detectable: number;
  /** Pairs in all that would settle it: tell the effect from none if it is as large as it looks, or show that it is small. */
  readonly pairsNeeded: number;
}

/** What an inconclusive comparison lacks. `undefined` without spread: there is nothing that more runs would change. */
export function moreRuns(signed: TEstimate, threshold: number, level = 0.95): MoreRuns | undefined {
  const pairs = signed.df + 1;
  const deviation = signed.standardError * Math.sqrt(pairs);
  if (!(deviation > 0) || pairs < 2) return undefined;
  const alpha = 1 - level;
  const isSmall = Math.abs(signed.estimate) < threshold;
  const forEffect = pairsNeeded(signed.estimate / deviation, alpha);
  const forSame = isSmall ? pairsForSame(deviation, threshold, alpha) : Number.POSITIVE_INFINITY;
  return {
    detectable: detectableEffect(pairs, alpha) * deviation,
    pairsNeeded: Math.ceil(Math.min(forEffect, forSame)),
  };
}

export interface PairOptions {
  /** @default 'absolute' */
  readonly scale?: 'absolute' | 'percentOfBase' | 'logRatio';
  readonly direction: 'up' | 'down';
}

/**
 * The signed effect of a pair of columns: one value per trace, already averaged over tie-break seeds. `percentOfBase` and
 * `logRatio` (timings) answer in percent.
 */
export function pairedEffect(base: readonly number[], other: readonly number[], options: PairOptions): TEstimate {
  const sign = options.direction === 'up' ? 1 : -1;
  const { scale = 'absolute' } = options;
  if (scale === 'logRatio') {
    return pairedEstimate(base.map((value, j) => sign * 100 * Math.log((other[j] as number) / value)));
  }
  const unit = scale === 'percentOfBase' ? 100 / Math.abs(mean(base)) : 1;
  return pairedEstimate(base.map((value, j) => sign * unit * ((other[j] as number) - value)));
}
