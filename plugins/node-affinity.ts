/**
 * NodeAffinity: `nodeSelector` and node affinity of the pod, and affinity that the configuration adds to every pod.
 * Source: `plugins/nodeaffinity/node_affinity.go`, v1.37.2.
 *
 * Cost: the selectors are compiled once per pod; per node one evaluation over its labels.
 */
import {
  compileNodeSelector,
  compilePreferredTerms,
  compileRequiredNodeAffinity,
  type NodeAffinity,
  type NodeMatcher,
  type NodeSelectorTerm,
  type PreferredTerms,
} from '../api/index.ts';
import {
  Action,
  type Plugin,
  type PluginDefinition,
  PluginError,
  type PodInfo,
  unresolvable,
} from '../scheduler/plugin.ts';
import { memoPerClass } from './helper/matching-pods.ts';

interface NodeAffinityArgs {
  readonly addedAffinity?: NodeAffinity | null;
}

const NOT_ENFORCED = unresolvable("node(s) didn't match scheduler-enforced node affinity");
const NOT_MATCHED = unresolvable("node(s) didn't match Pod's node affinity/selector");
const ENFORCED_CODE = 1;
const POD_CODE = 2;

const EVERY_NODE: NodeMatcher = { matches: () => true };

export const nodeAffinity: PluginDefinition = {
  name: 'NodeAffinity',
  points: ['preFilter', 'filter', 'preScore', 'score'],
  dependsOn: { filter: 'node', score: 'node' },
  ignoresRequests: true,
  create: (args) => createNodeAffinity((args as NodeAffinityArgs).addedAffinity ?? {}),
};

function createNodeAffinity(added: NodeAffinity): Plugin {
  const addedRequired = added.requiredDuringSchedulingIgnoredDuringExecution;
  const enforced = addedRequired ? compileNodeSelector(addedRequired) : undefined;
  const addedPreferred = added.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const addedTerms = addedPreferred.length > 0 ? compilePreferredTerms(addedPreferred) : undefined;
  const wantedNodes = memoPerClass(
    ({ pod }) => compileRequiredNodeAffinity(pod.spec ?? { containers: [] }) ?? EVERY_NODE,
  );
  return {
    events: [
      {
        resource: 'Node',
        action: Action.Add | Action.UpdateNodeLabel,
        hint: (pod, before, after) => {
          if (after === undefined || (enforced !== undefined && !enforced.matches(after))) return 'Skip';
          const wanted = wantedNodes(pod);
          return wanted.matches(after) && (before === undefined || !wanted.matches(before)) ? 'Queue' : 'Skip';
        },
      },
    ],
    preFilter: ({ pod }) => {
      const required = requiredOf(pod);
      const asksForNothing = required === undefined && (pod.spec?.nodeSelector ?? undefined) === undefined;
      if (asksForNothing && enforced === undefined) return { skip: true };
      const nodeNames = namedNodes(required?.nodeSelectorTerms ?? []);
      if (nodeNames === undefined) return {};
      return nodeNames.size === 0 ? { reject: unresolvable('pod affinity terms conflict') } : { nodeNames };
    },
    compileFilter: ({ pod }, cluster) => {
      const wanted = compileRequiredNodeAffinity(pod.spec ?? { containers: [] }) ?? EVERY_NODE;
      return {
        filter: (row) => {
          const node = cluster.node(row);
          if (enforced !== undefined && !enforced.matches(node)) return ENFORCED_CODE;
          return wanted.matches(node) ? 0 : POD_CODE;
        },
        status: (code) => (code === ENFORCED_CODE ? NOT_ENFORCED : NOT_MATCHED),
        signature: JSON.stringify([pod.spec?.nodeSelector, requiredOf(pod)]),
      };
    },
    preScore: ({ pod }) => {
      const terms = preferredOf(pod);
      return terms === undefined && addedTerms === undefined ? { skip: true } : { state: compileOwnTerms(terms) };
    },
    compileScore: ({ pod }, cluster, state) => {
      // Without PreScore upstream reads the pod's terms here.
      const own = (state as PreferredTerms | undefined) ?? compileOwnTerms(preferredOf(pod));
      return {
        score: (row) => {
          const node = cluster.node(row);
          return (addedTerms?.score(node) ?? 0) + own.score(node);
        },
        normalization: { kind: 'max' },
        signature: JSON.stringify(preferredOf(pod)),
      };
    },
  };
}

type Pod = PodInfo['pod'];

/** The API knows null as well as absent. */
const requiredOf = (pod: Pod) =>
  pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? undefined;

const preferredOf = (pod: Pod) =>
  pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? undefined;

function compileOwnTerms(terms: NodeAffinity['preferredDuringSchedulingIgnoredDuringExecution']): PreferredTerms {
  const compiled = compilePreferredTerms(terms);
  if (compiled.error !== undefined) throw new PluginError(compiled.error);
  return compiled;
}

/** The nodes that the terms name, when every term names some; undefined when one of them leaves the node open. */
function namedNodes(terms: readonly NodeSelectorTerm[]): Set<string> | undefined {
  if (terms.length === 0) return undefined;
  const union = new Set<string>();
  for (const { matchFields = [] } of terms) {
    let named: Set<string> | undefined;
    for (const { key, operator, values = [] } of matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      const before = named;
      named = new Set(before === undefined ? values : values.filter((value) => before.has(value)));
    }
    if (named === undefined) return undefined;
    for (const name of named) union.add(name);
  }
  return union;
}
