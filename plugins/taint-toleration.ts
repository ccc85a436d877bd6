/**
 * TaintToleration: NoSchedule and NoExecute taints keep a pod away, PreferNoSchedule taints cost points.
 * Source: `plugins/tainttoleration/taint_toleration.go`, v1.37.2.
 *
 * Cost: each distinct set of taints is judged once per pod; per node one array read.
 */
import {
  firstUntoleratedTaint,
  isDoNotScheduleTaint,
  type Node,
  type Taint,
  type Toleration,
  tolerationToleratesTaint,
} from '../api/index.ts';
import {
  Action,
  type EventRegistration,
  type PluginDefinition,
  type PodInfo,
  requireState,
  unresolvable,
} from '../scheduler/plugin.ts';
import { perTaintSet } from './helper/per-taint-set.ts';

const UNTOLERATED = unresolvable('node(s) had untolerated taint(s)');

const isTolerated = ({ spec }: Node, { pod }: PodInfo): boolean =>
  firstUntoleratedTaint(spec?.taints ?? [], pod.spec?.tolerations ?? [], isDoNotScheduleTaint) === undefined;

const EVENTS: readonly EventRegistration[] = [
  {
    resource: 'Node',
    action: Action.Add | Action.UpdateNodeTaint,
    hint: (pod, before, after) =>
      (before === undefined || !isTolerated(before, pod)) && after !== undefined && isTolerated(after, pod)
        ? 'Queue'
        : 'Skip',
  },
  { resource: 'TargetPod', action: Action.UpdatePodToleration },
];

export const taintToleration: PluginDefinition = {
  name: 'TaintToleration',
  points: ['preFilter', 'filter', 'preScore', 'score'],
  dependsOn: { filter: 'node', score: 'node' },
  ignoresRequests: true,
  create: () => ({
    events: EVENTS,
    compileFilter: ({ pod }, cluster) => {
      const tolerations = pod.spec?.tolerations ?? [];
      const rejects = (taints: readonly Taint[]): number =>
        firstUntoleratedTaint(taints, tolerations, isDoNotScheduleTaint) === undefined ? 0 : 1;
      const signature = JSON.stringify(tolerations);
      return { filter: perTaintSet(cluster, rejects), status: () => UNTOLERATED, signature };
    },
    preScore: ({ pod }) => ({
      state: (pod.spec?.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule'),
    }),
    compileScore: (_pod, cluster, state) => {
      const tolerations = requireState<readonly Toleration[]>(
        state,
        'failed to read "PreScoreTaintToleration" from cycleState',
      );
      const untolerated = (taints: readonly Taint[]): number =>
        taints.filter(
          (taint) =>
            taint.effect === 'PreferNoSchedule' &&
            !tolerations.some((toleration) => tolerationToleratesTaint(toleration, taint)),
        ).length;
      const signature = JSON.stringify(tolerations);
      return { score: perTaintSet(cluster, untolerated), normalization: { kind: 'reversedMax' }, signature };
    },
  }),
};
