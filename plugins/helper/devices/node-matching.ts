/**
 * On which nodes devices can be used. Source: `NodeMatches` in
 * `dynamic-resource-allocation/structured/internal/incubating/pools_incubating.go`, v0.37.2.
 */
import {
  aggregate,
  compileNodeSelector,
  type Node,
  type NodeMatcher,
  type NodeSelector,
  nodeSelectorErrors,
} from '../../../api/index.ts';

/** The fields of a slice, or of a device in it, that say where it is. */
export interface NodeSelection {
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
}

/** Objects are immutable, and one selector is asked about every node. */
const matchers = new WeakMap<NodeSelector, NodeMatcher>();

/** Throws for a selector that cannot be read. */
export function matcherOf(selector: NodeSelector): NodeMatcher {
  let matcher = matchers.get(selector);
  if (matcher === undefined) {
    const errors = nodeSelectorErrors(selector, 'nodeSelector');
    if (errors.length > 0) throw new Error(`failed to parse node selector: ${aggregate(errors)}`);
    matcher = compileNodeSelector(selector);
    matchers.set(selector, matcher);
  }
  return matcher;
}

export function selectsNode({ nodeName, nodeSelector, allNodes }: NodeSelection, node: Node): boolean {
  if (nodeName) return node.metadata?.name === nodeName;
  if (allNodes === true) return true;
  return nodeSelector !== undefined && matcherOf(nodeSelector).matches(node);
}
