/**
 * Resource claims as the scheduler knows them: as stored, or newer when it has written them itself and the watch has not
 * shown it yet, and the allocations that it has decided but not written. One for all profiles.
 * Source: `plugins/dynamicresources/dra_manager.go` and `pkg/scheduler/util/assumecache/assume_cache.go`, v1.37.2.
 */
import type { ResourceClaim } from '../../../api/index.ts';
import type { WatchedLister } from '../../../scheduler/plugin.ts';
import { AllocatedDevices } from './allocated-devices.ts';

/** The annotation of claims that serve extended resources. */
export const EXTENDED_CLAIM_ANNOTATION = 'resource.kubernetes.io/extended-resource-claim';

interface Flight {
  readonly claim: ResourceClaim;
  /** Pods of a group that are to use it. */
  sharers: number;
}

export const claimKeyOf = ({ metadata }: ResourceClaim): string =>
  `${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`;

export const claimUid = (claim: ResourceClaim): string => claim.metadata?.uid ?? claimKeyOf(claim);

const versionOf = ({ metadata }: ResourceClaim): number => Number(metadata?.resourceVersion ?? 0);

export class ClaimTracker {
  readonly allocated = new AllocatedDevices();
  private readonly stored: WatchedLister<ResourceClaim>;
  private readonly assumed = new Map<string, ResourceClaim>();
  private readonly flights = new Map<string, Flight>();
  /** By UID of the pod that owns it. */
  private readonly forExtendedResources = new Map<string, Set<string>>();

  constructor(stored: WatchedLister<ResourceClaim>) {
    this.stored = stored;
    stored.watch((before, after) => this.seen(before, after));
  }

  get(key: string): ResourceClaim | undefined {
    return this.assumed.get(key) ?? this.stored.get(key);
  }

  /** Takes it that the claim is now as the API has answered. A claim that the watch has not shown is not assumed. */
  assume(claim: ResourceClaim): void {
    const key = claimKeyOf(claim);
    const before = this.get(key);
    if (before === undefined || before === claim || versionOf(claim) < versionOf(before)) return;
    this.assumed.set(key, claim);
    this.changed(before, claim);
  }

  /** Back to what the watch has shown last. */
  restore(key: string): void {
    const before = this.assumed.get(key);
    if (before === undefined) return;
    this.assumed.delete(key);
    this.changed(before, this.stored.get(key));
  }

  /** The claim that an earlier attempt made for the pod's extended resources. */
  extendedClaimOf(podUid: string, podName: string): ResourceClaim | undefined {
    for (const key of this.forExtendedResources.get(podUid) ?? []) {
      const claim = this.get(key);
      const owner = claim?.metadata?.ownerReferences?.find(
        ({ uid, controller }) => uid === podUid && controller === true,
      );
      if (owner?.name === podName) return claim;
    }
    return undefined;
  }

  // --- in flight -------------------------------------------------------------------------------------------------------

  /** The allocation of a claim that is decided and not yet written. */
  pendingAllocation(uid: string): NonNullable<ResourceClaim['status']>['allocation'] {
    return this.flights.get(uid)?.claim.status?.allocation;
  }

  /** @param claim With its allocation. @param isStored False for one that is yet to be created. */
  beginFlight(uid: string, claim: ResourceClaim, isStored: boolean): void {
    const flight = this.flights.get(uid);
    if (flight !== undefined) {
      flight.sharers++;
      return;
    }
    if (isStored) {
      const now = this.get(claimKeyOf(claim));
      if (now !== undefined && claimUid(now) === uid && now.status?.allocation !== undefined) return;
    }
    this.flights.set(uid, { claim, sharers: 1 });
    this.allocated.flightBegan(claim);
  }

  /** True when nobody is left who needs it. `force`: it has been written. */
  endFlight(uid: string, force: boolean): boolean {
    const flight = this.flights.get(uid);
    if (flight === undefined) return false;
    if (!force && flight.sharers > 1) {
      flight.sharers--;
      return false;
    }
    this.flights.delete(uid);
    this.allocated.flightEnded(flight.claim);
    return true;
  }

  // --- inside ----------------------------------------------------------------------------------------------------------

  private seen(before: ResourceClaim | undefined, after: ResourceClaim | undefined): void {
    const key = claimKeyOf((after ?? before)!);
    const assumed = this.assumed.get(key);
    this.noteOwner(key, after ?? before!, after !== undefined);
    if (assumed !== undefined && after !== undefined && versionOf(after) < versionOf(assumed)) return;
    this.assumed.delete(key);
    this.changed(assumed ?? before, after);
  }

  /** What an allocation consists of never changes; it is there or not. */
  private changed(before: ResourceClaim | undefined, after: ResourceClaim | undefined): void {
    const had = before?.status?.allocation !== undefined;
    const has = after?.status?.allocation !== undefined;
    if (had && !has) this.allocated.claimFreed(before!);
    else if (!had && has) this.allocated.claimAllocated(after!);
  }

  private noteOwner(key: string, { metadata }: ResourceClaim, isThere: boolean): void {
    if (metadata?.annotations?.[EXTENDED_CLAIM_ANNOTATION] !== 'true') return;
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    if (owner === undefined) return;
    const keys = this.forExtendedResources.get(owner) ?? new Set();
    if (isThere) this.forExtendedResources.set(owner, keys.add(key));
    else {
      keys.delete(key);
      if (keys.size === 0) this.forExtendedResources.delete(owner);
    }
  }
}
