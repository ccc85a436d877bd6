/** A function through given points, flat outside them. Source: `plugins/helper/shape_score.go`, v1.37.2. */

/** As configured: utilization 0..100 strictly rising, score 0..10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** Configured scores go up to 10, node scores up to 100. */
const SCALE = 10;

/** Utilization 0..100 → score 0..100, in whole numbers: the product is formed first, then truncated toward zero. */
export function brokenLinear(shape: readonly ShapePoint[]): (utilization: number) => number {
  const points = shape.map(({ utilization, score }) => ({ utilization, score: score * SCALE }));
  return (utilization) => {
    const next = points.findIndex((point) => utilization <= point.utilization);
    if (next === 0) return points[0]!.score;
    if (next < 0) return points[points.length - 1]!.score;
    const from = points[next - 1]!;
    const to = points[next]!;
    const rise = (to.score - from.score) * (utilization - from.utilization);
    return from.score + Math.trunc(rise / (to.utilization - from.utilization));
  };
}
