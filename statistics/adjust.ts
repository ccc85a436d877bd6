/** p-values of many comparisons, adjusted; capped at 1, in the order they came in. */
export type Adjustment = 'bonferroni' | 'holm' | 'hochberg' | 'hommel' | 'bh' | 'by';

export function adjustP(p: readonly number[], method: Adjustment): number[] {
  switch (method) {
    case 'bonferroni':
      return p.map((value) => Math.min(1, value * p.length));
    case 'holm':
      return stepDown(p);
    case 'hochberg':
      return stepUp(p, (rank, m) => m - rank + 1);
    case 'bh':
      return stepUp(p, (rank, m) => m / rank);
    case 'by': {
      const harmonic = p.reduce((sum, _, index) => sum + 1 / (index + 1), 0);
      return stepUp(p, (rank, m) => (m * harmonic) / rank);
    }
    case 'hommel':
      return hommel(p);
  }
}

const ascendingOrder = (p: readonly number[]): number[] =>
  p.map((_, index) => index).sort((a, b) => (p[a] as number) - (p[b] as number));

/** Holm 1979: running maximum from the smallest up. */
function stepDown(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  let top = 0;
  for (const [index, place] of ascendingOrder(p).entries()) {
    top = Math.max(top, Math.min(1, (p[place] as number) * (p.length - index)));
    adjusted[place] = top;
  }
  return adjusted;
}

/** Running minimum from the largest down. */
function stepUp(p: readonly number[], factor: (rank: number, m: number) => number): number[] {
  const adjusted = new Array<number>(p.length);
  const order = ascendingOrder(p);
  let low = 1;
  for (let index = order.length - 1; index >= 0; index--) {
    const place = order[index] as number;
    low = Math.min(low, (p[place] as number) * factor(index + 1, p.length));
    adjusted[place] = low;
  }
  return adjusted;
}

/** Hommel 1988, in the form of Wright 1992. */
function hommel(p: readonly number[]): number[] {
  const m = p.length;
  const order = ascendingOrder(p);
  const sorted = order.map((place) => p[place] as number);
  const low = (from: number, size: number): number => {
    let least = Number.POSITIVE_INFINITY;
    for (let j = 1; j < size; j++) least = Math.min(least, (size * (sorted[from + j] as number)) / (j + 1));
    return least;
  };
  const whole = sorted.reduce((least, value, index) => Math.min(least, (m * value) / (index + 1)), 1);
  const adjusted = new Array<number>(m).fill(whole);
  for (let size = m - 1; size >= 2; size--) {
    const upper = low(m - size, size);
    const bound = (place: number): number => Math.min(size * (sorted[place] as number), upper);
    for (let i = 0; i < m; i++) adjusted[i] = Math.max(adjusted[i] as number, bound(Math.min(i, m - size)));
  }
  const result = new Array<number>(m);
  for (const [index, place] of order.entries()) {
    result[place] = Math.min(1, Math.max(adjusted[index] as number, sorted[index] as number));
  }
  return result;
}
