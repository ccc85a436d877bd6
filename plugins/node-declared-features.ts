/**
 * NodeDeclaredFeatures: a pod that needs a feature of the kubelet goes only to nodes that declare it.
 * Source: `plugins/nodedeclaredfeatures` and `component-helpers/nodedeclaredfeatures`, v1.37.2. Only features that
 * upstream infers when a pod is scheduled are listed; others matter for updates alone.
 */
import type { Container, PodSpec } from '../api/index.ts';
import { Action, type EventRegistration, type PluginDefinition, requireState, unresolvable } from '../scheduler/plugin.ts';

const NOT_DECLARED = unresolvable("node(s) didn't match Pod's required features");

const containersOf = (spec: PodSpec): Container[] => [...spec.containers, ...(spec.initContainers ?? [])];

const mountsOf = (spec: PodSpec) =>
  [...containersOf(spec), ...(spec.ephemeralContainers ?? [])].flatMap(({ volumeMounts }) => volumeMounts ?? []);

/** Feature → whether a pod needs it. */
const FEATURES: Readonly<Record<string, (spec: PodSpec) => boolean>> = {
  RestartAllContainersOnContainerExits: (spec) =>
    containersOf(spec).some(({ restartPolicyRules }) =>
      (restartPolicyRules ?? []).some(({ action }) => action === 'RestartAllContainers'),
    ),
  UserNamespacesHostNetworkSupport: (spec) => spec.hostNetwork === true && spec.hostUsers === false,
  VolumeBindMountOptions: (spec) =>
    mountsOf(spec).some((mount) => ((mount as { bindMountOptions?: string[] }).bindMountOptions ?? []).length > 0),
};

const neededBy = (spec: PodSpec | undefined): string[] =>
  spec === undefined ? [] : Object.keys(FEATURES).filter((name) => FEATURES[name]!(spec));

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((entry, i) => entry === b[i]);

const EVENTS: readonly EventRegistration[] = [
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

export const nodeDeclaredFeatures: PluginDefinition = {
  name: 'NodeDeclaredFeatures',
  points: ['preFilter', 'filter'],
  dependsOn: { filter: 'node' },
  create: () => ({
    events: EVENTS,
    preFilter: ({ pod }) => {
      const needed = neededBy(pod.spec);
      return needed.length === 0 ? { skip: true } : { state: needed };
    },
    compileFilter: (_pod, cluster, state) => {
      const needed = requireState<readonly string[]>(state, 'error reading "PreFilterNodeDeclaredFeatures" from cycle-state');
      return {
        filter: (row) => {
          const declared = cluster.node(row).status?.declaredFeatures ?? [];
          for (const feature of needed) if (!declared.includes(feature)) return 1;
          return 0;
        },
        status: () => NOT_DECLARED,
      };
    },
  }),
};
