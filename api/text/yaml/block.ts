/**
 * A quick reader for the YAML that machines write: block mappings and sequences, scalars plain, quoted or literal, flow
 * collections within one line. Everything else (anchors, tags, merges, folded blocks, faults, keys given twice) is left
 * to the full parser: the answer is then `undefined`. What it does read, it reads as `../yaml.ts` does.
 *
 * Cost: one pass; about thirty times as fast as the full parser.
 */
import type { PathTracker } from '../path-tracker.ts';
import { readFlow } from './block-flow.ts';
import {
  APOSTROPHE,
  COLON,
  HASH,
  INDICATORS,
  LineReader,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUESTION,
  QUOTE,
  UNUSUAL,
  Unusual,
} from './block-lines.ts';
import { plainValue, unquote } from './block-scalar.ts';

/** The values of all documents, empty ones as null; undefined when the full parser has to look. */
export function readBlockYaml(text: string): unknown[] | undefined {
  return unlessUnusual(() => new BlockReader(new LineReader(text)).documents());
}

/** Walks the n-th document for a tracker; false when the full parser has to. */
export function trackBlockYaml(text: string, document: number, tracker: PathTracker): boolean {
  return unlessUnusual(() => new BlockReader(new LineReader(text), { document, tracker }).documents()) !== undefined;
}

function unlessUnusual<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

const PIPE = 124;

interface Tracked {
  readonly document: number;
  readonly tracker: PathTracker;
}

class BlockReader {
  private readonly lines: LineReader;
  private readonly tracked?: Tracked;
  private tracker?: PathTracker;

  constructor(lines: LineReader, tracked?: Tracked) {
    this.lines = lines;
    this.tracked = tracked;
  }

  documents(): unknown[] {
    const { lines } = this;
    const values: unknown[] = [];
    let markerIsOpen = false;
    lines.advance();
    while (lines.indent >= 0) {
      if (lines.atMarker()) {
        if (markerIsOpen) values.push(null);
        markerIsOpen = true;
        lines.advance();
        continue;
      }
      this.tracker = this.tracked?.document === values.length ? this.tracked.tracker : undefined;
      if (this.tracker !== undefined && this.tracker.at < 0) this.tracker.at = lines.start;
      values.push(this.node(-1));
      markerIsOpen = false;
      if (lines.indent >= 0 && !lines.atMarker()) throw UNUSUAL;
    }
    if (markerIsOpen) values.push(null);
    return values;
  }

  /** The node on the lines deeper than `parent`; null when there are none. */
  private block(parent: number): unknown {
    return this.lines.indent <= parent || this.lines.atMarker() ? null : this.node(parent);
  }

  /** The node that starts where the current line does. */
  private node(parent: number): unknown {
    const { lines } = this;
    const { text, start } = lines;
    if (lines.isDash(start)) return this.sequence(lines.indent);
    if (lines.keyEnd(start) >= 0) return this.mapping(lines.indent);
    const first = text.charCodeAt(start);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.scalar(start, parent);
    // A scalar on lines of its own, a document of one word and the like.
    throw UNUSUAL;
  }

  private sequence(indent: number): unknown[] {
    const { lines } = this;
    const items: unknown[] = [];
    do {
      const rest = this.tracker?.enterIndex(items.length, lines.afterSpaces(lines.start + 1));
      items.push(this.item(indent));
      if (rest !== undefined) this.tracker!.leave(rest);
    } while (lines.indent === indent && lines.isDash(lines.start) && !lines.atMarker());
    if (lines.indent > indent) throw UNUSUAL;
    return items;
  }

  private item(indent: number): unknown {
    const { lines } = this;
    const at = lines.afterSpaces(lines.start + 1);
    if (at >= lines.end || lines.text.charCodeAt(at) === HASH) {
      lines.advance();
      return this.block(indent);
    }
    const isDash = lines.isDash(at);
    if (!isDash && lines.keyEnd(at) < 0) return this.scalar(at, indent);
    // The item's own block starts on this very line, as deep as its first character.
    lines.indent = indent + (at - lines.start);
    lines.start = at;
    return isDash ? this.sequence(lines.indent) : this.mapping(lines.indent);
  }

  private mapping(indent: number): Record<string, unknown> {
    const { lines } = this;
    const fields: Record<string, unknown> = {};
    do {
      const colon = lines.keyEnd(lines.start);
      if (colon < 0) throw UNUSUAL;
      const key = this.key(lines.start, colon);
      if (key === '__proto__' || Object.hasOwn(fields, key)) throw UNUSUAL;
      const value = lines.afterSpaces(colon + 1);
      const rest = this.tracker?.enterKey(key, value < lines.end ? value : lines.start);
      fields[key] = this.fieldValue(value, indent);
      if (rest !== undefined) this.tracker!.leave(rest);
    } while (lines.indent === indent && !lines.atMarker() && !lines.isDash(lines.start));
    if (lines.indent > indent) throw UNUSUAL;
    return fields;
  }

  private key(at: number, colon: number): string {
    const { text } = this.lines;
    const first = text.charCodeAt(at);
    if (first === QUOTE || first === APOSTROPHE) return unquote(text.slice(at + 1, colon - 1), first);
    const key = text.slice(at, colon).trimEnd();
    const value = plainValue(key);
    if (value === null || key === '<<') throw UNUSUAL;
    return String(value);
  }

  private fieldValue(at: number, indent: number): unknown {
    const { lines } = this;
    if (at < lines.end && lines.text.charCodeAt(at) !== HASH) {
      if (lines.isDash(at)) throw UNUSUAL;
      return this.scalar(at, indent);
    }
    lines.advance();
    // A list may stand as deep as the key that it belongs to.
    if (lines.indent === indent && lines.isDash(lines.start) && !lines.atMarker()) return this.sequence(indent);
    return this.block(indent);
  }

  /** A value in the middle of a line; moves on to the line behind it. Further lines of it are deeper than `parent`. */
  private scalar(at: number, parent: number): unknown {
    const { lines } = this;
    const first = lines.text.charCodeAt(at);
    if (first === QUOTE || first === APOSTROPHE) return unquote(this.quoted(at + 1, parent, first), first);
    if (first === PIPE) return this.literal(at, parent);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      const [value, end] = readFlow(lines, at);
      lines.expectEnd(end);
      lines.advance();
      return value;
    }
    if (INDICATORS.has(first) || first === QUESTION || first === COLON) throw UNUSUAL;
    return this.plain(at, parent);
  }

  private plain(at: number, parent: number): unknown {
    const { lines } = this;
    const line = lines.text.slice(at, lines.end);
    const comment = line.indexOf(' #');
    let folded = (comment < 0 ? line : line.slice(0, comment)).trimEnd();
    if (folded.includes(': ') || folded.endsWith(':')) throw UNUSUAL;
    for (;;) {
      const after = lines.next;
      lines.advance();
      if (lines.indent <= parent || lines.atMarker()) return plainValue(folded);
      const more = lines.text.slice(lines.start, lines.end).trimEnd();
      // Lines in between are line breaks of the text if they are blank; a comment would have ended it.
      const between = lines.text.slice(after, lines.start - lines.indent);
      if (comment >= 0 || more.includes(': ') || more.endsWith(':') || more.includes(' #') || between.includes('#')) {
        throw UNUSUAL;
      }
      folded += between === '' ? ` ${more}` : '\n'.repeat(between.split('\n').length - 1) + more;
    }
  }

  /** What stands between quotes, folded into one line but still escaped. */
  private quoted(from: number, parent: number, quote: number): string {
    const { lines } = this;
    let folded = '';
    for (let at = from; ; ) {
      const close = lines.closingQuote(at, quote);
      if (close >= 0) {
        folded += lines.text.slice(at, close);
        lines.expectEnd(close + 1);
        lines.advance();
        return folded;
      }
      folded += lines.text.slice(at, lines.end).trimEnd();
      if (folded.endsWith('\\')) throw UNUSUAL;
      let breaks = 0;
      do {
        if (lines.next >= lines.text.length) throw UNUSUAL;
        lines.step();
        breaks++;
      } while (lines.start === lines.end);
      if (lines.indent <= parent || lines.atMarker()) throw UNUSUAL;
      folded += breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
      at = lines.start;
    }
  }

  /** A `|` block with any chomping, its depth told by its first line. */
  private literal(at: number, parent: number): string {
    const { lines } = this;
    const { text } = lines;
    const chomp = /^\|([-+]?) *$/.exec(text.slice(at, lines.end))?.[1];
    if (chomp === undefined) throw UNUSUAL;
    let depth = -1;
    let content = '';
    let breaks = 0;
    let resumeAt = lines.next;
    while (lines.next < text.length) {
      lines.step();
      if (lines.start === lines.end) {
        // Spaces beyond the block's depth are text; before its first line they would tell the depth.
        if (depth < 0 ? lines.indent > parent + 1 : lines.indent > depth) throw UNUSUAL;
      } else {
        if (depth < 0 && lines.indent > parent) depth = lines.indent;
        if (depth < 0 || lines.indent < depth) break;
        content += '\n'.repeat(breaks) + text.slice(lines.start - lines.indent + depth, lines.end);
        breaks = 0;
      }
      if (lines.end < text.length) breaks++;
      resumeAt = lines.next;
    }
    if (depth < 0) throw UNUSUAL;
    lines.next = resumeAt;
    lines.advance();
    if (lines.indent > parent && lines.indent < depth) throw UNUSUAL;
    return chomp === '-' ? content : content + '\n'.repeat(chomp === '+' ? breaks : Math.min(breaks, 1));
  }
}
