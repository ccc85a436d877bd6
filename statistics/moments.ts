/** Sums of squares and products of two samples around their means. */
import { mean } from './descriptive.ts';

export interface Moments {
  readonly meanX: number;
  readonly meanY: number;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

export function momentsOf(x: readonly number[], y: readonly number[]): Moments {
  const meanX = mean(x);
  const meanY = mean(y);
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const a = (x[i] as number) - meanX;
    const b = (y[i] as number) - meanY;
    xx += a * a;
    xy += a * b;
    yy += b * b;
  }
  return { meanX, meanY, xx, xy, yy };
}
