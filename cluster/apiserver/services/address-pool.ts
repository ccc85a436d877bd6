/**
 * Addresses and ports that are given to services, each to one. What services in the store have is learned from the feed, so
 * that it is known again at every start; what is being given out is held until the write has been answered.
 */
import { type IpFamily, type IpRange, ipText, parseIp, rangeContains, rangeText } from '../../proxy/ip-address.ts';

export interface ServiceRanges {
  /** One, or one of each family; the first is the default family. */
  readonly clusterIps: readonly IpRange[];
  readonly nodePorts: { readonly first: number; readonly last: number };
}

type Owner = string;
/** `10.96.0.1`, or `:30080`. */
type Address = string;

const NOTHING: ReadonlySet<Address> = new Set();

export class AddressPool {
  readonly ranges: ServiceRanges;
  private readonly holders = new Map<Address, Owner>();
  private readonly stored = new Map<Owner, ReadonlySet<Address>>();
  private readonly pending = new Map<Owner, { writes: number; readonly addresses: Set<Address> }>();
  /** Where the search for a free one goes on, so that what was released is not given out again at once. */
  private readonly next = new Map<IpFamily | 'port', bigint>();

  constructor(ranges: ServiceRanges) {
    this.ranges = ranges;
  }

  get families(): readonly IpFamily[] {
    return this.ranges.clusterIps.map(familyOfRange);
  }

  /** A write of a service begins; `settle` ends it. */
  begin(owner: Owner): void {
    const held = this.pending.get(owner);
    if (held === undefined) this.pending.set(owner, { writes: 1, addresses: new Set() });
    else held.writes++;
  }

  /** Undefined when the address is the owner's now, else why it is not. */
  takeIp(owner: Owner, text: string): string | undefined {
    const bytes = parseIp(text);
    const range = this.ranges.clusterIps.find((each) => bytes !== undefined && each.bytes.length === bytes.length);
    if (bytes === undefined || range === undefined || !isUsable(range, bytes)) {
      const valid = range === undefined ? '' : rangeText(range);
      return `the provided IP (${text}) is not in the valid range. The range of valid IPs is ${valid}`;
    }
    return this.take(owner, ipText(bytes)) ? undefined : 'provided IP is already allocated';
  }

  /** Undefined when the range is full. */
  nextIp(owner: Owner, family: IpFamily): string | undefined {
    const range = this.ranges.clusterIps.find((each) => familyOfRange(each) === family);
    if (range === undefined) return undefined;
    const base = toNumber(range.bytes);
    const size = usableSize(range);
    const at = (offset: bigint): string => ipText(toBytes(base + offset + 1n, range.bytes.length));
    // What people choose themselves is at the low end (`calculateRangeOffset` of the allocator).
    return this.search(family, reservedFor(size), size, at, owner);
  }

  takePort(owner: Owner, port: number): string | undefined {
    const { first, last } = this.ranges.nodePorts;
    if (port < first || port > last) {
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    }
    return this.take(owner, `:${port}`) ? undefined : 'provided port is already allocated';
  }

  nextPort(owner: Owner): number | undefined {
    const { first, last } = this.ranges.nodePorts;
    const size = BigInt(last - first + 1);
    const at = (offset: bigint): string => `:${BigInt(first) + offset}`;
    const found = this.search('port', size >= 32n ? 16n : 0n, size, at, owner);
    return found === undefined ? undefined : Number(found.slice(1));
  }

  /** A service as it is in the store now; undefined when it is gone. */
  learn(owner: Owner, addresses: Iterable<Address> | undefined): void {
    const now = addresses === undefined ? NOTHING : new Set(addresses);
    const before = this.stored.get(owner) ?? NOTHING;
    if (now.size === 0) this.stored.delete(owner);
    else this.stored.set(owner, now);
    for (const address of now) if (!this.holders.has(address)) this.holders.set(address, owner);
    for (const address of before) this.releaseUnheld(owner, address);
  }

  /** A write is over, and what came of it has been learned: what the service has not got is free again. */
  settle(owner: Owner): void {
    const held = this.pending.get(owner);
    if (held === undefined || --held.writes > 0) return;
    this.pending.delete(owner);
    for (const address of held.addresses) this.releaseUnheld(owner, address);
  }

  /** Everything is learned anew. */
  forget(): void {
    for (const owner of [...this.stored.keys()]) this.learn(owner, undefined);
  }

  private take(owner: Owner, address: Address): boolean {
    const holder = this.holders.get(address);
    if (holder !== undefined && holder !== owner) return false;
    this.holders.set(address, owner);
    this.pending.get(owner)?.addresses.add(address);
    return true;
  }

  private releaseUnheld(owner: Owner, address: Address): void {
    if (this.holders.get(address) !== owner) return;
    if (this.stored.get(owner)?.has(address) || this.pending.get(owner)?.addresses.has(address)) return;
    this.holders.delete(address);
  }

  /** The first free one from where the last search ended, in the upper part of the range and then in the lower. */
  private search(
    what: IpFamily | 'port',
    reserved: bigint,
    size: bigint,
    at: (offset: bigint) => string,
    owner: Owner,
  ): string | undefined {
    const upper = size - reserved;
    const start = this.next.get(what) ?? 0n;
    for (let i = 0n; i < upper; i++) {
      const offset = (start + i) % upper;
      if (!this.take(owner, at(reserved + offset))) continue;
      this.next.set(what, offset + 1n);
      return at(reserved + offset);
    }
    for (let offset = 0n; offset < reserved; offset++) if (this.take(owner, at(offset))) return at(offset);
    return undefined;
  }
}

export const familyOfRange = ({ bytes }: IpRange): IpFamily => (bytes.length === 4 ? 'IPv4' : 'IPv6');

/** The first address, which is that of the API server. */
export const firstIp = ({ bytes }: IpRange): string => ipText(toBytes(toNumber(bytes) + 1n, bytes.length));

const toNumber = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

function toBytes(number: bigint, length: number): number[] {
  const bytes: number[] = [];
  for (let rest = number; bytes.length < length; rest /= 256n) bytes.unshift(Number(rest % 256n));
  return bytes;
}

/** Without the address of the network and, of IPv4, that of everybody. */
function usableSize({ bytes, prefixLength }: IpRange): bigint {
  const all = 1n << BigInt(bytes.length * 8 - prefixLength);
  return all - (bytes.length === 4 ? 2n : 1n);
}

function isUsable(range: IpRange, bytes: readonly number[]): boolean {
  if (!rangeContains(range, bytes)) return false;
  const offset = toNumber(bytes) - toNumber(range.bytes);
  return offset >= 1n && offset <= usableSize(range);
}

function reservedFor(size: bigint): bigint {
  const [least, most, step] = [16n, 256n, 16n];
  if (size <= least) return 0n;
  const offset = size / step;
  return offset < least ? least : offset > most ? most : offset;
}
