/** Pods carry the zone and the region of their node. Source: `plugin/pkg/admission/podtopologylabels/admission.go`, v1.37.2. */
import type { Core } from '../core.ts';

const LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

type Texts = Record<string, string>;

/** Undefined where the node has none. */
export function topologyLabels(core: Core, nodeName: string | undefined): Texts | undefined {
  if (!nodeName || !core.admission.podTopologyLabels) return undefined;
  const labels = core.cached('Node', '', nodeName)?.metadata?.labels;
  if (labels === undefined) return undefined;
  let found: Texts | undefined;
  for (const label of LABELS) {
    const value = labels[label];
    if (value === undefined) continue;
    found ??= {};
    found[label] = value;
  }
  return found;
}
