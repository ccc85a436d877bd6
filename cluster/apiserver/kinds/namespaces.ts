/** Namespaces. Source: `pkg/registry/core/namespace/strategy.go` and `pkg/apis/core/v1/defaults.go`, v1.37.2. */
import { type KubeObject, type Namespace, validateKind } from '../../../api/index.ts';
import { metadataUpdateProblems } from '../../../api/validation/metadata-update.ts';
import type { Strategy } from './resource.ts';
import { plain } from './strategy.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';
/** Stands for everything inside. */
const CONTENT = 'kubernetes';

export const NAMESPACES: Strategy = plain({
  returnsDeleted: true,
  selectableFields: { 'status.phase': (object) => (object as Namespace).status?.phase ?? '' },
  defaults: withNameLabel,
  prepareForCreate: (object) => {
    const { spec } = object as Namespace;
    const finalizers = spec?.finalizers ?? [];
    const all = finalizers.includes(CONTENT) ? finalizers : [...finalizers, CONTENT];
    // Only now is it known what a generated name is.
    return { ...withNameLabel(object), spec: { ...spec, finalizers: all }, status: { phase: 'Active' } } as KubeObject;
  },
  // Its finalizers change by `finalize` alone.
  prepareForUpdate: (object, current) => {
    const { spec, status } = current as Namespace;
    return { ...object, spec: { ...(object as Namespace).spec, finalizers: spec?.finalizers }, status } as KubeObject;
  },
  prepareForStatusUpdate: (object, current) => ({ ...object, spec: (current as Namespace).spec }) as KubeObject,
  validate: validateKind,
  validateUpdate: (object, current) => [...metadataUpdateProblems(object, current), ...validateKind(object)],
});

function withNameLabel(object: KubeObject): KubeObject {
  const { name, labels } = object.metadata ?? {};
  if (!name || labels?.[NAME_LABEL] === name) return object;
  return { ...object, metadata: { ...object.metadata, labels: { ...labels, [NAME_LABEL]: name } } };
}
