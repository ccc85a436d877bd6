/** PodTopologySpread: spreads pods that belong together over hosts, zones and other domains. */
import type { Node, TopologySpreadConstraint } from '../../api/index.ts';
import {
  Action,
  type ClusterView,
  type Hint,
  type Plugin,
  type PluginDefinition,
  type PodInfo,
  requireState,
} from '../../scheduler/plugin.ts';
import { type Constraint, constraintsOf } from './constraints.ts';
import { compileSpreadFilter, SpreadFilterState } from './filter.ts';
import { liveSpreadFilter, liveSpreadScore } from './live.ts';
import { compileSpreadScore, type SpreadScoreState, spreadScoreState } from './score.ts';

interface PodTopologySpreadArgs {
  readonly defaultingType: 'System' | 'List';
  readonly defaultConstraints?: readonly TopologySpreadConstraint[];
}

/** `systemDefaultConstraints`, `plugins/podtopologyspread/plugin.go`, v1.37.2. */
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

export const podTopologySpread: PluginDefinition = {
  name: 'PodTopologySpread',
  points: ['preFilter', 'filter', 'preScore', 'score'],
  dependsOn: { filter: 'domain', score: 'domain' },
  ignoresRequests: true,
  reads: ['services', 'replicationControllers', 'replicaSets', 'statefulSets'],
  create: (args) => createPodTopologySpread(args as PodTopologySpreadArgs),
};

function createPodTopologySpread(args: PodTopologySpreadArgs): Plugin {
  const systemDefaulted = args.defaultingType === 'System';
  const defaults = systemDefaulted ? SYSTEM_DEFAULTS : (args.defaultConstraints ?? []);
  /** A pod's own constraints depend on its class alone; default ones on the services and owners that there are. */
  const ownConstraints = new Map<number, readonly Constraint[]>();
  const hardConstraints = (pod: PodInfo, cluster: ClusterView): readonly Constraint[] => {
    const known = ownConstraints.get(pod.classId);
    if (known !== undefined) return known;
    const constraints = constraintsOf(pod, 'DoNotSchedule', defaults, cluster);
    if ((pod.pod.spec?.topologySpreadConstraints ?? []).length > 0) ownConstraints.set(pod.classId, constraints);
    return constraints;
  };
  return {
    events: [
      {
        resource: 'AssignedPod',
        action: Action.Add | Action.UpdatePodLabel | Action.Delete,
        hint: (pod, before, after, cluster) => {
          if (!(takesPart(before, pod) && takesPart(after, pod))) return 'Skip';
          const constraints = hardConstraints(pod, cluster);
          if (before !== undefined && after !== undefined) return afterLabelChange(constraints, before, after);
          const { labels } = (before ?? after)!;
          return constraints.some(({ selector }) => selector.matches(labels)) ? 'Queue' : 'Skip';
        },
      },
      {
        resource: 'TargetPod',
        action: Action.UpdatePodToleration | Action.UpdatePodLabel,
        hint: (pod, before, after, cluster) => {
          const constraints = hardConstraints(pod, cluster);
          const tolerations = (info: PodInfo) => JSON.stringify(info.pod.spec?.tolerations ?? []);
          const toleratesOtherwise = tolerations(before!) !== tolerations(after!);
          if (toleratesOtherwise && constraints.some(({ honorsTaints }) => honorsTaints)) return 'Queue';
          return afterLabelChange(constraints, before!, after!);
        },
      },
      {
        resource: 'Node',
        action: Action.Add | Action.Delete | Action.UpdateNodeLabel | Action.UpdateNodeTaint,
        hint: (pod, before, after, cluster) => afterNodeChange(hardConstraints(pod, cluster), before, after),
      },
    ],
    preFilter: (pod, cluster) => {
      const constraints = constraintsOf(pod, 'DoNotSchedule', defaults, cluster);
      return constraints.length === 0 ? { skip: true } : { state: new SpreadFilterState(pod, constraints, cluster) };
    },
    compileFilter: (_pod, _cluster, state) =>
      compileSpreadFilter(requireState(state, 'reading "PreFilterPodTopologySpread" from cycleState')),
    preScore: (pod, cluster, rows, count) => {
      const constraints = constraintsOf(pod, 'ScheduleAnyway', defaults, cluster);
      if (constraints.length === 0) return { skip: true };
      const hasOwn = (pod.pod.spec?.topologySpreadConstraints ?? []).length > 0;
      const feasible = rows.subarray(0, count);
      return { state: spreadScoreState(pod, constraints, cluster, feasible, hasOwn || !systemDefaulted) };
    },
    compileScore: (_pod, cluster, state) =>
      compileSpreadScore(
        requireState<SpreadScoreState>(state, 'error reading "PreScorePodTopologySpread" from cycleState'),
        cluster,
      ),
    liveFilter: (pod, cluster, counters) => {
      const constraints = constraintsOf(pod, 'DoNotSchedule', defaults, cluster);
      return constraints.length === 0 ? 'skip' : liveSpreadFilter(pod, constraints, cluster, counters);
    },
    liveScore: (pod, cluster, counters) => {
      const constraints = constraintsOf(pod, 'ScheduleAnyway', defaults, cluster);
      if (constraints.length === 0) return 'skip';
      const hasOwn = (pod.pod.spec?.topologySpreadConstraints ?? []).length > 0;
      return liveSpreadScore(pod, constraints, cluster, counters, hasOwn || !systemDefaulted);
    },
  };
}

/** A pod that is gone or not there yet takes part as the other half of the change does. */
const takesPart = (other: PodInfo | undefined, pod: PodInfo): boolean =>
  other === undefined ||
  (Boolean(other.pod.spec?.nodeName || other.pod.status?.nominatedNodeName) && other.namespace === pod.namespace);

function afterLabelChange(constraints: readonly Constraint[], before: PodInfo, after: PodInfo): Hint {
  const flips = ({ selector }: Constraint) => selector.matches(before.labels) !== selector.matches(after.labels);
  return constraints.some(flips) ? 'Queue' : 'Skip';
}

function afterNodeChange(constraints: readonly Constraint[], before: Node | undefined, after: Node | undefined): Hint {
  const label = (node: Node, key: string) => node.metadata?.labels?.[key];
  const matches = (node: Node | undefined): boolean =>
    node !== undefined && constraints.every(({ topologyKey }) => label(node, topologyKey) !== undefined);
  if (before === undefined || after === undefined) return matches(before ?? after) ? 'Queue' : 'Skip';
  if (matches(before) !== matches(after)) return 'Queue';
  if (!matches(after)) return 'Skip';
  const moved = constraints.some(({ topologyKey }) => label(before, topologyKey) !== label(after, topologyKey));
  const taints = (node: Node) => JSON.stringify(node.spec?.taints ?? []);
  return moved || taints(before) !== taints(after) ? 'Queue' : 'Skip';
}
