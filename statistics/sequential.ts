/**
 * Looking early without paying for it: bounds on |z| at planned looks, so that all looks together raise a false alarm with
 * probability α (Armitage, McPherson, Rowe 1969; Pocock 1977; O'Brien and Fleming 1979; Lan and DeMets 1983).
 */
import { normalCdf, normalDensity, normalQuantile } from './distributions.ts';
import { rootOf } from './power.ts';

export type BoundShape = 'pocock' | 'obrien-fleming';

const GRID = 401;

/** The density of the score process among those that have crossed no bound so far. */
interface Surviving {
  readonly at: Float64Array;
  readonly density: Float64Array;
  readonly fraction: number;
}

/** P(first crossing at this look), and what goes on. */
function look(before: Surviving | undefined, bound: number, fraction: number): [number, Surviving] {
  const limit = bound * Math.sqrt(fraction);
  const at = Float64Array.from({ length: GRID }, (_, i) => -limit + (2 * limit * i) / (GRID - 1));
  if (before === undefined) {
    const deviation = Math.sqrt(fraction);
    return [2 * normalCdf(-bound), { at, density: at.map((g) => normalDensity(g / deviation) / deviation), fraction }];
  }
  const deviation = Math.sqrt(fraction - before.fraction);
  const weighted = simpson(before);
  let crossing = 0;
  for (const [i, weight] of weighted.entries()) {
    const from = before.at[i] as number;
    crossing += weight * (normalCdf((from - limit) / deviation) + normalCdf((-limit - from) / deviation));
  }
  const density = at.map((to) => {
    let sum = 0;
    for (const [i, weight] of weighted.entries())
      sum += weight * normalDensity((to - (before.at[i] as number)) / deviation);
    return sum / deviation;
  });
  return [crossing, { at, density, fraction }];
}

function simpson({ at, density }: Surviving): Float64Array {
  const width = (at[1] as number) - (at[0] as number);
  return density.map((value, i) => {
    const weight = i === 0 || i === GRID - 1 ? 1 / 3 : i % 2 === 1 ? 4 / 3 : 2 / 3;
    return value * weight * width;
  });
}

/** P(|Z| crosses its bound for the first time at look k), without any effect. */
export function crossingProbabilities(bounds: readonly number[], fractions: readonly number[]): number[] {
  let state: Surviving | undefined;
  return bounds.map((bound, k) => {
    const [crossing, next] = look(state, bound, fractions[k] as number);
    state = next;
    return crossing;
  });
}

export interface PlannedLooks {
  readonly constant: number;
  /** On |z|, per look. */
  readonly bounds: readonly number[];
  readonly crossing: readonly number[];
}

/** `looks` equal steps. */
export function plannedLooks(shape: BoundShape, looks: number, alpha = 0.05): PlannedLooks {
  const fractions = Array.from({ length: looks }, (_, k) => (k + 1) / looks);
  const boundsAt = (constant: number): number[] =>
    fractions.map((fraction) => (shape === 'pocock' ? constant : constant / Math.sqrt(fraction)));
  const constant = rootOf(
    (c) => alpha - crossingProbabilities(boundsAt(c), fractions).reduce((sum, p) => sum + p, 0),
    normalQuantile(1 - alpha / 2),
  );
  const bounds = boundsAt(constant);
  return { constant, bounds, crossing: crossingProbabilities(bounds, fractions) };
}

/** How much of α may be spent by this share of the information. */
export function spentAlpha(shape: BoundShape, alpha: number, fraction: number): number {
  return shape === 'pocock'
    ? alpha * Math.log(1 + (Math.E - 1) * fraction)
    : 2 * normalCdf(-normalQuantile(1 - alpha / 2) / Math.sqrt(fraction));
}

export interface SpendingLooks {
  readonly spent: readonly number[];
  readonly bounds: readonly number[];
}

/** Looks at any rising fractions of the information, the last of them 1. */
export function spendingLooks(shape: BoundShape, fractions: readonly number[], alpha = 0.05): SpendingLooks {
  const spent = fractions.map((fraction) => spentAlpha(shape, alpha, fraction));
  let state: Surviving | undefined;
  const bounds = fractions.map((fraction, k) => {
    const increment = (spent[k] as number) - (spent[k - 1] ?? 0);
    const bound = rootOf((b) => increment - look(state, b, fraction)[0], 2.5);
    [, state] = look(state, bound, fraction);
    return bound;
  });
  return { spent, bounds };
}

/** Evidence against "no difference" that may be looked at any time: stop when it reaches 1/α. Prior N(0, g) on the effect. */
export function eValue(t: number, n: number, g = 1): number {
  const df = n - 1;
  if (df < 1) return 1;
  const wide = 1 + n * g;
  return wide ** -0.5 * ((1 + (t * t) / df) / (1 + (t * t) / (df * wide))) ** ((df + 1) / 2);
}
