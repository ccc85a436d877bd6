/** Source: `apis/config/validation/validation_pluginargs.go`, v1.37.2; the types: `api/core/v1/types.go`, v0.37.2. */
import {
  type NodeSelector,
  nodeSelectorErrors,
  type PreferredSchedulingTerm,
  preferredTermErrors,
} from '../../../api/index.ts';
import { always, coreStruct, type Decoded, int32, list, optional, struct, text, typeMeta } from '../schema/schema.ts';
import { type ArgsDefinition, below } from './definition.ts';

const requirement = coreStruct('NodeSelectorRequirement', {
  key: always(text()),
  operator: always(text('v1.NodeSelectorOperator')),
  values: list(text()),
});
const term = coreStruct('NodeSelectorTerm', { matchExpressions: list(requirement), matchFields: list(requirement) });

const nodeAffinity = coreStruct('NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: optional(
    coreStruct('NodeSelector', { nodeSelectorTerms: always(list(term)) }),
  ),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    coreStruct('PreferredSchedulingTerm', { weight: always(int32), preference: always(term) }),
  ),
});

const schema = struct('NodeAffinityArgs', 'v1', { ...typeMeta, addedAffinity: optional(nodeAffinity) });

export const nodeAffinityArgs: ArgsDefinition<Decoded<typeof schema>> = {
  plugin: 'NodeAffinity',
  schema,
  checkedAt: 'validate',
  absent: 'args are not of type NodeAffinityArgs, got <nil>',
  defaulted: (args) => args,
  errors: ({ addedAffinity }, path) => {
    const required = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const preferred = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const at = (field: string): string => below(path, `addedAffinity.${field}DuringSchedulingIgnoredDuringExecution`);
    return [
      ...(required === undefined ? [] : nodeSelectorErrors(required as NodeSelector, at('required'))),
      ...preferredTermErrors(preferred as readonly PreferredSchedulingTerm[], at('preferred')),
    ];
  },
};
