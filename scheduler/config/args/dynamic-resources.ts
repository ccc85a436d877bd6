/** Source: `apis/config/v1/defaults.go`, `apis/config/validation/validation_pluginargs.go`, v1.37.2. */
import { type FieldError, invalidValue } from '../../../api/index.ts';
import { formatDuration, SECOND } from '../duration.ts';
import { always, type Decoded, duration, optional, struct, typeMeta } from '../schema/schema.ts';
import { type ArgsDefinition, below } from './definition.ts';

const schema = struct('DynamicResourcesArgs', 'v1', {
  ...typeMeta,
  filterTimeout: always(optional(duration)),
  bindingTimeout: optional(duration),
});

export const dynamicResourcesArgs: ArgsDefinition<Decoded<typeof schema>> = {
  plugin: 'DynamicResources',
  schema,
  checkedAt: 'validate',
  absent: 'got args of type <nil>, want *DynamicResourcesArgs',
  // Both are there because their gates are on by default.
  defaulted: (args) => ({
    ...args,
    filterTimeout: args.filterTimeout ?? 10n * SECOND,
    bindingTimeout: args.bindingTimeout ?? 600n * SECOND,
  }),
  errors: ({ filterTimeout = 0n, bindingTimeout = SECOND }, path) => {
    const errors: FieldError[] = [];
    if (filterTimeout < 0n) {
      const detail = 'must be zero or positive';
      errors.push(invalidValue(below(path, 'filterTimeout'), formatDuration(filterTimeout), detail));
    }
    if (bindingTimeout < SECOND) {
      const detail = 'must be at least 1 second';
      errors.push(invalidValue(below(path, 'bindingTimeout'), formatDuration(bindingTimeout), detail));
    }
    return errors;
  },
};
