/** Source: `apis/config/v1/defaults.go`, `apis/config/validation/validation_pluginargs.go`, v1.37.2. */
import {
  duplicateValue,
  enumText,
  type FieldError,
  forbiddenValue,
  invalidValue,
  labelKeyErrors,
  notSupportedValue,
  requiredValue,
} from '../../../api/index.ts';
import {
  always,
  coreStruct,
  type Decoded,
  int32,
  list,
  map,
  optional,
  struct,
  text,
  typeMeta,
} from '../schema/schema.ts';
import { type ArgsDefinition, below } from './definition.ts';

const SYSTEM = 'System';
const LIST = 'List';
const ACTIONS: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];

const labelSelector = coreStruct('LabelSelector', {
  matchLabels: map(text()),
  matchExpressions: list(
    coreStruct('LabelSelectorRequirement', {
      key: always(text()),
      operator: always(text('v1.LabelSelectorOperator')),
      values: list(text()),
    }),
  ),
});

const constraint = coreStruct('TopologySpreadConstraint', {
  maxSkew: always(int32),
  topologyKey: always(text()),
  whenUnsatisfiable: always(text('v1.UnsatisfiableConstraintAction')),
  labelSelector: optional(labelSelector),
  minDomains: optional(int32),
  nodeAffinityPolicy: optional(text('v1.NodeInclusionPolicy')),
  nodeTaintsPolicy: optional(text('v1.NodeInclusionPolicy')),
  matchLabelKeys: list(text()),
});
type Constraint = Decoded<typeof constraint>;

const schema = struct('PodTopologySpreadArgs', 'v1', {
  ...typeMeta,
  defaultConstraints: list(constraint),
  defaultingType: text('v1.PodTopologySpreadConstraintsDefaulting'),
});

export const podTopologySpreadArgs: ArgsDefinition<Decoded<typeof schema>> = {
  plugin: 'PodTopologySpread',
  schema,
  checkedAt: 'validate',
  absent: 'want args to be of type PodTopologySpreadArgs, got <nil>',
  defaulted: (args) => ({ ...args, defaultingType: args.defaultingType || SYSTEM }),
  errors: ({ defaultingType, defaultConstraints = [] }, path) => {
    const constraintsPath = below(path, 'defaultConstraints');
    return [
      ...defaultingErrors(defaultingType, defaultConstraints, below(path, 'defaultingType')),
      ...defaultConstraints.flatMap((constraint, i) => [
        ...constraintErrors(constraint, `${constraintsPath}[${i}]`),
        ...repetitionErrors(constraint, defaultConstraints.slice(0, i), `${constraintsPath}[${i}]`),
      ]),
    ];
  },
};

function defaultingErrors(type: string, constraints: readonly Constraint[], path: string): FieldError[] {
  if (type !== SYSTEM && type !== LIST) return [notSupportedValue(path, enumText(type), [SYSTEM, LIST])];
  return type === SYSTEM && constraints.length > 0
    ? [invalidValue(path, enumText(type), 'when .defaultConstraints are not empty')]
    : [];
}

function constraintErrors(constraint: Constraint, path: string): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
  const errors: FieldError[] = [];
  if (maxSkew <= 0) errors.push(invalidValue(`${path}.maxSkew`, maxSkew, 'not in valid range (0, inf)'));
  if (topologyKey === '') errors.push(requiredValue(`${path}.topologyKey`, 'can not be empty'));
  else {
    const wrong = labelKeyErrors(topologyKey);
    errors.push(...wrong.map((error) => invalidValue(`${path}.topologyKey`, topologyKey, error)));
  }
  const actionPath = `${path}.whenUnsatisfiable`;
  if (whenUnsatisfiable === '') errors.push(requiredValue(actionPath, 'can not be empty'));
  else if (!ACTIONS.includes(whenUnsatisfiable)) {
    errors.push(notSupportedValue(actionPath, enumText(whenUnsatisfiable), ACTIONS));
  }
  if (constraint.labelSelector !== undefined) {
    const detail = 'constraint must not define a selector, as they deduced for each pod';
    errors.push(forbiddenValue(`${path}.labelSelector`, detail));
  }
  return errors;
}

const repetitionErrors = (constraint: Constraint, earlier: readonly Constraint[], path: string): FieldError[] => {
  const { topologyKey, whenUnsatisfiable } = constraint;
  return earlier.some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable)
    ? [duplicateValue(path, `{${topologyKey}, ${whenUnsatisfiable}}`)]
    : [];
};
