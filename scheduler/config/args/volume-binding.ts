/** Source: `apis/config/v1/defaults.go`, `apis/config/validation/validation_pluginargs.go`, v1.37.2. */
import { type FieldError, invalidValue } from '../../../api/index.ts';
import { type Decoded, int64, list, optional, struct, typeMeta } from '../schema/schema.ts';
import { type ArgsDefinition, below } from './definition.ts';
import { type ShapePoint, shapeErrors, shapePoint } from './resources.ts';

const DEFAULT_SHAPE: readonly ShapePoint[] = [
  { utilization: 0, score: 10 },
  { utilization: 100, score: 0 },
];

const schema = struct('VolumeBindingArgs', 'v1', {
  ...typeMeta,
  bindTimeoutSeconds: optional(int64),
  shape: list(shapePoint),
});

export const volumeBindingArgs: ArgsDefinition<Decoded<typeof schema>> = {
  plugin: 'VolumeBinding',
  schema,
  checkedAt: 'validate',
  absent: 'want args to be of type VolumeBindingArgs, got <nil>',
  // The shape is there because gate StorageCapacityScoring is on by default.
  defaulted: (args) => ({
    ...args,
    bindTimeoutSeconds: args.bindTimeoutSeconds ?? 600n,
    shape: args.shape === undefined || args.shape.length === 0 ? DEFAULT_SHAPE : args.shape,
  }),
  errors: ({ bindTimeoutSeconds: timeout = 0n, shape = [] }, path) => {
    const errors: FieldError[] = [];
    if (timeout < 0n) {
      const detail = 'invalid BindTimeoutSeconds, should not be a negative value';
      errors.push(invalidValue(below(path, 'bindTimeoutSeconds'), timeout, detail));
    }
    return [...errors, ...shapeErrors(shape, below(path, 'shape'))];
  },
};
