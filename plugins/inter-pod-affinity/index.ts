/** InterPodAffinity: near the pods, or away from the pods, that terms of either side pick. */
import { type PluginDefinition, requireState, unresolvable } from '../../scheduler/plugin.ts';
import { AFFINITY_EVENTS } from './events.ts';
import { AffinityFilterState, compileAffinityFilter } from './filter.ts';
import { liveAffinityFilter, liveAffinityScore } from './live.ts';
import { affinityScores, compileAffinityScore, hasPreferredTerms } from './score.ts';
import type { Topologies } from './terms.ts';

interface InterPodAffinityArgs {
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

export const interPodAffinity: PluginDefinition = {
  name: 'InterPodAffinity',
  points: ['preFilter', 'filter', 'preScore', 'score'],
  dependsOn: { filter: 'domain', score: 'domain' },
  ignoresRequests: true,
  reads: ['namespaces'],
  create: (args) => {
    const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods = false } = args as InterPodAffinityArgs;
    return {
      events: AFFINITY_EVENTS,
      preFilter: (pod, cluster) => {
        if (pod.affinityError !== undefined) return { reject: unresolvable(`parsing pod: ${pod.affinityError}`) };
        const state = new AffinityFilterState(pod, cluster);
        return state.isIdle ? { skip: true } : { state };
      },
      compileFilter: (_pod, _cluster, state) =>
        compileAffinityFilter(requireState(state, 'error reading "PreFilterInterPodAffinity" from cycleState')),
      preScore: (pod, cluster) => {
        if (ignorePreferredTermsOfExistingPods && !hasPreferredTerms(pod)) return { skip: true };
        const scores = affinityScores(pod, cluster, hardPodAffinityWeight);
        return scores === undefined ? { skip: true } : { state: scores };
      },
      compileScore: (_pod, _cluster, state) =>
        compileAffinityScore(
          requireState<Topologies>(state, 'failed to read "PreScoreInterPodAffinity" from cycleState'),
        ),
      liveFilter: (pod, cluster, counters) =>
        pod.affinityError === undefined ? liveAffinityFilter(pod, cluster, counters) : undefined,
      liveScore: (pod, cluster, counters) =>
        ignorePreferredTermsOfExistingPods && !hasPreferredTerms(pod)
          ? 'skip'
          : liveAffinityScore(pod, cluster, counters, hardPodAffinityWeight),
    };
  },
};
