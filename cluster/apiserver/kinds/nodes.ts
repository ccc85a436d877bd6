/** Nodes. Source: `pkg/registry/core/node/strategy.go`, v1.37.2: a new node keeps the status that it comes with. */
import { defaultNode, type KubeObject, type Node, validateKind } from '../../../api/index.ts';
import { nodeUpdateProblems } from '../../../api/validation/updates.ts';
import type { Strategy } from './resource.ts';
import { keepStatus, plain } from './strategy.ts';

export const NODES: Strategy = plain({
  selectableFields: { 'spec.unschedulable': (object) => String((object as Node).spec?.unschedulable === true) },
  defaults: (object) => defaultNode(object as Node),
  statusDefaults: (object) => defaultNode(object as Node),
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: (object, current) => ({ ...object, spec: (current as Node).spec }) as KubeObject,
  validate: validateKind,
  validateUpdate: (object, current) => nodeUpdateProblems(object as Node, current as Node),
  validateStatusUpdate: (object, current) => nodeUpdateProblems(object as Node, current as Node),
});
