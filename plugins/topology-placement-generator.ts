/**
 * TopologyPlacementGenerator: a group that is to stay within one domain of a topology, such as a rack, gets a placement per
 * domain. Source: `plugins/topologyaware/topology_placement.go`, v1.37.2.
 *
 * Upstream walks the domains in no particular order; here they come in the order in which their first nodes do.
 *
 * Cost: O(nodes) per group.
 */
import type { ClusterView, GroupInfo, Placement, PluginDefinition, PodInfo, Status } from '../scheduler/plugin.ts';
import { membersBelow } from './helper/group-tree.ts';

export const topologyPlacementGenerator: PluginDefinition = {
  name: 'TopologyPlacementGenerator',
  points: ['placementGenerate'],
  create: () => ({ placementGenerate }),
};

function placementGenerate(group: GroupInfo, within: Placement, cluster: ClusterView): readonly Placement[] | Status {
  const { spec } = (group.podGroup ?? group.compositePodGroup)!;
  // One topology is all that the API allows.
  const topologyKey = spec.schedulingConstraints?.topology?.[0]?.key;
  if (topologyKey === undefined) return [within];
  const scheduled = [...membersBelow(group.key, cluster.groups)].flatMap((members) => members.scheduledPods());
  let required: string | undefined;
  try {
    required = domainOf(scheduled, topologyKey, cluster);
  } catch (error) {
    if (!(error instanceof NoDomain)) throw error;
    return {
      code: 'Error',
      reasons: [`cannot determine domain for already scheduled pods: ${error.message}`],
    };
  }
  const rowsByDomain = new Map<string, number[]>();
  for (const row of within.rows) {
    const domain = cluster.labels(row)[topologyKey];
    if (domain === undefined || (required !== undefined && domain !== required)) continue;
    const rows = rowsByDomain.get(domain);
    if (rows === undefined) rowsByDomain.set(domain, [row]);
    else rows.push(row);
  }
  return Array.from(rowsByDomain, ([name, rows]) => ({ name, rows: Int32Array.from(rows) }));
}

class NoDomain extends Error {}

/** Where pods of the group are already; the rest has to go there too. */
function domainOf(pods: readonly PodInfo[], topologyKey: string, cluster: ClusterView): string | undefined {
  let found: string | undefined;
  for (const { key, pod } of pods) {
    const nodeName = pod.spec?.nodeName ?? '';
    const row = cluster.rowOf(nodeName);
    if (row < 0) throw new NoDomain(`getting node for pod ${key}: nodeinfo not found for node name "${nodeName}"`);
    const domain = cluster.labels(row)[topologyKey];
    if (domain === undefined) throw new NoDomain(`no topology domain found for pod ${key}`);
    if (found && found !== domain) {
      throw new NoDomain(`more than 1 domain found for pod group: ${found}, ${domain}`);
    }
    found = domain;
  }
  return found;
}
