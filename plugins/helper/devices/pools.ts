/**
 * The resource pools whose devices a node can use. Slices of older generations are left out; a pool may be incomplete
 * (slices are missing) or invalid (its slices contradict each other), and then gives no devices.
 * Source: `dynamic-resource-allocation/structured/internal/incubating/pools_incubating.go`, v0.37.2.
 *
 * Cost: the node's own slices and those that belong to no node; once per node and change of slices (see `slices.ts`).
 */
import type { Device, Node, ResourceSlice, ResourceSliceSpec } from '../../../api/index.ts';
import { selectsNode } from './node-matching.ts';

/** A device as one slice offers it. */
export interface OfferedDevice {
  /** `driver/pool/device`. */
  readonly id: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
  readonly slice: ResourceSliceSpec;
}

export interface Pool {
  /** `driver/pool`. */
  readonly id: string;
  readonly driver: string;
  readonly name: string;
  readonly isIncomplete: boolean;
  readonly isInvalid: boolean;
  /** In slices that the node can use; with `perDeviceNodeSelection` each device still has to be asked. */
  readonly devices: readonly OfferedDevice[];
  /** In the pool's other slices: they take from the same counters. */
  readonly otherDevices: readonly OfferedDevice[];
  readonly counterSets: ReadonlyMap<string, CounterSet>;
}

export type CounterSet = NonNullable<ResourceSliceSpec['sharedCounters']>[number];

export const deviceId = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`;
export const poolId = ({ driver, pool }: ResourceSliceSpec): string => `${driver}/${pool.name}`;

const byteOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * @param candidates Slices of the node itself and slices that name no node.
 * @param ofPool All slices of a pool, wherever they can be used.
 */
export function gatherPools(
  candidates: readonly ResourceSlice[],
  ofPool: (id: string) => readonly ResourceSlice[],
  node: Node,
): Pool[] {
  const slices = new Map<string, ResourceSlice[]>();
  for (const slice of candidates) if (isUsable(slice) && isRelevant(slice, node)) addNewest(slices, slice);
  const pools: Pool[] = [];
  for (const [id, relevant] of slices) {
    const pool = poolOf(id, relevant, ofPool);
    if (pool !== undefined) pools.push(pool);
  }
  // Devices that have to be prepared before a pod is bound are the last choice.
  return pools.sort(
    (a, b) =>
      Number(needsPreparation(a)) - Number(needsPreparation(b)) ||
      byteOrder(a.driver, b.driver) ||
      byteOrder(a.name, b.name),
  );
}

/** Upstream cannot check compatibility groups while their gate is off, and leaves such slices out. */
function isUsable({ spec }: ResourceSlice): boolean {
  return !spec.devices?.some(({ consumesCounters }) =>
    consumesCounters?.some(({ compatibilityGroups }) => (compatibilityGroups?.length ?? 0) > 0),
  );
}

function isRelevant({ spec, metadata }: ResourceSlice, node: Node): boolean {
  try {
    if (spec.nodeName || spec.allNodes === true || spec.nodeSelector !== undefined) return selectsNode(spec, node);
    if (spec.perDeviceNodeSelection === true) return spec.devices?.some((device) => selectsNode(device, node)) ?? false;
    return false;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(
      `gather pool information: failed to perform node selection for slice ${metadata?.name ?? ''}: ${text}`,
    );
  }
}

const generationOf = ({ spec }: ResourceSlice): number => spec.pool.generation ?? 0;

function addNewest(pools: Map<string, ResourceSlice[]>, slice: ResourceSlice): void {
  const id = poolId(slice.spec);
  const known = pools.get(id);
  if (known === undefined || generationOf(slice) > generationOf(known[0]!)) pools.set(id, [slice]);
  else if (generationOf(slice) === generationOf(known[0]!)) known.push(slice);
}

/** Undefined when a newer generation exists, none of whose slices the node can use. */
function poolOf(
  id: string,
  relevant: readonly ResourceSlice[],
  ofPool: (id: string) => readonly ResourceSlice[],
): Pool | undefined {
  const wanted = relevant[0]!.spec.pool.resourceSliceCount;
  if (relevant.length === wanted) return buildPool(id, relevant, []);
  const generation = generationOf(relevant[0]!);
  const all = ofPool(id);
  if (all.some((slice) => generationOf(slice) > generation)) return undefined;
  const current = all.filter((slice) => generationOf(slice) === generation && isUsable(slice));
  if (current.length !== wanted) return { ...emptyPool(id, relevant[0]!.spec), isIncomplete: true };
  const names = new Set(relevant.map(({ metadata }) => metadata?.name));
  return buildPool(
    id,
    relevant,
    current.filter(({ metadata }) => !names.has(metadata?.name)),
  );
}

const emptyPool = (id: string, { driver, pool }: ResourceSliceSpec): Pool => ({
  id,
  driver,
  name: pool.name,
  isIncomplete: false,
  isInvalid: false,
  devices: [],
  otherDevices: [],
  counterSets: new Map(),
});

/** `others`: the slices of the pool that the node cannot use, as far as they were looked for. */
function buildPool(id: string, relevant: readonly ResourceSlice[], others: readonly ResourceSlice[]): Pool {
  // First fit: drivers set priorities by how they name their slices.
  const sorted = [...relevant].sort((a, b) => byteOrder(a.metadata?.name ?? '', b.metadata?.name ?? ''));
  const hasCounters = ({ spec }: ResourceSlice): boolean => (spec.sharedCounters?.length ?? 0) > 0;
  const devices = sorted.filter((slice) => !hasCounters(slice)).flatMap(offersOf);
  const otherDevices = others.filter((slice) => !hasCounters(slice)).flatMap(offersOf);
  const empty = emptyPool(id, relevant[0]!.spec);
  const invalid: Pool = { ...empty, isInvalid: true };
  if (new Set(devices.map(({ id: own }) => own)).size < devices.length) return invalid;
  const counterSets = new Map<string, CounterSet>();
  for (const { spec } of [...sorted, ...others]) {
    for (const set of spec.sharedCounters ?? []) {
      if (counterSets.has(set.name)) return invalid;
      counterSets.set(set.name, set);
    }
  }
  const consumesKnown = ({ device }: OfferedDevice): boolean => takesKnownCounters(device, counterSets);
  if (!devices.every(consumesKnown) || !otherDevices.every(consumesKnown)) return invalid;
  return { ...empty, devices, otherDevices, counterSets };
}

const offersOf = ({ spec }: ResourceSlice): OfferedDevice[] =>
  (spec.devices ?? []).map((device) => ({
    id: deviceId(spec.driver, spec.pool.name, device.name),
    driver: spec.driver,
    pool: spec.pool.name,
    device,
    slice: spec,
  }));

function takesKnownCounters({ consumesCounters }: Device, sets: ReadonlyMap<string, CounterSet>): boolean {
  return (consumesCounters ?? []).every(({ counterSet, counters }) => {
    const known = sets.get(counterSet)?.counters;
    return sets.has(counterSet) && Object.keys(counters ?? {}).every((name) => known?.[name] !== undefined);
  });
}

const needsPreparation = ({ devices }: Pool): boolean =>
  devices.some(({ device }) => device.bindingConditions !== undefined);
