/** Durations around a median: lognormal, the shape that start times of containers are reported to have. */
import { Random } from '../../scheduler/random.ts';

const HALF_OF_32_BITS = 2 ** -32;

export class Latency {
  private readonly random: Random;
  private readonly sigma: number;

  constructor(seed: number, sigma: number) {
    this.random = new Random(seed);
    this.sigma = sigma;
  }

  /** Whole microseconds, in milliseconds. */
  of(medianMs: number): number {
    if (medianMs === 0 || this.sigma === 0) return medianMs;
    return Math.round(medianMs * Math.exp(this.sigma * this.normal()) * 1000) / 1000;
  }

  /** Box and Muller's method. */
  private normal(): number {
    const u = (this.random.next() + 0.5) * HALF_OF_32_BITS;
    const v = (this.random.next() + 0.5) * HALF_OF_32_BITS;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  }
}
