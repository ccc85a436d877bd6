/** Anchors, aliases, tags and directives. The rules: libyaml, as go-yaml v2.4.4 has it (`scannerc.go`). */
import { type Cursor, isBlank, isBlankOrEnd, isBreakOrEnd, isWord, tokenError } from './cursor.ts';
import type { Token } from './token.ts';

const URI_CHARACTER = /^[\w\-;/?:@&=+$,.!~*'()[\]%]$/;
const VERSION_DIGITS_MAX = 2;

export function scanAnchor(cursor: Cursor, kind: 'alias' | 'anchor'): Token {
  const { line } = cursor;
  cursor.skip();
  const value = cursor.readWhile(isWord);
  const next = cursor.at();
  if (value === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(next))) {
    throw tokenError('did not find expected alphabetic or numeric character', cursor.line);
  }
  return { kind, line, value };
}

/** `!<uri>`, `!suffix`, `!handle!suffix` or `!` alone. */
export function scanTag(cursor: Cursor): Token {
  const { line } = cursor;
  let handle = '';
  let suffix: string;
  if (cursor.at(1) === '<') {
    cursor.skip(2);
    suffix = scanUri(cursor, '');
    if (cursor.at() !== '>') throw tokenError("did not find the expected '>'", cursor.line);
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
  if (!isBlankOrEnd(cursor.at())) throw tokenError('did not find expected whitespace or line break', cursor.line);
  return { kind: 'tag', line, handle, suffix };
}

function scanHandle(cursor: Cursor, inDirective: boolean): string {
  if (cursor.at() !== '!') throw tokenError("did not find expected '!'", cursor.line);
  const handle = cursor.read() + cursor.readWhile(isWord);
  if (cursor.at() === '!') return handle + cursor.read();
  if (inDirective && handle !== '!') throw tokenError("did not find expected '!'", cursor.line);
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
  if (!found) throw tokenError('did not find expected tag URI', cursor.line);
  return uri;
}

/** One character, its UTF-8 bytes each as `%XX`. */
function scanUriEscape(cursor: Cursor): string {
  const bytes: number[] = [];
  let width = 1;
  while (bytes.length < width) {
    const digits = cursor.at(1) + cursor.at(2);
    if (cursor.at() !== '%' || !/^[\da-fA-F]{2}$/.test(digits)) {
      throw tokenError('did not find URI escaped octet', cursor.line);
    }
    const byte = Number.parseInt(digits, 16);
    if (bytes.length === 0) width = utf8Width(byte, cursor.line);
    else if ((byte & 0xc0) !== 0x80) throw tokenError('found an incorrect trailing UTF-8 octet', cursor.line);
    bytes.push(byte);
    cursor.skip(3);
  }
  return Buffer.from(bytes).toString();
}

function utf8Width(leading: number, line: number): number {
  if ((leading & 0x80) === 0) return 1;
  if ((leading & 0xe0) === 0xc0) return 2;
  if ((leading & 0xf0) === 0xe0) return 3;
  if ((leading & 0xf8) === 0xf0) return 4;
  throw tokenError('found an incorrect leading UTF-8 octet', line);
}

export function scanDirective(cursor: Cursor): Token {
  const { line } = cursor;
  cursor.skip();
  const name = cursor.readWhile(isWord);
  if (name === '') throw tokenError('could not find expected directive name', cursor.line);
  if (!isBlankOrEnd(cursor.at())) throw tokenError('found unexpected non-alphabetical character', cursor.line);
  cursor.skipBlanks();
  const token = directiveToken(cursor, name, line);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.at())) throw tokenError('did not find expected comment or line break', cursor.line);
  cursor.readBreak();
  return token;
}

function directiveToken(cursor: Cursor, name: string, line: number): Token {
  if (name === 'YAML') {
    const major = scanVersionNumber(cursor);
    if (cursor.at() !== '.') throw tokenError("did not find expected digit or '.' character", cursor.line);
    cursor.skip();
    return { kind: 'version directive', line, version: `${major}.${scanVersionNumber(cursor)}` };
  }
  if (name !== 'TAG') throw tokenError('found unknown directive name', cursor.line);
  const handle = scanHandle(cursor, true);
  if (!isBlank(cursor.at())) throw tokenError('did not find expected whitespace', cursor.line);
  cursor.skipBlanks();
  const prefix = scanUri(cursor, '');
  if (!isBlankOrEnd(cursor.at())) throw tokenError('did not find expected whitespace or line break', cursor.line);
  return { kind: 'tag directive', line, handle, prefix };
}

function scanVersionNumber(cursor: Cursor): number {
  const digits = cursor.readWhile((character) => /^\d$/.test(character));
  if (digits.length > VERSION_DIGITS_MAX) throw tokenError('found extremely long version number', cursor.line);
  if (digits === '') throw tokenError('did not find expected version number', cursor.line);
  return Number(digits);
}
