/**
 * Counters that devices of a pool share (partitionable devices): what is left of them, and what the search takes.
 * Source: `checkAvailableCounters` in
 * `dynamic-resource-allocation/structured/internal/incubating/allocator_incubating.go`, v0.37.2.
 *
 * Cost: the devices of a pool once per cycle, then the pool's counters per device that is tried.
 */
import { type Device, parseQuantity } from '../../../api/index.ts';
import type { AllocatedDevices } from '../../helper/devices/allocated-devices.ts';
import type { OfferedDevice, Pool } from '../../helper/devices/pools.ts';

/** Counter set → counter → nano-units. */
type Amounts = Map<string, Map<string, bigint>>;

/** What allocated devices have left, by pool; the same on every node. */
export class AvailableCounters {
  private readonly allocated: AllocatedDevices;
  private readonly byPool = new Map<string, Amounts>();

  constructor(allocated: AllocatedDevices) {
    this.allocated = allocated;
  }

  of(pool: Pool): Amounts {
    let amounts = this.byPool.get(pool.id);
    if (amounts === undefined) {
      amounts = this.count(pool);
      this.byPool.set(pool.id, amounts);
    }
    return amounts;
  }

  private count(pool: Pool): Amounts {
    const amounts: Amounts = new Map();
    for (const { name, counters } of pool.counterSets.values()) {
      amounts.set(
        name,
        new Map(Object.entries(counters ?? {}).map(([key, { value }]) => [key, parseQuantity(value).nano])),
      );
    }
    const take = ({ id, device }: OfferedDevice): void => {
      if (this.allocated.isTaken(id) || this.allocated.isShared(id)) subtract(amounts, device);
    };
    pool.devices.forEach(take);
    pool.otherDevices.forEach(take);
    return amounts;
  }
}

/** May leave less than nothing: then no device of the pool can be had. */
function subtract(amounts: Amounts, { consumesCounters }: Device): void {
  for (const { counterSet, counters } of consumesCounters ?? []) {
    const left = amounts.get(counterSet);
    for (const [name, { value }] of Object.entries(counters ?? {})) {
      const amount = left?.get(name);
      if (amount !== undefined) left!.set(name, amount - parseQuantity(value).nano);
    }
  }
}

/** What one search has taken so far. */
export class CountersInUse {
  private readonly available: AvailableCounters;
  private readonly byPool = new Map<string, Amounts>();

  constructor(available: AvailableCounters) {
    this.available = available;
  }

  /** False, and nothing is taken, when a counter does not suffice. */
  take(pool: Pool, device: Device): boolean {
    this.add(pool, device, 1n);
    const taken = this.byPool.get(pool.id);
    for (const [set, counters] of this.available.of(pool)) {
      for (const [name, left] of counters) {
        if ((taken?.get(set)?.get(name) ?? 0n) > left) {
          this.giveBack(pool, device);
          return false;
        }
      }
    }
    return true;
  }

  giveBack(pool: Pool, device: Device): void {
    this.add(pool, device, -1n);
  }

  private add(pool: Pool, { consumesCounters }: Device, sign: bigint): void {
    const sets = this.byPool.get(pool.id) ?? new Map<string, Map<string, bigint>>();
    this.byPool.set(pool.id, sets);
    for (const { counterSet, counters } of consumesCounters ?? []) {
      const sums = sets.get(counterSet) ?? new Map<string, bigint>();
      sets.set(counterSet, sums);
      for (const [name, { value }] of Object.entries(counters ?? {})) {
        sums.set(name, (sums.get(name) ?? 0n) + sign * parseQuantity(value).nano);
      }
    }
  }
}
