/**
 * Constraints over the devices of a claim: one value of an attribute for all, or a different one for each.
 * Source: `matchAttributeConstraint` and `distinctAttributeConstraint` in
 * `dynamic-resource-allocation/structured/internal/incubating/`, v0.37.2.
 */
import type { DeviceAttribute, DeviceConstraint } from '../../../api/index.ts';
import type { OfferedDevice } from '../../helper/devices/pools.ts';
import { type Ask, baseNameOf, referenceOf } from './ask.ts';

export interface Constraint {
  /** False when the device breaks the constraint; what was added before stays. */
  add(ask: Ask, device: OfferedDevice): boolean;
  /** Takes back the last device that was added. */
  remove(ask: Ask): void;
}

/** Undefined for a constraint of a kind that v1.37 does not know. */
export function constraintOf({
  requests,
  matchAttribute,
  distinctAttribute,
}: DeviceConstraint): Constraint | undefined {
  const names = new Set(requests ?? []);
  const applies = (ask: Ask): boolean => names.size === 0 || names.has(baseNameOf(ask)) || names.has(referenceOf(ask));
  if (matchAttribute !== undefined) return new AttributeConstraint(matchAttribute, applies, allEqual);
  if (distinctAttribute !== undefined) return new AttributeConstraint(distinctAttribute, applies, allDifferent);
  return undefined;
}

type Agrees = (value: DeviceAttribute, others: readonly DeviceAttribute[]) => boolean;

class AttributeConstraint implements Constraint {
  private readonly attribute: string;
  private readonly applies: (ask: Ask) => boolean;
  private readonly agrees: Agrees;
  private readonly values: DeviceAttribute[] = [];

  constructor(attribute: string, applies: (ask: Ask) => boolean, agrees: Agrees) {
    this.attribute = attribute;
    this.applies = applies;
    this.agrees = agrees;
  }

  add(ask: Ask, device: OfferedDevice): boolean {
    if (!this.applies(ask)) return true;
    const value = attributeOf(device, this.attribute);
    if (value === undefined || !this.agrees(value, this.values)) return false;
    this.values.push(value);
    return true;
  }

  remove(ask: Ask): void {
    if (this.applies(ask)) this.values.pop();
  }
}

/** The first device may have any value, even one of a kind that cannot be compared. */
const allEqual: Agrees = (value, [first]) => {
  if (first === undefined) return true;
  const kind = kindOf(value);
  return kind !== undefined && value[kind] === first[kind];
};

const allDifferent: Agrees = (value, others) => {
  const kind = kindOf(value);
  return others.length === 0 || (kind !== undefined && others.every((other) => other[kind] !== value[kind]));
};

const KINDS = ['string', 'int', 'bool', 'version'] as const;

const kindOf = (value: DeviceAttribute): (typeof KINDS)[number] | undefined =>
  KINDS.find((kind) => value[kind] !== undefined);

/** A name without domain belongs to the driver. */
function attributeOf({ device, driver }: OfferedDevice, name: string): DeviceAttribute | undefined {
  const own = device.attributes?.[name];
  if (own !== undefined) return own;
  const at = name.indexOf('/');
  return at >= 0 && name.slice(0, at) === driver ? device.attributes?.[name.slice(at + 1)] : undefined;
}
