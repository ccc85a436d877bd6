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
  /** Made when somebody wants them: as it is in the version that is stored, and all others. */
  private asIs: ApiWatchEvent | undefined;
  private others: Map<string, ApiWatchEvent> | undefined;

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
    return this.as(this.type, resource);
  }

  /** It begins to match a selector. */
  asAdded(resource: Resource): ApiWatchEvent {
    return this.as('ADDED', resource);
  }

  /** It no longer matches a selector: the state before, with the revision of this change. */
  asDeleted(resource: Resource): ApiWatchEvent {
    return this.as('DELETED', resource);
  }

  private as(type: CacheEvent['type'], resource: Resource): ApiWatchEvent {
    if (type === this.type && resource.conversion === undefined) {
      this.asIs ??= { type, object: this.object };
      return this.asIs;
    }
    const key = `${type} ${resource.apiVersion}`;
    this.others ??= new Map();
    let event = this.others.get(key);
    if (event === undefined) {
      const isFormer = type === 'DELETED' && this.type !== 'DELETED';
      const object = isFormer ? withVersion(this.previous!, String(this.revision)) : this.object;
      event = { type, object: inVersion(resource, object) };
      this.others.set(key, event);
    }
    return event;
  }
}

export const withVersion = (object: KubeObject, resourceVersion: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion },
});

/** A stored object in the version of a resource. */
export const inVersion = (resource: Resource, stored: KubeObject): KubeObject =>
  resource.conversion === undefined ? stored : resource.conversion.fromStored(stored);
