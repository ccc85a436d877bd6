/**
 * What a seed draws for a cell: the order in which nodes registered, the order in which pods arrive, and the seed for
 * random tie-breaks. Each has a stream of its own, so that drawing one does not shift another.
 */
import { Random } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';

export const SHUFFLES = ['none', 'nodes', 'pods', 'both'] as const;
export type Shuffle = (typeof SHUFFLES)[number];

export interface DrawnOrder {
  /** Indices into `workload.nodes`. */
  readonly nodes: Int32Array;
  /** Rows of `workload.pods`, first to arrive first. */
  readonly pods: Int32Array;
  /** When each of `pods` arrives. Shuffled pods arrive at the instants that the workload has, in the drawn order. */
  readonly arrivalSeconds: Float64Array;
  readonly tieSeed: number;
}

/** Recorded arrivals stay as they are; where there are none, the order of pods is the seed's to draw. */
export const defaultShuffle = (workload: Workload): Shuffle => (workload.hasTimes ? 'nodes' : 'both');

/** @param tieSeed Draws what settles ties, the order of the nodes and random choices, apart from everything else. */
export function drawOrder(workload: Workload, seed: number, shuffle: Shuffle, tieSeed?: number): DrawnOrder {
  const streams = new Random(seed);
  const podRandom = new Random(streams.next());
  const ties = tieSeed === undefined ? streams : new Random(tieSeed);
  const nodeRandom = new Random(ties.next());
  const randomTies = ties.next();
  const { arrivalSeconds } = workload.pods;
  const pods = counting(workload.pods.count).sort((a, b) => arrivalSeconds[a]! - arrivalSeconds[b]! || a - b);
  const instants = Float64Array.from(pods, (pod) => arrivalSeconds[pod]!);
  if (shuffle === 'pods' || shuffle === 'both') shuffleInPlace(pods, podRandom);
  const nodes = counting(workload.nodes.length);
  if (shuffle === 'nodes' || shuffle === 'both') shuffleInPlace(nodes, nodeRandom);
  return { nodes, pods, arrivalSeconds: instants, tieSeed: randomTies };
}

const counting = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

/** Fisher-Yates. Returns what it was given. */
export function shuffleInPlace<Items extends Int32Array | unknown[]>(items: Items, random: Random): Items {
  for (let last = items.length - 1; last > 0; last--) {
    const at = random.below(last + 1);
    const swapped = items[at]!;
    items[at] = items[last]!;
    items[last] = swapped;
  }
  return items;
}
