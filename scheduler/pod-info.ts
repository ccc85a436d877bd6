/**
 * Pods as the scheduler keeps them: everything derived from the spec is computed once per pod class and shared.
 * Source: `PodInfo.Update` and `CalculateResource` in `pkg/scheduler/framework/types.go`, v1.37.2.
 *
 * Cost: one JSON.stringify of the spec per pod; requests, ports and terms once per class.
 */
import {
  aggregate,
  compileLabelSelector,
  hostPorts,
  isScalarResourceName,
  NOTHING,
  type Pod,
  type PodAffinityTerm,
  parseQuantity,
  podRequests,
  type Quantity,
  quantityMilliValue,
  quantityValue,
} from '../api/index.ts';
import type { AffinityTerm, HostPort, PodAffinityTerms, PodInfo, ResourceAmounts } from './plugin.ts';

const ZERO = parseQuantity('0');

const NO_TERMS: PodAffinityTerms = {
  requiredAffinity: [],
  requiredAntiAffinity: [],
  preferredAffinity: [],
  preferredAntiAffinity: [],
};

/** What pods of one class share. */
interface PodClass {
  readonly id: number;
  readonly shapeId: number;
  readonly requests: ResourceAmounts;
  readonly usage: ResourceAmounts;
  readonly nonZeroCpuMilli: number;
  readonly nonZeroMemoryBytes: number;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: PodAffinityTerms;
  readonly affinityError?: string;
}

type Terms = Pick<PodClass, 'affinity' | 'affinityError'>;

const WITHOUT_TERMS: Terms = { affinity: NO_TERMS };

/** What a pod takes of its node. */
export type AmountsTaken = Pick<PodInfo, 'usage' | 'nonZeroCpuMilli' | 'nonZeroMemoryBytes'>;

/** Interns pods into classes. One table per cluster, so that class ids mean the same to all its plugins. */
export class PodClasses {
  private readonly onNew: (made: AmountsTaken) => void;
  private readonly classes = new Map<string, PodClass>();
  private readonly shapes = new Map<string, number>();
  private readonly terms = new Map<string, Terms>();
  /** By the class before and the labels after. */
  private readonly relabelled = new Map<string, PodClass>();

  /** @param onNew Told of every class when its first pod is taken in. */
  constructor(onNew: (made: AmountsTaken) => void = () => {}) {
    this.onNew = onNew;
  }

  get size(): number {
    return this.classes.size;
  }

  /** Takes a pod in. `metadata.uid`, or failing that `namespace/name`, becomes its identity. */
  info(pod: Pod): PodInfo {
    const { namespace = 'default', name = '' } = pod.metadata ?? {};
    return this.describe(pod, this.classOf(pod, pod.spec, namespace, name));
  }

  /** As `info`, for a pod that is on a node: `spec.nodeName` says where it is, not what it asks for. */
  infoOfBound(pod: Pod): PodInfo {
    const { namespace = 'default', name = '' } = pod.metadata ?? {};
    return this.describe(pod, this.classOf(pod, withoutNode(pod.spec), namespace, name));
  }

  /**
   * As `infoOfBound`, of a pod that was known before and differs in nothing but its node, its labels and what status tells
   * beside resizes. Spares the text of its spec.
   */
  infoOfRelabelled(pod: Pod, before: PodInfo): PodInfo {
    const { namespace = 'default', name = '', labels } = pod.metadata ?? {};
    const key = `${before.classId} ${JSON.stringify(labels)}`;
    let shared = this.relabelled.get(key);
    if (shared === undefined) {
      shared = this.classOf(pod, withoutNode(pod.spec), namespace, name);
      this.relabelled.set(key, shared);
    }
    return this.describe(pod, shared);
  }

  private describe(pod: Pod, shared: PodClass): PodInfo {
    const { namespace = 'default', name = '', uid, labels = {} } = pod.metadata ?? {};
    const key = `${namespace}/${name}`;
    const startTime = pod.status?.startTime;
    return {
      pod,
      uid: uid ?? key,
      namespace,
      name,
      key,
      labels,
      priority: pod.spec?.priority ?? 0,
      classId: shared.id,
      shapeId: shared.shapeId,
      requests: shared.requests,
      usage: shared.usage,
      nonZeroCpuMilli: shared.nonZeroCpuMilli,
      nonZeroMemoryBytes: shared.nonZeroMemoryBytes,
      hostPorts: shared.hostPorts,
      affinity: shared.affinity,
      affinityError: shared.affinityError,
      terminating: pod.metadata?.deletionTimestamp !== undefined && pod.metadata.deletionTimestamp !== null,
      startTimeMs: startTime === undefined || startTime === null ? undefined : Date.parse(String(startTime)),
    };
  }

  private shapeOf(pod: Pod, spec: Pod['spec'], namespace: string, name: string): number {
    const key = classKey(pod, withoutResources(spec) as Pod['spec'], namespace, name);
    let shape = this.shapes.get(key);
    if (shape === undefined) {
      shape = this.shapes.size;
      this.shapes.set(key, shape);
    }
    return shape;
  }

  /** Classes with equal terms have the same ones. */
  private termsOf(pod: Pod, namespace: string): Terms {
    const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
    if (!podAffinity && !podAntiAffinity) return WITHOUT_TERMS;
    const key = JSON.stringify([namespace, podAffinity, podAntiAffinity]);
    let terms = this.terms.get(key);
    if (terms === undefined) {
      terms = compileTerms(pod, namespace);
      this.terms.set(key, terms);
    }
    return terms;
  }

  private classOf(pod: Pod, spec: Pod['spec'], namespace: string, name: string): PodClass {
    const key = classKey(pod, spec, namespace, name);
    let found = this.classes.get(key);
    if (found === undefined) {
      const shapeId = this.shapeOf(pod, spec, namespace, name);
      found = compileClass(this.classes.size, shapeId, pod, this.termsOf(pod, namespace));
      this.classes.set(key, found);
      this.onNew(found);
    }
    return found;
  }
}

/** Where a pod is says nothing of what it asks for. */
const withoutNode = (spec: Pod['spec']): Pod['spec'] =>
  spec?.nodeName === undefined ? spec : { ...spec, nodeName: undefined };

/** The spec without the resources of its containers. */
function withoutResources(spec: Pod['spec']): unknown {
  if (spec === undefined) return undefined;
  const { containers, initContainers } = spec;
  const bare = (list: typeof containers | undefined) => list?.map(({ resources: _, ...container }) => container);
  return { ...spec, containers: bare(containers), initContainers: bare(initContainers) };
}

function classKey(pod: Pod, spec: Pod['spec'], namespace: string, name: string): string {
  const { metadata, status } = pod;
  const controller = metadata?.ownerReferences?.find((owner) => owner.controller === true);
  // What is made for the pod alone makes it a class of its own: volumes, and devices.
  const hasOwn =
    spec?.volumes?.some((volume) => volume.ephemeral !== undefined) ||
    spec?.resourceClaims?.some((claim) => claim.resourceClaimTemplateName !== undefined);
  const ownName = hasOwn ? name : '';
  // In-place resize is the one thing in status that changes what a pod counts for.
  const resize = hasResizeStatus(pod) ? [status?.containerStatuses, status?.initContainerStatuses, status] : null;
  return JSON.stringify([namespace, ownName, metadata?.labels, controller, spec, resize]);
}

export function hasResizeStatus(pod: Pod): boolean {
  const status = pod.status;
  if (status === undefined) return false;
  const resized = (list: typeof status.containerStatuses) =>
    list?.some((container) => container.allocatedResources !== undefined || container.resources !== undefined) ?? false;
  return (
    resized(status.containerStatuses) ||
    resized(status.initContainerStatuses) ||
    status.resources !== undefined ||
    status.allocatedResources !== undefined ||
    (status.conditions?.some((condition) => condition.type === 'PodResizePending') ?? false)
  );
}

function compileClass(id: number, shapeId: number, pod: Pod, { affinity, affinityError }: Terms): PodClass {
  const spec = pod.spec ?? { containers: [] };
  const requests = toAmounts(podRequests(pod, { podLevel: true }));
  const nonZero = nonZeroRequests(pod);
  return {
    id,
    shapeId,
    requests,
    usage: hasResizeStatus(pod) ? toAmounts(podRequests(pod, { podLevel: true, useStatus: true })) : requests,
    nonZeroCpuMilli: quantityMilliValue(nonZero.cpu),
    nonZeroMemoryBytes: quantityValue(nonZero.memory),
    hostPorts: hostPorts(spec),
    affinity,
    affinityError,
  };
}

/**
 * Requests with 100m / 200 MiB for what a container leaves out. With pod-level requests the default stands in only for
 * a resource that the pod's total lacks.
 */
function nonZeroRequests(pod: Pod): { cpu: Quantity; memory: Quantity } {
  const podLevel = Object.keys(pod.spec?.resources?.requests ?? {}).some(isPodLevelResource);
  const used = podLevel ? podRequests(pod, { podLevel: true, useStatus: true }) : undefined;
  const defaulted = podRequests(pod, { podLevel: true, useStatus: true, nonMissing: true });
  const amountOf = (name: 'cpu' | 'memory'): Quantity => used?.get(name) ?? defaulted.get(name) ?? ZERO;
  return { cpu: amountOf('cpu'), memory: amountOf('memory') };
}

const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

function toAmounts(requests: ReadonlyMap<string, Quantity>): ResourceAmounts {
  const scalars: Array<readonly [string, number]> = [];
  for (const [name, quantity] of requests) {
    if (isScalarResourceName(name)) scalars.push([name, quantityValue(quantity)]);
  }
  scalars.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const wholeUnitsOf = (name: string): number => {
    const quantity = requests.get(name);
    return quantity === undefined ? 0 : quantityValue(quantity);
  };
  const cpu = requests.get('cpu');
  return {
    cpuMilli: cpu === undefined ? 0 : quantityMilliValue(cpu),
    memoryBytes: wholeUnitsOf('memory'),
    ephemeralStorageBytes: wholeUnitsOf('ephemeral-storage'),
    scalars,
  };
}

function compileTerms(pod: Pod, namespace: string): Terms {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const errors: string[] = [];
  const required = (group: string, terms: readonly PodAffinityTerm[] | undefined) =>
    orNone(group, errors, () => (terms ?? []).map((term) => compileTerm(term, namespace, 0)));
  const preferred = (group: string, terms: readonly WeightedPodAffinityTerm[] | undefined) =>
    orNone(group, errors, () => (terms ?? []).map((term) => compileTerm(term.podAffinityTerm, namespace, term.weight)));
  const affinity = {
    requiredAffinity: required('requiredAffinityTerms', podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: required(
      'requiredAntiAffinityTerms',
      podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ),
    preferredAffinity: preferred(
      'preferredAffinityTerms',
      podAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    ),
    preferredAntiAffinity: preferred(
      'preferredAntiAffinityTerms',
      podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    ),
  };
  return { affinity, affinityError: errors.length === 0 ? undefined : aggregate(errors) };
}

interface WeightedPodAffinityTerm {
  readonly weight: number;
  readonly podAffinityTerm: PodAffinityTerm;
}

/** A group with a selector that cannot be read counts as empty, the other groups as they are. */
function orNone(group: string, errors: string[], compileAll: () => AffinityTerm[]): readonly AffinityTerm[] {
  try {
    return compileAll();
  } catch (error) {
    errors.push(`${group}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

function compileTerm(term: PodAffinityTerm, namespace: string, weight: number): AffinityTerm {
  const named = term.namespaces ?? [];
  const selectsNamespaces = term.namespaceSelector !== undefined && term.namespaceSelector !== null;
  return {
    namespaces: new Set(named.length === 0 && !selectsNamespaces ? [namespace] : named),
    namespaceSelector: selectsNamespaces ? compileLabelSelector(term.namespaceSelector) : NOTHING,
    labelSelector: compileLabelSelector(term.labelSelector),
    topologyKey: term.topologyKey,
    weight,
  };
}
