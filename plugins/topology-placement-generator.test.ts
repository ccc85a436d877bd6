import { describe, expect, it } from 'vitest';
import { Cluster } from '../scheduler/cluster.ts';
import { GroupStates } from '../scheduler/groups/group-states.ts';
import { type GroupInfo, type Placement, type Plugin, podGroupKey, type Status } from '../scheduler/plugin.ts';
import { topologyPlacementGenerator } from './topology-placement-generator.ts';

const plugin = topologyPlacementGenerator.create({}, {} as never) as Required<Plugin>;

function clusterOf(racks: Readonly<Record<string, string | undefined>>): Cluster {
  const cluster = new Cluster();
  for (const [name, rack] of Object.entries(racks)) {
    cluster.addNode({ metadata: { name, labels: rack === undefined ? {} : { rack } } });
  }
  cluster.groups = new GroupStates({ isOn: true, hasComposites: false });
  return cluster;
}

const groupWith = (topologyKey: string | undefined): GroupInfo => ({
  key: podGroupKey('default', 'g'),
  namespace: 'default',
  name: 'g',
  uid: 'g',
  priority: 0,
  children: [],
  pods: [],
  podGroup: {
    kind: 'PodGroup',
    metadata: { name: 'g' },
    spec: topologyKey === undefined ? {} : { schedulingConstraints: { topology: [{ key: topologyKey }] } },
  },
});

/** Puts a member of the group on a node. */
function place(cluster: Cluster, name: string, nodeName: string): void {
  const spec = { containers: [], nodeName, schedulingGroup: { podGroupName: 'g' } };
  cluster.groups.add(cluster.classes.info({ metadata: { name, uid: name }, spec }));
}

function placements(cluster: Cluster, topologyKey: string | undefined): unknown {
  const rows = cluster.order.slice(0, cluster.nodeCount);
  const answer = plugin.placementGenerate(groupWith(topologyKey), { name: 'all', rows }, cluster);
  if (!Array.isArray(answer)) return (answer as Status).reasons[0];
  return (answer as Placement[]).map(({ name, rows: own }) => [
    name,
    ...Array.from(own, (row) => cluster.nodeName(row)),
  ]);
}

const RACKS = { n1: 'r1', n2: 'r2', n3: 'r1', n4: undefined };

describe('placements of a group by topology', () => {
  it('are all there is for a group that does not mind', () => {
    expect(placements(clusterOf(RACKS), undefined)).toEqual([['all', 'n1', 'n2', 'n3', 'n4']]);
  });

  it('are the domains, in the order of their first nodes; nodes without the label are in none', () => {
    expect(placements(clusterOf(RACKS), 'rack')).toEqual([
      ['r1', 'n1', 'n3'],
      ['r2', 'n2'],
    ]);
  });

  it('are none where no node has the label', () => {
    expect(placements(clusterOf(RACKS), 'zone')).toEqual([]);
  });

  it('are the one domain in which the group is already', () => {
    const cluster = clusterOf(RACKS);
    place(cluster, 'a', 'n2');
    expect(placements(cluster, 'rack')).toEqual([['r2', 'n2']]);
  });

  it('cannot be told for a group that is in two domains, in none, or on a node that is gone', () => {
    const inTwo = clusterOf(RACKS);
    place(inTwo, 'a', 'n1');
    place(inTwo, 'b', 'n2');
    const where = 'cannot determine domain for already scheduled pods:';
    expect(placements(inTwo, 'rack')).toBe(`${where} more than 1 domain found for pod group: r1, r2`);
    const inNone = clusterOf(RACKS);
    place(inNone, 'a', 'n4');
    expect(placements(inNone, 'rack')).toBe(`${where} no topology domain found for pod default/a`);
    const gone = clusterOf(RACKS);
    place(gone, 'a', 'n9');
    expect(placements(gone, 'rack')).toBe(
      `${where} getting node for pod default/a: nodeinfo not found for node name "n9"`,
    );
  });
});
