/** Source: `apis/config/v1/defaults.go`, `apis/config/validation/validation_pluginargs.go`, v1.37.2. */
import { duplicateValue, type FieldError, invalidValue } from '../../../api/index.ts';
import { type Decoded, list, struct, typeMeta } from '../schema/schema.ts';
import { type ArgsDefinition, below } from './definition.ts';
import { defaultedResources, resourceSpec } from './resources.ts';

const schema = struct('NodeResourcesBalancedAllocationArgs', 'v1', { ...typeMeta, resources: list(resourceSpec) });

export const nodeResourcesBalancedAllocationArgs: ArgsDefinition<Decoded<typeof schema>> = {
  plugin: 'NodeResourcesBalancedAllocation',
  schema,
  checkedAt: 'validate',
  absent: 'want args to be of type NodeResourcesBalancedAllocationArgs, got <nil>',
  defaulted: (args) => ({ ...args, resources: defaultedResources(args.resources) }),
  errors: ({ resources = [] }, path) => {
    const errors: FieldError[] = [];
    const seen = new Set<string>();
    resources.forEach(({ name, weight }, i) => {
      const at = `${below(path, 'resources')}[${i}]`;
      if (seen.has(name)) errors.push(duplicateValue(`${at}.name`, name));
      seen.add(name);
      if (weight !== 1n) errors.push(invalidValue(`${at}.weight`, weight, 'must be 1'));
    });
    return errors;
  },
};
