/**
 * Topology aware hints: every zone gets endpoints by its share of the CPUs. Source:
 * `endpointslice/topologycache/{topologycache,utils,sliceinfo}.go`, v0.37.2.
 */
import { cpuMilliOf, type KubeObject, type Node } from '../../../api/index.ts';
import { type Draft, type Endpoint, isReadyEndpoint } from './slice.ts';
import { changeEach, withHints } from './traffic-distribution.ts';

/** A zone may have so much less than its share. */
const OVERLOAD = 0.2;
const ZONE = 'topology.kubernetes.io/zone';
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}

type Allocations = ReadonlyMap<string, Allocation>;

export interface HintEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface Hinted {
  /** Slices that were not to be written and have to be now. */
  readonly changed: Draft[];
  readonly events: HintEvent[];
}

export const isNodeReady = ({ status }: Node): boolean =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';

export const zoneOf = ({ metadata }: KubeObject): string => metadata?.labels?.[ZONE] ?? '';

const disabled = (text: string, addressType: string): HintEvent => ({
  type: 'Warning',
  reason: 'TopologyAwareHintsDisabled',
  message: `${text}, addressType: ${addressType}`,
});

export const withoutHints = (written: readonly Draft[], unchanged: readonly Draft[]): Draft[] =>
  changeEach(written, unchanged, (endpoint) => withHints(endpoint, undefined));

export class TopologyHints {
  /** Undefined where not every node tells its zone and its CPUs, or all are in one zone. */
  private ratios: ReadonlyMap<string, number> | undefined;
  /** How many endpoints each zone has, by Service and address type. */
  private readonly given = new Map<string, Map<string, ReadonlyMap<string, number>>>();
  private readonly populated = new Set<string>();

  setNodes(nodes: Iterable<Node>): void {
    const cpus = new Map<string, number>();
    let total = 0;
    this.ratios = undefined;
    for (const node of nodes) {
      const labels = node.metadata?.labels ?? {};
      if (EXCLUDED.some((label) => label in labels) || !isNodeReady(node)) continue;
      const zone = zoneOf(node);
      const cpuMilli = cpuMilliOf(node.status?.allocatable?.cpu ?? '0');
      if (zone === '' || cpuMilli === 0) return;
      total += cpuMilli;
      cpus.set(zone, (cpus.get(zone) ?? 0) + cpuMilli);
    }
    if (cpus.size < 2) return;
    this.ratios = new Map([...cpus].sort().map(([zone, cpuMilli]) => [zone, cpuMilli / total]));
  }

  /** Services of which a zone has too few endpoints. */
  overloaded(): string[] {
    return [...this.given].flatMap(([key, byType]) =>
      [...byType.values()].some((zones) => this.isOverloaded(zones)) ? key : [],
    );
  }

  has(serviceKey: string): boolean {
    return this.populated.has(serviceKey);
  }

  remove(serviceKey: string, addressType: string): void {
    const byType = this.given.get(serviceKey);
    byType?.delete(addressType);
    if (byType?.size === 0) this.given.delete(serviceKey);
    this.populated.delete(serviceKey);
  }

  add(serviceKey: string, addressType: string, written: readonly Draft[], unchanged: readonly Draft[]): Hinted {
    const give = (why: string): Hinted => {
      this.remove(serviceKey, addressType);
      return { changed: withoutHints(written, unchanged), events: [disabled(why, addressType)] };
    };
    const count = [...written, ...unchanged].flatMap(({ endpoints }) => endpoints).filter(isReadyEndpoint).length;
    const allocations = this.allocations(count);
    if (typeof allocations === 'string') return give(allocations);
    const zones = new Map<string, number>();
    const changed = unchanged.filter((draft) => !keepHints(draft.endpoints, zones, allocations));
    const allocatable = [...written, ...changed];
    const ready = allocatable.flatMap(({ endpoints }) => endpoints).filter(isReadyEndpoint);
    if (ready.some(({ zone }) => !zone)) return give('One or more endpoints do not have a zone specified');
    for (const { zone } of ready) zones.set(zone!, (zones.get(zone!) ?? 0) + 1);
    share(allocatable, allocations, zones);
    if (zones.size === 0) return give('No hints allocated for zones');
    const wasPopulated = this.has(serviceKey);
    const byType = this.given.get(serviceKey) ?? new Map<string, ReadonlyMap<string, number>>();
    byType.set(addressType, zones);
    this.given.set(serviceKey, byType);
    this.populated.add(serviceKey);
    const message = `Topology Aware Hints has been enabled, addressType: ${addressType}`;
    const events: HintEvent[] = wasPopulated ? [] : [{ type: 'Normal', reason: 'TopologyAwareHintsEnabled', message }];
    return { changed, events };
  }

  /** What each zone is to have, or why there are no hints. */
  private allocations(count: number): Allocations | string {
    if (this.ratios === undefined) {
      return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
    }
    const size = `(${count} endpoints, ${this.ratios.size} zones)`;
    if (this.ratios.size > count) return `Insufficient number of endpoints ${size}`;
    const minima = [...this.ratios].map(([zone, ratio]) => {
      const desired = ratio * count;
      const minimum = Math.ceil(desired * (1 / (1 + OVERLOAD)));
      return { zone, minimum, desired: Math.max(desired, minimum) };
    });
    const minTotal = minima.reduce((sum, { minimum }) => sum + minimum, 0);
    if (minTotal > count) {
      return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${size}`;
    }
    return new Map(minima.map((each) => [each.zone, { ...each, maximum: each.minimum + count - minTotal }]));
  }

  private isOverloaded(zones: ReadonlyMap<string, number>): boolean {
    if (zones.size === 0) return false;
    if (this.ratios === undefined) return true;
    const total = [...zones.values()].reduce((sum, count) => sum + count, 0);
    return [...this.ratios].some(([zone, ratio]) => {
      const count = zones.get(zone);
      return count === undefined || count < Math.ceil(total * ratio * (1 / (1 + OVERLOAD)));
    });
  }
}

/** Whether the hints of an unchanged slice may stay; they count then. */
function keepHints(endpoints: readonly Endpoint[], zones: Map<string, number>, allocations: Allocations): boolean {
  const counts = new Map<string, number>();
  for (const endpoint of endpoints) {
    if (!isReadyEndpoint(endpoint)) continue;
    const hinted = endpoint.hints?.forZones ?? [];
    if (hinted.length === 0 || hinted.some(({ name }) => !allocations.has(name))) return false;
    for (const { name } of hinted) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [zone, count] of counts) {
    if (count + (zones.get(zone) ?? 0) > allocations.get(zone)!.maximum) return false;
  }
  for (const [zone, count] of counts) zones.set(zone, (zones.get(zone) ?? 0) + count);
  return true;
}

/** Every endpoint serves its own zone, but for those that zones with too many give to zones with too few. */
function share(drafts: readonly Draft[], allocations: Allocations, zones: Map<string, number>): void {
  const { giving, receiving } = exchange(allocations, zones);
  const add = (zone: string, difference: number): void => {
    zones.set(zone, (zones.get(zone) ?? 0) + difference);
  };
  for (const draft of drafts) {
    draft.endpoints = draft.endpoints.map((endpoint) => {
      if (!isReadyEndpoint(endpoint)) return endpoint;
      const own = endpoint.zone!;
      const [receiver] = receiving.keys();
      if (receiver === undefined || !giving.has(own)) return withHints(endpoint, { forZones: [{ name: own }] });
      takeOne(giving, own);
      takeOne(receiving, receiver);
      add(receiver, 1);
      add(own, -1);
      return withHints(endpoint, { forZones: [{ name: receiver }] });
    });
  }
}

function takeOne(counts: Map<string, number>, zone: string): void {
  const count = counts.get(zone)! - 1;
  if (count === 0) counts.delete(zone);
  else counts.set(zone, count);
}

function exchange(allocations: Allocations, zones: ReadonlyMap<string, number>) {
  const tooMany = new Map<string, number>();
  const tooFew = new Map<string, number>();
  for (const [zone, { desired }] of allocations) {
    const count = zones.get(zone) ?? 0;
    if (count > desired) tooMany.set(zone, count - desired);
    else if (count < desired) tooFew.set(zone, desired - count);
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const [giver, surplus] = most(tooMany);
    const [receiver, lack] = most(tooFew);
    const isTooLittle = (surplus < 1 && lack < 1) || surplus < 0.5 || lack < 0.5;
    if (giver === '' || receiver === '' || isTooLittle) return { giving, receiving };
    giving.set(giver, (giving.get(giver) ?? 0) + 1);
    tooMany.set(giver, surplus - 1);
    receiving.set(receiver, (receiving.get(receiver) ?? 0) + 1);
    tooFew.set(receiver, lack - 1);
  }
}

function most(zones: ReadonlyMap<string, number>): [zone: string, count: number] {
  let best: [string, number] = ['', 0];
  for (const [zone, count] of zones) if (count > best[1]) best = [zone, count];
  return best;
}
