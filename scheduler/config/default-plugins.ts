/**
 * The default plugins and how a profile's own lists merge with them. Source: `apis/config/v1/default_plugins.go`,
 * v1.37.2.
 */
import type { FeatureGates } from '../feature-gates.ts';
import type { ConfigPoint, PluginSet, PluginWeight } from './configuration.ts';
import type { PluginSetV1, PluginsV1 } from './schema/configuration.ts';

const plugin = (name: string, weight = 0): PluginWeight => ({ name, weight });

/** All of them are enabled through multiPoint; no other point has defaults. These do not depend on a gate. */
const ALWAYS: readonly PluginWeight[] = [
  plugin('SchedulingGates'),
  plugin('PrioritySort'),
  plugin('NodeName'),
  plugin('NodeUnschedulable'),
  plugin('TaintToleration', 3),
  plugin('NodeAffinity', 2),
  plugin('NodePorts'),
  plugin('NodeResourcesFit', 1),
  plugin('VolumeRestrictions'),
  plugin('NodeVolumeLimits'),
  plugin('VolumeBinding'),
  plugin('VolumeZone'),
  plugin('PodTopologySpread', 2),
  plugin('InterPodAffinity', 2),
  plugin('DynamicResources', 2),
  plugin('DefaultPreemption'),
  plugin('NodeResourcesBalancedAllocation', 1),
  plugin('ImageLocality', 1),
  plugin('DefaultBinder'),
  plugin('NodeDeclaredFeatures'),
];

function defaultPlugins(gates: Partial<FeatureGates>): readonly PluginWeight[] {
  const plugins = [...ALWAYS];
  if (gates.GenericWorkload) plugins.push(plugin('GangScheduling'));
  if (gates.TopologyAwareWorkloadScheduling) {
    plugins.push(plugin('TopologyPlacementGenerator'), plugin('PodGroupPodsCount', 1));
  }
  return plugins;
}

const POINTS: readonly ConfigPoint[] = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
  'multiPoint',
  'placementGenerate',
  'placementScore',
  'podGroupPostFilter',
];

export function mergeWithDefaults(
  custom: PluginsV1 | undefined,
  gates: Partial<FeatureGates>,
): Readonly<Record<ConfigPoint, PluginSet>> {
  const defaults = defaultPlugins(gates);
  const merged = POINTS.map((point) => [point, mergeSet(point === 'multiPoint' ? defaults : [], custom?.[point])]);
  return Object.fromEntries(merged) as Record<ConfigPoint, PluginSet>;
}

/** A default that is enabled again keeps its place but loses its weight; of entries given twice the last one counts. */
function mergeSet(defaults: readonly PluginWeight[], custom: PluginSetV1 | undefined): PluginSet {
  const own = (custom?.enabled ?? []).map(({ name, weight }) => plugin(name, weight));
  const disabled = (custom?.disabled ?? []).map(({ name }) => name);
  const used = new Set<PluginWeight>();
  const kept = disabled.includes('*') ? [] : defaults.filter(({ name }) => !disabled.includes(name));
  const replaced = kept.map((entry) => {
    const replacement = own.findLast(({ name }) => name === entry.name);
    if (replacement !== undefined) used.add(replacement);
    return replacement ?? entry;
  });
  return { enabled: [...replaced, ...own.filter((entry) => !used.has(entry))], disabled };
}
