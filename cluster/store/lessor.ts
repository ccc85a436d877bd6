/**
 * Leases: when one runs out, all keys attached to it are deleted in one revision. They live by the clock that the store is
 * given; without one they last until they are revoked.
 */
import { type Cancel, type Clock, Lane } from '../../scheduler/clock.ts';
import type { LeaseStatus } from './store.ts';
import { refusal } from './store-error.ts';

const MS_PER_S = 1000;
/** Source: etcd v3.4 `lease/lessor.go` MaxLeaseTTL. */
const TTL_S_MAX = 9_000_000_000;
const TTL_S_MIN = 1;
/** Ids of one millisecond. */
const IDS_PER_MS = 1024;

interface Lease {
  readonly id: number;
  readonly ttlS: number;
  readonly keys: Set<string>;
  expiresMs: number;
  cancel: Cancel | undefined;
}

export class Lessor {
  private readonly clock: Clock | undefined;
  private readonly leases = new Map<number, Lease>();
  private readonly expired: (id: number) => void;
  private lastId = 0;

  /** `expired` must lead to `revoke`. */
  constructor(clock: Clock | undefined, expired: (id: number) => void) {
    this.clock = clock;
    this.expired = expired;
  }

  get ids(): number[] {
    return [...this.leases.keys()].sort((a, b) => a - b);
  }

  has(id: number): boolean {
    return this.leases.has(id);
  }

  /** Throws `LeaseExists`, `LeaseTtlTooLarge`. */
  grant(ttlS: number, wantedId: number | undefined): LeaseStatus {
    if (!(ttlS <= TTL_S_MAX)) throw refusal('LeaseTtlTooLarge');
    const id = wantedId === undefined || wantedId === 0 ? this.freeId() : wantedId;
    if (this.leases.has(id)) throw refusal('LeaseExists');
    const lease: Lease = {
      id,
      ttlS: Math.max(TTL_S_MIN, Math.ceil(ttlS)),
      keys: new Set(),
      expiresMs: Number.POSITIVE_INFINITY,
      cancel: undefined,
    };
    this.leases.set(id, lease);
    this.renew(lease);
    return statusOf(lease, lease.ttlS);
  }

  /** Throws `LeaseNotFound`. */
  keepAlive(id: number): LeaseStatus {
    const lease = this.leases.get(id);
    if (lease === undefined) throw refusal('LeaseNotFound');
    this.renew(lease);
    return statusOf(lease, lease.ttlS);
  }

  /** −1 seconds for a lease that does not exist (any more). */
  timeToLive(id: number): LeaseStatus {
    const lease = this.leases.get(id);
    if (lease === undefined) return { id, ttlS: -1, grantedTtlS: 0, keys: [] };
    if (this.clock === undefined) return statusOf(lease, lease.ttlS);
    return statusOf(lease, Math.max(0, Math.floor((lease.expiresMs - this.clock.nowMs) / MS_PER_S)));
  }

  /** Its keys in order, for the caller to delete. Throws `LeaseNotFound`. */
  revoke(id: number, order: (a: string, b: string) => number): string[] {
    const lease = this.leases.get(id);
    if (lease === undefined) throw refusal('LeaseNotFound');
    lease.cancel?.();
    this.leases.delete(id);
    return [...lease.keys].sort(order);
  }

  attach(id: number, key: string): void {
    this.leases.get(id)?.keys.add(key);
  }

  detach(id: number, key: string): void {
    this.leases.get(id)?.keys.delete(key);
  }

  stop(): void {
    for (const lease of this.leases.values()) lease.cancel?.();
  }

  private freeId(): number {
    this.lastId = Math.max(this.lastId + 1, (this.clock?.nowMs ?? 0) * IDS_PER_MS);
    while (this.leases.has(this.lastId)) this.lastId++;
    return this.lastId;
  }

  /** The timer of a lease stands where it was; when it rings too early it is set anew. */
  private renew(lease: Lease): void {
    if (this.clock === undefined) return;
    lease.expiresMs = this.clock.nowMs + lease.ttlS * MS_PER_S;
    if (lease.cancel === undefined) this.wait(lease);
  }

  private wait(lease: Lease): void {
    lease.cancel = this.clock!.timer(
      lease.expiresMs,
      () => {
        if (this.clock!.nowMs < lease.expiresMs) this.wait(lease);
        else if (this.leases.has(lease.id)) this.expired(lease.id);
      },
      Lane.Component,
    );
  }
}

const statusOf = (lease: Lease, ttlS: number): LeaseStatus => ({
  id: lease.id,
  ttlS,
  grantedTtlS: lease.ttlS,
  keys: [...lease.keys].sort(),
});
