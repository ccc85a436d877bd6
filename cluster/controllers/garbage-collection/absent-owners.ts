/** Owners that are known not to be, so that not every dependent has to ask. A uid does not come again. */
import type { OwnerReference } from '../types.ts';

type Identity = Pick<OwnerReference, 'apiVersion' | 'kind' | 'name' | 'uid'>;

const KEPT = 500;

export class AbsentOwners {
  private readonly keys = new Set<string>();

  add(identity: Identity, namespace: string): void {
    this.keys.add(keyOf(identity, namespace));
    if (this.keys.size <= KEPT) return;
    const [oldest] = this.keys;
    this.keys.delete(oldest!);
  }

  has(identity: Identity, namespace: string): boolean {
    return this.keys.has(keyOf(identity, namespace));
  }
}

const keyOf = ({ apiVersion, kind, name, uid }: Identity, namespace: string): string =>
  [apiVersion, kind, namespace, name, uid].join('\0');
