/**
 * Groups of pods as they were written before the API had them: the objects and labels of the coscheduling plugin, in its
 * three generations, as `PodGroup` of scheduling.k8s.io/v1beta1 and `spec.schedulingGroup`. `docs/gang-scheduling.md` says
 * what that changes.
 */
import type { KubeObject, Pod, PodGroup } from './types.ts';

/** `apiVersion` of the group objects, the newer one first. */
export const OLDER_GROUP_VERSIONS: readonly string[] = [
  'scheduling.x-k8s.io/v1alpha1',
  'scheduling.sigs.k8s.io/v1alpha1',
];

/** Labels whose value is the name of the pod's group, the newer one first. */
const NAME_LABELS = ['scheduling.x-k8s.io/pod-group', 'pod-group.scheduling.sigs.k8s.io'];

/** The first generation had no objects: every pod said how many there must be. */
const FIRST_NAME_LABEL = 'pod-group.scheduling.sigs.k8s.io/name';
const FIRST_COUNT_LABEL = 'pod-group.scheduling.sigs.k8s.io/min-available';

/** How long members wait at Permit for each other. */
export const PERMIT_TIMEOUT_ANNOTATION = 'berth/permit-timeout-seconds';
/** The group has no priority of its own: it takes on that of its first pod. */
export const PRIORITY_OF_PODS_ANNOTATION = 'berth/priority-of-pods';

interface OlderSpec {
  readonly minMember?: number;
  readonly scheduleTimeoutSeconds?: number;
}

/** Spec of a group object of the coscheduling plugin; undefined for any other object. */
export const olderSpecOf = ({ kind, apiVersion = '', ...object }: KubeObject): OlderSpec | undefined =>
  kind === 'PodGroup' && OLDER_GROUP_VERSIONS.includes(apiVersion)
    ? ((object as { spec?: OlderSpec }).spec ?? {})
    : undefined;

/** Group objects of the coscheduling plugin as groups of today; anything else as it is. */
export function modernGroup(object: KubeObject): KubeObject {
  const spec = olderSpecOf(object);
  if (spec === undefined) return object;
  const { minMember = 0, scheduleTimeoutSeconds } = spec;
  return groupOf(object.metadata, minMember, scheduleTimeoutSeconds);
}

function groupOf(metadata: KubeObject['metadata'], minMember: number, timeoutSeconds: number | undefined): PodGroup {
  const annotations: Record<string, string> = { ...metadata?.annotations, [PRIORITY_OF_PODS_ANNOTATION]: '' };
  if (timeoutSeconds !== undefined) annotations[PERMIT_TIMEOUT_ANNOTATION] = String(timeoutSeconds);
  return {
    apiVersion: 'scheduling.k8s.io/v1beta1',
    kind: 'PodGroup',
    metadata: { ...metadata, annotations },
    spec: { schedulingPolicy: minMember < 1 ? { basic: {} } : { gang: { minCount: minMember } } },
  };
}

/** A merge patch that was written for an older group object, for the group that it has become. */
export function modernGroupPatch(patch: unknown): unknown {
  const { spec } = (patch ?? {}) as { readonly spec?: OlderSpec };
  if (typeof spec?.minMember !== 'number') return patch;
  const { minMember, scheduleTimeoutSeconds: _, ...others } = spec;
  const schedulingPolicy = { gang: { minCount: minMember } };
  return { ...(patch as object), spec: { ...others, schedulingPolicy } };
}

/** The pod as a member of the group that its labels name. */
export function joinOlderGroup(pod: Pod): Pod {
  const { labels = {} } = pod.metadata ?? {};
  if (pod.spec === undefined || pod.spec.schedulingGroup !== undefined) return pod;
  const label = [...NAME_LABELS, FIRST_NAME_LABEL].find((name) => labels[name]);
  if (label === undefined) return pod;
  return { ...pod, spec: { ...pod.spec, schedulingGroup: { podGroupName: labels[label] } } };
}

/** The group that a pod of the first generation describes; undefined for any other pod. */
export function impliedGroup({ metadata }: Pod): PodGroup | undefined {
  const { namespace, labels = {} } = metadata ?? {};
  const name = labels[FIRST_NAME_LABEL];
  const minAvailable = Number(labels[FIRST_COUNT_LABEL]);
  if (!name || !Number.isInteger(minAvailable)) return undefined;
  return groupOf({ name, namespace }, minAvailable, undefined);
}
