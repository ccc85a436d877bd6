/** What the plugin knows of one pod's devices, from PreFilter to the binding. Source: `stateData`, v1.37.2. */
import type { AllocationResult, ContainerDeviceMapping, NodeMatcher, ResourceClaim } from '../../api/index.ts';
import type { Allocator, FoundAllocation } from './allocation/allocator.ts';

/** What Filter found on one node. */
export interface NodeDevices {
  /** In the order of the claims that had no allocation. */
  readonly found: FoundAllocation;
  /** The claim for extended resources, as this node needs it. */
  readonly extendedClaim: ResourceClaim | undefined;
  readonly mappings: readonly ContainerDeviceMapping[];
}

export interface PodDevices {
  /** Claims of the spec, then the one for extended resources; PreBind puts the stored objects in their places. */
  readonly claims: ResourceClaim[];
  readonly userClaimCount: number;
  /** Where an allocated claim can be used; undefined: everywhere, or not allocated. */
  readonly selectors: ReadonlyArray<NodeMatcher | undefined>;
  /** Decided by Reserve, to be written by PreBind. */
  readonly decided: Array<AllocationResult | undefined>;
  /** Undefined when nothing has to be allocated. */
  readonly allocator: Allocator | undefined;
  /** Extended resources that the pod asks for. */
  readonly extendedRequests: ReadonlyArray<readonly [name: string, amount: number]>;
  /** The name of the claim for extended resources at first, in flight. */
  readonly extendedUid: string;
  /** Allocated claims that some node could not use. */
  readonly unavailable: Set<number>;
  /** By row. */
  readonly onNode: Map<number, NodeDevices>;
  /** The claim for extended resources by the resources that a node leaves to devices: most nodes leave the same. */
  readonly variants: Map<string, Pick<NodeDevices, 'extendedClaim' | 'mappings'>>;
}

/** Of the claim for extended resources until it is stored; not a name that the API would take. */
export const UNSTORED_NAME = '<extended-resources>';

export const isUnstored = ({ metadata }: ResourceClaim): boolean => metadata?.name === UNSTORED_NAME;

export const isToAllocate = ({ status }: ResourceClaim): boolean => status?.allocation === undefined;

/** The claim for extended resources; undefined when the pod needs none. */
export const extendedClaimOf = ({ claims, userClaimCount }: PodDevices): ResourceClaim | undefined =>
  claims[userClaimCount];
