/**
 * What a YAML scalar means. kubectl and kube-scheduler read YAML with go-yaml v2, a YAML 1.1 dialect of its own: `yes` and `off`
 * are booleans, `0o17`, `017` and `1_000` are integers, `1:30` is a string. Source: `resolve.go` of go.yaml.in/yaml v2.4.4.
 */
import { NumberText } from '../value.ts';

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text) => [text, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text) => [text, false] as const),
]);
const NULLS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const NAN = /^\.(nan|NaN|NAN)$/;
const INFINITY = /^([-+]?)\.(inf|Inf|INF)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const DOT_FLOAT = /^\.\d+(?:[eE][-+]?\d+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Not representable in JSON. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
}

export type YamlTag = 'null' | 'bool' | 'int' | 'float' | 'str';

export interface Resolved {
  readonly tag: YamlTag;
  readonly value: null | boolean | string | NumberText;
}

/** Meaning of a plain (unquoted) scalar. Throws NotFiniteError, worded by Go's JSON encoder, for `.nan` and `.inf`. */
export function resolvePlain(text: string): Resolved {
  if (NULLS.has(text)) return { tag: 'null', value: null };
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return { tag: 'bool', value: boolean };
  if (NAN.test(text)) throw new NotFiniteError('json: unsupported value: NaN');
  const infinite = INFINITY.exec(text);
  if (infinite !== null) throw new NotFiniteError(`json: unsupported value: ${infinite[1] === '-' ? '-' : '+'}Inf`);
  return resolveNumber(text) ?? { tag: 'str', value: text };
}

function resolveNumber(text: string): Resolved | undefined {
  if (text.startsWith('.')) return DOT_FLOAT.test(text) ? float(text) : undefined;
  if (!/^[-+\d]/.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const integer = parseInteger(plain);
  if (integer !== undefined) return { tag: 'int', value: new NumberText(String(integer)) };
  return FLOAT.test(plain) ? float(plain) : undefined;
}

/** An integer that fits int64 or uint64, in any base that Go's ParseInt understands. */
function parseInteger(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const magnitude =
    hex !== undefined
      ? BigInt(`0x${hex}`)
      : binary !== undefined
        ? BigInt(`0b${binary}`)
        : octal !== undefined
          ? BigInt(`0o${octal}`)
          : BigInt(decimal!);
  const value = sign === '-' ? -magnitude : magnitude;
  // Only a number without a sign may go beyond int64.
  const max = sign === '' ? MAX_UINT64 : MAX_INT64;
  return value < MIN_INT64 || value > max ? undefined : value;
}

/** A number that overflows a double stays a string. */
function float(text: string): Resolved | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  return { tag: 'float', value: new NumberText(Object.is(value, -0) ? '-0' : String(value)) };
}
