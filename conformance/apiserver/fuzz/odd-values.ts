/** Values that nobody expects, and documents in which a few things have been changed to such. */
import type { Draw } from './draw.ts';

export type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const TEXTS = [
  '',
  'a',
  'default',
  '0',
  '-1',
  'true',
  'null',
  ' ',
  '%',
  '%s%n',
  '../..',
  '/',
  '\\',
  '"',
  "'",
  '\n',
  '\t',
  '\u0000',
  '\u0001',
  '\u007f',
  '\ud800',
  '😀',
  'ÄÖÜ',
  'İ',
  '\u202e',
  'A'.repeat(64),
  'a'.repeat(254),
  'a.'.repeat(200),
  'a'.repeat(70_000),
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '100m',
  '1e1000',
  '1e-1000',
  '9'.repeat(400),
  '0x10',
  '-9223372036854775808',
  'NaN',
  '1Ki',
  '.5',
  '1.Gi',
  '2026-11-25T00:00:00Z',
  '2026-13-45T99:99:99Z',
  '9999-12-31T23:59:60+25:00',
  '0000-00-00T00:00:00Z',
  '2026-11-25T00:00:00.123456789+01:00',
  'kubernetes.io/metadata.name',
  'app=a,b in (c,d),!e',
  'a=b=c',
  '(((',
  '10.0.0.1',
  '10.0.0.0/33',
  '::1',
  'fd00::/129',
  'RollingUpdate',
  '50%',
  '-50%',
  '101%',
  'TCP',
];

const NUMBERS = [
  0,
  1,
  -1,
  2,
  0.5,
  80,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  2 ** 63,
  1e21,
  1e308,
  -1e308,
  5e-324,
];

export function oddText(draw: Draw): string {
  if (!draw.chance(0.2)) return draw.of(TEXTS);
  let text = '';
  for (let i = draw.below(12); i >= 0; i--) {
    text += draw.chance(0.7) ? String.fromCharCode(32 + draw.below(95)) : String.fromCharCode(draw.below(0x10000));
  }
  return text;
}

export function oddValue(draw: Draw, depth = 0): unknown {
  return draw.way<unknown>([
    [1, () => null],
    [4, () => oddText(draw)],
    [3, () => draw.of(NUMBERS)],
    [1, () => draw.chance(0.5)],
    [1, () => []],
    [1, () => ({})],
    [1, () => (depth > 3 ? 0 : [oddValue(draw, depth + 1), oddValue(draw, depth + 1)])],
    [1, () => (depth > 3 ? 0 : { [oddText(draw)]: oddValue(draw, depth + 1) })],
    [0.2, () => nested(draw.of([10, 100, 600]))],
    [0.2, () => Array.from({ length: draw.of([10, 1000, 20_000]) }, () => draw.of([0, 'a', null]))],
  ]);
}

function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A copy with as many changes; what is given stays as it is. */
export function mutated<T>(draw: Draw, document: T, changes: number): T {
  const root = { document: structuredClone(document) as unknown };
  for (let i = 0; i < changes; i++) change(draw, root);
  return root.document as T;
}

type Holder = Json | unknown[];

interface Place {
  readonly holder: Holder;
  readonly key: string | number;
}

const valueAt = ({ holder, key }: Place): unknown => (holder as Json)[key];

function change(draw: Draw, root: { document: unknown }): void {
  const places: Place[] = [];
  collect(root, places);
  // Nothing is left of it.
  if (places.length === 0) return;
  const { holder, key } = draw.of(places);
  const at = holder as Json;
  draw.way([
    [4, () => void put(holder, key, oddValue(draw))],
    [2, () => void (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete at[key])],
    // A copy: nothing may come to hold itself.
    [1, () => void put(holder, key, structuredClone(valueAt(draw.of(places.slice(0, 40)))))],
    [1, () => void put(holder, Array.isArray(holder) ? holder.length : oddText(draw), structuredClone(at[key]))],
    [1, () => void put(isJson(at[key]) ? at[key] : holder, `bogus${draw.below(3)}`, oddValue(draw))],
    [1, () => void put(holder, key, retyped(at[key]))],
  ]);
}

const PLACES = 400;

function collect(holder: Holder | { document: unknown }, places: Place[]): void {
  for (const key of Object.keys(holder)) {
    if (places.length >= PLACES) return;
    places.push({ holder: holder as Holder, key });
    const value = (holder as Json)[key];
    if (typeof value === 'object' && value !== null) collect(value as Holder, places);
  }
}

function put(holder: Holder, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function retyped(value: unknown): unknown {
  if (typeof value === 'string') return Number(value) || [value];
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value[0] ?? {};
  return [value];
}

/** The bytes of a document with a few of them changed. */
export function mutatedBytes(draw: Draw, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  return draw.way([
    [2, () => copy.subarray(0, draw.below(copy.length + 1))],
    [
      2,
      () => {
        for (let i = draw.below(4); i >= 0 && copy.length > 0; i--) copy[draw.below(copy.length)] = draw.below(256);
        return copy;
      },
    ],
    [1, () => Buffer.concat([copy, copy])],
    [1, () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), copy])],
    [1, () => Buffer.concat([copy.subarray(draw.below(copy.length + 1)), copy])],
  ]);
}
