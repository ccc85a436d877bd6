/**
 * The steps between decoding and the rules of a kind, in upstream's order: each may change the object or refuse it.
 * Source: `pkg/kubeapiserver/options/plugins.go`, v1.37.2.
 */
import { type KubeObject, type Node, type Pod, withDefaultTolerations } from '../../../api/index.ts';
import type { WriteOptions } from '../client.ts';
import type { Core, Resolved } from '../core.ts';
import { ApiFailure, forbidden } from '../failures.ts';
import { limitRanged, limitRangeRefusal } from './limit-ranger.ts';
import { checkNamespaceAlive, checkNamespaceMayGo } from './namespaces.ts';
import { checkNodeRestriction } from './node-restriction.ts';
import { prioritised, prioritisedGroup } from './priority.ts';
import { topologyLabels } from './topology-labels.ts';

/** Throws ApiFailure. */
export function admitCreate(core: Core, resolved: Resolved, object: KubeObject, _options: WriteOptions): KubeObject {
  const { admission } = core;
  if (admission.namespaceLifecycle) checkNamespaceAlive(core, resolved, object);
  let admitted = object;
  switch (resolved.stored.kind) {
    case 'Pod':
      admitted = admitPod(core, resolved, object as Pod);
      break;
    case 'Node':
      if (admission.taintNodesByCondition) admitted = notReady(object as Node);
      break;
    case 'PodGroup':
    case 'CompositePodGroup':
      if (admission.priority) admitted = prioritisedGroup(core, resolved, object);
      break;
    case 'PersistentVolumeClaim':
      if (admission.limitRanger) refuse(resolved, object, limitRangeRefusal(core, object));
      break;
  }
  if (admission.nodeRestriction) checkNodeRestriction(core, resolved, 'create', admitted, undefined);
  return admitted;
}

/** Throws ApiFailure. */
export function admitUpdate(
  core: Core,
  resolved: Resolved,
  object: KubeObject,
  current: KubeObject,
  _options: WriteOptions,
): KubeObject {
  if (core.admission.nodeRestriction) checkNodeRestriction(core, resolved, 'update', object, current);
  // Priorities of pods that a client took out are put in again.
  if (resolved.stored.kind !== 'Pod' || resolved.subresource !== '') return object;
  const pod = keepPriority(object as Pod, current as Pod);
  return core.admission.defaultTolerationSeconds ? withDefaultTolerations(pod) : pod;
}

/** Throws ApiFailure. */
export function admitDelete(core: Core, resolved: Resolved): void {
  if (core.admission.namespaceLifecycle) checkNamespaceMayGo(resolved);
  if (!core.admission.nodeRestriction) return;
  const { stored, namespace, name } = resolved;
  const current = core.cacheOf(stored).get(namespace, name);
  if (current !== undefined) checkNodeRestriction(core, resolved, 'delete', undefined, current);
}

function admitPod(core: Core, resolved: Resolved, given: Pod): Pod {
  const { admission } = core;
  let pod = given;
  if (admission.limitRanger) pod = limitRanged(core, pod);
  pod = withSpecAdmitted(core, resolved, pod);
  if (admission.serviceAccount) checkServiceAccount(core, resolved, pod);
  const topology = topologyLabels(core, pod.spec?.nodeName);
  if (topology !== undefined)
    pod = { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata?.labels, ...topology } } };
  if (admission.runtimeClass && pod.spec?.runtimeClassName) pod = withOverhead(core, resolved, pod);
  if (admission.limitRanger) refuse(resolved, pod, limitRangeRefusal(core, pod));
  return pod;
}

/** What these steps make of a spec depends on the spec and on the priority classes alone. */
function withSpecAdmitted(core: Core, resolved: Resolved, given: Pod): Pod {
  const { admission } = core;
  const known = core.admittedSpecs.get(given.spec!);
  const { sequence } = core.cacheOf(core.registry.storedKind('PriorityClass'));
  if (known?.sequence === sequence) return { ...given, spec: known.spec };
  let pod = given;
  if (admission.serviceAccount) pod = withServiceAccount(pod);
  if (admission.priority) pod = prioritised(core, resolved, pod);
  if (admission.defaultTolerationSeconds) pod = withDefaultTolerations(pod);
  core.admittedSpecs.set(given.spec!, { sequence, spec: pod.spec! });
  return pod;
}

function refuse({ resource }: Resolved, { metadata }: KubeObject, why: string | undefined): void {
  if (why !== undefined) throw new ApiFailure(forbidden(resource, metadata?.name ?? '', why));
}

function withServiceAccount(pod: Pod): Pod {
  if (pod.spec === undefined || pod.spec.serviceAccountName) return pod;
  return { ...pod, spec: { ...pod.spec, serviceAccountName: 'default', serviceAccount: 'default' } };
}

/** Source: `plugin/pkg/admission/serviceaccount/admission.go`; upstream waits a second for one that is to come. */
function checkServiceAccount(core: Core, resolved: Resolved, pod: Pod): void {
  const { serviceAccountName: name = '' } = pod.spec ?? {};
  const isMirror = pod.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  const { namespace } = resolved;
  if (isMirror || core.cached('ServiceAccount', namespace, name) !== undefined) return;
  refuse(resolved, pod, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`);
}

interface RuntimeClass extends KubeObject {
  readonly overhead?: { readonly podFixed?: Record<string, string> };
}

/** Source: `plugin/pkg/admission/runtimeclass/admission.go`. */
function withOverhead(core: Core, resolved: Resolved, pod: Pod): Pod {
  const name = pod.spec!.runtimeClassName!;
  const runtimeClass = core.cached('RuntimeClass', '', name) as RuntimeClass | undefined;
  if (runtimeClass === undefined) {
    refuse(resolved, pod, `pod rejected: RuntimeClass "${name}" not found`);
    return pod;
  }
  const { podFixed } = runtimeClass.overhead ?? {};
  return podFixed === undefined ? pod : { ...pod, spec: { ...pod.spec!, overhead: podFixed } };
}

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** Source: `plugin/pkg/admission/nodetaint/admission.go`. */
function notReady(node: Node): Node {
  const taints = node.spec?.taints ?? [];
  if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return node;
  return { ...node, spec: { ...node.spec, taints: [...taints, NOT_READY] } };
}

function keepPriority(pod: Pod, { spec: was }: Pod): Pod {
  const { priority, preemptionPolicy } = pod.spec ?? {};
  const isComplete =
    (priority !== undefined || was?.priority === undefined) &&
    (preemptionPolicy !== undefined || was?.preemptionPolicy === undefined);
  if (isComplete) return pod;
  return {
    ...pod,
    spec: {
      ...pod.spec!,
      priority: priority ?? was?.priority,
      preemptionPolicy: preemptionPolicy ?? was?.preemptionPolicy,
    },
  };
}
