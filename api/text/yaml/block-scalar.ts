/** What scalars mean to the quick reader of `block.ts`. */
import { NumberText } from '../value.ts';
import { QUOTE, UNUSUAL } from './block-lines.ts';
import { NotFiniteError, resolvePlain } from './resolve.ts';

/** Begins like neither a number nor one of the words of `resolve.ts`, or is longer than all of those. */
const SURELY_TEXT = /^(?:[a-eg-mp-su-xzA-EG-MP-SU-XZ/]|[A-Za-z][^\n]{5})/;

export function plainValue(text: string): unknown {
  if (SURELY_TEXT.test(text)) return text;
  try {
    const { value } = resolvePlain(text);
    return value instanceof NumberText ? Number(value.text) : value;
  } catch (error) {
    if (error instanceof NotFiniteError) throw UNUSUAL;
    throw error;
  }
}

/** The text between quotes, line breaks already folded. */
export function unquote(content: string, quote: number): string {
  if (quote !== QUOTE) return content.replaceAll("''", "'");
  const text = content.includes('\\') ? unescaped(content) : content;
  if (text === undefined) throw UNUSUAL;
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^xuU])|)/gs;

/** Undefined when an escape is not one of YAML's. */
function unescaped(content: string): string | undefined {
  let wrong = false;
  const text = content.replace(ESCAPE, (_, byte?: string, short?: string, long?: string, letter?: string) => {
    const hex = byte ?? short ?? long;
    const code = hex === undefined ? -1 : Number.parseInt(hex, 16);
    if (code >= 0 && code <= 0x10ffff) return String.fromCodePoint(code);
    const plain = letter === undefined ? undefined : ESCAPES[letter];
    wrong ||= plain === undefined;
    return plain ?? '';
  });
  return wrong ? undefined : text;
}
