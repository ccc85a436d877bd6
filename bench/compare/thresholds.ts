/** Thresholds and names of metrics as people write them. */
import { InputError } from '../../api/index.ts';
import type { Threshold } from './compare.ts';
import { COMPARED_METRICS } from './metrics.ts';

/** `2%` for all metrics, `METRIC=2%` or `METRIC=0.01`. Throws InputError. */
export function parseThreshold(text: string): [string, Threshold] {
  const match = /^(?:(\w+)=)?(\d+(?:\.\d+)?)(%?)$/.exec(text.replaceAll(' ', ''));
  if (match === null) throw new InputError(`"${text}": write 2%, METRIC=2% or METRIC=0.01.`);
  const [, metric, size, percent] = match;
  if (metric !== undefined) knownMetric(metric);
  const value = Number(size);
  if (value === 0) throw new InputError(`"${text}": a threshold is above 0.`);
  return [metric ?? '*', percent === '%' ? { percent: value } : { absolute: value }];
}

/** Throws InputError. */
export function knownMetric(name: string): void {
  if (COMPARED_METRICS.some((metric) => metric.name === name)) return;
  throw new InputError(
    `there is no metric ${name}; there are ${COMPARED_METRICS.map((metric) => metric.name).join(', ')}`,
  );
}
