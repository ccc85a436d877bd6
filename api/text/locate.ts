/** Where in a text a field of a document is. Slow: for error messages. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { trackJson } from './json-scan.ts';
import { isJson, jsonDocuments } from './parse-documents.ts';
import { PathTracker } from './path-tracker.ts';
import { yamlDocuments } from './yaml.ts';
import { trackBlockYaml } from './yaml-block.ts';

/** Offset of the value at a path of the n-th document, or of the deepest part of the path that is there. */
export function locateField(text: string, document: number, path: string): number {
  if (isJson(text)) {
    const from = [...jsonDocuments(text)][document]?.[0] ?? 0;
    const tracker = new PathTracker(path, from);
    trackJson(text, from, tracker);
    return tracker.at;
  }
  const quick = new PathTracker(path, -1);
  if (trackBlockYaml(text, document, quick) && quick.at >= 0) return quick.at;
  const tree = yamlDocuments(text)[document];
  const root = tree?.contents as Node | null | undefined;
  const tracker = new PathTracker(path, root?.range?.[0] ?? 0);
  if (tree !== undefined) trackTree(tree, root, tracker);
  return tracker.at;
}

function trackTree(tree: Document, node: unknown, tracker: PathTracker): void {
  if (!tracker.isOnPath) return;
  const target = isAlias(node) ? node.resolve(tree) : node;
  const children: Array<[key: string | number, child: unknown, offset: number]> = [];
  if (isSeq(target)) for (const [i, item] of target.items.entries()) children.push([i, item, offsetOf(item) ?? 0]);
  if (isMap(target)) {
    for (const { key, value } of target.items) {
      const at = isScalar(value) && value.range?.[0] !== value.range?.[1] ? offsetOf(value) : offsetOf(key);
      children.push([isScalar(key) ? String(key.value) : '', value, at ?? 0]);
    }
  }
  for (const [key, child, offset] of children) {
    const rest = typeof key === 'number' ? tracker.enterIndex(key, offset) : tracker.enterKey(key, offset);
    if (rest === undefined) continue;
    trackTree(tree, child, tracker);
    tracker.leave(rest);
  }
}

const offsetOf = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];
