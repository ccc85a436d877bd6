/**
 * Shares of devices that several claims may hold: what a request takes of each capacity, and whether that is left.
 * Source: `dynamic-resource-allocation/structured/internal/incubating/consumable_capacity.go`, v0.37.2.
 */
import {
  addQuantity,
  type CapacityPolicy,
  type CapacityRequirements,
  compareQuantity,
  type Device,
  type DeviceCapacity,
  parseQuantity,
  type Quantity,
} from '../../../api/index.ts';
import type { Consumed } from '../../helper/devices/allocated-devices.ts';

const NOTHING: Consumed = new Map();
const NANO = 1_000_000_000n;
const INT64_MAX = 2n ** 63n - 1n;

const NOT_REPRESENTABLE = "capacity request cannot be represented in the device's range arithmetic";

/** Ignores who else has a share of the device. */
export const staticCapacityFits = (device: Device, request: CapacityRequirements | undefined): boolean =>
  capacityFits(device, request, NOTHING, NOTHING);

/** Throws for a request that no device could be asked for. */
export function capacityFits(
  device: Device,
  request: CapacityRequirements | undefined,
  consumed: Consumed,
  allocating: Consumed,
): boolean {
  const requested = Object.keys(request?.requests ?? {});
  // The API allows policies for shared devices alone, and without one nothing asked for means all there is.
  if (requested.length === 0 && device.allowMultipleAllocations !== true) return true;
  if (requested.some((name) => device.capacity?.[name] === undefined)) return false;
  const taken = consumedBy(device, request);
  for (const [name, { value, requestPolicy }] of Object.entries(device.capacity ?? {})) {
    const amount = taken.get(name)!;
    if (breaksPolicy(amount, requestPolicy)) return false;
    let sum = amount;
    for (const others of [consumed.get(name), allocating.get(name)]) if (others) sum = addQuantity(sum, others);
    if (compareQuantity(sum, parseQuantity(value)) > 0) return false;
  }
  return true;
}

/** What a share for the request takes, rounded as the device's policies say. Throws as `capacityFits`. */
export function consumedBy(device: Device, request: CapacityRequirements | undefined): Map<string, Quantity> {
  const consumed = new Map<string, Quantity>();
  for (const [name, capacity] of Object.entries(device.capacity ?? {})) {
    const text = request?.requests?.[name];
    const amount = inContext(name, () => amountOf(text === undefined ? undefined : parseQuantity(text), capacity));
    consumed.set(name, amount);
  }
  return consumed;
}

function inContext(name: string, work: () => Quantity): Quantity {
  let problem = 'capacity value is negative';
  try {
    const amount = work();
    if (amount.nano >= 0n) return amount;
  } catch (error) {
    problem = (error as Error).message;
  }
  throw new Error(`capacity "${name}": ${problem}`);
}

function amountOf(requested: Quantity | undefined, { value, requestPolicy: policy }: DeviceCapacity): Quantity {
  if (requested === undefined) return parseQuantity(policy?.default ?? value);
  if (policy?.validRange?.min !== undefined) return roundedUp(requested, policy.validRange);
  const { validValues } = policy ?? {};
  return validValues?.map(parseQuantity).find((valid) => compareQuantity(requested, valid) <= 0) ?? requested;
}

type Range = NonNullable<CapacityPolicy['validRange']>;

/** Gate DRAFractionalCapacityRange is off until a cluster asks for v1.37 at least: ranges count in whole units. */
const unitsOf = ({ nano }: Quantity): bigint =>
  nano % NANO === 0n ? nano / NANO : nano / NANO + (nano > 0n ? 1n : -1n);

function roundedUp(requested: Quantity, range: Range): Quantity {
  const min = parseQuantity(range.min!);
  if (compareQuantity(requested, min) < 0) return min;
  if (range.step === undefined) return requested;
  if (requested.nano > INT64_MAX * NANO) throw new Error(NOT_REPRESENTABLE);
  const step = parseQuantity(range.step);
  const stepUnits = unitsOf(step);
  const minUnits = unitsOf(min);
  const added = unitsOf(requested) - minUnits;
  const units = minUnits + stepUnits * ((added + stepUnits - 1n) / stepUnits);
  if (units > INT64_MAX) throw new Error(NOT_REPRESENTABLE);
  return { nano: units * NANO, format: step.format };
}

function breaksPolicy(amount: Quantity, policy: CapacityPolicy | undefined): boolean {
  if (policy === undefined) return false;
  if (policy.default !== undefined && isSame(amount, parseQuantity(policy.default))) return false;
  if (policy.validRange !== undefined) return isOutside(amount, policy.validRange);
  const valid = policy.validValues ?? [];
  return valid.length > 0 && !valid.some((text) => compareQuantity(amount, parseQuantity(text)) === 0);
}

const isSame = (a: Quantity, b: Quantity): boolean => a.nano === b.nano && a.format === b.format;

function isOutside(amount: Quantity, range: Range): boolean {
  const { min = '0', max, step } = range;
  if (max !== undefined && compareQuantity(amount, parseQuantity(max)) > 0) return true;
  if (step === undefined) return false;
  return (unitsOf(amount) - unitsOf(parseQuantity(min))) % unitsOf(parseQuantity(step)) !== 0n;
}
