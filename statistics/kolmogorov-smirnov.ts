/** The largest distance between two distribution functions, and how likely it is to be that large. */
import { ascending } from './quantile.ts';

/** Of two samples. */
export function ksDistance(x: readonly number[], y: readonly number[]): number {
  const a = ascending(x);
  const b = ascending(y);
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < a.length && j < b.length) {
    const at = Math.min(a[i] as number, b[j] as number);
    while (i < a.length && (a[i] as number) === at) i++;
    while (j < b.length && (b[j] as number) === at) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

/** Of a sample from a given distribution function. */
export function ksDistanceFrom(values: readonly number[], cdf: (value: number) => number): number {
  const sorted = ascending(values);
  const n = sorted.length;
  let largest = 0;
  for (const [index, value] of sorted.entries()) {
    const expected = cdf(value);
    largest = Math.max(largest, (index + 1) / n - expected, expected - index / n);
  }
  return largest;
}

/** P(D ≥ d) for two samples without ties: the share of lattice paths that leave the band. */
export function ksTwoSampleExact(d: number, n: number, m: number): number {
  const limit = (Math.round(d * n * m) - 0.5) / (n * m);
  const inside = (i: number, j: number): boolean => Math.abs(i / n - j / m) < limit;
  // left[j]: the share of all paths to (i, j) that have left the band before or at it.
  let left = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    const row = new Float64Array(m + 1);
    for (let j = 0; j <= m; j++) {
      if (!inside(i, j)) row[j] = 1;
      else if (i > 0 || j > 0) {
        const fromLeft = i > 0 ? (left[j] as number) * (i / (i + j)) : 0;
        const fromBelow = j > 0 ? (row[j - 1] as number) * (j / (i + j)) : 0;
        row[j] = fromLeft + fromBelow;
      }
    }
    left = row;
  }
  return Math.min(1, left[m] as number);
}

/** P(D ≥ d) for two samples, as of one sample of the size nm/(n+m). */
export const ksTwoSampleAsymptotic = (d: number, n: number, m: number): number =>
  1 - kolmogorovExactCdf(d, roundHalfEven((n * m) / (n + m)));

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return Math.round(value);
}

/** P(D√n ≥ x) for n → ∞. */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  if (x < 1) {
    // The other series of the same function, which converges where x is small.
    let sum = 0;
    for (let k = 1; k <= 20; k++) sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * x * x);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return Math.min(1, 2 * sum);
}

/** P(D ≥ d) for one sample of n; good in the far tail, where 1 − cdf has no digits left. */
export function ksOneSampleExact(d: number, n: number): number {
  if (d >= 1) return 0;
  // Where both one-sided distances are hardly ever that large together, the tail is twice the one-sided one (Smirnov 1944);
  // from where on that beats the other ways: Simard and L'Ecuyer 2011.
  if (d >= 0.5 || n * d * d > (n > 140 ? 2.2 : 4)) return Math.min(1, 2 * smirnovTail(d, n));
  return 1 - kolmogorovExactCdf(d, n);
}

/** P(D⁺ ≥ d). */
function smirnovTail(d: number, n: number): number {
  let sum = 0;
  const logs = logFactorials(n);
  for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
    const at = d + j / n;
    const rest = 1 - at;
    if (rest < 0) break;
    const logTerm =
      (logs[n] as number) -
      (logs[j] as number) -
      (logs[n - j] as number) +
      (n - j === 0 ? 0 : (n - j) * Math.log(Math.max(rest, Number.MIN_VALUE))) +
      (j - 1) * Math.log(at);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, d * sum);
}

function logFactorials(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  for (let i = 2; i <= n; i++) logs[i] = (logs[i - 1] as number) + Math.log(i);
  return logs;
}

/**
 * P(D < d) for one sample of n: by the power of a matrix where it is small enough, else by the expansion of Pelz and Good,
 * which is good to seven digits there (the choice of Simard and L'Ecuyer 2011).
 */
export function kolmogorovExactCdf(d: number, n: number): number {
  if (d <= 0) return 0;
  if (d >= 1) return 1;
  return n > 140 && n * d ** 1.5 > 1.4 ? pelzGood(d, n) : matrixCdf(d, n);
}

/** Pelz and Good 1976: a series in powers of 1/√n around the limit. */
function pelzGood(d: number, n: number): number {
  const z = d * Math.sqrt(n);
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const root = Math.sqrt(Math.PI / 2);
  const sums = [0, 0, 0, 0];
  // Terms of both signs of the index at once.
  for (let j = 0; j < 40; j++) {
    const q = pi2 * (j + 0.5) ** 2;
    const weight = 2 * Math.exp(-q / (2 * z2));
    if (weight === 0) break;
    sums[0]! += weight;
    sums[1]! += weight * (q - z2);
    sums[2]! += weight * (6 * z6 + 2 * z4 + q * (2 * z4 - 5 * z2) + q * q * (1 - 2 * z2));
    sums[3]! +=
      weight *
      (q ** 3 * (5 - 30 * z2) + q * q * (212 * z4 - 60 * z2) + q * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z4 * z4);
  }
  let second = 0;
  let third = 0;
  for (let k = 1; k < 40; k++) {
    const q = pi2 * k * k;
    const weight = 2 * Math.exp(-q / (2 * z2));
    second += weight * q;
    third += weight * (3 * q * z2 - q * q);
  }
  const k0 = (root / z) * sums[0]!;
  const k1 = (root / (6 * z4)) * sums[1]!;
  const k2 = (root / (72 * z6 * z)) * sums[2]! - (root / (36 * z2 * z)) * second;
  const k3 = (root / (6480 * z6 * z4)) * sums[3]! + (root / (216 * z6)) * third;
  return Math.min(1, Math.max(0, k0 + k1 / Math.sqrt(n) + k2 / n + k3 / n ** 1.5));
}

/** Marsaglia, Tsang and Wang 2003. */
function matrixCdf(d: number, n: number): number {
  const k = Math.floor(n * d) + 1;
  const size = 2 * k - 1;
  const h = k - n * d;
  const step = new Float64Array(size * size);
  const cell = (row: number, column: number): number => step[row * size + column] as number;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) step[i * size + j] = i - j + 1 < 0 ? 0 : 1;
  }
  for (let i = 0; i < size; i++) {
    step[i * size] = cell(i, 0) - h ** (i + 1);
    step[(size - 1) * size + i] = cell(size - 1, i) - h ** (size - i);
  }
  const corner = (size - 1) * size;
  step[corner] = cell(size - 1, 0) + (2 * h - 1 > 0 ? (2 * h - 1) ** size : 0);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let g = 1; g <= i - j + 1; g++) step[i * size + j] = cell(i, j) / g;
    }
  }
  const { matrix, exponent } = powerOf(step, size, n);
  let result = matrix[(k - 1) * size + k - 1] as number;
  let scale = exponent;
  for (let i = 1; i <= n; i++) {
    result = (result * i) / n;
    if (result < 1e-140) {
      result *= 1e140;
      scale -= 140;
    }
  }
  return Math.min(1, Math.max(0, result * 10 ** scale));
}

interface Scaled {
  readonly matrix: Float64Array;
  /** The matrix is to be multiplied by ten to this. */
  readonly exponent: number;
}

function powerOf(matrix: Float64Array, size: number, n: number): Scaled {
  if (n === 1) return { matrix, exponent: 0 };
  const half = powerOf(matrix, size, n >> 1);
  const squared = product(half.matrix, half.matrix, size);
  const power = n % 2 === 0 ? squared : product(matrix, squared, size);
  const exponent = 2 * half.exponent;
  const middle = power[(size >> 1) * size + (size >> 1)] as number;
  return middle > 1e140
    ? { matrix: power.map((value) => value * 1e-140), exponent: exponent + 140 }
    : { matrix: power, exponent };
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k] as number;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) {
        result[i * size + j] = (result[i * size + j] as number) + factor * (b[k * size + j] as number);
      }
    }
  }
  return result;
}
