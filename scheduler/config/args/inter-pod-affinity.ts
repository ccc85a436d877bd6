/** Source: `apis/config/v1/defaults.go`, `apis/config/validation/validation_pluginargs.go`, v1.37.2. */
import { invalidValue } from '../../../api/index.ts';
import { always, bool, type Decoded, int32, optional, struct, typeMeta } from '../schema/schema.ts';
import { type ArgsDefinition, below } from './definition.ts';

const schema = struct('InterPodAffinityArgs', 'v1', {
  ...typeMeta,
  hardPodAffinityWeight: optional(int32),
  ignorePreferredTermsOfExistingPods: always(bool),
});

export const interPodAffinityArgs: ArgsDefinition<Decoded<typeof schema>> = {
  plugin: 'InterPodAffinity',
  schema,
  checkedAt: 'validate',
  absent: 'want args to be of type InterPodAffinityArgs, got <nil>',
  defaulted: (args) => ({ ...args, hardPodAffinityWeight: args.hardPodAffinityWeight ?? 1 }),
  errors: ({ hardPodAffinityWeight: weight = 0 }, path) =>
    weight < 0 || weight > 100
      ? [invalidValue(below(path, 'hardPodAffinityWeight'), weight, 'not in valid range [0, 100]')]
      : [],
};
