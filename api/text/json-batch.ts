/**
 * Kubernetes objects in JSON, many at a time. Objects of a kind repeat each other: the specs of a deployment's pods, the
 * labels of a node pool. An object is held against the structures that were met before (`json-shape.ts`); what differs is
 * parsed, all else is shared, so nobody may change what is inside an object's metadata, spec or status.
 *
 * Cost: one comparison of the bytes; parsing and memory only for what is new.
 */
import { isAscii } from 'node:buffer';
import { Supply } from './json-build.ts';
import {
  afterSpace,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACKET,
  QUOTE,
  stringEnd,
  valueEnd,
} from './json-bytes.ts';
import { JsonShape, type Plan, type Variable, viewOf } from './json-shape.ts';

/** The object goes on behind the bytes that there are. */
export const UNFINISHED = -1;
/** Not what this reader is made for; it may be JSON or not. */
export const IRREGULAR = -2;
/** A document that has a list called `items`. */
export const IS_LIST = -3;

const SHAPES_MAX = 32;
/** What a new shape costs, in objects that have one: shapes that nobody comes back to are not worth making. */
const SHAPE_COST = 8;
const SAVED_MAX = 512;
/** Longer scalars are copied by the library. */
const SHORT_BYTES = 64;

export class JsonBatch {
  /** Objects taken in since the last `parse`. */
  count = 0;
  private out = Buffer.allocUnsafe(1 << 20);
  /** Behind a bracket that makes a list of what follows. */
  private length = 1;
  /** How each object is made; undefined for one that is parsed as it is. */
  private plans: Array<Plan | undefined> = [];
  private parts: unknown[] = [];
  /** The one used last comes first. */
  private readonly shapes: JsonShape[] = [];
  private saved = SAVED_MAX;

  private viewed: Buffer | undefined;
  private view: DataView = new DataView(new ArrayBuffer(0));

  /** Bytes to be parsed. */
  get pendingBytes(): number {
    return this.length;
  }

  /**
   * Takes in the object that starts at `open`, a brace. Returns the offset behind it; UNFINISHED, IRREGULAR, or for
   * documents IS_LIST, and nothing is taken in then.
   */
  add(bytes: Buffer, open: number, end: number, isDocument: boolean): number {
    if (this.viewed !== bytes) {
      this.viewed = bytes;
      this.view = viewOf(bytes);
    }
    const matched = this.addLikeOthers(bytes, open, end);
    if (matched > 0) return matched;
    const behind = isDocument ? behindDocument(bytes, open, end) : valueEnd(bytes, open, end);
    if (behind < 0) return behind;
    if (behind > end) return UNFINISHED;
    this.addPlain(bytes, open, behind);
    this.learn(bytes, open, behind);
    return behind;
  }

  /** Takes in a value as it is. */
  addPlain(bytes: Buffer, from: number, to: number): void {
    this.append(bytes, from, to);
    this.plans.push(undefined);
    this.count++;
  }

  /** All that was taken in. Throws SyntaxError when something of it is not JSON. */
  parse(): unknown[] {
    const { plans, parts } = this;
    let values: unknown[];
    try {
      this.out[0] = OPEN_BRACKET;
      this.out[this.length] = CLOSE_BRACKET;
      values = JSON.parse(textOf(this.out.subarray(0, this.length + 1)));
    } finally {
      this.clear();
    }
    for (const shape of this.shapes) shape.review();
    const supply = new Supply(values, parts);
    return plans.map((plan) => (plan === undefined ? supply.nextValue() : supply.build(plan.blueprint)));
  }

  /** Forgets what was taken in. */
  clear(): void {
    this.count = 0;
    this.length = 1;
    this.plans = [];
    this.parts = [];
  }

  // --- shapes ----------------------------------------------------------------------------------------------------------

  /** Offset behind the object; 0 when it is like none that was met before. */
  private addLikeOthers(bytes: Buffer, open: number, end: number): number {
    const { shapes, view } = this;
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i]!;
      let behind = shape.match(bytes, view, open, end);
      if (behind < 0 && shape.learn(bytes, view, open, end)) behind = shape.match(bytes, view, open, end);
      if (behind < 0 || !this.takeIn(shape, bytes)) continue;
      if (i > 0) {
        shapes.copyWithin(1, 0, i);
        shapes[0] = shape;
      }
      if (this.saved < SAVED_MAX) this.saved++;
      return behind;
    }
    return 0;
  }

  private takeIn({ plan, holeStart, holeEnd }: JsonShape, bytes: Buffer): boolean {
    const { length, parts } = this;
    const partCount = parts.length;
    const { variables } = plan;
    for (let v = 0; v < variables.length; v++) {
      const variable = variables[v]!;
      const first = variable.firstHole;
      if (variable.parts === undefined) {
        this.append(bytes, holeStart[first]!, holeEnd[first]!);
        continue;
      }
      const part = partOf(variable, bytes, holeStart, holeEnd);
      if (part === undefined) {
        this.length = length;
        parts.length = partCount;
        return false;
      }
      parts.push(part);
    }
    this.plans.push(plan);
    this.count++;
    return true;
  }

  private learn(bytes: Buffer, from: number, to: number): void {
    if (this.saved < SHAPE_COST) return;
    this.saved -= SHAPE_COST;
    try {
      const shape = JsonShape.of(bytes, from, to);
      if (shape === undefined) return;
      this.shapes.unshift(shape);
      if (this.shapes.length > SHAPES_MAX) this.shapes.pop();
    } catch (error) {
      // Whoever parses the object tells what is wrong.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }

  // --- output ----------------------------------------------------------------------------------------------------------

  private append(bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    // One for a comma, one for the closing bracket.
    if (this.length + length + 2 > this.out.length) this.widen(length + 2);
    const { out } = this;
    let at = this.length;
    if (at > 1) out[at++] = COMMA;
    if (length > SHORT_BYTES) at += bytes.copy(out, at, from, to);
    else for (let i = from; i < to; i++) out[at++] = bytes[i]!;
    this.length = at;
  }

  private widen(bytes: number): void {
    const wider = Buffer.allocUnsafe(Math.max(this.out.length * 2, this.length + bytes));
    this.out.copy(wider, 0, 0, this.length);
    this.out = wider;
  }
}

/** Undefined when the part is not JSON. */
function partOf(
  { parts, firstHole, holeCount, before, behind }: Variable,
  bytes: Buffer,
  starts: Int32Array,
  ends: Int32Array,
): unknown {
  const read = (): unknown =>
    JSON.parse(textOf(bytes.subarray(starts[firstHole]! - before, ends[firstHole + holeCount - 1]! + behind)));
  try {
    return parts!.find(bytes, starts, ends, firstHole, holeCount, read);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Most of what Kubernetes writes is ASCII, which needs no decoding. */
const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** Walks the members of a document, which may be a list. */
function behindDocument(bytes: Buffer, open: number, end: number): number {
  let at = afterSpace(bytes, open + 1, end);
  if (bytes[at] === CLOSE_BRACE && at < end) return at + 1;
  for (;;) {
    if (at >= end) return UNFINISHED;
    if (bytes[at] !== QUOTE) return IRREGULAR;
    const key = at;
    const keyEnd = stringEnd(bytes, at, end);
    at = afterSpace(bytes, keyEnd, end);
    if (at >= end) return UNFINISHED;
    if (bytes[at] !== COLON) return IRREGULAR;
    at = afterSpace(bytes, at + 1, end);
    if (at >= end) return UNFINISHED;
    if (bytes[at] === OPEN_BRACKET && isItems(bytes, key, keyEnd)) return IS_LIST;
    at = afterSpace(bytes, valueEnd(bytes, at, end), end);
    if (at >= end) return UNFINISHED;
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    if (bytes[at] !== COMMA) return IRREGULAR;
    at = afterSpace(bytes, at + 1, end);
  }
}

const isItems = (bytes: Buffer, open: number, end: number): boolean =>
  end - open === 7 && bytes.toString('latin1', open, end) === '"items"';
