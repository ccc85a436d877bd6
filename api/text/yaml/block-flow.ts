/** YAML's flow collections within one line, of plain and quoted scalars, for `block.ts`. */
import { APOSTROPHE, COLON, type LineReader, OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE, UNUSUAL } from './block-lines.ts';
import { plainValue, unquote } from './block-scalar.ts';

const COMMA = 44;
const CLOSE_BRACKET = 93;
const CLOSE_BRACE = 125;
const PLAIN = /[A-Za-z0-9_./+-](?:[A-Za-z0-9_./+=*-]| (?=[A-Za-z0-9_./+=*-]))*/y;

/** The value that starts at `at` on the current line, and the offset behind it. */
export function readFlow(lines: LineReader, at: number): [value: unknown, end: number] {
  const { text } = lines;
  const first = text.charCodeAt(at);
  if (first === OPEN_BRACKET) return sequence(lines, at);
  if (first === OPEN_BRACE) return mapping(lines, at);
  if (first === QUOTE || first === APOSTROPHE) {
    const close = lines.closingQuote(at + 1, first);
    if (close < 0) throw UNUSUAL;
    return [unquote(text.slice(at + 1, close), first), close + 1];
  }
  PLAIN.lastIndex = at;
  const plain = PLAIN.exec(text)?.[0];
  if (plain === undefined || plain === '-' || plain.startsWith('- ')) throw UNUSUAL;
  return [plainValue(plain), at + plain.length];
}

function sequence(lines: LineReader, at: number): [value: unknown[], end: number] {
  const items: unknown[] = [];
  let i = skipSpaces(lines, at + 1);
  if (lines.text.charCodeAt(i) === CLOSE_BRACKET) return [items, i + 1];
  for (;;) {
    const [item, end] = readFlow(lines, i);
    items.push(item);
    i = skipSpaces(lines, end);
    const code = lines.text.charCodeAt(i);
    if (code === CLOSE_BRACKET) return [items, i + 1];
    if (code !== COMMA) throw UNUSUAL;
    i = skipSpaces(lines, i + 1);
  }
}

function mapping(lines: LineReader, at: number): [value: Record<string, unknown>, end: number] {
  const { text } = lines;
  const fields: Record<string, unknown> = {};
  let i = skipSpaces(lines, at + 1);
  if (text.charCodeAt(i) === CLOSE_BRACE) return [fields, i + 1];
  for (;;) {
    const [key, keyEnd] = readFlow(lines, i);
    const name = String(key);
    if (typeof key === 'object' || name === '__proto__' || Object.hasOwn(fields, name)) throw UNUSUAL;
    if (text.charCodeAt(keyEnd) !== COLON || text.charCodeAt(keyEnd + 1) !== SPACE) throw UNUSUAL;
    const [value, end] = readFlow(lines, skipSpaces(lines, keyEnd + 1));
    fields[name] = value;
    i = skipSpaces(lines, end);
    const code = text.charCodeAt(i);
    if (code === CLOSE_BRACE) return [fields, i + 1];
    if (code !== COMMA) throw UNUSUAL;
    i = skipSpaces(lines, i + 1);
  }
}

function skipSpaces(lines: LineReader, from: number): number {
  const at = lines.afterSpaces(from);
  if (at >= lines.end) throw UNUSUAL;
  return at;
}
