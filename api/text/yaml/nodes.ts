/**
 * Tokens → the nodes of documents, aliases bound to their anchors. The rules: libyaml's grammar, as go-yaml v2.4.4 has it
 * (`parserc.go`, `decode.go`).
 */
import { type Mark, orderError, tokenError, YamlError } from './cursor.ts';
import { Scanner } from './scanner.ts';
import type { Token, TokenKind } from './token.ts';

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

/** With the place where it starts, its properties included. */
interface NodeStart extends Mark {
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

/** The first document; undefined when there is none. What follows is not looked at. Throws YamlError. */
export const parseFirstNodes = (text: string): YamlNode | undefined => new NodeParser(text).document();

/** All documents. Throws YamlError. */
export function parseNodes(text: string): YamlNode[] {
  const parser = new NodeParser(text);
  const documents: YamlNode[] = [];
  for (let root = parser.document(); root !== undefined; root = parser.nextDocument()) documents.push(root);
  return documents;
}

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
      const next = this.scanner.peek();
      if (next.kind !== 'document start') throw orderError('did not find expected <document start>', next);
      this.scanner.skip();
    }
    const next = this.scanner.peek();
    const root = explicit && OUTSIDE_DOCUMENT.has(next.kind) ? emptyAt(next) : this.node('block');
    // Whatever follows ends the document; only its tokens have to be sound.
    this.scanner.peek();
    return root;
  }

  nextDocument(): YamlNode | undefined {
    this.anchors.clear();
    this.tagPrefixes.clear();
    let token = this.scanner.peek();
    for (; token.kind === 'document end'; token = this.scanner.peek()) this.scanner.skip();
    if (token.kind !== 'stream end' && token.kind !== 'document start' && !DIRECTIVES.has(token.kind)) {
      throw orderError('did not find expected <document start>', token);
    }
    return this.document();
  }

  private directives(): void {
    let version = false;
    for (let token = this.scanner.peek(); DIRECTIVES.has(token.kind); token = this.scanner.peek()) {
      if (token.kind === 'version directive') {
        if (version) throw orderError('found duplicate %YAML directive', token);
        if (token.version !== '1.1') throw orderError('found incompatible YAML document', token);
        version = true;
      } else if (token.kind === 'tag directive') {
        if (this.tagPrefixes.has(token.handle)) throw orderError('found duplicate %TAG directive', token);
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
    if (start.kind === 'alias') return this.alias(start.value, start);
    const { tag, anchor, marked } = this.properties();
    const token = this.scanner.peek();
    const at: NodeStart = { line: start.line, offset: start.offset, tag };
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
    if (!marked) throw orderError('did not find expected node content', token);
    return remember({ kind: 'scalar', ...at, value: '', implicit: tag === '' });
  }

  private nested<T extends YamlNode>(node: T, fill: (node: T) => void): T {
    if (++this.depth > DEPTH_MAX) throw tokenError(`exceeded max depth of ${DEPTH_MAX}`, node);
    fill(node);
    this.depth--;
    return node;
  }

  private alias(name: string, { line, offset }: Mark): AliasNode {
    const target = this.anchors.get(name);
    if (target === undefined) throw new YamlError(`unknown anchor '${name}' referenced`, { at: offset });
    this.scanner.skip();
    return { kind: 'alias', line, offset, tag: '', name, target };
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
    const { handle, suffix } = tag;
    if (handle === '') return suffix;
    const prefix = this.tagPrefixes.get(handle);
    if (prefix === undefined) throw orderError('found undefined tag handle', tag);
    return prefix + suffix;
  }

  private blockSequence({ items }: SequenceNode): void {
    this.scanner.skip();
    for (;;) {
      const token = this.scanner.peek();
      if (token.kind !== 'block entry' && token.kind !== 'block end') {
        throw orderError("did not find expected '-' indicator", token);
      }
      this.scanner.skip();
      if (token.kind === 'block end') return;
      items.push(this.nodeOrEmpty('block', AFTER_EMPTY_ENTRY, token));
    }
  }

  private indentlessSequence({ items }: SequenceNode): void {
    for (let token = this.scanner.peek(); token.kind === 'block entry'; token = this.scanner.peek()) {
      this.scanner.skip();
      items.push(this.nodeOrEmpty('block', AFTER_EMPTY_INDENTLESS, token));
    }
  }

  private blockMapping({ pairs }: MappingNode): void {
    this.scanner.skip();
    for (;;) {
      const token = this.scanner.peek();
      if (token.kind !== 'key' && token.kind !== 'block end') throw orderError('did not find expected key', token);
      this.scanner.skip();
      if (token.kind === 'block end') return;
      const key = this.nodeOrEmpty('indentless', AFTER_EMPTY_BLOCK, token);
      const colon = this.scanner.peek();
      if (colon.kind === 'value') this.scanner.skip();
      pairs.push([
        key,
        colon.kind === 'value' ? this.nodeOrEmpty('indentless', AFTER_EMPTY_BLOCK, colon) : emptyAt(colon),
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
        items.push(this.singlePair(token));
      } else items.push(this.node('flow'));
    }
    this.scanner.skip();
  }

  /** `key: value` as an item of a flow sequence. */
  private singlePair({ line, offset }: Mark): MappingNode {
    const token = this.scanner.peek();
    let key: YamlNode;
    if (AFTER_EMPTY_PAIR_KEY.has(token.kind)) {
      // libyaml drops the token here; the text `[? : x]` thus has an empty value.
      this.scanner.skip();
      key = emptyAt(token);
    } else key = this.node('flow');
    return { kind: 'mapping', line, offset, tag: '', pairs: [[key, this.flowValue(AFTER_EMPTY_PAIR_VALUE)]] };
  }

  private flowMapping({ pairs }: MappingNode): void {
    this.scanner.skip();
    for (let first = true; ; first = false) {
      if (!first) this.flowEntry('flow mapping end', '}');
      const token = this.scanner.peek();
      if (token.kind === 'flow mapping end') break;
      if (token.kind === 'key') {
        this.scanner.skip();
        const key = this.nodeOrEmpty('flow', AFTER_EMPTY_FLOW_KEY, this.scanner.peek());
        pairs.push([key, this.flowValue(AFTER_EMPTY_FLOW_VALUE)]);
      } else {
        const key = this.node('flow');
        pairs.push([key, emptyAt(this.scanner.peek())]);
      }
    }
    this.scanner.skip();
  }

  private flowValue(afterEmpty: ReadonlySet<TokenKind>): YamlNode {
    const token = this.scanner.peek();
    if (token.kind !== 'value') return emptyAt(token);
    this.scanner.skip();
    return this.nodeOrEmpty('flow', afterEmpty, this.scanner.peek());
  }

  /** The `,` before a further entry; the end may come without. */
  private flowEntry(end: TokenKind, bracket: string): void {
    const token = this.scanner.peek();
    if (token.kind === 'flow entry') this.scanner.skip();
    else if (token.kind !== end) throw orderError(`did not find expected ',' or '${bracket}'`, token);
  }

  private nodeOrEmpty(
    context: 'block' | 'indentless' | 'flow',
    afterEmpty: ReadonlySet<TokenKind>,
    mark: Mark,
  ): YamlNode {
    return afterEmpty.has(this.scanner.peek().kind) ? emptyAt(mark) : this.node(context);
  }
}

const emptyAt = ({ line, offset }: Mark): ScalarNode => ({
  kind: 'scalar',
  line,
  offset,
  tag: '',
  value: '',
  implicit: true,
});
