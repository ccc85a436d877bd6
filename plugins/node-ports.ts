/**
 * NodePorts: host ports must be free on the node. Source: `plugins/nodeports/node_ports.go`, v1.37.2.
 *
 * Cost: one lookup per wanted port and node.
 */
import {
  Action,
  type EventRegistration,
  type HostPort,
  type PluginDefinition,
  requireState,
  unschedulable,
} from '../scheduler/plugin.ts';

const TAKEN = unschedulable("node(s) didn't have free ports for the requested pod ports");

const ANY_IP = '0.0.0.0';

const collide = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY_IP || b.ip === ANY_IP);

const EVENTS: readonly EventRegistration[] = [
  {
    resource: 'AssignedPod',
    action: Action.Delete,
    hint: (pod, before) => {
      const frees = before !== undefined && (before.pod.spec?.nodeName || before.pod.status?.nominatedNodeName);
      if (!frees) return 'Skip';
      return before.hostPorts.some((freed) => pod.hostPorts.some((wanted) => collide(freed, wanted)))
        ? 'Queue'
        : 'Skip';
    },
  },
  { resource: 'Node', action: Action.Add },
];

export const nodePorts: PluginDefinition = {
  name: 'NodePorts',
  points: ['preFilter', 'filter'],
  dependsOn: { filter: 'usage' },
  create: () => ({
    events: EVENTS,
    preFilter: ({ hostPorts }) => (hostPorts.length === 0 ? { skip: true } : { state: hostPorts }),
    filterForm: ({ hostPorts }) => (hostPorts.length === 0 ? 'skip' : undefined),
    compileFilter: (_pod, cluster, state) => {
      const wanted = requireState<readonly HostPort[]>(state, 'reading "PreFilterNodePorts" from cycleState');
      return {
        filter: (row) => {
          for (const port of wanted) if (cluster.portConflicts(row, port)) return 1;
          return 0;
        },
        status: () => TAKEN,
      };
    },
  }),
};
