/**
 * The canonical order of nodes: round robin over zones, insertion order inside a zone.
 * Source: `pkg/scheduler/backend/cache/node_tree.go` and `component-helpers/node/topology`, v1.37.2.
 */

const ZONE_LABEL = 'topology.kubernetes.io/zone';
const REGION_LABEL = 'topology.kubernetes.io/region';
const ZONE_LABEL_BETA = 'failure-domain.beta.kubernetes.io/zone';
const REGION_LABEL_BETA = 'failure-domain.beta.kubernetes.io/region';

/** Zone key of a node; the deprecated label wins where both are set. */
export function zoneKeyOf(labels: Readonly<Record<string, string>>): string {
  const region = labels[REGION_LABEL_BETA] ?? labels[REGION_LABEL] ?? '';
  const zone = labels[ZONE_LABEL_BETA] ?? labels[ZONE_LABEL] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`;
}

export class NodeTree {
  // A Map keeps zones in first-seen order, and forgets a zone with its last node, as upstream's list does; a Set keeps
  // the order of insertion.
  private readonly zones = new Map<string, Set<number>>();
  size = 0;

  add(row: number, zone: string): void {
    const nodes = this.zones.get(zone);
    if (nodes === undefined) this.zones.set(zone, new Set([row]));
    else if (nodes.has(row)) return;
    else nodes.add(row);
    this.size++;
  }

  remove(row: number, zone: string): void {
    const nodes = this.zones.get(zone);
    if (nodes === undefined || !nodes.delete(row)) return;
    if (nodes.size === 0) this.zones.delete(zone);
    this.size--;
  }

  /** Rows: for k = 0, 1, …, the k-th node of every zone that has one, zones in first-seen order. */
  list(): Int32Array {
    const rows = new Int32Array(this.size);
    const zones = Array.from(this.zones.values(), (nodes) => [...nodes]);
    let count = 0;
    for (let k = 0; count < rows.length; k++) {
      for (const nodes of zones) if (k < nodes.length) rows[count++] = nodes[k]!;
    }
    return rows;
  }
}
