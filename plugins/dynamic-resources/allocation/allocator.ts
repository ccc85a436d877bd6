/**
 * Devices for the unallocated claims of one pod, node by node.
 * Source: `Allocate` in `dynamic-resource-allocation/structured/internal/incubating/allocator_incubating.go`, v0.37.2, the
 * variant that serves the feature gates that are on by default.
 */
import type {
  AllocationResult,
  DeviceClass,
  DeviceConstraint,
  DeviceSelector,
  Node,
  ResourceClaim,
} from '../../../api/index.ts';
import { claimUid } from '../../helper/devices/claim-tracker.ts';
import type { DeviceState } from '../../helper/devices/device-state.ts';
import { selectsNode } from '../../helper/devices/node-matching.ts';
import type { OfferedDevice, Pool } from '../../helper/devices/pools.ts';
import { expressionMatches } from '../../helper/devices/selector.ts';
import { allocationResult } from './allocation-result.ts';
import { type AskedRequest, askedRequest, claimText, RESULTS_MAX, type Selecting } from './ask.ts';
import { type Constraint, constraintOf } from './constraints.ts';
import { AvailableCounters } from './counters.ts';
import { type AskedClaim, DeviceSearch } from './search.ts';
import { textUid } from './text-uid.ts';

/** On this node there is no way, and the reason is worth telling. */
export class NoAllocation extends Error {
  override readonly name = 'NoAllocation';
}

export interface AllocatorOptions {
  readonly state: DeviceState;
  readonly classNamed: (name: string) => DeviceClass | undefined;
  /** Per node; infinite for no limit. */
  readonly maxSteps: number;
}

/** Most nodes are only asked whether they have the devices, so that results are made when they are wanted. */
export interface FoundAllocation {
  results(): readonly AllocationResult[];
}

/** Holds for one scheduling cycle. */
export class Allocator {
  private readonly options: AllocatorOptions;
  private readonly counters: AvailableCounters;
  /** Requests that are the same on every node. */
  private readonly requests = new WeakMap<ResourceClaim, readonly AskedRequest[]>();

  constructor(options: AllocatorOptions) {
    this.options = options;
    this.counters = new AvailableCounters(options.state.claims.allocated);
  }

  /** As `find`, with the results: one per claim. */
  allocate(node: Node, claims: readonly ResourceClaim[]): readonly AllocationResult[] | undefined {
    return this.find(node, claims)?.results();
  }

  /** Undefined when the node has not what the claims ask for. Throws for claims that make no sense. */
  find(node: Node, claims: readonly ResourceClaim[]): FoundAllocation | undefined {
    const { state, maxSteps } = this.options;
    const pools = state.slices.poolsFor(node);
    const asked = claims.map((claim) => this.askedClaim(claim, pools, node));
    const search = new DeviceSearch({
      claims: asked,
      pools,
      allocated: state.claims.allocated,
      counters: this.counters,
      maxSteps,
      isSelectable: (ask, device) => passes(ask, device, node),
    });
    const found = search.run();
    if (found === undefined) {
      if (pools.some(({ isInvalid }) => isInvalid)) throw new NoAllocation('invalid resource pools were encountered');
      return undefined;
    }
    const nodeName = node.metadata?.name ?? '';
    let results: readonly AllocationResult[] | undefined;
    return {
      results: () => {
        results ??= found.map((devices, i) =>
          allocationResult(asked[i]!, devices, nodeName, (n) => textUid(`${claimUid(claims[i]!)}/${n}`)),
        );
        return results;
      },
    };
  }

  private askedClaim(claim: ResourceClaim, pools: readonly Pool[], node: Node): AskedClaim {
    let requests = this.requests.get(claim);
    if (requests === undefined) {
      requests = this.askedRequests(claim, pools, node);
      const asksForAll = requests.some(({ alternatives }) => alternatives.some(({ all }) => all !== undefined));
      if (!asksForAll) this.requests.set(claim, requests);
    }
    const { constraints = [] } = claim.spec?.devices ?? {};
    return { claim, requests, constraints: constraints.map((constraint, i) => known(constraint, claim, i)) };
  }

  private askedRequests(claim: ResourceClaim, pools: readonly Pool[], node: Node): AskedRequest[] {
    const { classNamed } = this.options;
    const isSelectable = (ask: Selecting, device: OfferedDevice): boolean => passes(ask, device, node);
    let devices = 0;
    return (claim.spec?.devices?.requests ?? []).map((request) => {
      const asked = askedRequest(request, { claim, pools, classNamed, isSelectable });
      const atLeast = Math.min(...asked.alternatives.map(({ count }) => count));
      if (atLeast > RESULTS_MAX - devices) {
        throw new Error(
          `claim ${claimText(claim)}, request ${request.name}: adding ${atLeast} devices exceeds the claim limit of ${RESULTS_MAX}, with ${devices} already accounted for`,
        );
      }
      devices += atLeast;
      return asked;
    });
  }
}

function known(constraint: DeviceConstraint, claim: ResourceClaim, index: number): Constraint {
  const made = constraintOf(constraint);
  if (made !== undefined) return made;
  throw new Error(`claim ${claimText(claim)}, constraint #${index}: empty constraint (unsupported constraint type?)`);
}

/** Selectors first: their errors count even for a device that the node cannot use. */
function passes({ claim, demand, deviceClass }: Selecting, offered: OfferedDevice, node: Node): boolean {
  const { device, slice } = offered;
  return (
    allMatch(deviceClass.spec?.selectors, offered, () => `class ${deviceClass.metadata?.name ?? ''}`) &&
    allMatch(demand.selectors, offered, () => `claim ${claimText(claim)}`) &&
    (slice.perDeviceNodeSelection !== true || selectsNode(device, node))
  );
}

function allMatch(
  selectors: readonly DeviceSelector[] | undefined,
  offered: OfferedDevice,
  whose: () => string,
): boolean {
  if (selectors === undefined) return true;
  for (let i = 0; i < selectors.length; i++) {
    const { cel } = selectors[i]!;
    if (!expressionMatches(cel?.expression ?? '', offered, () => `${whose()}: selector #${i}`)) return false;
  }
  return true;
}
