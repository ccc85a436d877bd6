/**
 * YAML text → plain values, as sigs.k8s.io/yaml v1.6.0 (go-yaml v2.4.4) makes JSON of it: scalars of YAML 1.1, keys turned
 * into strings and sorted, anchors and `<<` resolved. Of keys that are given twice the last one counts; they are listed.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import { goQuote } from '../field-error.ts';
import { firstSyntaxError } from './yaml-errors.ts';
import { NotFiniteError, type Resolved, resolvePlain } from './yaml-scalar.ts';

/** The text is not YAML; the message is go-yaml's. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  /** Offset of what is wrong, where it is known. */
  readonly at?: number;

  constructor(message: string, at?: number) {
    super(message);
    this.at = at;
  }
}

export interface RepeatedKey {
  /** As Go shows it. */
  readonly shown: string;
  readonly at: number;
}

export interface YamlDocument {
  readonly value: unknown;
  readonly repeats: readonly RepeatedKey[];
}

const MERGE_TAG = 'tag:yaml.org,2002:merge';
const BINARY_TAG = 'tag:yaml.org,2002:binary';
const CORE_TAG = /^tag:yaml\.org,2002:(null|bool|int|float|str|timestamp)$/;
/** Aliases may multiply a document; from here on at most 99 % of the nodes visited may come from them. */
const ALIASED_NODES_FREE = 100;
const NODES_FREE = 1000;
const ALIAS_RATIO_MAX = 0.99;

/** Every document of a stream, empty ones as null. Throws YamlError. */
export function parseYamlDocuments(text: string): YamlDocument[] {
  return yamlDocuments(text).map((document) => convert(document, text));
}

/** The documents as syntax trees, faults and all. */
export function yamlDocuments(text: string): Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  return Array.isArray(documents) ? documents : [];
}

function convert(document: Document.Parsed, text: string): YamlDocument {
  const wrong = firstSyntaxError(document.errors, text);
  if (wrong !== undefined) throw new YamlError(wrong.message, wrong.at);
  const converter = new Converter();
  const root = document.contents as Node | null;
  converter.findAnchors(root);
  return { value: converter.convert(root), repeats: converter.repeats };
}

class Converter {
  readonly repeats: RepeatedKey[] = [];
  private readonly targets = new Map<Alias, Node>();
  private readonly open = new Set<Alias>();
  private nodeCount = 0;
  private aliasedCount = 0;

  /** Binds every alias to the anchor before it; anchors may be given anew. */
  findAnchors(root: Node | null): void {
    const anchors = new Map<string, Node>();
    const visit = (node: unknown): void => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target === undefined) throw new YamlError(`unknown anchor '${node.source}' referenced`, offsetOf(node));
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

  convert(node: unknown): unknown {
    this.count();
    if (isAlias(node)) return this.throughAlias(node, (target) => this.convert(target));
    if (isScalar(node)) return scalarValue(node);
    if (isSeq(node)) return node.items.map((item) => this.convert(item));
    if (!isMap(node)) return null;
    const fields = new Map<string, unknown>();
    this.collect(node, fields);
    return Object.fromEntries([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private collect(map: YAMLMap, fields: Map<string, unknown>): void {
    const given = new Set<string>();
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) {
        this.merge(value, fields);
        continue;
      }
      const { text, shown } = this.keyOf(key);
      // What a merge has brought may be given anew.
      if (given.has(text)) this.repeats.push({ shown, at: offsetOf(key) });
      given.add(text);
      fields.set(text, this.convert(value));
    }
  }

  private merge(value: unknown, fields: Map<string, unknown>): void {
    const sources = isSeq(value) ? [...value.items].reverse() : [value];
    for (const source of sources) {
      if (isMap(source)) this.collect(source, fields);
      else if (isAlias(source) && isMap(this.targets.get(source))) {
        this.throughAlias(source, (target) => this.collect(target as YAMLMap, fields));
      } else throw new YamlError('map merge requires map or sequence of maps as the value', offsetOf(source));
    }
  }

  private keyOf(key: unknown): { readonly text: string; readonly shown: string } {
    const value = isScalar(key) ? scalarOrText(key) : this.convert(key);
    if (typeof value === 'string') return { text: value, shown: goQuote(value) };
    if (typeof value === 'boolean' || typeof value === 'number') return { text: String(value), shown: String(value) };
    throw new YamlError(
      `invalid map key: ${value === null ? 'null' : Array.isArray(value) ? 'a list' : 'a map'}`,
      offsetOf(key),
    );
  }

  private throughAlias<T>(alias: Alias, use: (target: Node) => T): T {
    if (this.open.has(alias)) throw new YamlError(`anchor '${alias.source}' value contains itself`, offsetOf(alias));
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
        throw new YamlError('document contains excessive aliasing');
      }
    }
  }
}

const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;

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
  throw new YamlError(`cannot decode !!${resolved.tag} \`${text}\` as a !!${tag}`);
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
    throw new YamlError('!!binary value contains invalid base64 data');
  }
  return Buffer.from(compact, 'base64').toString();
}
