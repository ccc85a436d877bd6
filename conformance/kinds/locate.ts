/** Where in a result a difference is, in the words of the case. */
import { isObject, type Path } from '../compare.ts';

/** Fields of an attempt that run parallel to its feasible nodes. */
const PER_FEASIBLE_NODE = new Set(['raw', 'normalized', 'weighted', 'totals']);

/** Names the pod, the attempt, the plugin and the node on the way to a value: `pod default/web-1, attempt 2, node node-003`. */
export function locateInResult(path: Path, result: unknown): string {
  const names: string[] = [];
  let value = result;
  let list = '';
  let feasible: unknown;
  for (const step of path) {
    value = Array.isArray(value) || isObject(value) ? (value as Record<string | number, unknown>)[step] : undefined;
    if (typeof step === 'string') {
      list = step;
      continue;
    }
    const node = PER_FEASIBLE_NODE.has(list) && Array.isArray(feasible) ? feasible[step] : undefined;
    if (typeof node === 'string') names.push(`node ${node}`);
    else names.push(...nameOfEntry(list, step, value));
    if (list === 'attempts' && isObject(value)) feasible = value.feasible;
  }
  return names.join(', ');
}

function nameOfEntry(list: string, index: number, entry: unknown): string[] {
  if (list === 'attempts') return [`attempt ${index + 1}`];
  if (!isObject(entry)) return [];
  if (typeof entry.pod === 'string') return [`pod ${entry.pod}`];
  if (typeof entry.node === 'string') return [`node ${entry.node}`];
  if (typeof entry.schedulerName === 'string') return [`profile ${entry.schedulerName}`];
  if (typeof entry.name === 'string') return [`plugin ${entry.name}`];
  return [];
}
