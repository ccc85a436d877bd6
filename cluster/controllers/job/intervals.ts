/**
 * Sets of completion indexes, as `status.completedIndexes` writes them: `1,3-5,7`. Source:
 * `pkg/controller/job/indexed_job_utils.go`, v1.37.2.
 */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Ascending, with a gap between any two. */
export type Intervals = readonly Interval[];

export function parseIntervals(text: string | undefined, completions: number): Intervals {
  if (!text) return [];
  const found: Interval[] = [];
  for (const part of text.split(',')) {
    const bounds = part.split('-');
    // Broken ones are passed over.
    if (!bounds.every((bound) => /^\d+$/.test(bound))) continue;
    const [first, last = first] = bounds.map(Number) as [number, number?];
    if (first >= completions) break;
    found.push({ first, last: Math.min(last, completions - 1) });
  }
  return merged(found, []);
}

export const ofIndexes = (indexes: Iterable<number>): Intervals =>
  merged(
    [...indexes].sort((a, b) => a - b).map((index) => ({ first: index, last: index })),
    [],
  );

/** Both ascending. */
export function merged(a: Intervals, b: Intervals): Intervals {
  const result: Array<{ first: number; last: number }> = [];
  const add = ({ first, last }: Interval): void => {
    const before = result.at(-1);
    if (before === undefined || first > before.last + 1) result.push({ first, last });
    else if (before.last < last) before.last = last;
  };
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const isFromA = j === b.length || (i < a.length && a[i]!.first < b[j]!.first);
    add(isFromA ? a[i++]! : b[j++]!);
  }
  return result;
}

export const total = (intervals: Intervals): number =>
  intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);

export function has(intervals: Intervals, index: number): boolean {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle]!.last >= index) high = middle;
    else low = middle + 1;
  }
  return low < intervals.length && intervals[low]!.first <= index;
}

/** Two neighbours are written one by one, three and more with a hyphen. */
export const textOf = (intervals: Intervals): string =>
  intervals
    .map(({ first, last }) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',');

/** How many indexes both have. */
export function overlap(a: Intervals, b: Intervals): number {
  let count = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i]!.first, b[j]!.first);
    const last = Math.min(a[i]!.last, b[j]!.last);
    count += Math.max(0, last - first + 1);
    if (a[i]!.last < b[j]!.last) i++;
    else j++;
  }
  return count;
}

/** The lowest indexes below `completions` that are not in the intervals. */
export function firstGaps(intervals: Intervals, count: number, completions: number): number[] {
  const gaps: number[] = [];
  let next = 0;
  for (const { first, last } of [...intervals, { first: completions, last: completions }]) {
    for (; next < Math.min(first, completions) && gaps.length < count; next++) gaps.push(next);
    next = Math.max(next, last + 1);
  }
  return gaps;
}
