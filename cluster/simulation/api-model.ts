/**
 * An API server by reference: objects are kept as they are handed in, every write makes a new version of one object, and
 * the watch reports it once the writer has come to an end. No serialising, no admission beyond what scheduling needs.
 * The rules are those of `conformance/golden-dynamics`.
 */
import {
  type Condition as GroupCondition,
  type KubeObject,
  modernGroupPatch,
  type Pod,
  type PodGroup,
} from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type {
  ApiError,
  Done,
  EventRecord,
  PodCondition,
  PodStatusPatch,
  SchedulerApi,
  WatchEvent,
} from '../../scheduler/timed/api.ts';
import { GeneratedNames } from './generated-names.ts';
import { admitGroups } from './group-admission.ts';
import { mergePatch } from './merge-patch.ts';
import { ModelPluginApi } from './plugin-api.ts';

/** A call of the scheduler, as the API took it. */
export interface ApiWrite {
  readonly verb: 'bind' | 'create' | 'patch' | 'delete' | 'update';
  readonly object: KubeObject;
  readonly nodeName?: string;
  /** What the patch changed. */
  readonly nominatedNodeName?: string;
  readonly conditions?: ReadonlyArray<Pick<GroupCondition, 'type' | 'status' | 'reason' | 'message'>>;
  readonly error?: string;
}

export interface ApiObserver {
  wrote?(write: ApiWrite): void;
  recorded?(event: EventRecord): void;
}

export interface ApiModelOptions {
  readonly clock: Clock;
  readonly watch: (event: WatchEvent) => void;
  /** Why the binding of a pod is refused; undefined lets it pass. */
  readonly refuseBinding?: (pod: Pod) => string | undefined;
  /** `status.startTime` of the n-th pod bound, from 1. @default the time of the binding */
  readonly startTimeOf?: (placement: number) => string;
  /** A pod on a node has been told to end within that time; its kubelet is to `remove` it. */
  readonly terminating?: (pod: Pod, graceMs: number) => void;
  readonly observer?: ApiObserver;
}

const GROUP_OF_KIND: Readonly<Record<string, string>> = {
  StorageClass: 'storage.k8s.io',
  CSINode: 'storage.k8s.io',
  CSIDriver: 'storage.k8s.io',
  CSIStorageCapacity: 'storage.k8s.io',
  VolumeAttachment: 'storage.k8s.io',
  PodDisruptionBudget: 'policy',
  PriorityClass: 'scheduling.k8s.io',
  PodGroup: 'scheduling.k8s.io',
  CompositePodGroup: 'scheduling.k8s.io',
  Workload: 'scheduling.k8s.io',
  ReplicaSet: 'apps',
  StatefulSet: 'apps',
  ResourceClaim: 'resource.k8s.io',
  ResourceClaimTemplate: 'resource.k8s.io',
  DeviceTaintRule: 'resource.k8s.io',
  ResourceSlice: 'resource.k8s.io',
  DeviceClass: 'resource.k8s.io',
};

const CLUSTER_SCOPED = new Set([
  'Node',
  'Namespace',
  'PersistentVolume',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'VolumeAttachment',
  'PriorityClass',
  'DeviceClass',
  'ResourceSlice',
  'DeviceTaintRule',
]);

/** Kinds that a simulation keeps; anything else is refused with their names. */
export const KNOWN_KINDS: readonly string[] = [
  ...new Set([
    ...Object.keys(GROUP_OF_KIND),
    ...CLUSTER_SCOPED,
    'Pod',
    'PersistentVolumeClaim',
    'Service',
    'ReplicationController',
  ]),
].sort();

/** `nodes`, `storageclasses`, `csistoragecapacities`: as upstream guesses the resource of a kind. */
function resourceOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular.endsWith('s')) return `${singular}es`;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

export const keyOf = (kind: string, namespace: string | undefined, name: string): string =>
  CLUSTER_SCOPED.has(kind) ? name : `${namespace ?? 'default'}/${name}`;

export const keyOfObject = ({ kind = '', metadata }: KubeObject): string =>
  keyOf(kind, metadata?.namespace, metadata?.name ?? '');

const GATED: PodCondition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

const FIRST_VERSION = 1000;
const DEFAULT_GRACE_SECONDS = 30;

export class ApiModel implements SchedulerApi {
  readonly names = new GeneratedNames();
  readonly plugins = new ModelPluginApi({
    model: this,
    names: this.names,
    keyOf: keyOfObject,
    notFound: (object) => notFound(object.kind ?? '', keyOfObject(object)),
    wrote: (verb, object, error) => this.options.observer?.wrote?.({ verb, object, error }),
  });
  private readonly options: ApiModelOptions;
  private readonly kinds = new Map<string, Map<string, KubeObject>>();
  private version = FIRST_VERSION;
  private created = 0;
  private placed = 0;

  constructor(options: ApiModelOptions) {
    this.options = options;
  }

  get(kind: string, key: string): KubeObject | undefined {
    return this.kinds.get(kind)?.get(key);
  }

  list(kind: string): Iterable<KubeObject> {
    return this.kinds.get(kind)?.values() ?? [];
  }

  // --- anybody's writes ------------------------------------------------------------------------------------------------

  create(given: KubeObject): ApiError | undefined {
    const object = admitGroups(given, this);
    if ('reason' in object) return object;
    const kind = object.kind ?? '';
    this.created++;
    const { uid, creationTimestamp, namespace } = object.metadata ?? {};
    const stored: KubeObject = {
      ...object,
      metadata: {
        ...object.metadata,
        namespace: kind === 'Pod' ? (namespace ?? 'default') : namespace,
        uid: uid ?? `${resourceOf(kind).slice(0, -1)}-${String(this.created).padStart(5, '0')}`,
        creationTimestamp: creationTimestamp ?? this.timestamp(),
        resourceVersion: this.nextVersion(),
        generation: 1,
      },
    };
    const key = keyOfObject(stored);
    if (this.get(kind, key) !== undefined) {
      return { reason: 'Conflict', message: `${qualified(kind)} "${object.metadata?.name ?? ''}" already exists` };
    }
    this.store('added', kind === 'Pod' ? admitPod(stored as Pod) : stored);
    return undefined;
  }

  /** JSON merge patch. */
  patch(kind: string, key: string, patch: unknown): ApiError | undefined {
    const object = this.get(kind, key);
    if (object === undefined) return notFound(kind, key);
    const patched = mergePatch(object, kind === 'PodGroup' ? modernGroupPatch(patch) : patch) as KubeObject;
    const { generation = 0 } = object.metadata ?? {};
    const changesSpec = typeof patch === 'object' && patch !== null && 'spec' in patch;
    this.replace(changesSpec ? { ...patched, metadata: { ...patched.metadata, generation: generation + 1 } } : patched);
    return undefined;
  }

  /** As a client deletes: a pod on a node gets its grace period first. */
  delete(kind: string, key: string, graceSeconds?: number): ApiError | undefined {
    const pod = kind === 'Pod' ? (this.get(kind, key) as Pod | undefined) : undefined;
    if (!pod?.spec?.nodeName) return this.remove(kind, key);
    const seconds = graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    if (seconds <= 0) return this.remove(kind, key);
    if (pod.metadata?.deletionTimestamp) return undefined;
    const deletionTimestamp = this.timestamp(seconds * 1000);
    this.replace({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: seconds },
    } as Pod);
    this.options.terminating?.(pod, seconds * 1000);
    return undefined;
  }

  /** At once. */
  remove(kind: string, key: string): ApiError | undefined {
    const object = this.get(kind, key);
    if (object === undefined) return notFound(kind, key);
    this.kinds.get(kind)!.delete(key);
    this.notify({ type: 'deleted', object });
    return undefined;
  }

  /** Stores a new version of an object that exists. */
  replace(object: KubeObject): KubeObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: this.nextVersion() } };
    this.store('modified', stored);
    return stored;
  }

  // --- the scheduler's writes ------------------------------------------------------------------------------------------

  bind(pod: Pod, nodeName: string, done: Done): void {
    const key = keyOfObject({ ...pod, kind: 'Pod' });
    const error = this.bindError(pod, key);
    if (error === undefined) {
      const stored = this.get('Pod', key) as Pod;
      this.placed++;
      const startTime = this.options.startTimeOf?.(this.placed) ?? this.timestamp();
      const { nominatedNodeName: _, ...status } = stored.status ?? {};
      const conditions = withCondition(status.conditions, { type: 'PodScheduled', status: 'True' }, this.timestamp());
      this.replace({
        ...stored,
        spec: { ...stored.spec!, nodeName },
        status: { ...status, phase: 'Running', startTime, conditions },
      } as Pod);
    }
    this.options.observer?.wrote?.({ verb: 'bind', object: pod, nodeName, error: error?.message });
    done(error);
  }

  patchPodStatus(pod: Pod, patch: PodStatusPatch, done: Done): void {
    const key = keyOfObject({ ...pod, kind: 'Pod' });
    const stored = this.get('Pod', key) as Pod | undefined;
    if (stored === undefined) {
      const error = notFound('Pod', key);
      this.options.observer?.wrote?.({ verb: 'patch', object: pod, error: error.message });
      done(error);
      return;
    }
    const { condition, nominatedNodeName } = patch;
    const before = stored.status ?? {};
    const { nominatedNodeName: nominatedBefore = '', ...rest } = before;
    const nominated = nominatedNodeName ?? nominatedBefore;
    const known = condition && before.conditions?.find(({ type }) => type === condition.type);
    const isNews = condition !== undefined && !(known && isSameCondition(known, condition));
    this.replace({
      ...stored,
      status: {
        ...rest,
        ...(nominated === '' ? {} : { nominatedNodeName: nominated }),
        conditions: condition ? withCondition(before.conditions, condition, this.timestamp()) : before.conditions,
      },
    } as Pod);
    this.options.observer?.wrote?.({
      verb: 'patch',
      object: pod,
      nominatedNodeName: nominated === nominatedBefore ? undefined : nominated,
      conditions: isNews ? [condition] : undefined,
    });
    done(undefined);
  }

  patchGroupCondition(group: PodGroup, condition: GroupCondition, done: Done): void {
    const object = { ...group, kind: 'PodGroup' };
    const key = keyOfObject(object);
    const stored = this.get('PodGroup', key) as PodGroup | undefined;
    const error = stored === undefined ? notFound('PodGroup', key) : undefined;
    const before = stored?.status?.conditions;
    const known = before?.find(({ type }) => type === condition.type);
    if (stored !== undefined) {
      const conditions = withCondition(before, condition, this.timestamp());
      this.replace({ ...stored, status: { ...stored.status, conditions } } as PodGroup);
    }
    const isNews = error === undefined && !(known && isSameCondition(known, condition));
    const { type, status, reason, message } = condition;
    this.options.observer?.wrote?.({
      verb: 'patch',
      object,
      conditions: isNews ? [{ type, status, reason, message: message === '' ? undefined : message }] : undefined,
      error: error?.message,
    });
    done(error);
  }

  deletePod(pod: Pod, done: Done): void {
    const error = this.delete('Pod', keyOfObject({ ...pod, kind: 'Pod' }));
    this.options.observer?.wrote?.({ verb: 'delete', object: pod, error: error?.message });
    done(error);
  }

  update(object: KubeObject, done: (stored: KubeObject | undefined, error: ApiError | undefined) => void): void {
    const kind = object.kind ?? '';
    const key = keyOfObject(object);
    if (this.get(kind, key) === undefined) {
      const error = notFound(kind, key);
      this.options.observer?.wrote?.({ verb: 'update', object, error: error.message });
      done(undefined, error);
      return;
    }
    const stored = this.replace(object);
    this.options.observer?.wrote?.({ verb: 'update', object: stored });
    done(stored, undefined);
  }

  record(event: EventRecord): void {
    this.options.observer?.recorded?.(event);
  }

  // --- inside ----------------------------------------------------------------------------------------------------------

  private bindError(pod: Pod, key: string): ApiError | undefined {
    const refusal = this.options.refuseBinding?.(pod);
    if (refusal !== undefined) return { reason: 'BadRequest', message: refusal };
    const stored = this.get('Pod', key) as Pod | undefined;
    if (stored === undefined) return notFound('Pod', key);
    const name = stored.metadata?.name ?? '';
    const conflict = (why: string): ApiError => ({
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on pods "${name}": pod ${name} ${why}`,
    });
    if (stored.spec?.nodeName) return conflict(`is already assigned to node ${JSON.stringify(stored.spec.nodeName)}`);
    if (stored.metadata?.deletionTimestamp) return conflict('is being deleted, cannot be assigned to a host');
    return undefined;
  }

  private store(type: 'added' | 'modified', object: KubeObject): void {
    const kind = object.kind ?? '';
    let objects = this.kinds.get(kind);
    if (objects === undefined) {
      objects = new Map();
      this.kinds.set(kind, objects);
    }
    objects.set(keyOfObject(object), object);
    this.notify({ type, object });
  }

  private notify(event: WatchEvent): void {
    this.options.clock.soon(() => this.options.watch(event));
  }

  private nextVersion(): string {
    return String(++this.version);
  }

  /** Whole seconds, as the API writes times. */
  private timestamp(offsetMs = 0): string {
    const seconds = Math.floor((this.options.clock.nowMs + offsetMs) / 1000);
    return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  }
}

const qualified = (kind: string): string => {
  const group = GROUP_OF_KIND[kind];
  return group === undefined ? resourceOf(kind) : `${resourceOf(kind)}.${group}`;
};

function notFound(kind: string, key: string): ApiError {
  const name = key.slice(key.indexOf('/') + 1);
  return { reason: 'NotFound', message: `${qualified(kind)} "${name}" not found` };
}

function admitPod(pod: Pod): Pod {
  const { spec, status } = pod;
  const isGated = (spec?.schedulingGates?.length ?? 0) > 0;
  if (spec?.schedulerName && !isGated) return pod;
  return {
    ...pod,
    spec: { ...spec!, schedulerName: spec?.schedulerName || 'default-scheduler' },
    status: isGated ? { ...status, conditions: [...(status?.conditions ?? []), GATED] } : status,
  } as Pod;
}

const isSameCondition = (a: ConditionLike, b: ConditionLike): boolean =>
  a.status === b.status && (a.reason ?? '') === (b.reason ?? '') && (a.message ?? '') === (b.message ?? '');

/** What the conditions of all kinds have in common. */
interface ConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: unknown;
}

/** The time of the last transition stays while the status does. */
function withCondition(
  conditions: readonly ConditionLike[] = [],
  condition: ConditionLike,
  nowText: string,
): ConditionLike[] {
  const known = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : nowText;
  const next = { ...condition, lastTransitionTime };
  return known === undefined ? [...conditions, next] : conditions.map((other) => (other === known ? next : other));
}
