/** Addresses and ranges as Go's `net` package reads and prints them, so that keys and rules have one spelling each. */

export type IpFamily = 'IPv4' | 'IPv6';

/** 4 or 16 numbers of one byte each. */
export type IpBytes = readonly number[];

export interface IpRange {
  readonly bytes: IpBytes;
  readonly prefixLength: number;
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/** Undefined when the text is no address. An IPv4 address inside an IPv6 one is an IPv4 address. */
export function parseIp(text: string): IpBytes | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  return bytes !== undefined && MAPPED_PREFIX.every((byte, i) => bytes[i] === byte) ? bytes.slice(12) : bytes;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupBytes);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (tail === undefined) return head.length === 16 ? head : undefined;
  const missing = 16 - head.length - tail.length;
  return missing >= 2 ? [...head, ...new Array<number>(missing).fill(0), ...tail] : undefined;
}

function groupBytes(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    const dotted = i === groups.length - 1 && group.includes('.') ? parseIpv4(group) : undefined;
    if (dotted !== undefined) bytes.push(...dotted);
    else if (/^[0-9a-f]{1,4}$/i.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255);
    else return undefined;
  }
  return bytes;
}

export function ipText(bytes: IpBytes): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes[2 * i]! * 256 + bytes[2 * i + 1]!);
  const [start, length] = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** The first of the longest runs of zero groups (RFC 5952). */
function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best[1]) best = [start, length];
  }
  return best;
}

export const familyOf = (bytes: IpBytes): IpFamily => (bytes.length === 4 ? 'IPv4' : 'IPv6');

/** The one spelling of an address; undefined when it is none, or of the other family. */
export function canonicalIp(text: string, family: IpFamily): string | undefined {
  const bytes = parseIp(text.trim());
  return bytes !== undefined && familyOf(bytes) === family ? ipText(bytes) : undefined;
}

/** Bits behind the prefix are cleared. Undefined when the text is no range. */
export function parseRange(text: string): IpRange | undefined {
  const [address = '', length = '', more] = text.trim().split('/');
  const bytes = parseIp(address);
  if (bytes === undefined || more !== undefined || !/^\d+$/.test(length)) return undefined;
  const prefixLength = Number(length);
  if (prefixLength > bytes.length * 8) return undefined;
  return { bytes: bytes.map((byte, i) => byte & maskByte(prefixLength - 8 * i)), prefixLength };
}

export const rangeText = ({ bytes, prefixLength }: IpRange): string => `${ipText(bytes)}/${prefixLength}`;

export function rangeContains({ bytes, prefixLength }: IpRange, address: IpBytes): boolean {
  if (bytes.length !== address.length) return false;
  return bytes.every((byte, i) => byte === (address[i]! & maskByte(prefixLength - 8 * i)));
}

/** Of the byte that `bits` bits of the prefix reach into. */
const maskByte = (bits: number): number => (bits >= 8 ? 255 : bits <= 0 ? 0 : 256 - 2 ** (8 - bits));

/** `address:port`, with brackets around an IPv6 address. */
export const joinHostPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
