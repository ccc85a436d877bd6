/** NodeName: `spec.nodeName` names the only node that will do. Source: `plugins/nodename/node_name.go`, v1.37.2. */
import { Action, type PluginDefinition, unresolvable } from '../scheduler/plugin.ts';

const WRONG_NODE = unresolvable("node(s) didn't match the requested node name");

export const nodeName: PluginDefinition = {
  name: 'NodeName',
  points: ['preFilter', 'filter'],
  dependsOn: { filter: 'node' },
  ignoresRequests: true,
  create: () => ({
    events: [{ resource: 'Node', action: Action.Add }],
    preFilter: ({ pod }) => (pod.spec?.nodeName ? { nodeNames: new Set([pod.spec.nodeName]) } : {}),
    compileFilter: ({ pod }, cluster) => {
      const wanted = pod.spec?.nodeName ?? '';
      const wantedRow = wanted === '' ? -1 : cluster.rowOf(wanted);
      return {
        filter: wanted === '' ? () => 0 : (row) => (row === wantedRow ? 0 : 1),
        status: () => WRONG_NODE,
        signature: wanted,
      };
    },
  }),
};
