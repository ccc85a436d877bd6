/** Cluster objects beside nodes and pods, by kind and key, in order of first addition. */
import {
  type CSIStorageCapacity,
  InputError,
  type KubeObject,
  type PersistentVolume,
  type VolumeAttachment,
  volumeClassName,
} from '../api/index.ts';
import type { IndexedLister, ObjectListers, WatchedLister } from './plugin.ts';

type Listener<T> = (before: T | undefined, after: T | undefined) => void;

class ObjectTable<T> implements WatchedLister<T> {
  /** Goes up with every change. */
  version = 0;
  private readonly byKey = new Map<string, T>();
  private readonly listeners: Array<Listener<T>> = [];

  get(key: string): T | undefined {
    return this.byKey.get(key);
  }
  list(): Iterable<T> {
    return this.byKey.values();
  }
  watch(listener: Listener<T>): void {
    for (const object of this.byKey.values()) listener(undefined, object);
    this.listeners.push(listener);
  }
  set(key: string, object: T): void {
    this.version++;
    const before = this.listeners.length > 0 ? this.byKey.get(key) : undefined;
    this.byKey.set(key, object);
    for (const listener of this.listeners) listener(before, object);
  }
  delete(key: string): boolean {
    this.version++;
    const before = this.byKey.get(key);
    if (before === undefined) return false;
    this.byKey.delete(key);
    for (const listener of this.listeners) listener(before, undefined);
    return true;
  }
}

const NO_OBJECTS: Iterable<never> = [];

class IndexedTable<T> extends ObjectTable<T> implements IndexedLister<T> {
  private readonly propertyOf: (object: T) => string;
  private readonly byValue = new Map<string, Map<string, T>>();

  constructor(propertyOf: (object: T) => string) {
    super();
    this.propertyOf = propertyOf;
  }

  by(value: string): Iterable<T> {
    return this.byValue.get(value)?.values() ?? NO_OBJECTS;
  }

  override set(key: string, object: T): void {
    const value = this.propertyOf(object);
    const before = this.get(key);
    if (before !== undefined && this.propertyOf(before) !== value) this.forget(key, before);
    super.set(key, object);
    let group = this.byValue.get(value);
    if (group === undefined) {
      group = new Map();
      this.byValue.set(value, group);
    }
    group.set(key, object);
  }

  override delete(key: string): boolean {
    const before = this.get(key);
    if (before !== undefined) this.forget(key, before);
    return super.delete(key);
  }

  private forget(key: string, object: T): void {
    const value = this.propertyOf(object);
    const group = this.byValue.get(value);
    group?.delete(key);
    if (group?.size === 0) this.byValue.delete(value);
  }
}

const TABLE_OF_KIND: Readonly<Record<string, keyof ObjectListers>> = {
  Namespace: 'namespaces',
  PriorityClass: 'priorityClasses',
  PodDisruptionBudget: 'podDisruptionBudgets',
  Service: 'services',
  ReplicationController: 'replicationControllers',
  ReplicaSet: 'replicaSets',
  StatefulSet: 'statefulSets',
  PersistentVolume: 'persistentVolumes',
  PersistentVolumeClaim: 'persistentVolumeClaims',
  StorageClass: 'storageClasses',
  CSINode: 'csiNodes',
  CSIDriver: 'csiDrivers',
  CSIStorageCapacity: 'csiStorageCapacities',
  VolumeAttachment: 'volumeAttachments',
  ResourceClaim: 'resourceClaims',
  ResourceClaimTemplate: 'resourceClaimTemplates',
  ResourceSlice: 'resourceSlices',
  DeviceClass: 'deviceClasses',
  DeviceTaintRule: 'deviceTaintRules',
  PodGroup: 'podGroups',
  CompositePodGroup: 'compositePodGroups',
  Workload: 'workloads',
};

const NAMESPACED = new Set<keyof ObjectListers>([
  'podDisruptionBudgets',
  'services',
  'replicationControllers',
  'replicaSets',
  'statefulSets',
  'persistentVolumeClaims',
  'csiStorageCapacities',
  'resourceClaims',
  'resourceClaimTemplates',
  'podGroups',
  'compositePodGroups',
  'workloads',
]);

/** True for kinds that scheduling looks at. */
export const isSchedulingKind = (kind: string): boolean => TABLE_OF_KIND[kind] !== undefined;

export class ClusterObjects implements ObjectListers {
  /** Goes up when any object comes, changes or goes. */
  version = 0;
  readonly namespaces: ObjectListers['namespaces'] = new ObjectTable();
  readonly priorityClasses: ObjectListers['priorityClasses'] = new ObjectTable();
  readonly podDisruptionBudgets: ObjectListers['podDisruptionBudgets'] = new ObjectTable();
  readonly services: ObjectListers['services'] = new ObjectTable();
  readonly replicationControllers: ObjectListers['replicationControllers'] = new ObjectTable();
  readonly replicaSets: ObjectListers['replicaSets'] = new ObjectTable();
  readonly statefulSets: ObjectListers['statefulSets'] = new ObjectTable();
  readonly persistentVolumes: ObjectListers['persistentVolumes'] = new IndexedTable<PersistentVolume>(volumeClassName);
  readonly persistentVolumeClaims: ObjectListers['persistentVolumeClaims'] = new ObjectTable();
  readonly storageClasses: ObjectListers['storageClasses'] = new ObjectTable();
  readonly csiNodes: ObjectListers['csiNodes'] = new ObjectTable();
  readonly csiDrivers: ObjectListers['csiDrivers'] = new ObjectTable();
  readonly csiStorageCapacities: ObjectListers['csiStorageCapacities'] = new IndexedTable<CSIStorageCapacity>(
    (capacity) => capacity.storageClassName ?? '',
  );
  readonly volumeAttachments: ObjectListers['volumeAttachments'] = new IndexedTable<VolumeAttachment>(
    (attachment) => attachment.spec?.nodeName ?? '',
  );
  readonly resourceClaims: ObjectListers['resourceClaims'] = new ObjectTable();
  readonly resourceClaimTemplates: ObjectListers['resourceClaimTemplates'] = new ObjectTable();
  readonly resourceSlices: ObjectListers['resourceSlices'] = new ObjectTable();
  readonly deviceClasses: ObjectListers['deviceClasses'] = new ObjectTable();
  readonly deviceTaintRules: ObjectListers['deviceTaintRules'] = new ObjectTable();
  readonly podGroups: ObjectListers['podGroups'] = new ObjectTable();
  readonly compositePodGroups: ObjectListers['compositePodGroups'] = new ObjectTable();
  readonly workloads: ObjectListers['workloads'] = new ObjectTable();

  /** Adds an object, or replaces the one of the same kind and key. Throws InputError for a kind nobody reads. */
  set(object: KubeObject): void {
    const { table, key } = this.locate(object);
    this.version++;
    table.set(key, object);
  }

  /** The object of the same kind and key. */
  find(object: KubeObject): KubeObject | undefined {
    const { table, key } = this.locate(object);
    return table.get(key) as KubeObject | undefined;
  }

  delete(object: KubeObject): boolean {
    const { table, key } = this.locate(object);
    this.version++;
    return table.delete(key);
  }

  /** Goes up when an object of the kind comes, changes or goes. */
  versionOf(kind: keyof ObjectListers): number {
    return (this[kind] as ObjectTable<unknown>).version;
  }

  private locate(object: KubeObject): { table: ObjectTable<unknown>; key: string } {
    const kind = object.kind ?? '';
    const name = TABLE_OF_KIND[kind];
    if (name === undefined) throw new InputError(`kind "${kind}" plays no part in scheduling`);
    const { namespace = 'default', name: objectName = '' } = object.metadata ?? {};
    const key = NAMESPACED.has(name) ? `${namespace}/${objectName}` : objectName;
    return { table: this[name] as ObjectTable<unknown>, key };
  }
}
