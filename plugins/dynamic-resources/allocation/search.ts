/**
 * The search for devices for all claims of a pod on one node: claim by claim, request by request, device by device, going
 * back when there is no way on. The first solution is taken; drivers set priorities by the order of their devices.
 * Source: `allocateOne` and `allocateDevice` in
 * `dynamic-resource-allocation/structured/internal/incubating/allocator_incubating.go`, v0.37.2.
 *
 * Cost: in the worst case exponential in the number of devices asked for, hence the budget of steps.
 */
import type { Quantity, ResourceClaim } from '../../../api/index.ts';
import { type AllocatedDevices, ConsumedCapacities } from '../../helper/devices/allocated-devices.ts';
import type { OfferedDevice, Pool } from '../../helper/devices/pools.ts';
import { type Ask, type AskedRequest, claimText, RESULTS_MAX } from './ask.ts';
import type { Constraint } from './constraints.ts';
import { type AvailableCounters, CountersInUse } from './counters.ts';
import { capacityFits, consumedBy } from './shared-capacity.ts';
import { toleratesAll } from './taints.ts';

export interface AskedClaim {
  readonly claim: ResourceClaim;
  readonly requests: readonly AskedRequest[];
  readonly constraints: readonly Constraint[];
}

export interface ChosenDevice {
  readonly ask: Ask;
  readonly offered: OfferedDevice;
  /** What a share of the device takes of it; undefined when the claim has the device to itself. */
  readonly consumed: ReadonlyMap<string, Quantity> | undefined;
}

/** What was found for one claim. */
export interface FoundDevices {
  readonly devices: readonly ChosenDevice[];
  /** The alternative taken, by request; 0 where there is no list. */
  readonly alternatives: readonly number[];
}

export interface SearchOptions {
  readonly claims: readonly AskedClaim[];
  readonly pools: readonly Pool[];
  readonly allocated: AllocatedDevices;
  readonly counters: AvailableCounters;
  /** After so many steps the search gives up, with `OutOfSteps`. Infinite: never. */
  readonly maxSteps: number;
  isSelectable(ask: Ask, device: OfferedDevice): boolean;
}

/** The search took too long. */
export class OutOfSteps extends Error {
  override readonly name = 'OutOfSteps';
}

const FOUND = 0;
const NONE = 1;
/** More devices than a claim can hold: other devices for the requests before would not help. */
const TOO_MANY = 2;
type Outcome = typeof FOUND | typeof NONE | typeof TOO_MANY;

interface Place {
  readonly claim: number;
  readonly request: number;
  readonly alternative: number;
  /** How many devices the alternative has already. */
  readonly device: number;
}

interface Candidate {
  readonly offered: OfferedDevice;
  readonly pool: Pool;
}

const NO_SHARES: ReadonlyMap<string, Quantity> = new Map();

/** Pools are gathered once for many pods. */
const candidates = new WeakMap<readonly Pool[], readonly Candidate[]>();

function candidatesOf(pools: readonly Pool[]): readonly Candidate[] {
  let known = candidates.get(pools);
  if (known === undefined) {
    known = pools.flatMap((pool) =>
      pool.isIncomplete || pool.isInvalid ? [] : pool.devices.map((offered) => ({ offered, pool })),
    );
    candidates.set(pools, known);
  }
  return known;
}

export class DeviceSearch {
  private readonly options: SearchOptions;
  private readonly candidates: readonly Candidate[];
  private counters: CountersInUse | undefined;
  /** Device → claims that are to have it. */
  private readonly taken = new Map<string, Set<number>>();
  private shares: ConsumedCapacities | undefined;
  private readonly found: Array<{ devices: ChosenDevice[]; alternatives: number[] }>;
  private steps = 0;

  constructor(options: SearchOptions) {
    this.options = options;
    this.candidates = candidatesOf(options.pools);
    this.found = options.claims.map(({ requests }) => ({ devices: [], alternatives: requests.map(() => 0) }));
  }

  /** In order of the claims; undefined when there is no way. Throws OutOfSteps, and for requests that make no sense. */
  run(): readonly FoundDevices[] | undefined {
    return this.serve({ claim: 0, request: 0, alternative: 0, device: 0 }, false, 0) === FOUND ? this.found : undefined;
  }

  /** @param isChosen An alternative of the request's list is being served. @param from First candidate to look at. */
  private serve(place: Place, isChosen: boolean, from: number): Outcome {
    this.steps++;
    if (this.steps > this.options.maxSteps) throw new OutOfSteps('no solution within the time given');
    const asked = this.options.claims[place.claim];
    if (asked === undefined) return FOUND;
    const request = asked.requests[place.request];
    if (request === undefined) {
      const outcome = this.serve({ claim: place.claim + 1, request: 0, alternative: 0, device: 0 }, false, 0);
      // Too many for the next claim says nothing about the devices of this one.
      return outcome === TOO_MANY ? NONE : outcome;
    }
    if (request.isList && !isChosen) return this.serveList(place, request);
    const ask = request.alternatives[place.alternative]!;
    if (ask.all?.length === 0) return NONE;
    if (place.device >= ask.count) {
      return this.serve({ claim: place.claim, request: place.request + 1, alternative: 0, device: 0 }, false, 0);
    }
    const room = RESULTS_MAX - this.found[place.claim]!.devices.length;
    if (ask.count - place.device > room) return TOO_MANY;
    return ask.all === undefined
      ? this.serveFromAny(place, ask, isChosen, from)
      : this.serveFromAll(place, ask, isChosen);
  }

  private serveList(place: Place, { alternatives }: AskedRequest): Outcome {
    let allTooMany = true;
    for (let alternative = 0; alternative < alternatives.length; alternative++) {
      const outcome = this.serve({ ...place, alternative }, true, 0);
      if (outcome === TOO_MANY) continue;
      allTooMany = false;
      if (outcome === FOUND) {
        this.found[place.claim]!.alternatives[place.request] = alternative;
        return FOUND;
      }
    }
    return allTooMany ? TOO_MANY : NONE;
  }

  /** Which devices it has to be is known, and their order means nothing. */
  private serveFromAll(place: Place, ask: Ask, isChosen: boolean): Outcome {
    const offered = ask.all![place.device]!;
    const pool = this.options.pools.find(({ driver, name }) => driver === offered.driver && name === offered.pool)!;
    const undo = this.take(place, ask, { offered, pool }, true);
    if (undo === undefined) return NONE;
    const outcome = this.serve({ ...place, device: place.device + 1 }, isChosen, 0);
    if (outcome !== FOUND) undo();
    return outcome;
  }

  /** Devices of one request are taken in order, so that no set of them is tried twice. */
  private serveFromAny(place: Place, ask: Ask, isChosen: boolean, from: number): Outcome {
    const { candidates } = this;
    for (let i = from; i < candidates.length; i++) {
      const candidate = candidates[i]!;
      const { offered } = candidate;
      if (this.isInUse(place, ask, offered) || !this.options.isSelectable(ask, offered)) continue;
      if (!this.hasCapacity(place, ask, offered, 'checking')) continue;
      const undo = this.take(place, ask, candidate, false);
      if (undo === undefined) continue;
      const outcome = this.serve({ ...place, device: place.device + 1 }, isChosen, i + 1);
      if (outcome === FOUND) return FOUND;
      undo();
      if (outcome === TOO_MANY) return TOO_MANY;
    }
    return NONE;
  }

  private isInUse({ claim }: Place, { adminAccess }: Ask, { id }: OfferedDevice): boolean {
    const claims = this.taken.get(id);
    if (adminAccess) return claims?.has(claim) === true;
    return (claims !== undefined && claims.size > 0) || this.options.allocated.isTaken(id);
  }

  private hasCapacity(place: Place, { name, demand }: Ask, { id, device }: OfferedDevice, doing: string): boolean {
    try {
      return capacityFits(
        device,
        demand.capacity,
        this.options.allocated.consumed(id),
        this.shares?.get(id) ?? NO_SHARES,
      );
    } catch (error) {
      const { claim } = this.options.claims[place.claim]!;
      throw new Error(
        `claim ${claimText(claim)}, request ${name}: ${doing} capacity for device ${id}: ${(error as Error).message}`,
      );
    }
  }

  /** Returns how to undo it; undefined when the device cannot be had. `must`: there is no other. */
  private take(place: Place, ask: Ask, { offered, pool }: Candidate, must: boolean): (() => void) | undefined {
    const { device, id } = offered;
    const { claim, constraints } = this.options.claims[place.claim]!;
    const isShared = device.allowMultipleAllocations === true;
    if (!(isShared && ask.adminAccess) && this.isInUse(place, ask, offered)) return undefined;
    const undos: Array<() => void> = [];
    const undo = (): void => {
      for (let i = undos.length - 1; i >= 0; i--) undos[i]!();
    };
    // The shares of a device count once.
    const countersAreCounted = isShared && (this.options.allocated.isShared(id) || this.shares?.has(id) === true);
    if (!countersAreCounted && (device.consumesCounters?.length ?? 0) > 0) {
      this.counters ??= new CountersInUse(this.options.counters);
      const { counters } = this;
      if (!counters.take(pool, device)) return undefined;
      undos.push(() => counters.giveBack(pool, device));
    }
    if (!toleratesAll(device.taints, ask.demand.tolerations)) {
      undo();
      return undefined;
    }
    for (const constraint of constraints) {
      if (constraint.add(ask, offered)) {
        undos.push(() => constraint.remove(ask));
        continue;
      }
      undo();
      if (!must) return undefined;
      throw new Error(
        `claim ${claimText(claim)}, request ${ask.name}: cannot add device ${id} because a claim constraint would not be satisfied`,
      );
    }
    if (!isShared) undos.push(this.mark(id, place.claim));
    if (!this.hasCapacity(place, ask, offered, 'rechecking')) {
      undo();
      return undefined;
    }
    const consumed = isShared ? this.share(offered, ask, undos) : undefined;
    const { devices } = this.found[place.claim]!;
    const before = devices.length;
    devices.push({ ask, offered, consumed });
    undos.push(() => {
      devices.length = before;
    });
    return undo;
  }

  private mark(id: string, claim: number): () => void {
    const claims = this.taken.get(id) ?? new Set();
    this.taken.set(id, claims.add(claim));
    return () => claims.delete(claim);
  }

  private share(
    { id, device }: OfferedDevice,
    { demand }: Ask,
    undos: Array<() => void>,
  ): ReadonlyMap<string, Quantity> {
    const consumed = consumedBy(device, demand.capacity);
    this.shares ??= new ConsumedCapacities();
    const { shares } = this;
    const existed = shares.has(id);
    shares.add(id, consumed);
    undos.push(() => shares.remove(id, consumed, existed));
    return consumed;
  }
}
