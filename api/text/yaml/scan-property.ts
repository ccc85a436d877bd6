/** Anchors, aliases, tags and directives. The rules: libyaml, as go-yaml v2.4.4 has it (`scannerc.go`). */
import { type Cursor, isBlank, isBlankOrEnd, isBreakOrEnd, isWord, type Mark, tokenError } from './cursor.ts';
import type { Token } from './token.ts';

const URI_CHARACTER = /^[\w\-;/?:@&=+$,.!~*'()[\]%]$/;
const VERSION_DIGITS_MAX = 2;

export function scanAnchor(cursor: Cursor, kind: 'alias' | 'anchor'): Token {
  const start = cursor.mark;
  cursor.skip();
  const value = cursor.readWhile(isWord);
  const next = cursor.at();
  if (value === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(next))) {
    throw tokenError('did not find expected alphabetic or numeric character', cursor.mark);
  }
  return { kind, ...start, value };
}

/** `!<uri>`, `!suffix`, `!handle!suffix` or `!` alone. */
export function scanTag(cursor: Cursor): Token {
  const start = cursor.mark;
  let handle = '';
  let suffix: string;
  if (cursor.at(1) === '<') {
    cursor.skip(2);
    suffix = scanUri(cursor, '');
    if (cursor.at() !== '>') throw tokenError("did not find the expected '>'", cursor.mark);
    cursor.skip();
  } else {
    handle = scanHandle(cursor, false);
    if (handle.length > 1 && handle.endsWith('!')) suffix = scanUri(cursor, '');
    else {
      suffix = scanUri(cursor, handle);
      handle = '!';
      if (suffix === '') [handle, suffix] = ['', '!'];
    }
  }
  if (!isBlankOrEnd(cursor.at())) throw tokenError('did not find expected whitespace or line break', cursor.mark);
  return { kind: 'tag', ...start, handle, suffix };
}

function scanHandle(cursor: Cursor, inDirective: boolean): string {
  if (cursor.at() !== '!') throw tokenError("did not find expected '!'", cursor.mark);
  const handle = cursor.read() + cursor.readWhile(isWord);
  if (cursor.at() === '!') return handle + cursor.read();
  if (inDirective && handle !== '!') throw tokenError("did not find expected '!'", cursor.mark);
  return handle;
}

/** `head` was read already: a `!` and what turned out to be no handle. */
function scanUri(cursor: Cursor, head: string): string {
  let uri = head.slice(1);
  let found = head !== '';
  while (URI_CHARACTER.test(cursor.at())) {
    uri += cursor.at() === '%' ? scanUriEscape(cursor) : cursor.read();
    found = true;
  }
  if (!found) throw tokenError('did not find expected tag URI', cursor.mark);
  return uri;
}

/** One character, its UTF-8 bytes each as `%XX`. */
function scanUriEscape(cursor: Cursor): string {
  const bytes: number[] = [];
  let width = 1;
  while (bytes.length < width) {
    const digits = cursor.at(1) + cursor.at(2);
    if (cursor.at() !== '%' || !/^[\da-fA-F]{2}$/.test(digits)) {
      throw tokenError('did not find URI escaped octet', cursor.mark);
    }
    const byte = Number.parseInt(digits, 16);
    if (bytes.length === 0) width = utf8Width(byte, cursor.mark);
    else if ((byte & 0xc0) !== 0x80) throw tokenError('found an incorrect trailing UTF-8 octet', cursor.mark);
    bytes.push(byte);
    cursor.skip(3);
  }
  return Buffer.from(bytes).toString();
}

function utf8Width(leading: number, mark: Mark): number {
  if ((leading & 0x80) === 0) return 1;
  if ((leading & 0xe0) === 0xc0) return 2;
  if ((leading & 0xf0) === 0xe0) return 3;
  if ((leading & 0xf8) === 0xf0) return 4;
  throw tokenError('found an incorrect leading UTF-8 octet', mark);
}

export function scanDirective(cursor: Cursor): Token {
  const start = cursor.mark;
  cursor.skip();
  const name = cursor.readWhile(isWord);
  if (name === '') throw tokenError('could not find expected directive name', cursor.mark);
  if (!isBlankOrEnd(cursor.at())) throw tokenError('found unexpected non-alphabetical character', cursor.mark);
  cursor.skipBlanks();
  const token = directiveToken(cursor, name, start);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.at())) throw tokenError('did not find expected comment or line break', cursor.mark);
  cursor.readBreak();
  return token;
}

function directiveToken(cursor: Cursor, name: string, start: Mark): Token {
  if (name === 'YAML') {
    const major = scanVersionNumber(cursor);
    if (cursor.at() !== '.') throw tokenError("did not find expected digit or '.' character", cursor.mark);
    cursor.skip();
    return { kind: 'version directive', ...start, version: `${major}.${scanVersionNumber(cursor)}` };
  }
  if (name !== 'TAG') throw tokenError('found unknown directive name', cursor.mark);
  const handle = scanHandle(cursor, true);
  if (!isBlank(cursor.at())) throw tokenError('did not find expected whitespace', cursor.mark);
  cursor.skipBlanks();
  const prefix = scanUri(cursor, '');
  if (!isBlankOrEnd(cursor.at())) throw tokenError('did not find expected whitespace or line break', cursor.mark);
  return { kind: 'tag directive', ...start, handle, prefix };
}

function scanVersionNumber(cursor: Cursor): number {
  const digits = cursor.readWhile((character) => /^\d$/.test(character));
  if (digits.length > VERSION_DIGITS_MAX) throw tokenError('found extremely long version number', cursor.mark);
  if (digits === '') throw tokenError('did not find expected version number', cursor.mark);
  return Number(digits);
}
