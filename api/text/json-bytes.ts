/** JSON as bytes: where values end. Nothing is checked here but what is needed for that. */
export const QUOTE = 34;
export const COMMA = 44;
export const COLON = 58;
export const OPEN_BRACKET = 91;
export const BACKSLASH = 92;
export const CLOSE_BRACKET = 93;
export const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;

export function afterSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) break;
    at++;
  }
  return at;
}

/** Offset behind the value that starts at `from`, if it is one; `end` for a scalar that may go on, more for what does. */
export function valueEnd(bytes: Uint8Array, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    // Most of what kubectl writes is indentation.
    if (byte <= 32) continue;
    if (byte === QUOTE) {
      at = stringEnd(bytes, at, end) - 1;
      if (at >= end) return end + 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    else if (depth === 0) return scalarEnd(bytes, at, end);
    if (depth <= 0) return at + 1;
  }
  return end + 1;
}

/** Offset behind the closing quote; behind `end` when there is none. */
export function stringEnd(bytes: Uint8Array, open: number, end: number): number {
  for (let at = open + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  return end + 1;
}

export function scalarEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && !endsScalar(bytes[at]!)) at++;
  return Math.max(at, from + 1);
}

const endsScalar = (byte: number): boolean =>
  byte <= 32 ||
  byte === COMMA ||
  byte === QUOTE ||
  byte === OPEN_BRACE ||
  byte === CLOSE_BRACE ||
  byte === OPEN_BRACKET ||
  byte === CLOSE_BRACKET;
