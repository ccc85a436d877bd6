/** Cluster objects beside nodes and pods, by kind and key, in order of first addition. */
import { InputError, type KubeObject } from '../api/index.ts';
import type { Lister, ObjectListers } from './plugin.ts';

class ObjectTable<T> implements Lister<T> {
  private readonly byKey = new Map<string, T>();

  get(key: string): T | undefined {
    return this.byKey.get(key);
  }
  list(): Iterable<T> {
    return this.byKey.values();
  }
  set(key: string, object: T): void {
    this.byKey.set(key, object);
  }
  delete(key: string): boolean {
    return this.byKey.delete(key);
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
]);

/** True for kinds that scheduling looks at. */
export const isSchedulingKind = (kind: string): boolean => TABLE_OF_KIND[kind] !== undefined;

export class ClusterObjects implements ObjectListers {
  readonly namespaces: ObjectListers['namespaces'] = new ObjectTable();
  readonly priorityClasses: ObjectListers['priorityClasses'] = new ObjectTable();
  readonly podDisruptionBudgets: ObjectListers['podDisruptionBudgets'] = new ObjectTable();
  readonly services: ObjectListers['services'] = new ObjectTable();
  readonly replicationControllers: ObjectListers['replicationControllers'] = new ObjectTable();
  readonly replicaSets: ObjectListers['replicaSets'] = new ObjectTable();
  readonly statefulSets: ObjectListers['statefulSets'] = new ObjectTable();
  readonly persistentVolumes: ObjectListers['persistentVolumes'] = new ObjectTable();
  readonly persistentVolumeClaims: ObjectListers['persistentVolumeClaims'] = new ObjectTable();
  readonly storageClasses: ObjectListers['storageClasses'] = new ObjectTable();
  readonly csiNodes: ObjectListers['csiNodes'] = new ObjectTable();
  readonly csiDrivers: ObjectListers['csiDrivers'] = new ObjectTable();
  readonly csiStorageCapacities: ObjectListers['csiStorageCapacities'] = new ObjectTable();
  readonly volumeAttachments: ObjectListers['volumeAttachments'] = new ObjectTable();
  readonly resourceClaims: ObjectListers['resourceClaims'] = new ObjectTable();

  /** Adds an object, or replaces the one of the same kind and key. Throws InputError for a kind nobody reads. */
  set(object: KubeObject): void {
    const { table, key } = this.locate(object);
    table.set(key, object);
  }

  delete(object: KubeObject): boolean {
    const { table, key } = this.locate(object);
    return table.delete(key);
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
