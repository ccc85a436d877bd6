/**
 * YAML text → tokens. Tokens wait in a queue as long as one of them may turn out to be a key, which only the `:`
 * behind it tells. The rules: libyaml, as go-yaml v2.4.4 has it (`scannerc.go`).
 */
import { Cursor, isBlank, isBlankOrEnd, isBreak, type Mark, tokenError } from './cursor.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-property.ts';
import { scanBlock, scanPlain, scanQuoted } from './scan-scalar.ts';
import { plainToken, type Token } from './token.ts';

/** A key without `?` fits on one line and in this many characters. */
const KEY_LENGTH_MAX = 1024;
const DEPTH_MAX = 10_000;

/** A token that may be a key. */
interface SimpleKey extends Mark {
  possible: boolean;
  /** Nothing else can stand here. */
  readonly required: boolean;
  readonly tokenNumber: number;
  readonly index: number;
  readonly column: number;
}

export class Scanner {
  private readonly cursor: Cursor;
  private readonly queue: Token[] = [];
  private taken = 0;
  private ready = false;
  private flowLevel = 0;
  /** Column of the innermost block, −1 outside of all. */
  private indent = -1;
  private readonly indents: number[] = [];
  private keyAllowed = true;
  /** One per flow level. */
  private readonly keys: SimpleKey[];
  /** Which of `keys` a token may be. */
  private readonly keyOfToken = new Map<number, number>();

  /** Throws YamlError, as do `peek` and `skip`. */
  constructor(text: string) {
    this.cursor = new Cursor(text);
    this.keys = [this.keyHere(false, false)];
  }

  peek(): Token {
    if (!this.ready) {
      while (this.queue.length === 0 || this.headMayBeKey()) this.fetch();
      this.ready = true;
    }
    return this.queue[0]!;
  }

  skip(): void {
    this.queue.shift();
    this.taken++;
    this.ready = false;
  }

  private headMayBeKey(): boolean {
    const key = this.keys[this.keyOfToken.get(this.taken) ?? -1];
    return key !== undefined && this.isStillPossible(key);
  }

  private fetch(): void {
    const { cursor } = this;
    this.skipToToken();
    this.closeBlocks(cursor.column);
    const character = cursor.at();
    const inFlow = this.flowLevel > 0;
    const alone = isBlankOrEnd(cursor.at(1));
    if (character === '') this.fetchStreamEnd();
    else if (cursor.column === 0 && character === '%') this.fetchAtTop(() => scanDirective(cursor));
    else if (cursor.atDocumentIndicator) this.fetchAtTop(() => this.documentIndicator(character));
    else if (character === '[' || character === '{') this.fetchFlowStart(character);
    else if (character === ']' || character === '}') this.fetchFlowEnd(character);
    else if (character === ',') this.fetchFlowEntry();
    else if (character === '-' && alone) this.fetchBlockEntry();
    else if (character === '?' && (inFlow || alone)) this.fetchKey();
    else if (character === ':' && (inFlow || alone)) this.fetchValue();
    else if (character === '*') this.fetchKeyLike(() => scanAnchor(cursor, 'alias'));
    else if (character === '&') this.fetchKeyLike(() => scanAnchor(cursor, 'anchor'));
    else if (character === '!') this.fetchKeyLike(() => scanTag(cursor));
    else if (!inFlow && (character === '|' || character === '>')) this.fetchBlockScalar();
    else if (character === "'" || character === '"') this.fetchKeyLike(() => scanQuoted(cursor, character));
    else if (this.startsPlain(character)) this.fetchPlain();
    else throw tokenError('found character that cannot start any token', cursor.mark);
  }

  private documentIndicator(character: string): Token {
    const { mark } = this.cursor;
    this.cursor.skip(3);
    return plainToken(character === '-' ? 'document start' : 'document end', mark);
  }

  private startsPlain(character: string): boolean {
    if (character === '-') return !isBlank(this.cursor.at(1));
    if (character === '?' || character === ':') return this.flowLevel === 0 && !isBlankOrEnd(this.cursor.at(1));
    return !isBlank(character) && !',[]{}#&*!|>\'"%@`'.includes(character);
  }

  /** Tabs may not indent. */
  private skipToToken(): void {
    const { cursor } = this;
    for (;;) {
      while (cursor.at() === ' ' || ((this.flowLevel > 0 || !this.keyAllowed) && cursor.at() === '\t')) cursor.skip();
      cursor.skipComment();
      if (!isBreak(cursor.at())) return;
      cursor.readBreak();
      if (this.flowLevel === 0) this.keyAllowed = true;
    }
  }

  private fetchStreamEnd(): void {
    if (this.cursor.column !== 0) {
      this.cursor.column = 0;
      this.cursor.line++;
    }
    this.fetchAtTop(() => plainToken('stream end', this.cursor.mark));
  }

  /** What ends all blocks. */
  private fetchAtTop(scan: () => Token): void {
    this.closeBlocks(-1);
    this.dropKey();
    this.keyAllowed = false;
    this.queue.push(scan());
  }

  private fetchFlowStart(character: '[' | '{'): void {
    this.saveKey();
    this.keys.push(this.keyHere(false, false));
    if (++this.flowLevel > DEPTH_MAX) throw tokenError(`exceeded max depth of ${DEPTH_MAX}`, this.cursor.mark);
    this.keyAllowed = true;
    this.pushIndicator(character === '[' ? 'flow sequence start' : 'flow mapping start');
  }

  private fetchFlowEnd(character: ']' | '}'): void {
    this.dropKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      this.keyOfToken.delete(this.keys.pop()!.tokenNumber);
    }
    this.keyAllowed = false;
    this.pushIndicator(character === ']' ? 'flow sequence end' : 'flow mapping end');
  }

  private fetchFlowEntry(): void {
    this.dropKey();
    this.keyAllowed = true;
    this.pushIndicator('flow entry');
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) {
        throw tokenError('block sequence entries are not allowed in this context', this.cursor.mark);
      }
      this.openBlock(this.cursor.column, 'block sequence start', this.cursor.mark);
    }
    this.dropKey();
    this.keyAllowed = true;
    this.pushIndicator('block entry');
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) throw tokenError('mapping keys are not allowed in this context', this.cursor.mark);
      this.openBlock(this.cursor.column, 'block mapping start', this.cursor.mark);
    }
    this.dropKey();
    this.keyAllowed = this.flowLevel === 0;
    this.pushIndicator('key');
  }

  /** A `:`, behind a key without `?` when one is possible. */
  private fetchValue(): void {
    const key = this.keys.at(-1)!;
    if (this.isStillPossible(key)) {
      const place = key.tokenNumber - this.taken;
      this.insert(plainToken('key', key), place);
      this.openBlock(key.column, 'block mapping start', key, place);
      key.possible = false;
      this.keyOfToken.delete(key.tokenNumber);
      this.keyAllowed = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.keyAllowed) throw tokenError('mapping values are not allowed in this context', this.cursor.mark);
        this.openBlock(this.cursor.column, 'block mapping start', this.cursor.mark);
      }
      this.keyAllowed = this.flowLevel === 0;
    }
    this.pushIndicator('value');
  }

  /** What may be a key but allows none behind it. */
  private fetchKeyLike(scan: () => Token): void {
    this.saveKey();
    this.keyAllowed = false;
    this.queue.push(scan());
  }

  private fetchPlain(): void {
    this.saveKey();
    const { token, endsLine } = scanPlain(this.cursor, this.indent, this.flowLevel > 0);
    this.keyAllowed = endsLine;
    this.queue.push(token);
  }

  private fetchBlockScalar(): void {
    this.dropKey();
    this.keyAllowed = true;
    this.queue.push(scanBlock(this.cursor, this.indent));
  }

  private pushIndicator(kind: Parameters<typeof plainToken>[0]): void {
    this.queue.push(plainToken(kind, this.cursor.mark));
    this.cursor.skip();
  }

  /** At a place that is gone already, the token goes to the end. */
  private insert(token: Token, place: number): void {
    this.queue.splice(place < 0 ? this.queue.length : place, 0, token);
  }

  private openBlock(
    column: number,
    kind: 'block sequence start' | 'block mapping start',
    mark: Mark,
    place = this.queue.length,
  ): void {
    if (this.flowLevel > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    if (this.indents.length > DEPTH_MAX) throw tokenError(`exceeded max depth of ${DEPTH_MAX}`, this.cursor.mark);
    this.insert(plainToken(kind, mark), place);
  }

  private closeBlocks(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.queue.push(plainToken('block end', this.cursor.mark));
      this.indent = this.indents.pop()!;
    }
  }

  private isStillPossible(key: SimpleKey): boolean {
    if (!key.possible) return false;
    if (key.line === this.cursor.line && key.index + KEY_LENGTH_MAX >= this.cursor.index) return true;
    if (key.required) throw tokenError("could not find expected ':'", this.cursor.mark);
    key.possible = false;
    return false;
  }

  private saveKey(): void {
    if (!this.keyAllowed) return;
    const required = this.flowLevel === 0 && this.indent === this.cursor.column;
    const key = this.keyHere(true, required);
    this.dropKey();
    this.keys[this.keys.length - 1] = key;
    this.keyOfToken.set(key.tokenNumber, this.keys.length - 1);
  }

  private dropKey(): void {
    const key = this.keys.at(-1)!;
    if (!key.possible) return;
    if (key.required) throw tokenError("could not find expected ':'", this.cursor.mark);
    key.possible = false;
    this.keyOfToken.delete(key.tokenNumber);
  }

  private keyHere(possible: boolean, required: boolean): SimpleKey {
    const { index, mark, column } = this.cursor;
    return { possible, required, tokenNumber: this.taken + this.queue.length, index, ...mark, column };
  }
}
