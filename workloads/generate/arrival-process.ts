/** When jobs come: instants in ascending order, one at a time. */
import { randomExponential } from 'd3-random';
import { drawsOf } from './distribution.ts';
import type { Arrivals, BurstArrivals, ClosedLoopArrivals, RateArrivals } from './model.ts';
import { randomStream } from './random-stream.ts';
import { baseFactor, modulationFactor, type RateFactor, weekFactor } from './rate-factors.ts';

export interface ArrivalProcess {
  /** Seconds of the next instant; Infinity when there is none. */
  next(): number;
  /** Says how long what came at the last instant takes. */
  took(seconds: number): void;
}

/** @param name What the draws belong to. */
export function arrivalProcess(
  arrivals: Arrivals,
  seed: number,
  name: string,
  startSeconds: number,
  endSeconds: number,
): ArrivalProcess {
  switch (arrivals.kind) {
    case 'rate':
      return rateProcess(arrivals, seed, name, startSeconds, endSeconds);
    case 'bursts':
      return burstProcess(arrivals);
    case 'closedLoop':
      return closedLoop(arrivals, seed, name);
  }
}

/** The integral of the rate up to each instant grows by exponential steps: exact for a rate that is constant in pieces. */
function rateProcess(
  { base, daily, weekly, modulation }: RateArrivals,
  seed: number,
  name: string,
  startSeconds: number,
  endSeconds: number,
): ArrivalProcess {
  const factors: RateFactor[] = [baseFactor(base, randomStream(seed, `${name}/base`))];
  if (daily !== undefined || weekly !== undefined) factors.push(weekFactor(daily, weekly, startSeconds));
  for (const [i, one] of modulation.entries())
    factors.push(modulationFactor(one, randomStream(seed, `${name}/modulation-${i}`)));
  const step = randomExponential.source(randomStream(seed, `${name}/arrivals`))(1);
  let now = 0;
  return {
    next() {
      let rest = step();
      while (now < endSeconds) {
        let rate = 1;
        let until = Number.POSITIVE_INFINITY;
        for (const factor of factors) {
          rate *= factor.value;
          if (factor.until < until) until = factor.until;
        }
        const at = now + rest / rate;
        if (at < until) {
          now = at;
          return at;
        }
        if (until === Number.POSITIVE_INFINITY) break;
        rest -= (until - now) * rate;
        now = until;
        for (const factor of factors) if (factor.until <= until) factor.next();
      }
      return Number.POSITIVE_INFINITY;
    },
    took() {},
  };
}

function burstProcess({ firstSeconds, everySeconds, count, spreadSeconds }: BurstArrivals): ArrivalProcess {
  let instants = 0;
  return {
    next() {
      const burst = Math.floor(instants / count);
      const at = firstSeconds + burst * everySeconds + ((instants % count) / count) * spreadSeconds;
      instants++;
      return at;
    },
    took() {},
  };
}

function closedLoop({ users, think }: ClosedLoopArrivals, seed: number, name: string): ArrivalProcess {
  const thought = drawsOf(think, randomStream(seed, `${name}/think`));
  // Ascending; who submits last goes in behind those who are free earlier.
  const free = Array.from({ length: users }, thought).sort((a, b) => a - b);
  let now = 0;
  return {
    next() {
      now = free.shift() ?? Number.POSITIVE_INFINITY;
      return now;
    },
    took(seconds) {
      const at = now + seconds + thought();
      let low = 0;
      let high = free.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (free[middle]! <= at) low = middle + 1;
        else high = middle;
      }
      free.splice(low, 0, at);
    },
  };
}
