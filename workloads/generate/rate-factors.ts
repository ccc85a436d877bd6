/** Factors of an arrival rate, each constant for a while. */
import { randomExponential, randomNormal } from 'd3-random';
import type { BaseRate, Modulation } from './model.ts';
import type { Uniform } from './random-stream.ts';

export interface RateFactor {
  /** From the last boundary up to `until`. */
  value: number;
  /** Seconds; Infinity when it never changes again. */
  until: number;
  /** Goes to the piece that begins at `until`. */
  next(): void;
}

const HOUR = 3600;
const HOURS_PER_DAY = 24;
const HOURS_PER_WEEK = 7 * HOURS_PER_DAY;

/** Per second. */
export function baseFactor(base: BaseRate, uniform: Uniform): RateFactor {
  switch (base.kind) {
    case 'constant':
      return { value: base.perHour / HOUR, until: Number.POSITIVE_INFINITY, next() {} };
    case 'steps':
      return stepsFactor(base.steps);
    case 'mmpp':
      return mmppFactor(base.states, uniform);
  }
}

/** Before the first step nothing comes. */
function stepsFactor(steps: readonly { readonly fromSeconds: number; readonly perHour: number }[]): RateFactor {
  let at = -1;
  const factor = {
    value: 0,
    until: 0,
    next() {
      factor.value = at < 0 ? 0 : steps[at]!.perHour / HOUR;
      at++;
      factor.until = steps[at]?.fromSeconds ?? Number.POSITIVE_INFINITY;
    },
  };
  factor.next();
  return factor;
}

function mmppFactor(
  states: readonly { readonly perHour: number; readonly meanSeconds: number }[],
  uniform: Uniform,
): RateFactor {
  const stays = states.map(({ meanSeconds }) => randomExponential.source(uniform)(1 / meanSeconds));
  // In the long run each state has a share of the time in proportion to its mean stay.
  const total = states.reduce((sum, { meanSeconds }) => sum + meanSeconds, 0);
  let state = 0;
  for (let rest = uniform() * total; state < states.length - 1; state++) {
    rest -= states[state]!.meanSeconds;
    if (rest < 0) break;
  }
  const factor = {
    value: states[state]!.perHour / HOUR,
    until: stays[state]!(),
    next() {
      state = (state + 1) % states.length;
      factor.value = states[state]!.perHour / HOUR;
      factor.until += stays[state]!();
    },
  };
  return factor;
}

/** Hours of the week, with a mean of 1. */
export function weekFactor(
  daily: readonly number[] | undefined,
  weekly: readonly number[] | undefined,
  startSeconds: number,
): RateFactor {
  const over = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value / mean);
  };
  const hours = over(daily ?? new Array<number>(HOURS_PER_DAY).fill(1));
  const days = over(weekly ?? new Array<number>(7).fill(1));
  let hour = Math.floor(startSeconds / HOUR);
  const valueAt = () => days[Math.floor((hour % HOURS_PER_WEEK) / HOURS_PER_DAY)]! * hours[hour % HOURS_PER_DAY]!;
  const factor = {
    value: valueAt(),
    until: (hour + 1) * HOUR - startSeconds,
    next() {
      hour++;
      factor.value = valueAt();
      factor.until += HOUR;
    },
  };
  return factor;
}

/** Pieces per correlation time: the covariance within a piece is off by less than a tenth. */
const PIECES = 16;

/** exp(Z - sd²/2), which has a mean of 1; exact steps of the Ornstein-Uhlenbeck process (Gillespie, Phys. Rev. E 54, 1996). */
export function modulationFactor({ sd, correlationSeconds }: Modulation, uniform: Uniform): RateFactor {
  const normal = randomNormal.source(uniform)();
  const step = correlationSeconds / PIECES;
  const keep = Math.exp(-1 / PIECES);
  const noise = sd * Math.sqrt(1 - keep * keep);
  let z = sd * normal();
  const factor = {
    value: Math.exp(z - (sd * sd) / 2),
    until: step * uniform(),
    next() {
      z = z * keep + noise * normal();
      factor.value = Math.exp(z - (sd * sd) / 2);
      factor.until += step;
    },
  };
  return factor;
}
