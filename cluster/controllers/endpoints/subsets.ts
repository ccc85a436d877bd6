/** Addresses by the ports that they share, in the one form that `Endpoints` have. Source: `pkg/api/v1/endpoints/util.go`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import type { Endpoint } from '../endpointslice/slice.ts';

export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: Endpoint['targetRef'];
}

export interface SubsetPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

export interface Subset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly SubsetPort[];
}

export interface Endpoints extends KubeObject {
  readonly subsets?: readonly Subset[];
}

interface Group {
  readonly ports: SubsetPort[];
  readonly ready: ReadonlyMap<string, boolean>;
}

/** A Service without ports still has addresses. */
const NO_PORT: SubsetPort = { port: -1 };

const addressKey = ({ ip, targetRef }: EndpointAddress): string => `${ip}\0${targetRef?.uid ?? ''}`;
const portKey = ({ name = '', port, protocol = 'TCP', appProtocol }: SubsetPort): string =>
  JSON.stringify([name, port, protocol, appProtocol]);

/** Every port with its addresses, and ports with the same ones together. An address that is once not ready is not ready. */
export function repacked(subsets: readonly Subset[]): Subset[] {
  const addresses = new Map<string, EndpointAddress>();
  const byPort = new Map<string, { readonly port: SubsetPort; readonly ready: Map<string, boolean> }>();
  for (const { ports = [], addresses: up = [], notReadyAddresses: down = [] } of subsets) {
    for (const port of ports.length > 0 ? ports : [NO_PORT]) {
      const entry = byPort.get(portKey(port)) ?? { port, ready: new Map<string, boolean>() };
      byPort.set(portKey(port), entry);
      const add = (address: EndpointAddress, isReady: boolean): void => {
        const key = addressKey(address);
        if (!addresses.has(key)) addresses.set(key, address);
        entry.ready.set(key, isReady && entry.ready.get(key) !== false);
      };
      for (const address of up) add(address, true);
      for (const address of down) add(address, false);
    }
  }
  const groups = new Map<string, Group>();
  for (const { port, ready } of byPort.values()) {
    const key = JSON.stringify([...ready].sort());
    const group = groups.get(key) ?? { ports: [], ready };
    groups.set(key, group);
    if (port.port > 0) group.ports.push(port);
  }
  const subsetOf = ({ ports, ready }: Group): Subset => {
    const of = (isReady: boolean): EndpointAddress[] =>
      [...ready]
        .filter(([, value]) => value === isReady)
        .map(([key]) => addresses.get(key)!)
        .sort((a, b) => (addressKey(a) < addressKey(b) ? -1 : 1));
    const [up, down] = [of(true), of(false)];
    return {
      ...(up.length > 0 ? { addresses: up } : {}),
      ...(down.length > 0 ? { notReadyAddresses: down } : {}),
      ...(ports.length > 0 ? { ports: ports.sort((a, b) => (portKey(a) < portKey(b) ? -1 : 1)) } : {}),
    };
  };
  return [...groups.values()].map(subsetOf).sort((a, b) => (subsetText(a) < subsetText(b) ? -1 : 1));
}

export const isSameSubsets = (a: readonly Subset[], b: readonly Subset[]): boolean =>
  a.map(subsetText).join() === b.map(subsetText).join();

const subsetText = ({ addresses = [], notReadyAddresses = [], ports = [] }: Subset): string =>
  JSON.stringify([addresses.map(addressText), notReadyAddresses.map(addressText), ports.map(portKey)]);

const addressText = ({ ip, hostname, nodeName, targetRef }: EndpointAddress): unknown[] => [
  ip,
  hostname,
  nodeName,
  targetRef && [targetRef.kind, targetRef.namespace, targetRef.name, targetRef.uid],
];

const sizeOf = ({ addresses = [], notReadyAddresses = [] }: Subset): number =>
  addresses.length + notReadyAddresses.length;
const total = (subsets: readonly Subset[], count: (subset: Subset) => number): number =>
  subsets.reduce((sum, subset) => sum + count(subset), 0);

export const CAPACITY = 1000;
export const isOverCapacity = (subsets: readonly Subset[]): boolean => total(subsets, sizeOf) > CAPACITY;

/** As many as fit, ready ones first, from every subset by its share. */
export function truncated(subsets: readonly Subset[]): Subset[] {
  const ready = total(subsets, ({ addresses = [] }) => addresses.length);
  const isReadyCut = ready > CAPACITY;
  const room = isReadyCut ? CAPACITY : CAPACITY - ready;
  const all = isReadyCut ? ready : total(subsets, ({ notReadyAddresses = [] }) => notReadyAddresses.length);
  let left = room;
  return subsets.map((subset) => {
    const list = (isReadyCut ? subset.addresses : subset.notReadyAddresses) ?? [];
    const kept = list.slice(0, Math.min(Math.ceil((list.length / all) * room), left));
    left -= kept.length;
    const { addresses: _, notReadyAddresses: __, ...rest } = subset;
    if (isReadyCut) return { ...rest, ...(kept.length > 0 ? { addresses: kept } : {}) };
    return {
      ...rest,
      ...(subset.addresses === undefined ? {} : { addresses: subset.addresses }),
      ...(kept.length > 0 ? { notReadyAddresses: kept } : {}),
    };
  });
}
