/**
 * PreBind: writes what Reserve has decided, and the pod as a user, into the claims; then waits for devices that have to be
 * made ready. Source: `PreBind` and `bindClaim` in `plugins/dynamicresources/dynamicresources.go`, v1.37.2.
 */
import type { ResourceClaim } from '../../api/index.ts';
import type { PluginApi, PodInfo, Status } from '../../scheduler/plugin.ts';
import { claimKeyOf, claimUid } from '../helper/devices/claim-tracker.ts';
import type { DeviceState } from '../helper/devices/device-state.ts';
import { hasBindingConditions, isOverdue, readinessOf } from './binding-conditions.ts';
import { changeClaim } from './claim-writes.ts';
import { isReservedFor } from './pod-claims.ts';
import { extendedClaimOf, isUnstored, type PodDevices } from './pod-devices.ts';
import { withProtection } from './reserve.ts';

/** Time, where there is any. */
export interface PreBindClock {
  readonly nowMs: number;
  after(delayMs: number, task: () => void): () => void;
}

export interface PreBindWork {
  readonly pod: PodInfo;
  readonly row: number;
  readonly nodeName: string;
  readonly devices: PodDevices;
  readonly state: DeviceState;
  readonly api: PluginApi;
  /** Without a clock nothing waits for devices to get ready. */
  readonly clock: PreBindClock | undefined;
  readonly bindingTimeoutMs: number;
  readonly finish: (status?: Status) => void;
}

const POLL_MS = 5000;

/** Returns how to stop it. */
export function startPreBind(work: PreBindWork): () => void {
  const running = new PreBind(work);
  running.start();
  return () => running.stop();
}

class PreBind {
  private readonly work: PreBindWork;
  /** In flight by these UIDs until all is well. */
  private readonly written: string[] = [];
  private isStopped = false;
  private cancelPoll: () => void = () => {};

  constructor(work: PreBindWork) {
    this.work = work;
  }

  start(): void {
    this.bindClaims(0);
  }

  stop(): void {
    this.isStopped = true;
    this.cancelPoll();
  }

  private fail(text: string): void {
    if (this.isStopped) return;
    this.work.finish({ code: 'Error', reasons: [text] });
  }

  private succeed(): void {
    const { state, finish } = this.work;
    for (const uid of this.written) state.claims.endFlight(uid, true);
    finish();
  }

  private bindClaims(index: number): void {
    if (this.isStopped) return;
    const { devices, pod } = this.work;
    const claim = devices.claims[index];
    if (claim === undefined) {
      this.awaitDevices();
      return;
    }
    if (isReservedFor(claim, pod.uid)) {
      this.bindClaims(index + 1);
      return;
    }
    const isExtended = claim === extendedClaimOf(devices);
    const hasNothingToDo =
      isExtended && devices.decided[index] === undefined && claim.spec?.devices?.requests === undefined;
    if (hasNothingToDo) this.bindClaims(index + 1);
    else if (isExtended && isUnstored(claim)) this.createExtended(index, claim);
    else this.writeClaim(index, claim, claim);
  }

  private createExtended(index: number, unstored: ResourceClaim): void {
    const { devices, row, nodeName, api } = this.work;
    const onNode = devices.onNode.get(row)?.extendedClaim;
    if (onNode === undefined) {
      this.fail(`extended resource claim not found for node ${nodeName}`);
      return;
    }
    const { name: _name, uid: _uid, ...metadata } = onNode.metadata ?? {};
    const { status: _status, ...toCreate } = onNode;
    api.create({ ...toCreate, metadata } as ResourceClaim, (stored, error) => {
      if (this.isStopped) return;
      if (stored === undefined) {
        this.fail(`create claim for extended resources ${claimKeyOf(onNode)}: ${error?.message ?? ''}`);
        return;
      }
      devices.claims[index] = stored as ResourceClaim;
      this.writeClaim(index, stored as ResourceClaim, unstored);
    });
  }

  /** @param reserved The claim as it was reserved. */
  private writeClaim(index: number, claim: ResourceClaim, reserved: ResourceClaim): void {
    const { devices, state, api } = this.work;
    const allocation = devices.decided[index];
    const which = claimKeyOf(claim);
    const what = allocation === undefined ? 'add reservation to' : 'add allocation and reservation to';
    changeClaim(
      claim,
      {
        isStopped: () => this.isStopped,
        steps: [
          (now) => {
            if (now.metadata?.deletionTimestamp) return `claim ${which} got deleted in the meantime`;
            if (allocation === undefined) return undefined;
            if (now.status?.allocation !== undefined) return `claim ${which} got allocated elsewhere in the meantime`;
            const safe = withProtection(now);
            return safe === now ? undefined : safe;
          },
          (now) => this.reserved(now, index),
        ],
        explain: (step, error) =>
          step === 0 ? `add finalizer to claim ${which}: ${error}` : `${what} claim ${which}: ${error}`,
      },
      api,
      (stored, problem) => {
        if (stored === undefined) {
          this.fail(problem ?? '');
          return;
        }
        state.claims.assume(stored);
        devices.claims[index] = stored;
        if (allocation !== undefined)
          this.written.push(index < devices.userClaimCount ? claimUid(reserved) : devices.extendedUid);
        if (index < devices.userClaimCount) this.bindClaims(index + 1);
        else this.reportExtended(index, stored);
      },
    );
  }

  private reserved(claim: ResourceClaim, index: number): ResourceClaim | string {
    const { pod, devices, clock } = this.work;
    const allocation = devices.decided[index] ?? claim.status?.allocation;
    if (allocation === undefined) return `claim ${claimKeyOf(claim)} got deallocated elsewhere in the meantime`;
    const allocationTimestamp = allocation.allocationTimestamp ?? (clock && secondsText(clock.nowMs));
    const consumer = { resource: 'pods', name: pod.name, uid: pod.uid };
    return {
      ...claim,
      status: {
        ...claim.status,
        allocation: allocationTimestamp === undefined ? allocation : { ...allocation, allocationTimestamp },
        reservedFor: [...(claim.status?.reservedFor ?? []), consumer],
      },
    };
  }

  private reportExtended(index: number, claim: ResourceClaim): void {
    const { pod, devices, row, api } = this.work;
    const requestMappings = devices.onNode.get(row)?.mappings ?? [];
    if (requestMappings.length === 0) {
      this.fail(`nil or empty request mappings, no update of pod ${pod.key} ExtendedResourceClaimStatus`);
      return;
    }
    const extendedResourceClaimStatus = { requestMappings, resourceClaimName: claim.metadata?.name ?? '' };
    api.patchPodStatus(pod.pod, { extendedResourceClaimStatus }, (_, error) => {
      if (this.isStopped) return;
      if (error !== undefined) this.fail(`update pod ${pod.key} ExtendedResourceClaimStatus: ${error.message}`);
      else this.bindClaims(index + 1);
    });
  }

  // --- devices that have to be made ready ------------------------------------------------------------------------------

  private awaitDevices(): void {
    const { devices, clock } = this.work;
    if (clock === undefined || !devices.claims.some(hasBindingConditions)) this.succeed();
    else this.poll(clock, clock.nowMs, 0);
  }

  private poll(clock: PreBindClock, startedMs: number, tick: number): void {
    const { bindingTimeoutMs } = this.work;
    if (tick > 0 && clock.nowMs - startedMs >= bindingTimeoutMs) {
      this.fail('device binding timeout: context deadline exceeded');
      return;
    }
    const state = this.lookAtDevices(clock);
    if (state === 'ready') this.succeed();
    else if (state !== 'waiting') this.fail(state.problem);
    else {
      const nextMs = Math.min(startedMs + (tick + 1) * POLL_MS, startedMs + bindingTimeoutMs);
      this.cancelPoll = clock.after(nextMs - clock.nowMs, () => this.poll(clock, startedMs, tick + 1));
    }
  }

  private lookAtDevices(clock: PreBindClock): 'ready' | 'waiting' | { readonly problem: string } {
    const { devices, state, bindingTimeoutMs } = this.work;
    for (let index = 0; index < devices.claims.length; index++) {
      const key = claimKeyOf(devices.claims[index]!);
      const claim = state.claims.get(key);
      if (claim === undefined) return { problem: `could not find ResourceClaim ${JSON.stringify(key)}` };
      devices.claims[index] = claim;
      const { isReady, failure } = readinessOf(claim);
      if (failure !== undefined) return { problem: failure };
      if (isReady) continue;
      if (!isOverdue(claim, bindingTimeoutMs, clock.nowMs)) return 'waiting';
      return { problem: `device binding timeout: claim=${claim.metadata?.name ?? ''}` };
    }
    return 'ready';
  }
}

/** Whole seconds, as the API writes times. */
const secondsText = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
