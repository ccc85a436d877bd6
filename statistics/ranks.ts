/** Ranks from 1, equal values sharing the middle one. */
export interface Ranks {
  readonly ranks: Float64Array;
  /** Σ(t³ − t) over the groups of equal values: what ties take off the variance of a rank statistic. */
  readonly tieTerm: number;
  readonly hasTies: boolean;
}

export function midranks(values: ArrayLike<number>): Ranks {
  const n = values.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  const ranks = new Float64Array(n);
  let tieTerm = 0;
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && values[order[end] as number] === values[order[start] as number]) end++;
    for (let i = start; i < end; i++) ranks[order[i] as number] = (start + end + 1) / 2;
    const size = end - start;
    tieTerm += size ** 3 - size;
    start = end;
  }
  return { ranks, tieTerm, hasTies: tieTerm > 0 };
}
