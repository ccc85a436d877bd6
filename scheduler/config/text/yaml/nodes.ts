/**
 * Tokens → the nodes of the first document, aliases bound to their anchors. The rules: libyaml's grammar, as go-yaml
 * v2.4.4 has it (`parserc.go`, `decode.go`). Further documents are not looked at.
 */
import { orderError, tokenError, YamlError } from './cursor.ts';
import { Scanner } from './scanner.ts';
import type { Token, TokenKind } from './token.ts';

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

interface NodeStart {
  /** Where it starts, its properties included; counts from 0. */
  readonly line: number;
  /** '' when there is none. */
  readonly tag: string;
}

export interface ScalarNode extends NodeStart {
  readonly kind: 'scalar';
  readonly value: string;
  /** Neither quoted nor tagged, so that its meaning follows from its text. */
  readonly implicit: boolean;
}

export interface SequenceNode extends NodeStart {
  readonly kind: 'sequence';
  readonly items: YamlNode[];
}

export interface MappingNode extends NodeStart {
  readonly kind: 'mapping';
  readonly pairs: Array<readonly [key: YamlNode, value: YamlNode]>;
}

export interface AliasNode extends NodeStart {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: YamlNode;
}

type TagToken = Token & { readonly kind: 'tag' };

const DEFAULT_TAG_PREFIXES: ReadonlyArray<readonly [handle: string, prefix: string]> = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
];
const OUTSIDE_DOCUMENT: ReadonlySet<TokenKind> = new Set([
  'version directive',
  'tag directive',
  'document start',
  'document end',
  'stream end',
]);
const DIRECTIVES: ReadonlySet<TokenKind> = new Set(['version directive', 'tag directive']);
/** Before these, a key, a value or an entry is empty. */
const AFTER_EMPTY_ENTRY: ReadonlySet<TokenKind> = new Set(['block entry', 'block end']);
const AFTER_EMPTY_INDENTLESS: ReadonlySet<TokenKind> = new Set(['block entry', 'key', 'value', 'block end']);
const AFTER_EMPTY_BLOCK: ReadonlySet<TokenKind> = new Set(['key', 'value', 'block end']);
const AFTER_EMPTY_PAIR_KEY: ReadonlySet<TokenKind> = new Set(['value', 'flow entry', 'flow sequence end']);
const AFTER_EMPTY_FLOW_KEY: ReadonlySet<TokenKind> = new Set(['value', 'flow entry', 'flow mapping end']);
const AFTER_EMPTY_PAIR_VALUE: ReadonlySet<TokenKind> = new Set(['flow entry', 'flow sequence end']);
const AFTER_EMPTY_FLOW_VALUE: ReadonlySet<TokenKind> = new Set(['flow entry', 'flow mapping end']);
/** Deeper documents are refused: upstream allows 10,000 levels, more than recursion can take here. */
const DEPTH_MAX = 1_000;

/** undefined for a text without a document. Throws YamlError. */
export const parseNodes = (text: string): YamlNode | undefined => new NodeParser(text).document();

class NodeParser {
  private readonly scanner: Scanner;
  private readonly anchors = new Map<string, YamlNode>();
  private readonly tagPrefixes = new Map<string, string>();
  private depth = 0;

  constructor(text: string) {
    this.scanner = new Scanner(text);
  }

  document(): YamlNode | undefined {
    const first = this.scanner.peek();
    if (first.kind === 'stream end') return undefined;
    const explicit = DIRECTIVES.has(first.kind) || first.kind === 'document start';
    this.directives();
    if (explicit) {
      const { kind, line } = this.scanner.peek();
      if (kind !== 'document start') throw orderError('did not find expected <document start>', line);
      this.scanner.skip();
    }
    const next = this.scanner.peek();
    const root = explicit && OUTSIDE_DOCUMENT.has(next.kind) ? emptyAt(next.line) : this.node('block');
    // Whatever follows ends the document; only its tokens have to be sound.
    this.scanner.peek();
    return root;
  }

  private directives(): void {
    let version = false;
    for (let token = this.scanner.peek(); DIRECTIVES.has(token.kind); token = this.scanner.peek()) {
      if (token.kind === 'version directive') {
        if (version) throw orderError('found duplicate %YAML directive', token.line);
        if (token.version !== '1.1') throw orderError('found incompatible YAML document', token.line);
        version = true;
      } else if (token.kind === 'tag directive') {
        if (this.tagPrefixes.has(token.handle)) throw orderError('found duplicate %TAG directive', token.line);
        this.tagPrefixes.set(token.handle, token.prefix);
      }
      this.scanner.skip();
    }
    for (const [handle, prefix] of DEFAULT_TAG_PREFIXES) {
      if (!this.tagPrefixes.has(handle)) this.tagPrefixes.set(handle, prefix);
    }
  }

  /** `indentless`: a block sequence may stand at the column of the key that it belongs to. */
  private node(context: 'block' | 'indentless' | 'flow'): YamlNode {
    const start = this.scanner.peek();
    if (start.kind === 'alias') return this.alias(start.value, start.line);
    const { tag, anchor, marked } = this.properties();
    const token = this.scanner.peek();
    const at: NodeStart = { line: start.line, tag };
    const remember = <T extends YamlNode>(node: T): T => {
      if (anchor !== '') this.anchors.set(anchor, node);
      return node;
    };
    const inBlock = context !== 'flow';
    if (context === 'indentless' && token.kind === 'block entry') {
      return this.nested(remember({ kind: 'sequence', ...at, items: [] }), (node) => this.indentlessSequence(node));
    }
    if (token.kind === 'scalar') {
      this.scanner.skip();
      const implicit = (tag === '' && token.plain) || tag === '!';
      return remember({ kind: 'scalar', ...at, value: token.value, implicit });
    }
    if (token.kind === 'flow sequence start') {
      return this.nested(remember({ kind: 'sequence', ...at, items: [] }), (node) => this.flowSequence(node));
    }
    if (token.kind === 'flow mapping start') {
      return this.nested(remember({ kind: 'mapping', ...at, pairs: [] }), (node) => this.flowMapping(node));
    }
    if (inBlock && token.kind === 'block sequence start') {
      return this.nested(remember({ kind: 'sequence', ...at, items: [] }), (node) => this.blockSequence(node));
    }
    if (inBlock && token.kind === 'block mapping start') {
      return this.nested(remember({ kind: 'mapping', ...at, pairs: [] }), (node) => this.blockMapping(node));
    }
    if (!marked) throw orderError('did not find expected node content', token.line);
    return remember({ kind: 'scalar', ...at, value: '', implicit: tag === '' });
  }

  private nested<T extends YamlNode>(node: T, fill: (node: T) => void): T {
    if (++this.depth > DEPTH_MAX) throw tokenError(`exceeded max depth of ${DEPTH_MAX}`, node.line);
    fill(node);
    this.depth--;
    return node;
  }

  private alias(name: string, line: number): AliasNode {
    const target = this.anchors.get(name);
    if (target === undefined) throw new YamlError(`yaml: unknown anchor '${name}' referenced`);
    this.scanner.skip();
    return { kind: 'alias', line, tag: '', name, target };
  }

  /** An anchor and a tag, in either order. */
  private properties(): { readonly tag: string; readonly anchor: string; readonly marked: boolean } {
    let tag: TagToken | undefined;
    let anchor: string | undefined;
    for (let token = this.scanner.peek(); ; token = this.scanner.peek()) {
      if (token.kind === 'tag' && tag === undefined) tag = token;
      else if (token.kind === 'anchor' && anchor === undefined) anchor = token.value;
      else break;
      this.scanner.skip();
    }
    return { tag: this.resolveTag(tag), anchor: anchor ?? '', marked: tag !== undefined || anchor !== undefined };
  }

  private resolveTag(tag: TagToken | undefined): string {
    if (tag === undefined) return '';
    const { handle, suffix, line } = tag;
    if (handle === '') return suffix;
    const prefix = this.tagPrefixes.get(handle);
    if (prefix === undefined) throw orderError('found undefined tag handle', line);
    return prefix + suffix;
  }

  private blockSequence({ items }: SequenceNode): void {
    this.scanner.skip();
    for (;;) {
      const { kind, line } = this.scanner.peek();
      if (kind !== 'block entry' && kind !== 'block end') {
        throw orderError("did not find expected '-' indicator", line);
      }
      this.scanner.skip();
      if (kind === 'block end') return;
      items.push(this.nodeOrEmpty('block', AFTER_EMPTY_ENTRY, line));
    }
  }

  private indentlessSequence({ items }: SequenceNode): void {
    for (let token = this.scanner.peek(); token.kind === 'block entry'; token = this.scanner.peek()) {
      this.scanner.skip();
      items.push(this.nodeOrEmpty('block', AFTER_EMPTY_INDENTLESS, token.line));
    }
  }

  private blockMapping({ pairs }: MappingNode): void {
    this.scanner.skip();
    for (;;) {
      const { kind, line } = this.scanner.peek();
      if (kind !== 'key' && kind !== 'block end') throw orderError('did not find expected key', line);
      this.scanner.skip();
      if (kind === 'block end') return;
      const key = this.nodeOrEmpty('indentless', AFTER_EMPTY_BLOCK, line);
      const colon = this.scanner.peek();
      if (colon.kind === 'value') this.scanner.skip();
      pairs.push([
        key,
        colon.kind === 'value' ? this.nodeOrEmpty('indentless', AFTER_EMPTY_BLOCK, colon.line) : emptyAt(colon.line),
      ]);
    }
  }

  private flowSequence({ items }: SequenceNode): void {
    this.scanner.skip();
    for (let first = true; ; first = false) {
      if (!first) this.flowEntry('flow sequence end', ']');
      const token = this.scanner.peek();
      if (token.kind === 'flow sequence end') break;
      if (token.kind === 'key') {
        this.scanner.skip();
        items.push(this.singlePair(token.line));
      } else items.push(this.node('flow'));
    }
    this.scanner.skip();
  }

  /** `key: value` as an item of a flow sequence. */
  private singlePair(line: number): MappingNode {
    const token = this.scanner.peek();
    let key: YamlNode;
    if (AFTER_EMPTY_PAIR_KEY.has(token.kind)) {
      // libyaml drops the token here; the text `[? : x]` thus has an empty value.
      this.scanner.skip();
      key = emptyAt(token.line);
    } else key = this.node('flow');
    return { kind: 'mapping', line, tag: '', pairs: [[key, this.flowValue(AFTER_EMPTY_PAIR_VALUE)]] };
  }

  private flowMapping({ pairs }: MappingNode): void {
    this.scanner.skip();
    for (let first = true; ; first = false) {
      if (!first) this.flowEntry('flow mapping end', '}');
      const token = this.scanner.peek();
      if (token.kind === 'flow mapping end') break;
      if (token.kind === 'key') {
        this.scanner.skip();
        const key = this.nodeOrEmpty('flow', AFTER_EMPTY_FLOW_KEY, this.scanner.peek().line);
        pairs.push([key, this.flowValue(AFTER_EMPTY_FLOW_VALUE)]);
      } else {
        const key = this.node('flow');
        pairs.push([key, emptyAt(this.scanner.peek().line)]);
      }
    }
    this.scanner.skip();
  }

  private flowValue(afterEmpty: ReadonlySet<TokenKind>): YamlNode {
    const token = this.scanner.peek();
    if (token.kind !== 'value') return emptyAt(token.line);
    this.scanner.skip();
    return this.nodeOrEmpty('flow', afterEmpty, this.scanner.peek().line);
  }

  /** The `,` before a further entry; the end may come without. */
  private flowEntry(end: TokenKind, bracket: string): void {
    const { kind, line } = this.scanner.peek();
    if (kind === 'flow entry') this.scanner.skip();
    else if (kind !== end) throw orderError(`did not find expected ',' or '${bracket}'`, line);
  }

  private nodeOrEmpty(
    context: 'block' | 'indentless' | 'flow',
    afterEmpty: ReadonlySet<TokenKind>,
    line: number,
  ): YamlNode {
    return afterEmpty.has(this.scanner.peek().kind) ? emptyAt(line) : this.node(context);
  }
}

const emptyAt = (line: number): ScalarNode => ({ kind: 'scalar', line, tag: '', value: '', implicit: true });
