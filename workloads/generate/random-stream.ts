/**
 * Streams of random numbers that belong to a seed and a name: what one part of a generator draws does not depend on what another
 * part drew, so that a further workload in a file leaves the others as they were.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { drawFor } from '../trace/keyed-random.ts';

/** In [0, 1). */
export type Uniform = () => number;

export function randomStream(seed: number, name: string): Uniform {
  const generator = xoroshiro128plus((drawFor(seed, name) * 2 ** 32) | 0);
  return () => uniformFloat64(generator);
}
