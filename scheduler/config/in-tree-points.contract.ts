/**
 * The extension points that each plugin of kube-scheduler v1.37.2 implements: what its own listing shows when a profile
 * enables only that plugin. A registry of in-tree plugins has to agree.
 */
import type { ExtensionPoint, PluginDefinition } from '../plugin.ts';
import type { PluginRegistry } from './types.ts';

const FILTER: readonly ExtensionPoint[] = ['preFilter', 'filter'];
const FILTER_AND_SCORE: readonly ExtensionPoint[] = [...FILTER, 'preScore', 'score'];

export const IN_TREE_POINTS: Readonly<Record<string, readonly ExtensionPoint[]>> = {
  SchedulingGates: ['preEnqueue'],
  PrioritySort: ['queueSort'],
  NodeName: FILTER,
  NodeUnschedulable: FILTER,
  TaintToleration: FILTER_AND_SCORE,
  NodeAffinity: FILTER_AND_SCORE,
  NodePorts: FILTER,
  NodeResourcesFit: [...FILTER_AND_SCORE, 'placementScore'],
  VolumeRestrictions: FILTER,
  NodeVolumeLimits: FILTER,
  VolumeBinding: [...FILTER_AND_SCORE, 'reserve', 'preBind'],
  VolumeZone: FILTER,
  PodTopologySpread: FILTER_AND_SCORE,
  InterPodAffinity: FILTER_AND_SCORE,
  DynamicResources: [...FILTER, 'preEnqueue', 'postFilter', 'score', 'reserve', 'preBind', 'podGroupPostFilter'],
  DefaultPreemption: ['preEnqueue', 'postFilter', 'podGroupPostFilter'],
  NodeResourcesBalancedAllocation: ['preScore', 'score'],
  ImageLocality: ['score'],
  DefaultBinder: ['bind'],
  NodeDeclaredFeatures: FILTER,
  DeferredPodScheduling: [...FILTER, 'permit'],
  GangScheduling: ['preEnqueue', 'permit'],
  TopologyPlacementGenerator: ['placementGenerate'],
  PodGroupPodsCount: ['placementScore'],
};

const definition = (name: string, points: readonly ExtensionPoint[]): PluginDefinition => ({
  name,
  points,
  create: () => ({}),
});

/** In-tree plugins by name and points alone: enough for whatever has to do with configuration. */
export const inTreePoints: PluginRegistry = new Map(
  Object.entries(IN_TREE_POINTS).map(([name, points]) => [name, definition(name, points)]),
);
