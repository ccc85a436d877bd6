/**
 * What is written into a claim for the devices that were found: results, configuration, and where they can be used.
 * Source: `Allocate` and `createNodeSelector` in
 * `dynamic-resource-allocation/structured/internal/incubating/allocator_incubating.go`, v0.37.2.
 */
import {
  type AllocatedConfiguration,
  type AllocationResult,
  type DeviceRequestResult,
  formatQuantity,
  type NodeSelector,
  type NodeSelectorRequirement,
  type ResourceClaim,
} from '../../../api/index.ts';
import { type Ask, referenceOf } from './ask.ts';
import type { AskedClaim, ChosenDevice, FoundDevices } from './search.ts';

/** @param shareId A new ID for the n-th device of the claim. */
export function allocationResult(
  asked: AskedClaim,
  found: FoundDevices,
  nodeName: string,
  shareId: (index: number) => string,
): AllocationResult {
  const chosen = asked.requests.map(({ alternatives }, i) => alternatives[found.alternatives[i]!]!);
  const config = configOf(asked.claim, chosen);
  return {
    devices: {
      results: found.devices.map((device, i) => resultOf(device, () => shareId(i))),
      ...(config.length > 0 ? { config } : {}),
    },
    ...nodeSelectorOf(asked.claim, found.devices, nodeName),
  };
}

function resultOf({ ask, offered, consumed }: ChosenDevice, shareId: () => string): DeviceRequestResult {
  const { driver, pool, device } = offered;
  const { tolerations } = ask.demand;
  const amounts = [...(consumed ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    request: referenceOf(ask),
    driver,
    pool,
    device: device.name,
    ...(ask.adminAccess ? { adminAccess: true } : {}),
    ...(tolerations !== undefined && tolerations.length > 0 ? { tolerations } : {}),
    ...(device.bindingConditions ? { bindingConditions: device.bindingConditions } : {}),
    ...(device.bindingFailureConditions ? { bindingFailureConditions: device.bindingFailureConditions } : {}),
    ...(consumed === undefined ? {} : { shareID: shareId() }),
    ...(amounts.length > 0
      ? { consumedCapacity: Object.fromEntries(amounts.map(([name, amount]) => [name, formatQuantity(amount)])) }
      : {}),
  };
}

/** Configuration of the classes, each once, then the claim's own as far as it is about what was chosen. */
function configOf({ spec }: ResourceClaim, chosen: readonly Ask[]): AllocatedConfiguration[] {
  const requestsByClass = new Map<string, Ask[]>();
  for (const ask of chosen) {
    const name = ask.deviceClass.metadata?.name ?? '';
    requestsByClass.set(name, [...(requestsByClass.get(name) ?? []), ask]);
  }
  const config: AllocatedConfiguration[] = [];
  for (const asks of requestsByClass.values()) {
    const requests = asks.map(referenceOf);
    for (const entry of asks[0]!.deviceClass.spec?.config ?? [])
      config.push({ source: 'FromClass', requests, ...entry });
  }
  const isAbout = (requests: readonly string[], ask: Ask): boolean =>
    requests.includes(ask.parent || ask.name) || requests.includes(referenceOf(ask));
  for (const entry of spec?.devices?.config ?? []) {
    const { requests = [] } = entry;
    if (requests.length === 0 || chosen.some((ask) => isAbout(requests, ask)))
      config.push({ ...entry, source: 'FromClaim' });
  }
  return config.map(({ requests = [], ...entry }) => {
    const isForSome = requests.length > 0 && !chosen.every((ask) => isAbout(requests, ask));
    return isForSome ? { ...entry, requests } : entry;
  });
}

/** One device of a single node binds the whole claim to it; else what all selectors ask for. */
function nodeSelectorOf(
  { metadata }: ResourceClaim,
  devices: readonly ChosenDevice[],
  nodeName: string,
): { nodeSelector?: NodeSelector } {
  const matchFields: NodeSelectorRequirement[] = [];
  const matchExpressions: NodeSelectorRequirement[] = [];
  for (const { offered } of devices) {
    const { device, slice } = offered;
    const at = slice.perDeviceNodeSelection === true ? device : slice;
    if (at.nodeName !== undefined || device.bindsToNode === true) {
      const isNode = { key: 'metadata.name', operator: 'In', values: [nodeName] };
      return { nodeSelector: { nodeSelectorTerms: [{ matchFields: [isNode as NodeSelectorRequirement] }] } };
    }
    const terms = at.nodeSelector?.nodeSelectorTerms ?? [];
    if (terms.length > 1) {
      const text = `unsupported ResourceSlice.NodeSelector with ${terms.length} terms`;
      throw new Error(`create NodeSelector for claim ${metadata?.name ?? ''}: ${text}`);
    }
    addNew(matchFields, terms[0]?.matchFields);
    addNew(matchExpressions, terms[0]?.matchExpressions);
  }
  if (matchFields.length === 0 && matchExpressions.length === 0) return {};
  const term = {
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
    ...(matchFields.length > 0 ? { matchFields } : {}),
  };
  return { nodeSelector: { nodeSelectorTerms: [term] } };
}

function addNew(known: NodeSelectorRequirement[], more: readonly NodeSelectorRequirement[] | undefined): void {
  for (const requirement of more ?? []) if (!known.some((one) => isSame(one, requirement))) known.push(requirement);
}

function isSame(a: NodeSelectorRequirement, b: NodeSelectorRequirement): boolean {
  if (a.key !== b.key || a.operator !== b.operator) return false;
  const [left, right] = [new Set(a.values), new Set(b.values)];
  return left.size === right.size && [...left].every((value) => right.has(value));
}
