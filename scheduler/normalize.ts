/**
 * From raw scores to 0..100 over the feasible nodes, by kind.
 * Sources, v1.37.2: `plugins/helper/normalize_score.go`; `plugins/podtopologyspread/scoring.go`;
 * `plugins/interpodaffinity/scoring.go`.
 *
 * Cost: two passes over the feasible nodes, in place, no allocation.
 */
import type { Normalization } from './plugin.ts';

const MAX = 100;

export function normalize(kind: Normalization, scores: Float64Array, rows: Int32Array, count: number): void {
  switch (kind.kind) {
    case 'max':
      byMax(scores, count, false);
      break;
    case 'reversedMax':
      byMax(scores, count, true);
      break;
    case 'minMax':
      byRange(scores, count);
      break;
    case 'spread':
      bySpread(scores, rows, count, kind.ignored);
      break;
    case 'custom':
      kind.apply(scores, rows, count);
  }
}

function byMax(scores: Float64Array, count: number, reverse: boolean): void {
  let max = 0;
  for (let i = 0; i < count; i++) if (scores[i]! > max) max = scores[i]!;
  if (max === 0) {
    if (reverse) scores.fill(MAX, 0, count);
    return;
  }
  for (let i = 0; i < count; i++) {
    const share = Math.trunc((MAX * scores[i]!) / max);
    scores[i] = reverse ? MAX - share : share;
  }
}

function byRange(scores: Float64Array, count: number): void {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const score = scores[i]!;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  const range = max - min;
  // Division first, in floats: 29 of 100 becomes 28, as upstream has it.
  for (let i = 0; i < count; i++) scores[i] = range > 0 ? Math.trunc(MAX * ((scores[i]! - min) / range)) : 0;
}

function bySpread(scores: Float64Array, rows: Int32Array, count: number, ignored: (row: number) => boolean): void {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (let i = 0; i < count; i++) {
    if (ignored(rows[i]!)) continue;
    const score = scores[i]!;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  for (let i = 0; i < count; i++) {
    if (ignored(rows[i]!)) scores[i] = 0;
    else scores[i] = max === 0 ? MAX : Math.trunc((MAX * (max + min - scores[i]!)) / max);
  }
}
