/** JSON text that is known to be well-formed up to where it is looked at: where values end, and where fields are. */
import type { PathTracker } from './path-tracker.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

export function skipJsonSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at++;
  }
}

/** Offset behind the value that starts at `from`, if it is one; at most the length of the text. */
export function jsonValueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    else if (depth === 0) return scalarEnd(text, at);
    if (depth <= 0) return at + 1;
  }
  return text.length;
}

/** Offset behind the closing quote. */
function stringEnd(text: string, open: number): number {
  for (let from = open + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return text.length;
    let escapes = quote;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes--;
    if ((quote - escapes) % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

function scalarEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !' \n\r\t,]}{["'.includes(text[at]!)) at++;
  return Math.max(at, from + 1);
}

/** Walks the value at `from` as far as the tracker's path leads. */
export function trackJson(text: string, from: number, tracker: PathTracker): void {
  const open = text.charCodeAt(from);
  if (!tracker.isOnPath || (open !== OPEN_BRACE && open !== OPEN_BRACKET)) return;
  let at = skipJsonSpace(text, from + 1);
  for (let index = 0; at < text.length; index++) {
    const code = text.charCodeAt(at);
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) return;
    let key: string | undefined;
    if (open === OPEN_BRACE) {
      const end = stringEnd(text, at);
      key = JSON.parse(text.slice(at, end)) as string;
      at = skipJsonSpace(text, skipJsonSpace(text, end) + 1);
    }
    const rest = key === undefined ? tracker.enterIndex(index, at) : tracker.enterKey(key, at);
    if (rest !== undefined) {
      trackJson(text, at, tracker);
      tracker.leave(rest);
    }
    at = skipJsonSpace(text, jsonValueEnd(text, at));
    if (text[at] === ',') at = skipJsonSpace(text, at + 1);
  }
}
