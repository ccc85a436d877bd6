/**
 * Medians with intervals and the test of whether two samples differ, as benchstat has them (`golang.org/x/perf/benchmath`):
 * no assumption about how figures are distributed.
 */

const CONFIDENCE = 0.95;
/** Up to here all arrangements are counted. */
const EXACT_UP_TO = 50;

export function medianOf(sample: readonly number[]): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Half the width of the median's interval, in parts of the median: between the order statistics that enclose it with the
 * confidence, or the least and the most where too few were taken for that. 0 for a sample of one.
 */
export function relativeInterval(sample: readonly number[]): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const count = sorted.length;
  if (count < 2) return 0;
  let rank = 0;
  let tail = 0;
  for (let k = 0, ways = 1; k < count / 2; k++) {
    tail += ways * 2 ** -count;
    if (2 * tail > 1 - CONFIDENCE) break;
    rank = k + 1;
    ways = (ways * (count - k)) / (k + 1);
  }
  const low = sorted[Math.max(0, rank - 1)]!;
  const high = sorted[Math.min(count - 1, count - rank)]!;
  return (high - low) / 2 / medianOf(sorted);
}

/** Two-sided p value of the Mann-Whitney U test. Exact for small samples without ties. */
export function mannWhitneyP(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value, isA: false }))];
  all.sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let tieTerm = 0;
  for (let i = 0; i < all.length; ) {
    let end = i;
    while (end < all.length && all[end]!.value === all[i]!.value) end++;
    const rank = (i + 1 + end) / 2;
    for (let j = i; j < end; j++) if (all[j]!.isA) rankSum += rank;
    tieTerm += (end - i) ** 3 - (end - i);
    i = end;
  }
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const least = Math.min(u, a.length * b.length - u);
  if (tieTerm === 0 && a.length <= EXACT_UP_TO && b.length <= EXACT_UP_TO) return exactP(a.length, b.length, least);
  const count = all.length;
  const variance = ((a.length * b.length) / 12) * (count + 1 - tieTerm / (count * (count - 1)));
  if (variance === 0) return 1;
  const z = Math.max(0, (a.length * b.length) / 2 - least - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * upperNormal(z));
}

/** Share of the arrangements whose U is as far from the middle, or farther. */
function exactP(m: number, n: number, least: number): number {
  // ways[j][u]: arrangements of the first i of one sample and j of the other.
  let ways = Array.from({ length: n + 1 }, () => [1]);
  for (let i = 1; i <= m; i++) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= n; j++) {
      const counts = new Array<number>(i * j + 1).fill(0);
      // The largest value is of the first sample and beats j, or of the other.
      ways[j]!.forEach((count, u) => {
        counts[u + j]! += count;
      });
      next[j - 1]!.forEach((count, u) => {
        counts[u]! += count;
      });
      next.push(counts);
    }
    ways = next;
  }
  const counts = ways[n]!;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const tail = counts.slice(0, least + 1).reduce((sum, count) => sum + count, 0);
  return Math.min(1, (2 * tail) / total);
}

/** Abramowitz and Stegun, 26.2.17. */
function upperNormal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
}
