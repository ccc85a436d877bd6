/**
 * Which devices are taken, and how much of those that are shared.
 * Source: `plugins/dynamicresources/allocateddevices.go`, v1.37.2, and
 * `dynamic-resource-allocation/structured/{schedulerapi/types,internal/allocatedstate}.go`, v0.37.2.
 *
 * Cost: per claim that is allocated or freed, its devices; nothing per pod that is scheduled.
 */
import {
  addQuantity,
  type DeviceRequestResult,
  parseQuantity,
  type Quantity,
  type ResourceClaim,
  subQuantity,
} from '../../../api/index.ts';
import { deviceId } from './pools.ts';

/** Capacity name → amount taken. */
export type Consumed = ReadonlyMap<string, Quantity>;

const NOTHING: Consumed = new Map();

/** Sums per device that go away when they come back to nothing. */
export class ConsumedCapacities {
  private readonly byDevice = new Map<string, Map<string, Quantity>>();

  get(device: string): Consumed {
    return this.byDevice.get(device) ?? NOTHING;
  }

  /** Also for a device that is shared without taking capacity. */
  has(device: string): boolean {
    return this.byDevice.has(device);
  }

  add(device: string, amounts: Consumed): void {
    const sums = this.byDevice.get(device) ?? new Map<string, Quantity>();
    for (const [name, amount] of amounts) {
      const sum = sums.get(name);
      sums.set(name, sum === undefined ? amount : addQuantity(sum, amount));
    }
    this.byDevice.set(device, sums);
  }

  /** `keep`: leave an entry behind, empty as it may be. */
  remove(device: string, amounts: Consumed, keep = false): void {
    const sums = this.byDevice.get(device);
    if (sums === undefined) return;
    for (const [name, amount] of amounts) {
      const sum = sums.get(name);
      if (sum !== undefined) sums.set(name, subQuantity(sum, amount));
    }
    if (![...sums.values()].every(({ nano }) => nano === 0n)) return;
    if (keep) this.byDevice.set(device, new Map());
    else this.byDevice.delete(device);
  }
}

interface Taken {
  readonly device: string;
  /** Empty for a device that is taken whole. */
  readonly share: string;
  readonly amounts: Consumed | undefined;
}

/** Devices of an allocation, without those that are only looked at (admin access). */
function* takenBy(claim: ResourceClaim): Iterable<Taken> {
  for (const result of claim.status?.allocation?.devices.results ?? []) {
    if (result.adminAccess === true) continue;
    const device = deviceId(result.driver, result.pool, result.device);
    const isShared = result.shareID !== undefined;
    yield { device, share: result.shareID ?? '', amounts: isShared ? amountsOf(result) : undefined };
  }
}

const amountsOf = ({ consumedCapacity }: DeviceRequestResult): Consumed | undefined =>
  consumedCapacity && new Map(Object.entries(consumedCapacity).map(([name, text]) => [name, parseQuantity(text)]));

/** What claims have taken according to the API, and what is about to be written there. */
export class AllocatedDevices {
  /** As upstream, a device stored with two claims is free as soon as one of them gives it back. */
  private readonly whole = new Set<string>();
  private readonly shares = new Map<string, Set<string>>();
  private readonly stored = new ConsumedCapacities();
  private readonly wholeInFlight = new Counts();
  private readonly sharesInFlight = new Counts();
  private readonly inFlight = new ConsumedCapacities();

  /** Nobody else can have it. */
  isTaken(device: string): boolean {
    return this.whole.has(device) || this.wholeInFlight.has(device);
  }

  isShared(device: string): boolean {
    return (
      this.stored.has(device) || this.inFlight.has(device) || this.shares.has(device) || this.sharesInFlight.has(device)
    );
  }

  consumed(device: string): Consumed {
    if (!this.inFlight.has(device)) return this.stored.get(device);
    const sums = new Map(this.stored.get(device));
    for (const [name, amount] of this.inFlight.get(device)) {
      const sum = sums.get(name);
      sums.set(name, sum === undefined ? amount : addQuantity(sum, amount));
    }
    return sums;
  }

  claimAllocated(claim: ResourceClaim): void {
    for (const { device, share, amounts } of takenBy(claim)) {
      if (share === '') this.whole.add(device);
      else {
        const shares = this.shares.get(device) ?? new Set();
        this.shares.set(device, shares.add(share));
        if (amounts !== undefined) this.stored.add(device, amounts);
      }
    }
  }

  claimFreed(claim: ResourceClaim): void {
    for (const { device, share, amounts } of takenBy(claim)) {
      if (share === '') this.whole.delete(device);
      else {
        const shares = this.shares.get(device);
        shares?.delete(share);
        if (shares?.size === 0) this.shares.delete(device);
        if (amounts !== undefined) this.stored.remove(device, amounts);
      }
    }
  }

  flightBegan(claim: ResourceClaim): void {
    for (const { device, share, amounts } of takenBy(claim)) {
      (share === '' ? this.wholeInFlight : this.sharesInFlight).add(device);
      if (amounts !== undefined) this.inFlight.add(device, amounts);
    }
  }

  flightEnded(claim: ResourceClaim): void {
    for (const { device, share, amounts } of takenBy(claim)) {
      (share === '' ? this.wholeInFlight : this.sharesInFlight).remove(device);
      if (amounts !== undefined) this.inFlight.remove(device, amounts);
    }
  }
}

class Counts {
  private readonly byKey = new Map<string, number>();

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  add(key: string): void {
    this.byKey.set(key, (this.byKey.get(key) ?? 0) + 1);
  }

  remove(key: string): void {
    const count = (this.byKey.get(key) ?? 0) - 1;
    if (count > 0) this.byKey.set(key, count);
    else this.byKey.delete(key);
  }
}
