/**
 * From attempts to the published curves: a value per percent of arrived load. Rounding is the published scripts': every
 * attempt is printed with two decimals (as Python prints), averaged per column, and the mean rounded as numpy rounds.
 * Source: experiments/analysis/merge_*.py of hkust-adsl/kubernetes-scheduler-simulator 8f3d6417.
 */
import type { ExperimentTrack } from './experiment.ts';

export const LOAD_COLUMNS = 131;

/** Per arrived load 0 … 130 %. */
export interface Curves {
  /** GPU-milli in use, percent of capacity. */
  readonly allocation: Float64Array;
  /** Fragmented, percent of capacity. */
  readonly fragmentation: Float64Array;
  /** Fragmented, percent of what is idle. */
  readonly fragmentationRatio: Float64Array;
}

export function curvesOf(track: ExperimentTrack, gpus: number): Curves {
  const capacityMilli = gpus * 1000;
  const events = track.arrivedMilli.length;
  const column = new Int32Array(events);
  const allocated = new Float64Array(events);
  const fragmented = new Float64Array(events);
  const ratio = new Float64Array(events);
  for (let event = 0; event < events; event++) {
    const used = track.usedMilli[event]!;
    column[event] = roundHalfEven(track.arrivedMilli[event]! / gpus / 10);
    allocated[event] = printed((100 * used) / capacityMilli);
    fragmented[event] = printed(track.fragmentedMilli[event]!);
    const idle = capacityMilli - used;
    ratio[event] = idle === 0 ? 0 : printed((100 * track.fragmentedMilli[event]!) / idle);
  }
  const curves: Curves = {
    allocation: new Float64Array(LOAD_COLUMNS),
    fragmentation: new Float64Array(LOAD_COLUMNS),
    fragmentationRatio: new Float64Array(LOAD_COLUMNS),
  };
  for (let load = 0; load < LOAD_COLUMNS; load++) {
    const [from, to] = window(column, load);
    curves.allocation[load] = numpyRound(mean(allocated, from, to));
    curves.fragmentation[load] = numpyRound(mean(fragmented, from, to) / (gpus * 10));
    curves.fragmentationRatio[load] = mean(ratio, from, to);
  }
  return curves;
}

/**
 * The attempts of a column, or where it has none, of it and its neighbours; where a small cluster has none there either,
 * the attempt before. Arrived load never falls.
 */
function window(column: Int32Array, load: number): [number, number] {
  const from = firstAtLeast(column, load);
  const to = firstAtLeast(column, load + 1);
  if (from < to) return [from, to];
  const near = firstAtLeast(column, load - 1);
  const far = firstAtLeast(column, load + 2);
  if (near < far) return [near, far];
  const before = Math.max(0, near - 1);
  return [before, before + 1];
}

function firstAtLeast(column: Int32Array, load: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle]! < load) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Summed as numpy sums: in eight strands up to 128 values, above that in halves. */
const mean = (values: Float64Array, from: number, to: number): number => pairwiseSum(values, from, to) / (to - from);

function pairwiseSum(values: Float64Array, from: number, to: number): number {
  const count = to - from;
  if (count > 128) {
    const half = count >> 1;
    const middle = from + half - (half % 8);
    return pairwiseSum(values, from, middle) + pairwiseSum(values, middle, to);
  }
  if (count < 8) {
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i]!;
    return sum;
  }
  const strands = values.slice(from, from + 8);
  let i = from + 8;
  for (; i + 8 <= to; i += 8) for (let k = 0; k < 8; k++) strands[k]! += values[i + k]!;
  const [a, b, c, d, e, f, g, h] = strands as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  let sum = a + b + (c + d) + (e + f + (g + h));
  for (; i < to; i++) sum += values[i]!;
  return sum;
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** Scaled by 100, rounded half to even, scaled back. */
const numpyRound = (value: number): number => roundHalfEven(value * 100) / 100;

/** Two decimals of the exact value. Only odd multiples of an eighth lie half way; they go to the even digit. */
function printed(value: number): number {
  const eighths = value * 8;
  if (Number.isInteger(eighths) && eighths % 2 !== 0) return roundHalfEven(value * 100) / 100;
  return Number(value.toFixed(2));
}
