/** Spread constraints as they count for one pod. Source: `plugins/podtopologyspread/common.go`, v1.37.2. */
import {
  bothMatch,
  compileLabelSelector,
  compileRequiredNodeAffinity,
  firstUntoleratedTaint,
  isDoNotScheduleTaint,
  type LabelMatcher,
  matcherOfLabels,
  type TopologySpreadConstraint,
} from '../../api/index.ts';
import { type ClusterView, PluginError, type PodInfo } from '../../scheduler/plugin.ts';
import { perTaintSet } from '../helper/per-taint-set.ts';
import { defaultSelector } from './default-selector.ts';

export type Action = 'DoNotSchedule' | 'ScheduleAnyway';

export interface Constraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: LabelMatcher;
  /** Equal texts, equal selectors. */
  readonly selectorText: string;
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

/** A pod with constraints of its own, of either action, gets no default ones. */
export function constraintsOf(
  pod: PodInfo,
  action: Action,
  defaults: readonly TopologySpreadConstraint[],
  cluster: ClusterView,
): Constraint[] {
  const own = pod.pod.spec?.topologySpreadConstraints ?? [];
  if (own.length > 0) return compile(own, pod, action);
  const compiled = compile(defaults, pod, action);
  if (compiled.length === 0) return [];
  const { selector, text } = defaultSelector(pod, cluster.objects);
  return selector.everything ? [] : compiled.map((constraint) => ({ ...constraint, selector, selectorText: text }));
}

function compile(constraints: readonly TopologySpreadConstraint[], pod: PodInfo, action: Action): Constraint[] {
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => ({
      maxSkew: constraint.maxSkew,
      topologyKey: constraint.topologyKey,
      selector: selectorOf(constraint, pod),
      selectorText: JSON.stringify([constraint.labelSelector, sameLabels(constraint, pod)]),
      minDomains: constraint.minDomains ?? 1,
      honorsAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
      honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
    }));
}

/** `matchLabelKeys` narrows the selector to pods with the same values; a missing selector stays one that picks nothing. */
function selectorOf(constraint: TopologySpreadConstraint, pod: PodInfo): LabelMatcher {
  const { labelSelector } = constraint;
  let selector: LabelMatcher;
  try {
    selector = compileLabelSelector(labelSelector);
  } catch (error) {
    throw new PluginError(error instanceof Error ? error.message : String(error));
  }
  const same = sameLabels(constraint, pod);
  return Object.keys(same).length === 0 ? selector : bothMatch(matcherOfLabels(same), selector);
}

function sameLabels({ matchLabelKeys }: TopologySpreadConstraint, pod: PodInfo): Record<string, string> {
  const same: Record<string, string> = {};
  for (const key of matchLabelKeys ?? []) {
    const value = pod.labels[key];
    if (value !== undefined) same[key] = value;
  }
  return same;
}

/** True for rows that carry every topology key of the constraints. */
export function hasAllKeys(constraints: readonly Constraint[], cluster: ClusterView): (row: number) => boolean {
  const columns = constraints.map(({ topologyKey }) => cluster.labelColumn(topologyKey));
  return (row) => {
    for (const column of columns) if (column[row]! < 0) return false;
    return true;
  };
}

/** True where a node takes part in a constraint (`matchNodeInclusionPolicies`). */
export function nodeInclusion(pod: PodInfo, cluster: ClusterView): (constraint: Constraint, row: number) => boolean {
  const spec = pod.pod.spec ?? { containers: [] };
  const affinity = compileRequiredNodeAffinity(spec);
  const untolerated = perTaintSet(cluster, (taints) =>
    firstUntoleratedTaint(taints, spec.tolerations ?? [], isDoNotScheduleTaint) === undefined ? 0 : 1,
  );
  return ({ honorsAffinity, honorsTaints }, row) => {
    if (honorsAffinity && affinity !== undefined && !affinity.matches(cluster.node(row))) return false;
    return !honorsTaints || untolerated(row) === 0;
  };
}
