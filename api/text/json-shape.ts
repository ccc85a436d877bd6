/**
 * A structure that objects share: keys, white space, and the scalars that were the same so far. Another object of the
 * structure is compared with it eight bytes at a time, and only what lies in between is looked at.
 */
import { type Blueprint, NEXT_PART, NEXT_VALUE, type Source } from './json-build.ts';
import {
  afterSpace,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  scalarEnd,
  stringEnd,
} from './json-bytes.ts';
import { JsonParts } from './json-parts.ts';

/** Not an object of this shape, or one that is cut off. */
export const NO_MATCH = -1;

const SHAPE_BYTES_MAX = 1 << 16;
/** Sharing what is shorter saves nothing. */
const PART_BYTES_MIN = 24;
/** A shape that often comes close, and is none of those that it is taken for, stops learning. */
const LESSONS_FAILED_MAX = 16;
const WORD_BYTES = 8;

/** An object or a list within the shape. */
interface Branch {
  readonly value: object;
  readonly start: number;
  readonly end: number;
  /** Its scalars, those further inside included. */
  readonly firstScalar: number;
  readonly endScalar: number;
  readonly keys: ReadonlyArray<string | number>;
  /** Branches, and scalars by number. */
  readonly children: ReadonlyArray<Branch | number>;
  /** Found whole among those met before; undefined when it is made anew for each object. */
  parts: JsonParts | undefined;
}

/** What differs between objects: a scalar, or a part of them as a whole. */
export interface Variable {
  readonly firstHole: number;
  readonly holeCount: number;
  readonly parts?: JsonParts;
  /** Bytes of the part before its first hole and behind its last one. */
  readonly before: number;
  readonly behind: number;
}

/** What to do with an object; never changed, so that objects may wait for their values. */
export interface Plan {
  readonly blueprint: Blueprint;
  readonly variables: readonly Variable[];
}

export class JsonShape {
  plan!: Plan;
  /** Of the object that matched last: where its holes begin, and end. */
  holeStart = new Int32Array(0);
  holeEnd = new Int32Array(0);

  private readonly bytes: Buffer;
  private readonly view: DataView;
  private readonly root: Branch;
  private readonly scalarStart: Int32Array;
  private readonly scalarEnd: Int32Array;
  /** 1 for scalars that differ between objects. */
  private readonly isOpen: Uint8Array;
  /** Between holes, from and to. */
  private fixedFrom = new Int32Array(0);
  private fixedTo = new Int32Array(0);
  private failedAt = 0;
  private lessonsLeft = LESSONS_FAILED_MAX;

  /** Undefined for what no shape is made of. Throws SyntaxError, too, and when the bytes are not JSON. */
  static of(bytes: Buffer, from: number, to: number): JsonShape | undefined {
    if (to - from > SHAPE_BYTES_MAX) return undefined;
    const own = Buffer.from(bytes.subarray(from, to));
    const reader = new BranchReader(own);
    const root = reader.read();
    return root === undefined ? undefined : new JsonShape(own, root, reader.starts, reader.ends);
  }

  private constructor(bytes: Buffer, root: Branch, starts: readonly number[], ends: readonly number[]) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.root = root;
    this.scalarStart = Int32Array.from(starts);
    this.scalarEnd = Int32Array.from(ends);
    this.isOpen = new Uint8Array(starts.length);
    this.makePlan();
  }

  /** Offset behind the object at `from`, with its holes in `holeStart` and `holeEnd`; or NO_MATCH. */
  match(bytes: Buffer, view: DataView, from: number, end: number): number {
    const { fixedFrom, fixedTo, holeStart, holeEnd } = this;
    const last = holeStart.length;
    let at = from;
    for (let hole = 0; ; hole++) {
      at = this.afterFixed(bytes, view, at, end, fixedFrom[hole]!, fixedTo[hole]!);
      if (at < 0) return NO_MATCH;
      if (hole === last) return at;
      holeStart[hole] = at;
      at = scalarBehind(bytes, at, end);
      if (at < 0) {
        this.failedAt = -1;
        return NO_MATCH;
      }
      holeEnd[hole] = at;
    }
  }

  /** After a match has failed: whether the object differs in scalars alone. From now on it matches. */
  learn(bytes: Buffer, view: DataView, from: number, end: number): boolean {
    if (this.lessonsLeft === 0 || !this.isInScalar(this.failedAt)) return false;
    const { scalarStart, scalarEnd, isOpen } = this;
    const differing: number[] = [];
    let at = from;
    let known = 0;
    for (let n = 0; n < scalarStart.length; n++) {
      at = this.afterFixed(bytes, view, at, end, known, scalarStart[n]!);
      const behind = at < 0 ? -1 : scalarBehind(bytes, at, end);
      if (behind < 0) return this.failLesson();
      known = scalarEnd[n]!;
      if (isOpen[n] === 0 && bytes.compare(this.bytes, scalarStart[n]!, known, at, behind) !== 0) differing.push(n);
      at = behind;
    }
    at = this.afterFixed(bytes, view, at, end, known, this.bytes.length);
    if (at < 0 || differing.length === 0) return this.failLesson();
    for (const n of differing) isOpen[n] = 1;
    this.forgetParts(this.root, differing);
    this.makePlan();
    return true;
  }

  /** Takes apart what hardly comes again as a whole. */
  review(): void {
    if (takeApart(this.root)) this.makePlan();
  }

  private failLesson(): false {
    this.lessonsLeft--;
    return false;
  }

  private afterFixed(bytes: Buffer, view: DataView, from: number, end: number, start: number, stop: number): number {
    const { view: ownView, bytes: own } = this;
    let at = from;
    let known = start;
    if (at + stop - known > end) {
      this.failedAt = -1;
      return NO_MATCH;
    }
    // As numbers; bytes that are not one are compared one by one.
    for (; known + WORD_BYTES <= stop; known += WORD_BYTES, at += WORD_BYTES) {
      if (view.getFloat64(at, true) !== ownView.getFloat64(known, true)) break;
    }
    for (; known < stop; known++, at++) {
      if (bytes[at] === own[known]) continue;
      this.failedAt = known;
      return NO_MATCH;
    }
    return at;
  }

  private isInScalar(offset: number): boolean {
    const { scalarStart, scalarEnd } = this;
    let low = 0;
    let high = scalarStart.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (scalarStart[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    // A longer number differs where this one ends.
    return high >= 0 && offset >= scalarStart[low]! && offset <= scalarEnd[low]!;
  }

  private forgetParts(branch: Branch, scalars: readonly number[]): void {
    const { firstScalar, endScalar, parts, children } = branch;
    if (!scalars.some((n) => n >= firstScalar && n < endScalar)) return;
    parts?.clear();
    for (const child of children) if (typeof child !== 'number') this.forgetParts(child, scalars);
  }

  // --- plan ------------------------------------------------------------------------------------------------------------

  private makePlan(): void {
    const holes: number[] = [];
    const variables: Variable[] = [];
    this.plan = { blueprint: this.blueprintOf(this.root, holes, variables), variables };
    this.fixedFrom = Int32Array.from([0, ...holes.map((n) => this.scalarEnd[n]!)]);
    this.fixedTo = Int32Array.from([...holes.map((n) => this.scalarStart[n]!), this.bytes.length]);
    this.holeStart = new Int32Array(holes.length);
    this.holeEnd = new Int32Array(holes.length);
  }

  private blueprintOf(branch: Branch, holes: number[], variables: Variable[]): Blueprint {
    const keys: Array<string | number> = [];
    const sources: Source[] = [];
    branch.children.forEach((child, i) => {
      const source =
        typeof child === 'number'
          ? this.scalarSource(child, holes, variables)
          : this.branchSource(branch, i, holes, variables);
      if (source === undefined) return;
      keys.push(branch.keys[i]!);
      sources.push(source);
    });
    return { model: branch.value, keys, sources };
  }

  private scalarSource(n: number, holes: number[], variables: Variable[]): Source | undefined {
    if (this.isOpen[n] === 0) return undefined;
    variables.push({ firstHole: holes.length, holeCount: 1, before: 0, behind: 0 });
    holes.push(n);
    return NEXT_VALUE;
  }

  private branchSource(parent: Branch, i: number, holes: number[], variables: Variable[]): Source | undefined {
    const branch = parent.children[i] as Branch;
    const open: number[] = [];
    for (let n = branch.firstScalar; n < branch.endScalar; n++) if (this.isOpen[n] === 1) open.push(n);
    const isMetadata = parent === this.root && parent.keys[i] === 'metadata';
    if (open.length === 0 && !isMetadata) return undefined;
    if (branch.parts === undefined) return this.blueprintOf(branch, holes, variables);
    variables.push({
      firstHole: holes.length,
      holeCount: open.length,
      parts: branch.parts,
      before: this.scalarStart[open[0]!]! - branch.start,
      behind: branch.end - this.scalarEnd[open.at(-1)!]!,
    });
    holes.push(...open);
    return NEXT_PART;
  }
}

export const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function takeApart(branch: Branch): boolean {
  let isChanged = branch.parts?.isUseless === true;
  if (isChanged) branch.parts = undefined;
  // What was inside a part has not been asked about yet.
  else if (branch.parts === undefined) {
    for (const child of branch.children) if (typeof child !== 'number' && takeApart(child)) isChanged = true;
  }
  return isChanged;
}

/** Offset behind the scalar at `at`; −1 when there is none, or none that ends before `end`. */
function scalarBehind(bytes: Buffer, at: number, end: number): number {
  if (at >= end) return -1;
  const first = bytes[at]!;
  if (first === QUOTE) {
    const behind = stringEnd(bytes, at, end);
    return behind > end ? -1 : behind;
  }
  if (first <= 32 || first === OPEN_BRACE || first === CLOSE_BRACE || first === OPEN_BRACKET || first === CLOSE_BRACKET)
    return -1;
  const behind = scalarEnd(bytes, at, end);
  return behind >= end ? -1 : behind;
}

/** Reads the structure of an object that is JSON. */
class BranchReader {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  private readonly bytes: Buffer;
  private at = 0;
  private isOdd = false;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Undefined for keys that are given twice, and for those that cannot be set. */
  read(): Branch | undefined {
    const value = JSON.parse(this.bytes.toString()) as object;
    const root = this.branch(value);
    root.parts = undefined;
    // An object's metadata is its own: names are given later.
    const metadata = root.children[root.keys.indexOf('metadata')];
    if (typeof metadata === 'object') metadata.parts = undefined;
    return this.isOdd ? undefined : root;
  }

  private branch(value: object): Branch {
    const { bytes } = this;
    const start = this.at++;
    const firstScalar = this.starts.length;
    const keys: Array<string | number> = [];
    const children: Array<Branch | number> = [];
    for (;;) {
      this.skipSpace();
      if (bytes[this.at] === CLOSE_BRACE || bytes[this.at] === CLOSE_BRACKET) break;
      const key = Array.isArray(value) ? keys.length : this.key();
      keys.push(key);
      children.push(this.child((value as Record<string | number, unknown>)[key]));
      this.skipSpace();
      if (bytes[this.at] === COMMA) this.at++;
    }
    const end = ++this.at;
    if (keys.length !== Object.keys(value).length) this.isOdd = true;
    const endScalar = this.starts.length;
    const parts = end - start >= PART_BYTES_MIN ? new JsonParts() : undefined;
    return { value, start, end, firstScalar, endScalar, keys, children, parts };
  }

  private key(): string {
    const end = stringEnd(this.bytes, this.at, this.bytes.length);
    const key = JSON.parse(this.bytes.toString('utf8', this.at, end)) as string;
    if (key === '__proto__') this.isOdd = true;
    this.at = afterSpace(this.bytes, end, this.bytes.length) + 1;
    this.skipSpace();
    return key;
  }

  private child(value: unknown): Branch | number {
    const start = this.at;
    const first = this.bytes[start];
    const kept = typeof value !== 'object' || value === null ? 0 : Array.isArray(value) ? OPEN_BRACKET : OPEN_BRACE;
    // Of a key that is given twice the parser keeps one value.
    if ((first === OPEN_BRACE || first === OPEN_BRACKET ? first : 0) !== kept)
      throw new SyntaxError('two values of a key');
    if (kept !== 0) return this.branch(value as object);
    this.at = (first === QUOTE ? stringEnd : scalarEnd)(this.bytes, start, this.bytes.length);
    this.ends.push(this.at);
    return this.starts.push(start) - 1;
  }

  private skipSpace(): void {
    this.at = afterSpace(this.bytes, this.at, this.bytes.length);
  }
}
