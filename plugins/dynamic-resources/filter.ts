/**
 * Filter. Source: `plugins/dynamicresources/{dynamicresources,extendeddynamicresources}.go`, v1.37.2.
 *
 * Cost: a search for devices (see `allocation/search.ts`) where claims have none yet.
 */
import type { Node, ResourceClaim } from '../../api/index.ts';
import {
  type ClusterView,
  type CompiledFilter,
  type PodInfo,
  type Status,
  unresolvable,
} from '../../scheduler/plugin.ts';
import type { DeviceState } from '../helper/devices/device-state.ts';
import { type FoundAllocation, NoAllocation } from './allocation/allocator.ts';
import { OutOfSteps } from './allocation/search.ts';
import { hasFailedBinding } from './binding-conditions.ts';
import { deviceRequests } from './extended-resources.ts';
import { extendedClaimOf, isToAllocate, type NodeDevices, type PodDevices } from './pod-devices.ts';

const FITS = 0;
const UNAVAILABLE = 1;
const NO_DEVICES = 2;
const INVALID_POOLS = 3;
const STALE_CLAIM = 4;
const NOT_SERVED = 5;

const STATUSES: readonly Status[] = [
  { code: 'Success', reasons: [] },
  unresolvable('resourceclaim not available on the node'),
  unresolvable('cannot allocate all claims'),
  unresolvable('invalid resource pools were encountered'),
  unresolvable('cannot schedule extended resource claim'),
  unresolvable('cannot fit resource'),
];

/** Declared by nodes on which devices may do without the kubelet. */
const OPTIONAL_OPERATIONS = 'DRAOptionalNodeOperations';

export interface FilterOptions {
  readonly pod: PodInfo;
  readonly cluster: ClusterView;
  readonly devices: PodDevices;
  readonly state: DeviceState;
  /** The preparation of the claim's devices has taken too long. */
  isOverdue(claim: ResourceClaim): boolean;
}

export const compileFilter = (options: FilterOptions): CompiledFilter => ({
  filter: (row) => filterNode(options, row),
  status: (code) => STATUSES[code]!,
});

type Extended = { readonly code: number } | Pick<NodeDevices, 'extendedClaim' | 'mappings'>;

function filterNode(options: FilterOptions, row: number): number {
  const { cluster, devices } = options;
  const node = cluster.node(row);
  const extended = extendedOn(options, row);
  if ('code' in extended) return extended.code;
  if (extended.extendedClaim === undefined && devices.userClaimCount === 0) return FITS;
  const unavailable = unavailableOn(options, node);
  let found: FoundAllocation | undefined;
  if (devices.allocator !== undefined) {
    const answer = allocate(options, node, claimsToAllocate(devices, extended.extendedClaim));
    if (typeof answer === 'number') return answer;
    found = answer;
  }
  if (unavailable.length > 0) {
    for (const index of unavailable) devices.unavailable.add(index);
    return UNAVAILABLE;
  }
  if (found !== undefined) devices.onNode.set(row, { ...extended, found });
  return FITS;
}

function claimsToAllocate(devices: PodDevices, onThisNode: ResourceClaim | undefined): ResourceClaim[] {
  const extended = extendedClaimOf(devices);
  const claims = devices.claims.filter(isToAllocate);
  return onThisNode === undefined ? claims : claims.map((claim) => (claim === extended ? onThisNode : claim));
}

function allocate(
  { devices: { allocator } }: FilterOptions,
  node: Node,
  claims: readonly ResourceClaim[],
): FoundAllocation | number {
  try {
    return allocator!.find(node, claims) ?? NO_DEVICES;
  } catch (error) {
    if (error instanceof NoAllocation) return INVALID_POOLS;
    if (!(error instanceof OutOfSteps)) throw error;
    throw new Error(`node ${node.metadata?.name ?? ''}: timed out trying to allocate devices`);
  }
}

/** Allocated claims that are of no use on the node. */
function unavailableOn({ devices, isOverdue }: FilterOptions, node: Node): number[] {
  const indices: number[] = [];
  devices.claims.forEach((claim, index) => {
    if (isToAllocate(claim)) return;
    const selector = devices.selectors[index];
    const isElsewhere = selector !== undefined && !selector.matches(node);
    if (isElsewhere || lacksOperations(claim, node)) indices.push(index);
    else if (hasFailedBinding(claim) || isOverdue(claim)) indices.push(index);
  });
  return indices;
}

const lacksOperations = ({ status }: ResourceClaim, node: Node): boolean =>
  (status?.allocation?.devices.results ?? []).some(({ skipNodeOperations = [] }) => skipNodeOperations.length > 0) &&
  !node.status?.declaredFeatures?.includes(OPTIONAL_OPERATIONS);

/** The claim for extended resources as this node needs it: what the node has itself is no matter for devices. */
function extendedOn({ pod, cluster, devices, state }: FilterOptions, row: number): Extended {
  const claim = extendedClaimOf(devices);
  if (claim === undefined) return { extendedClaim: undefined, mappings: [] };
  // An earlier attempt has got that far; PostFilter clears it away.
  if (claim.spec?.devices?.requests !== undefined) return { code: STALE_CLAIM };
  const resources: string[] = [];
  for (const [name] of devices.extendedRequests) {
    const allocatable = cluster.scalarAllocatable(name)?.[row] ?? 0;
    if (allocatable === 0 && state.classOfResource.get(name) !== undefined) resources.push(name);
    else if (cluster.node(row).status?.allocatable?.[name] === undefined) return { code: NOT_SERVED };
  }
  if (devices.userClaimCount === 0 && resources.length === 0) return { extendedClaim: undefined, mappings: [] };
  const key = resources.join();
  let variant = devices.variants.get(key);
  if (variant === undefined) {
    const { requests, mappings } = deviceRequests(pod.pod, resources, state.classOfResource);
    const spec = requests.length > 0 ? { devices: { requests } } : {};
    variant = { extendedClaim: { ...claim, spec }, mappings };
    devices.variants.set(key, variant);
  }
  return variant;
}
