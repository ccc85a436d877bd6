/** Source: `apis/config/v1/defaults.go`, `apis/config/validation/validation_pluginargs.go`, v1.37.2. */
import {
  enumText,
  type FieldError,
  forbiddenValue,
  invalidValue,
  labelKeyErrors,
  notSupportedValue,
  requiredValue,
} from '../../../api/index.ts';
import { type Decoded, list, optional, struct, text, typeMeta } from '../schema/schema.ts';
import { type ArgsDefinition, below } from './definition.ts';
import { defaultedResources, type ResourceSpec, resourceSpec, shapeErrors, shapePoint } from './resources.ts';

const RATIO = 'RequestedToCapacityRatio';
const STRATEGIES: readonly string[] = ['LeastAllocated', 'MostAllocated', RATIO];

const scoringStrategy = struct('ScoringStrategy', 'v1', {
  type: text('v1.ScoringStrategyType'),
  resources: list(resourceSpec),
  requestedToCapacityRatio: optional(struct('RequestedToCapacityRatioParam', 'v1', { shape: list(shapePoint) })),
});
type ScoringStrategy = Decoded<typeof scoringStrategy>;

const schema = struct('NodeResourcesFitArgs', 'v1', {
  ...typeMeta,
  ignoredResources: list(text()),
  ignoredResourceGroups: list(text()),
  scoringStrategy: optional(scoringStrategy),
});
export type NodeResourcesFitArgs = Decoded<typeof schema>;

export const nodeResourcesFitArgs: ArgsDefinition<NodeResourcesFitArgs> = {
  plugin: 'NodeResourcesFit',
  schema,
  // Upstream's table of validators names this one by its kind, not by the plugin, and so never finds it.
  checkedAt: 'build',
  absent: 'want args to be of type NodeResourcesFitArgs, got <nil>',
  defaulted: (args) => {
    const strategy = args.scoringStrategy ?? { ...scoringStrategy.zero(), type: 'LeastAllocated' };
    return { ...args, scoringStrategy: { ...strategy, resources: defaultedResources(strategy.resources) } };
  },
  errors: ({ ignoredResources = [], ignoredResourceGroups = [], scoringStrategy: strategy }, path) => [
    ...ignoredResources.flatMap((name, i) => nameErrors(name, `${below(path, 'ignoredResources')}[${i}]`)),
    ...ignoredResourceGroups.flatMap((group, i) => groupErrors(group, `${below(path, 'ignoredResourceGroups')}[${i}]`)),
    ...(strategy === undefined ? [] : strategyErrors(strategy, below(path, 'scoringStrategy'))),
  ],
};

const nameErrors = (name: string, path: string): FieldError[] =>
  labelKeyErrors(name).map((error) => invalidValue(path, name, error));

const groupErrors = (group: string, path: string): FieldError[] => [
  ...(group.includes('/') ? [invalidValue(path, group, "resource group name can't contain '/'")] : []),
  ...nameErrors(group, path),
];

function strategyErrors({ type, resources = [], requestedToCapacityRatio: ratio }: ScoringStrategy, path: string) {
  const errors: FieldError[] = [];
  if (!STRATEGIES.includes(type)) errors.push(notSupportedValue(`${path}.type`, enumText(type), STRATEGIES));
  errors.push(...weightErrors(resources, `${path}.resources`));
  const ratioPath = `${path}.requestedToCapacityRatio`;
  if (type !== RATIO) {
    if (ratio !== undefined) errors.push(forbiddenValue(ratioPath, `must be nil when type is not ${RATIO}`));
  } else if (ratio === undefined) {
    errors.push(requiredValue(ratioPath, `must be specified when type is ${RATIO}`));
  } else {
    errors.push(...shapeErrors(ratio.shape ?? [], `${ratioPath}.shape`));
  }
  return errors;
}

const weightErrors = (resources: readonly ResourceSpec[], path: string): FieldError[] =>
  resources.flatMap(({ name, weight }, i) =>
    weight > 0n && weight <= 100n
      ? []
      : [invalidValue(`${path}[${i}].weight`, weight, `resource weight of ${name} not in valid range (0, 100]`)],
  );
