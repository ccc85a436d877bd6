/**
 * One lease serves many objects: a new one is taken out once it is a minute old or has been given to a thousand objects.
 * Source: `apiserver/pkg/storage/etcd3/lease_manager.go`, v0.37.2.
 */
import type { Clock } from '../../scheduler/clock.ts';
import type { Store } from '../store/index.ts';
import type { EventLeases } from './core.ts';
import { statusOf } from './storage-write.ts';

const REUSE_S = 60;
const OBJECTS_MAX = 1000;

export class SharedLeases implements EventLeases {
  private readonly store: Store;
  private readonly clock: Clock;
  private lease = 0;
  private ttlS = 0;
  private renewMs = 0;
  private used = 0;

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  leaseFor(ttlS: number, use: Parameters<EventLeases['leaseFor']>[1]): void {
    const { nowMs } = this.clock;
    if (this.ttlS === ttlS && nowMs < this.renewMs && this.used < OBJECTS_MAX) {
      this.used++;
      use(undefined, this.lease);
      return;
    }
    // The last object that gets the lease is to live as long as the first.
    this.store.leaseGrant(ttlS + REUSE_S, undefined, (error, granted) => {
      if (error !== undefined) {
        use(statusOf(error), 0);
        return;
      }
      this.lease = granted.id;
      this.ttlS = ttlS;
      this.renewMs = nowMs + REUSE_S * 1000;
      this.used = 1;
      use(undefined, granted.id);
    });
  }
}
