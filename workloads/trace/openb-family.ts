/** The openb lists as a trace family; `from-openb.ts` reads them. */
import { InputError, type Node } from '../../api/index.ts';
import { NODE_COLUMNS, POD_COLUMNS, readOpenbNodes, readOpenbPods } from '../from-openb.ts';
import type { NodePool } from '../trace-folder.ts';
import { hasColumns } from './csv-table.ts';
import type { ImportContext, TraceFamily } from './model.ts';

export const openbFamily: TraceFamily = {
  name: 'openb',
  title: 'Alibaba GPU cluster 2023 (openb)',
  tables: [
    {
      name: 'nodes',
      looks: `CSV with the columns ${NODE_COLUMNS.join(', ')}`,
      is: (head) => hasColumns(head, NODE_COLUMNS),
    },
    {
      name: 'pods',
      looks: `CSV with the columns ${POD_COLUMNS.join(', ')}`,
      is: (head) => hasColumns(head, POD_COLUMNS),
    },
  ],
  mapping:
    'node row → node; pod row → pod with CPU, memory, whole GPUs and allowed models; priority by QoS (LS 1000, Guaranteed and Burstable 500, BE 0)',
  sources: [
    {
      what: 'node lists and 24 pod lists',
      where:
        'github.com/alibaba/clusterdata, cluster-trace-gpu-v2023/csv (default lists also in hkust-adsl/kubernetes-scheduler-simulator, data/csv)',
      licence: 'research or study purpose, cite the ATC ’23 paper; the second repository is Apache-2.0',
      checksums: {
        'openb_node_list_all_node.csv': '5a85c2af79c66a1efff8bbcbda430400aae56d8431370d738480967e1a9c6b15',
        'openb_pod_list_default.csv': '1ee7ed79c27a3b0861cda8ddba86a004c6aba904caafa329a76ae93ca63834a8',
      },
    },
  ],
  hasOwners: false,
  read,
};

async function read({ of, sink, tally }: ImportContext): Promise<void> {
  const [nodeList, ...furtherNodeLists] = of('nodes');
  if (furtherNodeLists.length > 0) {
    throw new InputError(
      'openb: two node lists; each numbers its nodes anew, so that a name means another node in the other: give one',
    );
  }
  const options = { onSeen: () => tally.row(), onBadRow: (error: unknown) => tally.refuse(error) };
  if (nodeList !== undefined) {
    tally.begin('nodes', nodeList);
    const { nodes, source } = await readOpenbNodes(nodeList, options);
    for (const node of nodes) sink.node(node.metadata!.name!, sink.pool(poolOf(node)));
    tally.end(source);
  }
  const names = new Set<string>();
  for (const file of of('pods')) {
    tally.begin('pods', file);
    const { pods, shapes, source } = await readOpenbPods(file, options);
    const indices = shapes.map((shape) => sink.shape(shape));
    for (let i = 0; i < pods.count; i++) {
      const name = pods.names[i]!;
      if (names.has(name))
        throw new InputError(
          `${source.name}: ${name} stands in another of the pod lists; give one, they are variants of each other`,
        );
      names.add(name);
      sink.pod(name, indices[pods.shape[i]!]!, pods.arrivalSeconds[i]!, pods.lifetimeSeconds[i]!, '', 0);
    }
    tally.end(source);
  }
}

function poolOf({ metadata, status }: Node): NodePool {
  const { 'kubernetes.io/hostname': _, ...labels } = metadata!.labels!;
  return {
    name: labels['node.kubernetes.io/instance-type']!,
    labels,
    allocatable: status!.allocatable as Record<string, string>,
  };
}
