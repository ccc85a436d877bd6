/** What can make a pod fit that InterPodAffinity has rejected. Source: `plugins/interpodaffinity/plugin.go`, v1.37.2. */
import type { Node } from '../../api/index.ts';
import {
  Action,
  type AffinityTerm,
  type EventRegistration,
  PluginError,
  type PodInfo,
} from '../../scheduler/plugin.ts';
import { matchesAllTerms, termMatches } from './terms.ts';

/** Terms are not resolved against namespaces here, so a namespaceSelector other than `{}` picks nobody. */
const matchesAnyTerm = (terms: readonly AffinityTerm[], pod: PodInfo): boolean =>
  terms.some((term) => termMatches(term, pod, undefined));

function termsOf({ affinity, affinityError }: PodInfo) {
  if (affinityError !== undefined) throw new PluginError(affinityError);
  return affinity;
}

const isOnNode = ({ pod }: PodInfo): boolean => Boolean(pod.spec?.nodeName || pod.status?.nominatedNodeName);

function mayFitAfterPodChange(pod: PodInfo, before: PodInfo | undefined, after: PodInfo | undefined): boolean {
  if ((before !== undefined && !isOnNode(before)) || (after !== undefined && !isOnNode(after))) return false;
  const { requiredAffinity, requiredAntiAffinity } = termsOf(pod);
  if (before !== undefined && after !== undefined) {
    if (!matchesAllTerms(requiredAffinity, before) && matchesAllTerms(requiredAffinity, after)) return true;
    return matchesAnyTerm(requiredAntiAffinity, before) && !matchesAnyTerm(requiredAntiAffinity, after);
  }
  if (after !== undefined) return matchesAllTerms(requiredAffinity, after);
  if (before === undefined) return false;
  return matchesAnyTerm(requiredAntiAffinity, before) || matchesAnyTerm(termsOf(before).requiredAntiAffinity, pod);
}

function mayFitAfterNodeChange(pod: PodInfo, before: Node | undefined, after: Node | undefined): boolean {
  const { requiredAffinity, requiredAntiAffinity } = termsOf(pod);
  const domain = (node: Node | undefined, key: string) => node?.metadata?.labels?.[key];
  for (const { topologyKey } of requiredAffinity) {
    const now = domain(after, topologyKey);
    if (now !== undefined && domain(before, topologyKey) !== now) return true;
  }
  for (const { topologyKey } of requiredAntiAffinity) {
    if (before === undefined) return true;
    const then = domain(before, topologyKey);
    if (then !== undefined && domain(after, topologyKey) !== then) return true;
  }
  return false;
}

export const AFFINITY_EVENTS: readonly EventRegistration[] = [
  {
    resource: 'AssignedPod',
    action: Action.Add | Action.UpdatePodLabel | Action.Delete,
    hint: (pod, before, after) => (mayFitAfterPodChange(pod, before, after) ? 'Queue' : 'Skip'),
  },
  { resource: 'TargetPod', action: Action.UpdatePodLabel },
  {
    resource: 'Node',
    action: Action.Add | Action.UpdateNodeLabel,
    hint: (pod, before, after) => (mayFitAfterNodeChange(pod, before, after) ? 'Queue' : 'Skip'),
  },
];
