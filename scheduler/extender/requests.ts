/**
 * What extenders are asked, as Go writes it: the names of Go's fields around Kubernetes objects in their usual form.
 * Source: `extender/v1/types.go` of k8s.io/kube-scheduler v0.37.2.
 *
 * Cost: a node is turned into text once and kept so, as long as the object lives.
 */
import type { Node } from '../../api/index.ts';
import type { PodInfo } from '../plugin.ts';
import type { ExtenderNode, NodeVictims } from './extender.ts';

/** Nodes, or their names alone for an extender that knows them. */
export function nodesRequest(pod: PodInfo, nodes: readonly ExtenderNode[], namesOnly: boolean): string {
  if (namesOnly)
    return `{"Pod":${podText(pod)},"Nodes":null,"NodeNames":${JSON.stringify(nodes.map(({ name }) => name))}}`;
  const items = nodes.map(({ node }) => nodeText(node)).join(',');
  return `{"Pod":${podText(pod)},"Nodes":{"metadata":{},"items":[${items}]},"NodeNames":null}`;
}

export function preemptionRequest(pod: PodInfo, candidates: readonly NodeVictims[], uidsOnly: boolean): string {
  const entries = candidates.map(({ nodeName, victims, pdbViolations }) => {
    const pods = victims.map((victim) => (uidsOnly ? JSON.stringify({ UID: victim.uid }) : podText(victim)));
    return `${JSON.stringify(nodeName)}:{"Pods":[${pods.join(',')}],"NumPDBViolations":${pdbViolations}}`;
  });
  const map = `{${entries.join(',')}}`;
  const [full, meta] = uidsOnly ? ['null', map] : [map, 'null'];
  return `{"Pod":${podText(pod)},"NodeNameToVictims":${full},"NodeNameToMetaVictims":${meta}}`;
}

export const bindingRequest = ({ name, namespace, uid }: PodInfo, nodeName: string): string =>
  JSON.stringify({ PodName: name, PodNamespace: namespace, PodUID: uid, Node: nodeName });

/** Objects that no server has stored yet lack what berth knows them by. */
function podText({ pod, name, namespace, uid }: PodInfo): string {
  const { metadata, spec, status = {} } = pod;
  return JSON.stringify({ metadata: { ...metadata, name, namespace, uid }, spec, status });
}

const nodeTexts = new WeakMap<Node, string>();

function nodeText(node: Node): string {
  let text = nodeTexts.get(node);
  if (text === undefined) {
    const { metadata = {}, spec = {}, status = {} } = node;
    text = JSON.stringify({ metadata, spec, status });
    nodeTexts.set(node, text);
  }
  return text;
}
