/** Source: `apis/config/v1/defaults.go`, `apis/config/validation/validation_pluginargs.go`, v1.37.2. */
import { type FieldError, invalidValue } from '../../../api/index.ts';
import { type Decoded, int32, optional, struct, typeMeta } from '../schema/schema.ts';
import { type ArgsDefinition, below } from './definition.ts';

const schema = struct('DefaultPreemptionArgs', 'v1', {
  ...typeMeta,
  minCandidateNodesPercentage: optional(int32),
  minCandidateNodesAbsolute: optional(int32),
});

export const defaultPreemptionArgs: ArgsDefinition<Decoded<typeof schema>> = {
  plugin: 'DefaultPreemption',
  schema,
  checkedAt: 'validate',
  absent: 'got args of type <nil>, want *DefaultPreemptionArgs',
  defaulted: (args) => ({
    ...args,
    minCandidateNodesPercentage: args.minCandidateNodesPercentage ?? 10,
    minCandidateNodesAbsolute: args.minCandidateNodesAbsolute ?? 100,
  }),
  errors: ({ minCandidateNodesPercentage: percentage = 0, minCandidateNodesAbsolute: absolute = 0 }, path) => {
    const errors: FieldError[] = [];
    const percentagePath = below(path, 'minCandidateNodesPercentage');
    const absolutePath = below(path, 'minCandidateNodesAbsolute');
    if (percentage < 0 || percentage > 100) {
      errors.push(invalidValue(percentagePath, percentage, 'not in valid range [0, 100]'));
    }
    if (absolute < 0) errors.push(invalidValue(absolutePath, absolute, 'not in valid range [0, inf)'));
    if (percentage === 0 && absolute === 0) {
      const together = 'cannot be zero at the same time as';
      errors.push(invalidValue(percentagePath, percentage, `${together} minCandidateNodesAbsolute`));
      errors.push(invalidValue(absolutePath, absolute, `${together} minCandidateNodesPercentage`));
    }
    return errors;
  },
};
