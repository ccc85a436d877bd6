/** Where in a text a field of a document is. Slow: for error messages. */
import { trackJson } from './json-scan.ts';
import { isJson, jsonDocuments } from './parse-documents.ts';
import { PathTracker } from './path-tracker.ts';
import { trackBlockYaml } from './yaml/block.ts';
import { parseNodes, type YamlNode } from './yaml/nodes.ts';

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
  const root = parseNodes(text)[document];
  const tracker = new PathTracker(path, root?.offset ?? 0);
  if (root !== undefined) trackNode(root, tracker);
  return tracker.at;
}

function trackNode(node: YamlNode, tracker: PathTracker): void {
  if (!tracker.isOnPath) return;
  const target = node.kind === 'alias' ? node.target : node;
  const visit = (rest: string | undefined, child: YamlNode): void => {
    if (rest === undefined) return;
    trackNode(child, tracker);
    tracker.leave(rest);
  };
  if (target.kind === 'sequence') {
    for (const [i, item] of target.items.entries()) visit(tracker.enterIndex(i, item.offset), item);
  }
  if (target.kind === 'mapping') {
    for (const [key, value] of target.pairs) {
      // What fills lines of its own is found at its key.
      const { offset } = value.kind === 'scalar' && value.value !== '' ? value : key;
      visit(tracker.enterKey(key.kind === 'scalar' ? key.value : '', offset), value);
    }
  }
}
