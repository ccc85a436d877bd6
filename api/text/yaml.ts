/**
 * YAML text → tree, as sigs.k8s.io/yaml v1.6.0 (go-yaml v2.4.4) makes JSON of it: scalars of YAML 1.1, keys turned into
 * strings and sorted, anchors and `<<` resolved. Keys that are given twice are told apart: reading goes on with the last
 * value, and the caller decides what to make of it.
 */
import { NumberText, ObjectValue, toPlain, type Value } from './value.ts';
import { YamlError } from './yaml/cursor.ts';
import { goSyntax } from './yaml/go-syntax.ts';
import {
  type AliasNode,
  type MappingNode,
  parseFirstNodes,
  parseNodes,
  type ScalarNode,
  type YamlNode,
} from './yaml/nodes.ts';
import { NotFiniteError, type Resolved, resolvePlain, type YamlTag } from './yaml/resolve.ts';

export { YamlError };

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

/** A key that the map has already. */
export interface RepeatedKey {
  /** As Go shows it. */
  readonly shown: string;
  /** Offset of the key. */
  readonly at: number;
  /** Line of the value, from 1. */
  readonly line: number;
  /** The other one came with a merge (`<<`), which is there to be overridden. */
  readonly overridesMerge: boolean;
}

export interface YamlDocument {
  readonly value: unknown;
  /** Those that override what a merge has brought are left out. */
  readonly repeats: readonly RepeatedKey[];
}

/** The first document, as kube-scheduler reads its configuration. Throws YamlError. */
export function parseYaml(text: string): YamlText {
  const root = parseFirstNodes(text);
  if (root === undefined) return { value: null };
  const { value, repeats } = converted(root);
  if (repeats.length === 0) return { value };
  const lines = repeats.map(({ shown, line }) => `  line ${line}: key ${shown} already set in map`);
  return { value, duplicateKeys: `yaml: unmarshal errors:\n${lines.join('\n')}` };
}

/** Every document as plain data, empty ones as null. Throws YamlError. */
export function parseYamlDocuments(text: string): YamlDocument[] {
  return parseNodes(text).map((root) => {
    const { value, repeats } = converted(root);
    return { value: toPlain(value), repeats: repeats.filter(({ overridesMerge }) => !overridesMerge) };
  });
}

function converted(root: YamlNode): { readonly value: Value; readonly repeats: readonly RepeatedKey[] } {
  const converter = new Converter();
  const value = converter.convert(root);
  return { value, repeats: converter.repeats };
}

/** A field before its key becomes text: keys of different types are different keys. */
interface Field {
  readonly key: Value;
  readonly value: Value;
  /** The map itself, or the one that was merged into it. */
  readonly from: MappingNode;
}

class Converter {
  readonly repeats: RepeatedKey[] = [];
  private readonly open = new Set<AliasNode>();
  private nodeCount = 0;
  private aliasedCount = 0;

  convert(node: YamlNode): Value {
    this.count();
    switch (node.kind) {
      case 'alias':
        return this.throughAlias(node, (target) => this.convert(target));
      case 'scalar':
        return scalarValue(node);
      case 'sequence':
        return node.items.map((item) => this.convert(item));
      default: {
        const fields = new Map<string, Field>();
        this.collect(node, fields);
        const entries = [...fields.values()].map(({ key, value }) => [keyText(key, value, node), value] as const);
        return new ObjectValue(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
      }
    }
  }

  private collect(map: MappingNode, fields: Map<string, Field>): void {
    for (const [keyNode, valueNode] of map.pairs) {
      if (isMergeKey(keyNode)) {
        this.merge(valueNode, fields);
        continue;
      }
      const key = this.convertKey(keyNode);
      const identity = goSyntax(key);
      const value = this.convert(valueNode);
      const earlier = fields.get(identity);
      if (earlier !== undefined) {
        const { line } = valueNode;
        const overridesMerge = earlier.from !== map;
        this.repeats.push({ shown: identity, at: keyNode.offset, line: line + 1, overridesMerge });
      }
      fields.set(identity, { key, value, from: map });
    }
  }

  private convertKey(node: YamlNode): Value {
    const notFinite = node.kind === 'scalar' && node.implicit && /^[-+]?\.(?:inf|nan)$/i.test(node.value);
    // JSON has no number for these, but they are no numbers once they are keys.
    const key = notFinite ? node.value.toLowerCase() : this.convert(node);
    if (key instanceof ObjectValue || Array.isArray(key))
      throw new YamlError(`invalid map key: ${goSyntax(key)}`, { at: node.offset });
    return key;
  }

  private merge(node: YamlNode, fields: Map<string, Field>): void {
    const sources = node.kind === 'sequence' ? [...node.items].reverse() : [node];
    for (const source of sources) {
      if (source.kind === 'mapping') this.collect(source, fields);
      else if (source.kind === 'alias' && source.target.kind === 'mapping') {
        this.throughAlias(source, (target) => this.collect(target as MappingNode, fields));
      } else throw new YamlError('map merge requires map or sequence of maps as the value', { at: source.offset });
    }
  }

  private throughAlias<T>(alias: AliasNode, use: (target: YamlNode) => T): T {
    if (this.open.has(alias)) {
      throw new YamlError(`anchor '${alias.name}' value contains itself`, { at: alias.offset });
    }
    this.open.add(alias);
    const result = use(alias.target);
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

const isMergeKey = (key: YamlNode): boolean =>
  key.kind === 'scalar' && key.value === '<<' && (key.implicit || key.tag === MERGE_TAG);

function keyText(key: Value, value: Value, { offset }: MappingNode): string {
  if (typeof key === 'string') return key;
  if (key instanceof NumberText) return key.text;
  if (typeof key === 'boolean') return String(key);
  const message = `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${value === null ? '<nil>' : goSyntax(value)}`;
  throw new YamlError(message, { at: offset, message });
}

function scalarValue(node: ScalarNode): Resolved['value'] {
  const { value: text, tag, implicit } = node;
  if (tag === '') return implicit ? finite(node).value : text;
  if (tag === BINARY_TAG) return decodeBinary(node);
  const core = CORE_TAG.exec(tag);
  return core === null ? text : tagged(node, core[1]!);
}

function tagged(node: ScalarNode, tag: string): Resolved['value'] {
  const { value: text, offset } = node;
  if (tag === 'str' || tag === 'timestamp') return text;
  const resolved = finite(node);
  if (resolved.tag === tag || (tag === 'float' && resolved.tag === 'int')) return resolved.value;
  throw new YamlError(`cannot decode !!${resolved.tag satisfies YamlTag} \`${text}\` as a !!${tag}`, { at: offset });
}

function finite({ value: text, offset }: ScalarNode): Resolved {
  try {
    return resolvePlain(text);
  } catch (error) {
    if (error instanceof NotFiniteError) throw new YamlError(error.message, { at: offset, message: error.message });
    throw error;
  }
}

function decodeBinary({ value: text, offset }: ScalarNode): string {
  const compact = text.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw new YamlError('!!binary value contains invalid base64 data', { at: offset });
  }
  return Buffer.from(compact, 'base64').toString();
}
