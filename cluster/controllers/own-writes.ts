/**
 * What a sync has written and its informers have not told yet: until they have, the next sync of that key would work on an
 * old picture. Source: `pkg/controller/util/consistency/consistency.go`, v1.37.2.
 */
import type { KubeObject } from '../../api/index.ts';
import type { Informer } from './informer.ts';
import { Refusal } from './steps.ts';

const versionOf = ({ metadata }: KubeObject): number => Number(metadata?.resourceVersion ?? 0);

export class OwnWrites {
  private readonly byKey = new Map<string, Map<Informer<never>, number>>();

  wrote<T extends KubeObject>(key: string, informer: Informer<T>, object: KubeObject): void {
    let versions = this.byKey.get(key);
    if (versions === undefined) {
      versions = new Map();
      this.byKey.set(key, versions);
    }
    const informerKey = informer as unknown as Informer<never>;
    versions.set(informerKey, Math.max(versions.get(informerKey) ?? 0, versionOf(object)));
  }

  areSeen(key: string): boolean {
    for (const [informer, version] of this.byKey.get(key) ?? []) if (informer.seenVersion < version) return false;
    return true;
  }

  /** Throws Refusal, so that the queue tries again later. */
  mustBeSeen(key: string): void {
    if (!this.areSeen(key)) throw new Refusal({ ...NOT_SEEN, message: `${key}: own writes are not seen yet` });
    this.byKey.delete(key);
  }

  forget(key: string): void {
    this.byKey.delete(key);
  }
}

const NOT_SEEN = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  reason: 'Conflict',
  code: 409,
} as const;
