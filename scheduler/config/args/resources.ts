/** Lists of resources and function shapes, as several plugins' arguments have them. */
import { type FieldError, invalidValue, requiredValue } from '../../../api/index.ts';
import { always, type Decoded, int32, int64, struct, text } from '../schema/schema.ts';

export const resourceSpec = struct('ResourceSpec', 'v1', { name: always(text()), weight: int64 });
export type ResourceSpec = Decoded<typeof resourceSpec>;

const CPU_AND_MEMORY: readonly ResourceSpec[] = [
  { name: 'cpu', weight: 1n },
  { name: 'memory', weight: 1n },
];

/** No list means cpu and memory; a weight that is missing or 0 means 1. */
export const defaultedResources = (resources: readonly ResourceSpec[] | undefined): readonly ResourceSpec[] =>
  resources === undefined || resources.length === 0
    ? CPU_AND_MEMORY
    : resources.map(({ name, weight }) => ({ name, weight: weight === 0n ? 1n : weight }));

export const shapePoint = struct('UtilizationShapePoint', 'v1', { utilization: always(int32), score: always(int32) });
export type ShapePoint = Decoded<typeof shapePoint>;

const UTILIZATION_MAX = 100;
const SCORE_MAX = 10;

/** Source: `validateFunctionShape` in `apis/config/validation/validation_pluginargs.go`, v1.37.2. */
export function shapeErrors(shape: readonly ShapePoint[], path: string): FieldError[] {
  if (shape.length === 0) return [requiredValue(path, 'at least one point must be specified')];
  const errors: FieldError[] = [];
  const unsorted = shape.findIndex(({ utilization }, i) => i > 0 && shape[i - 1]!.utilization >= utilization);
  if (unsorted >= 0) {
    const { utilization } = shape[unsorted]!;
    const detail = 'values must be sorted in increasing order';
    errors.push(invalidValue(`${path}[${unsorted}].utilization`, utilization, detail));
  }
  shape.forEach(({ utilization, score }, i) => {
    if (utilization < 0 || utilization > UTILIZATION_MAX) {
      const detail = `not in valid range [0, ${UTILIZATION_MAX}]`;
      errors.push(invalidValue(`${path}[${i}].utilization`, utilization, detail));
    }
    if (score < 0 || score > SCORE_MAX) {
      errors.push(invalidValue(`${path}[${i}].score`, score, `not in valid range [0, ${SCORE_MAX}]`));
    }
  });
  return errors;
}
