/**
 * YAML text → tree, as sigs.k8s.io/yaml v1.6.0 (go-yaml v2.4.4) makes JSON of it: scalars of YAML 1.1, keys turned into
 * strings and sorted, anchors and `<<` resolved. Keys that are given twice are told apart:
 * reading goes on with the last value, and the caller decides what to make of `duplicateKeys`.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import { goQuote } from '../field-error.ts';
import { NumberText, ObjectValue, typeName, type Value } from './value.ts';
import { firstSyntaxError } from './yaml-errors.ts';
import { NotFiniteError, type Resolved, resolvePlain, type YamlTag } from './yaml-scalar.ts';

/** The text is not YAML; the message is that of go-yaml, `yaml: ` included. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  /** The message without go-yaml's prefix and line. */
  readonly detail: string;
  /** Offset of what is wrong, where it is known. */
  readonly at?: number;

  constructor(message: string, detail = message.replace(/^yaml: /, ''), at?: number) {
    super(message);
    this.detail = detail;
    this.at = at;
  }
}

export interface RepeatedKey {
  /** As Go shows it. */
  readonly shown: string;
  readonly at: number;
  readonly line: number;
}

export interface YamlDocument {
  readonly value: Value;
  readonly repeats: readonly RepeatedKey[];
}

export interface YamlText {
  readonly value: Value;
  /** go-yaml's list of keys given twice; undefined when there are none. */
  readonly duplicateKeys?: string;
}

const MERGE_TAG = 'tag:yaml.org,2002:merge';
const BINARY_TAG = 'tag:yaml.org,2002:binary';
const CORE_TAG = /^tag:yaml\.org,2002:(null|bool|int|float|str|timestamp)$/;
/** Aliases may multiply a document; from here on at most 99 % of the nodes visited may come from them. */
const ALIASED_NODES_FREE = 100;
const NODES_FREE = 1000;
const ALIAS_RATIO_MAX = 0.99;

/** The first document. Throws YamlError. */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const [document] = yamlDocuments(text, lines);
  if (document === undefined) return { value: null };
  const { value, repeats } = convert(document, text, lines);
  if (repeats.length === 0) return { value };
  const list = repeats.map(({ line, shown }) => `  line ${line}: key ${shown} already set in map`);
  return { value, duplicateKeys: `yaml: unmarshal errors:\n${list.join('\n')}` };
}

/** Every document of a stream, empty ones as null. Throws YamlError. */
export function parseYamlDocuments(text: string): YamlDocument[] {
  const lines = new LineCounter();
  return yamlDocuments(text, lines).map((document) => convert(document, text, lines));
}

/** The documents as syntax trees, faults and all. */
export function yamlDocuments(text: string, lineCounter: LineCounter): Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
    prettyErrors: false,
    lineCounter,
  });
  return Array.isArray(documents) ? documents : [];
}

function convert(document: Document.Parsed, text: string, lines: LineCounter): YamlDocument {
  const wrong = firstSyntaxError(document.errors, text);
  if (wrong !== undefined) throw new YamlError(`yaml: ${wrong.linePrefix}${wrong.message}`, wrong.message, wrong.at);
  const converter = new Converter(lines);
  const root = document.contents as Node | null;
  converter.findAnchors(root);
  return { value: converter.convert(root), repeats: converter.repeats };
}

class Converter {
  readonly repeats: RepeatedKey[] = [];
  private readonly lines: LineCounter;
  private readonly targets = new Map<Alias, Node>();
  private readonly open = new Set<Alias>();
  private nodeCount = 0;
  private aliasedCount = 0;

  constructor(lines: LineCounter) {
    this.lines = lines;
  }

  /** Binds every alias to the anchor before it; anchors may be given anew. */
  findAnchors(root: Node | null): void {
    const anchors = new Map<string, Node>();
    const visit = (node: unknown): void => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target === undefined) throw new YamlError(`yaml: unknown anchor '${node.source}' referenced`);
        this.targets.set(node, target);
        return;
      }
      if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isSeq(node)) node.items.forEach(visit);
      if (isMap(node)) {
        for (const pair of node.items) {
          visit(pair.key);
          visit(pair.value);
        }
      }
    };
    visit(root);
  }

  convert(node: unknown): Value {
    this.count();
    if (isAlias(node)) return this.throughAlias(node, (target) => this.convert(target));
    if (isScalar(node)) return scalarValue(node);
    if (isSeq(node)) return node.items.map((item) => this.convert(item));
    if (!isMap(node)) return null;
    const fields = new Map<string, Value>();
    this.collect(node, fields);
    return new ObjectValue([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private collect(map: YAMLMap, fields: Map<string, Value>): void {
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) {
        this.merge(value, fields);
        continue;
      }
      const name = this.keyOf(key);
      const child = this.convert(value);
      if (fields.has(name.text)) {
        this.repeats.push({
          shown: name.shown,
          at: offsetOf(key) ?? 0,
          line: this.lines.linePos(offsetOf(value ?? key) ?? 0).line,
        });
      }
      fields.set(name.text, child);
    }
  }

  private merge(value: unknown, fields: Map<string, Value>): void {
    const sources = isSeq(value) ? [...value.items].reverse() : [value];
    for (const source of sources) {
      if (isMap(source)) this.collect(source, fields);
      else if (isAlias(source) && isMap(this.targets.get(source))) {
        this.throughAlias(source, (target) => this.collect(target as YAMLMap, fields));
      } else throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
    }
  }

  private keyOf(key: unknown): { readonly text: string; readonly shown: string } {
    const value = isScalar(key) ? scalarOrText(key) : this.convert(key);
    if (typeof value === 'string') return { text: value, shown: goQuote(value) };
    if (typeof value === 'boolean') return { text: String(value), shown: String(value) };
    if (value instanceof NumberText) return { text: value.text, shown: value.text };
    if (value === null) throw new YamlError('unsupported map key of type: %!s(<nil>), key: <nil>');
    throw new YamlError(
      `yaml: invalid map key: ${typeName(value) === 'array' ? '[]interface {}' : 'map[interface {}]interface {}'}`,
    );
  }

  private throughAlias<T>(alias: Alias, use: (target: Node) => T): T {
    if (this.open.has(alias)) throw new YamlError(`yaml: anchor '${alias.source}' value contains itself`);
    this.open.add(alias);
    const result = use(this.targets.get(alias)!);
    this.open.delete(alias);
    return result;
  }

  private count(): void {
    this.nodeCount++;
    if (this.open.size > 0) this.aliasedCount++;
    if (this.aliasedCount > ALIASED_NODES_FREE && this.nodeCount > NODES_FREE) {
      if (this.aliasedCount / this.nodeCount > ALIAS_RATIO_MAX) {
        throw new YamlError('yaml: document contains excessive aliasing');
      }
    }
  }
}

const offsetOf = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];

interface ScalarNode {
  readonly value: unknown;
  readonly tag?: string;
  readonly type?: string;
  readonly source?: string;
}

const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && key.value === '<<' && (key.tag === MERGE_TAG || (key.tag === undefined && isPlain(key)));

const isPlain = (node: ScalarNode): boolean => node.type === undefined || node.type === 'PLAIN';

function scalarValue(node: ScalarNode): Resolved['value'] {
  const text = typeof node.value === 'string' ? node.value : '';
  if (node.tag === undefined) return isPlain(node) ? finite(text).value : text;
  if (node.tag === BINARY_TAG) return decodeBinary(text);
  const core = CORE_TAG.exec(node.tag);
  return core === null ? text : tagged(text, core[1]!);
}

/** Keys that JSON has no number for keep their text. */
function scalarOrText(node: ScalarNode): Resolved['value'] {
  const text = String(node.value ?? '');
  return /^[-+]?\.(?:inf|nan)$/i.test(text) ? text.toLowerCase() : scalarValue(node);
}

function tagged(text: string, tag: string): Resolved['value'] {
  if (tag === 'str' || tag === 'timestamp') return text;
  const resolved = finite(text);
  if (resolved.tag === tag || (tag === 'float' && resolved.tag === 'int')) return resolved.value;
  throw new YamlError(`yaml: cannot decode !!${resolved.tag satisfies YamlTag} \`${text}\` as a !!${tag}`);
}

function finite(text: string): Resolved {
  try {
    return resolvePlain(text);
  } catch (error) {
    if (error instanceof NotFiniteError) throw new YamlError(error.message);
    throw error;
  }
}

function decodeBinary(text: string): string {
  const compact = text.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw new YamlError('yaml: !!binary value contains invalid base64 data');
  }
  return Buffer.from(compact, 'base64').toString();
}
