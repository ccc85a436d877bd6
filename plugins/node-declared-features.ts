/**
 * NodeDeclaredFeatures: a pod that needs a feature of the kubelet goes only to nodes that declare it.
 * Source: `plugins/nodedeclaredfeatures` and `component-helpers/nodedeclaredfeatures`, v1.37.2. Only features that
 * upstream infers when a pod is scheduled are listed; others matter for updates alone.
 */
import type { Container, PodSpec } from '../api/index.ts';
import {
  Action,
  type EventRegistration,
  type PluginDefinition,
  requireState,
  unresolvable,
} from '../scheduler/plugin.ts';

const NOT_DECLARED = unresolvable("node(s) didn't match Pod's required features");

const NONE: readonly string[] = [];

const containersOf = (spec: PodSpec): Container[] => [...spec.containers, ...(spec.initContainers ?? [])];

const mountsOf = (spec: PodSpec) =>
  [...containersOf(spec), ...(spec.ephemeralContainers ?? [])].flatMap(({ volumeMounts }) => volumeMounts ?? []);

/** Feature → whether a pod needs it. */
export type DeclaredFeatures = Readonly<Record<string, (spec: PodSpec) => boolean>>;

const FEATURES: DeclaredFeatures = {
  RestartAllContainersOnContainerExits: (spec) =>
    containersOf(spec).some(({ restartPolicyRules }) =>
      (restartPolicyRules ?? []).some(({ action }) => action === 'RestartAllContainers'),
    ),
  UserNamespacesHostNetworkSupport: (spec) => spec.hostNetwork === true && spec.hostUsers === false,
  VolumeBindMountOptions: (spec) =>
    mountsOf(spec).some((mount) => ((mount as { bindMountOptions?: string[] }).bindMountOptions ?? []).length > 0),
};

type NeededBy = (spec: PodSpec | undefined) => string[];

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((entry, i) => entry === b[i]);

const eventsOf = (neededBy: NeededBy): readonly EventRegistration[] => [
  {
    resource: 'Node',
    action: Action.Add | Action.UpdateNodeDeclaredFeature,
    hint: (_pod, before, after) =>
      before !== undefined && isSameList(before.status?.declaredFeatures ?? [], after?.status?.declaredFeatures ?? [])
        ? 'Skip'
        : 'Queue',
  },
  {
    resource: 'TargetPod',
    action: Action.Update,
    hint: (_pod, before, after) =>
      isSameList(neededBy(before?.pod.spec), neededBy(after?.pod.spec)) ? 'Skip' : 'Queue',
  },
];

export const nodeDeclaredFeatures: PluginDefinition = nodeDeclaredFeaturesOf(FEATURES);

/** The plugin with other features than upstream's. */
export function nodeDeclaredFeaturesOf(features: DeclaredFeatures): PluginDefinition {
  const neededBy: NeededBy = (spec) =>
    spec === undefined ? [] : Object.keys(features).filter((name) => features[name]!(spec));
  return {
    name: 'NodeDeclaredFeatures',
    points: ['preFilter', 'filter'],
    dependsOn: { filter: 'node' },
    ignoresRequests: true,
    create: () => ({
      events: eventsOf(neededBy),
      preFilter: ({ pod }) => {
        const needed = neededBy(pod.spec);
        return needed.length === 0 ? { skip: true } : { state: needed };
      },
      compileFilter: (_pod, cluster, state) => {
        const needed = requireState<readonly string[]>(
          state,
          'error reading "PreFilterNodeDeclaredFeatures" from cycle-state',
        );
        // Nodes of one kind often share their list.
        const answers = new Map<readonly string[], number>();
        return {
          filter: (row) => {
            const declared = cluster.node(row).status?.declaredFeatures ?? NONE;
            let answer = answers.get(declared);
            if (answer === undefined) {
              const features = new Set(declared);
              answer = needed.every((feature) => features.has(feature)) ? 0 : 1;
              answers.set(declared, answer);
            }
            return answer;
          },
          status: () => NOT_DECLARED,
          signature: needed.join(),
        };
      },
    }),
  };
}
