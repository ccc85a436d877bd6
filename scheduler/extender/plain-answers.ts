/**
 * The usual answer of a filter, read the fast way: valid JSON with exactly the names and types that it should have. Of
 * anything else this makes nothing, and `answers.ts` finds out what Go would make of it.
 */
import type { Node } from '../../api/index.ts';
import type { FilterResult } from './answers.ts';

type Fields = Readonly<Record<string, unknown>>;

const NAMES = new Set(['Nodes', 'NodeNames', 'FailedNodes', 'FailedAndUnresolvableNodes', 'Error']);

export function plainFilterResult(body: string): FilterResult | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isObject(answer) || !Object.keys(answer).every((name) => NAMES.has(name))) return undefined;
  const {
    Nodes = null,
    NodeNames = null,
    FailedNodes = null,
    FailedAndUnresolvableNodes = null,
    Error: error = null,
  } = answer;
  const isUsual =
    (Nodes === null || isNodeList(Nodes)) &&
    (NodeNames === null || isTexts(NodeNames)) &&
    isReasons(FailedNodes) &&
    isReasons(FailedAndUnresolvableNodes) &&
    (error === null || typeof error === 'string');
  if (!isUsual) return undefined;
  return {
    nodes: (Nodes as { items: Node[] } | null)?.items,
    nodeNames: (NodeNames as string[] | null) ?? undefined,
    failedNodes: new Map(Object.entries((FailedNodes ?? {}) as Record<string, string>)),
    failedAndUnresolvableNodes: new Map(Object.entries((FailedAndUnresolvableNodes ?? {}) as Record<string, string>)),
    error: (error as string | null) ?? '',
  };
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');

const isReasons = (value: unknown): boolean => value === null || (isObject(value) && isTexts(Object.values(value)));

const isNodeList = (value: unknown): boolean =>
  isObject(value) &&
  Array.isArray(value.items) &&
  value.items.every((item) => isObject(item) && isObject(item.metadata) && typeof item.metadata.name === 'string');
