/**
 * What one request of a claim, or one alternative of a prioritized list, asks for, checked and ready for the search.
 * Source: `validateDeviceRequest` in
 * `dynamic-resource-allocation/structured/internal/incubating/allocator_incubating.go`, v0.37.2.
 */
import type { DeviceClass, DeviceDemand, DeviceRequest, ResourceClaim } from '../../../api/index.ts';
import type { OfferedDevice, Pool } from '../../helper/devices/pools.ts';
import { staticCapacityFits } from './shared-capacity.ts';

export const RESULTS_MAX = 32;

export interface Ask {
  readonly claim: ResourceClaim;
  /** Of the alternative, for those in a list. */
  readonly name: string;
  /** The request that the alternative belongs to; '' when there are none. */
  readonly parent: string;
  readonly demand: DeviceDemand;
  readonly adminAccess: boolean;
  readonly deviceClass: DeviceClass;
  readonly count: number;
  /** Mode `All`: the devices that have to be had. */
  readonly all: readonly OfferedDevice[] | undefined;
}

/** What decides whether a device will do at all. */
export type Selecting = Pick<Ask, 'claim' | 'demand' | 'deviceClass'>;

/** The ways to serve one request: one, or a list in order of preference. */
export interface AskedRequest {
  readonly name: string;
  readonly isList: boolean;
  readonly alternatives: readonly Ask[];
}

export const baseNameOf = ({ name, parent }: Ask): string => parent || name;

/** As allocations and constraints name it. */
export const referenceOf = ({ name, parent }: Ask): string => (parent === '' ? name : `${parent}/${name}`);

/** A claim as messages name it. */
export const claimText = ({ metadata }: ResourceClaim): string =>
  `${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`;

export interface AskContext {
  readonly claim: ResourceClaim;
  readonly pools: readonly Pool[];
  classNamed(name: string): DeviceClass | undefined;
  /** Whether the selectors of class and request, and the device's own choice of nodes, let it pass. */
  isSelectable(ask: Selecting, device: OfferedDevice): boolean;
}

/** Throws for a request that cannot be worked with. */
export function askedRequest(request: DeviceRequest, context: AskContext): AskedRequest {
  const { name, exactly, firstAvailable = [] } = request;
  if (firstAvailable.length > 0) {
    const alternatives = firstAvailable.map((demand) => askOf(demand.name, name, demand, undefined, context));
    return { name, isList: true, alternatives };
  }
  return { name, isList: false, alternatives: [askOf(name, '', exactly ?? {}, exactly?.adminAccess, context)] };
}

function askOf(
  name: string,
  parent: string,
  demand: DeviceDemand,
  adminAccess: boolean | undefined,
  context: AskContext,
): Ask {
  const where = `claim ${claimText(context.claim)}, request ${name}`;
  if ((demand.derivedAttributes ?? []).length > 0) {
    throw new Error(`${where}: cannot handle request with derived attributes, the feature is disabled`);
  }
  demand.selectors?.forEach(({ cel }, i) => {
    if (!cel) throw new Error(`${where}, selector #${i}: CEL expression empty (unsupported selector type?)`);
  });
  const { deviceClassName = '' } = demand;
  if (deviceClassName === '') throw new Error(`${where}: missing device class name (unsupported request type?)`);
  const deviceClass = context.classNamed(deviceClassName);
  if (deviceClass === undefined) {
    const missing = `deviceclass.resource.k8s.io "${deviceClassName}" not found`;
    throw new Error(`${where}: could not retrieve device class ${deviceClassName}: ${missing}`);
  }
  const base = { claim: context.claim, name, parent, demand, adminAccess: adminAccess === true, deviceClass };
  const mode = demand.allocationMode ?? 'ExactCount';
  if (mode === 'ExactCount') return { ...base, count: demand.count ?? 1, all: undefined };
  if (mode !== 'All') throw new Error(`${where}: unsupported count mode ${mode}`);
  const all = allDevices(base, where, context);
  return { ...base, count: all.length, all };
}

function allDevices(
  ask: Omit<Ask, 'count' | 'all'>,
  where: string,
  { pools, isSelectable }: AskContext,
): OfferedDevice[] {
  const all: OfferedDevice[] = [];
  for (const pool of pools) {
    if (pool.isIncomplete) {
      throw new Error(`${where}: asks for all devices, but resource pool ${pool.id} is currently being updated`);
    }
    if (pool.isInvalid) {
      throw new Error(`${where}: asks for all devices, but resource pool ${pool.id} is currently invalid`);
    }
    for (const offered of pool.devices) {
      if (!isSelectable(ask, offered)) continue;
      if (fitsStatically(ask, offered, where)) all.push(offered);
    }
  }
  return all;
}

function fitsStatically({ demand }: Pick<Ask, 'demand'>, { device }: OfferedDevice, where: string): boolean {
  try {
    return staticCapacityFits(device, demand.capacity);
  } catch (error) {
    throw new Error(`${where}: checking capacity for device ${device.name}: ${(error as Error).message}`);
  }
}
