/** NodeUnschedulable: keeps pods off cordoned nodes. Source: `plugins/nodeunschedulable/node_unschedulable.go`, v1.37.2. */
import { type Pod, type Taint, tolerationToleratesTaint } from '../api/index.ts';
import { Action, type EventRegistration, type PluginDefinition, unresolvable } from '../scheduler/plugin.ts';

/** The taint that stands for `spec.unschedulable`, whether or not the node carries it. */
const CORDONED: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

const UNSCHEDULABLE = unresolvable('node(s) were unschedulable');

const toleratesCordon = ({ spec }: Pod): boolean =>
  (spec?.tolerations ?? []).some((toleration) => tolerationToleratesTaint(toleration, CORDONED));

const EVENTS: readonly EventRegistration[] = [
  {
    resource: 'Node',
    action: Action.Add | Action.UpdateNodeTaint,
    hint: (_pod, before, after) => {
      const opened = before === undefined || before.spec?.unschedulable === true;
      return opened && after?.spec?.unschedulable !== true ? 'Queue' : 'Skip';
    },
  },
  {
    resource: 'TargetPod',
    action: Action.UpdatePodToleration,
    hint: (_pod, _before, after) => (after !== undefined && toleratesCordon(after.pod) ? 'Queue' : 'Skip'),
  },
];

export const nodeUnschedulable: PluginDefinition = {
  name: 'NodeUnschedulable',
  points: ['preFilter', 'filter'],
  dependsOn: { filter: 'node' },
  ignoresRequests: true,
  create: () => ({
    events: EVENTS,
    compileFilter: ({ pod }, { unschedulable }) => {
      const tolerates = toleratesCordon(pod);
      return {
        filter: tolerates ? () => 0 : (row) => unschedulable[row]!,
        status: () => UNSCHEDULABLE,
        signature: String(tolerates),
      };
    },
  }),
};
