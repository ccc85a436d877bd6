import type { Node } from './types.ts';

/** Without allocatable amounts a node offers its capacity (`SetDefaults_NodeStatus`, `pkg/apis/core/v1/defaults.go`, v1.37.2). */
export function defaultNode(node: Node): Node {
  const { status } = node;
  if (status?.allocatable !== undefined || status?.capacity === undefined) return node;
  return { ...node, status: { ...status, allocatable: status.capacity } };
}
