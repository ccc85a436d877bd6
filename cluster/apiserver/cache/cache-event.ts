/** One change of one object, as the cache keeps it and hands it on. */
import type { KubeObject } from '../../../api/index.ts';
import type { ApiWatchEvent } from '../client.ts';
import type { Resource } from '../kinds/resource.ts';

/**
 * What a watcher gets is made once for all that get the same, so that whoever writes it out can keep the bytes with the
 * event.
 */
export class CacheEvent {
  readonly revision: number;
  /** Counts the events of a kind: several may have one revision. */
  readonly sequence: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Of a deletion: the last state, with the revision of the deletion. */
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  readonly namespace: string;
  /** Made when somebody wants them; of the version that is stored. */
  private asIs: ApiWatchEvent | undefined;
  private added: ApiWatchEvent | undefined;
  private deleted: ApiWatchEvent | undefined;
  /** In other versions. */
  private converted: Map<string, ApiWatchEvent> | undefined;

  constructor(
    revision: number,
    sequence: number,
    type: CacheEvent['type'],
    object: KubeObject,
    previous: KubeObject | undefined,
    namespace: string,
  ) {
    this.revision = revision;
    this.sequence = sequence;
    this.type = type;
    this.object = object;
    this.previous = previous;
    this.namespace = namespace;
  }

  forAll(resource: Resource): ApiWatchEvent {
    this.asIs ??= { type: this.type, object: this.object };
    return this.in(resource, this.asIs);
  }

  /** It begins to match a selector. */
  asAdded(resource: Resource): ApiWatchEvent {
    this.added ??= { type: 'ADDED', object: this.object };
    return this.in(resource, this.added);
  }

  /** It no longer matches a selector: the state before, with the revision of this change. */
  asDeleted(resource: Resource): ApiWatchEvent {
    this.deleted ??= { type: 'DELETED', object: withVersion(this.previous!, String(this.revision)) };
    return this.in(resource, this.deleted);
  }

  private in(resource: Resource, event: ApiWatchEvent): ApiWatchEvent {
    if (resource.conversion === undefined || event.type === 'ERROR') return event;
    const key = `${event.type} ${resource.apiVersion}`;
    this.converted ??= new Map();
    let other = this.converted.get(key);
    if (other === undefined) {
      other = { type: event.type, object: inVersion(resource, event.object) };
      this.converted.set(key, other);
    }
    return other;
  }
}

export const withVersion = (object: KubeObject, resourceVersion: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion },
});

const converted = new WeakMap<KubeObject, Map<Resource, KubeObject>>();

/** A stored object in the version of a resource; the same object for every call. */
export function inVersion(resource: Resource, stored: KubeObject): KubeObject {
  if (resource.conversion === undefined) return stored;
  let versions = converted.get(stored);
  if (versions === undefined) {
    versions = new Map();
    converted.set(stored, versions);
  }
  let object = versions.get(resource);
  if (object === undefined) {
    object = resource.conversion.fromStored(stored);
    versions.set(resource, object);
  }
  return object;
}
