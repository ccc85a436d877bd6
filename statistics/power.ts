/** How likely an effect is found, the smallest that would be, and how many pairs it takes. Effects in units of the
 * standard deviation of the paired differences; two-sided tests. */
import { noncentralTCdf, normalCdf, normalQuantile, tQuantile } from './distributions.ts';

const detection = (t: number, df: number, noncentrality: number): number =>
  1 - noncentralTCdf(t, df, noncentrality) + noncentralTCdf(-t, df, noncentrality);

/** Of the paired t test; `pairs` may be fractional. */
export function pairedTPower(effect: number, pairs: number, alpha = 0.05): number {
  if (pairs <= 1) return 0;
  return detection(tQuantile(1 - alpha / 2, pairs - 1), pairs - 1, effect * Math.sqrt(pairs));
}

/** Of Student's test with `perGroup` values on each side. */
export function twoSampleTPower(effect: number, perGroup: number, alpha = 0.05): number {
  if (perGroup <= 1) return 0;
  const df = 2 * perGroup - 2;
  return detection(tQuantile(1 - alpha / 2, df), df, effect * Math.sqrt(perGroup / 2));
}

export function normalPower(effect: number, pairs: number, alpha = 0.05): number {
  const z = normalQuantile(1 - alpha / 2);
  const shift = effect * Math.sqrt(pairs);
  return normalCdf(shift - z) + normalCdf(-shift - z);
}

/** Wilcoxon's efficiency under normal differences is 3/π of the t test's. */
export const WILCOXON_EFFICIENCY = 3 / Math.PI;
export const wilcoxonPower = (effect: number, pairs: number, alpha = 0.05): number =>
  normalPower(effect, pairs * WILCOXON_EFFICIENCY, alpha);

/** The smallest effect that `pairs` find with that power. */
export function detectableEffect(pairs: number, alpha = 0.05, power = 0.8): number {
  return rootOf((effect) => pairedTPower(effect, pairs, alpha) - power, normalDetectableEffect(pairs, alpha, power));
}

export const normalDetectableEffect = (pairs: number, alpha = 0.05, power = 0.8): number =>
  (normalQuantile(1 - alpha / 2) + normalQuantile(power)) / Math.sqrt(pairs);

/** Pairs that find the effect with that power, not rounded up. */
export function pairsNeeded(effect: number, alpha = 0.05, power = 0.8): number {
  const size = Math.abs(effect);
  if (!(size > 0)) return Number.POSITIVE_INFINITY;
  return 1 + rootOf((more) => pairedTPower(size, 1 + more, alpha) - power, normalPairsNeeded(size, alpha, power));
}

export const normalPairsNeeded = (effect: number, alpha = 0.05, power = 0.8): number =>
  ((normalQuantile(1 - alpha / 2) + normalQuantile(power)) / effect) ** 2;

/**
 * Pairs that show a true difference of 0 to lie within ±threshold (TOST), both in the same unit as `deviation`; not rounded
 * up. With t quantiles: normal ones promise too much where few pairs are enough.
 */
export function pairsForSame(deviation: number, threshold: number, alpha = 0.05, power = 0.8): number {
  const reach = (df: number): number => tQuantile(1 - alpha, df) + tQuantile(1 - (1 - power) / 2, df);
  const spare = (more: number): number => (threshold / deviation) * Math.sqrt(1 + more) - reach(more);
  // Fewer than two pairs have no spread to judge by.
  if (spare(1) >= 0) return 2;
  const normal = ((normalQuantile(1 - alpha) + normalQuantile(1 - (1 - power) / 2)) * deviation) / threshold;
  return 1 + rootOf(spare, Math.max(1, normal ** 2));
}

/** Of an increasing function of a positive number: bounds are found first, then regula falsi with the Illinois step. */
export function rootOf(f: (x: number) => number, near: number): number {
  let low = near;
  let high = near;
  let atLow = f(low);
  let atHigh = atLow;
  while (atLow > 0) {
    low /= 1.5;
    atLow = f(low);
  }
  while (atHigh < 0) {
    high *= 1.5;
    atHigh = f(high);
  }
  if (low === high) return low;
  for (let i = 0, side = 0; i < 200 && high - low > 1e-13 * high; i++) {
    const middle = (low * atHigh - high * atLow) / (atHigh - atLow);
    const at = f(middle);
    if (at === 0 || middle === low || middle === high) return middle;
    if (at < 0) {
      low = middle;
      atLow = at;
      // The other end has stayed: halving its weight draws the next point over the root.
      if (side === -1) atHigh /= 2;
      side = -1;
    } else {
      high = middle;
      atHigh = at;
      if (side === 1) atLow /= 2;
      side = 1;
    }
    if (Math.abs(at) < 1e-15) return middle;
  }
  return (low + high) / 2;
}
