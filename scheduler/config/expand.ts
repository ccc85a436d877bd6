/**
 * The plugins of a profile per extension point, in the order they run, with their weights.
 * Source: `framework/runtime/framework.go` (NewFramework, expandMultiPointPlugins, getValidScoreWeights), v1.37.2.
 */
import { goQuote } from '../../api/index.ts';
import type { ExtensionPoint } from '../plugin.ts';
import type { ConfigPoint, PluginSet, PluginWeight, Profile } from './configuration.ts';
import type { PluginRef, PluginRegistry, ResolvedProfile } from './types.ts';

/** A profile cannot be built; the message is upstream's. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

/** Extension points in the order in which upstream looks at them, with the names of their Go interfaces. */
const POINTS: ReadonlyArray<readonly [point: ExtensionPoint, goInterface: string]> = [
  ['preFilter', 'PreFilterPlugin'],
  ['filter', 'FilterPlugin'],
  ['postFilter', 'PostFilterPlugin'],
  ['reserve', 'ReservePlugin'],
  ['preScore', 'PreScorePlugin'],
  ['score', 'ScorePlugin'],
  ['preBind', 'PreBindPlugin'],
  ['bind', 'BindPlugin'],
  ['postBind', 'PostBindPlugin'],
  ['permit', 'PermitPlugin'],
  ['preEnqueue', 'PreEnqueuePlugin'],
  ['queueSort', 'QueueSortPlugin'],
  ['placementGenerate', 'PlacementGeneratePlugin'],
  ['placementScore', 'PlacementScorePlugin'],
  ['podGroupPostFilter', 'PodGroupPostFilterPlugin'],
];

/** All of them, in that order. */
export const EXTENSION_POINTS: readonly ExtensionPoint[] = POINTS.map(([point]) => point);

/** Weights are counted in these, and their sum must stay within int64. */
const NODE_SCORE_MAX = 100n;
const TOTAL_SCORE_MAX = 2n ** 63n - 1n;

type Plugins = Readonly<Record<ConfigPoint, PluginSet>>;

/** Throws BuildError. */
export function expandPlugins(profile: Profile, registry: PluginRegistry): ResolvedProfile['plugins'] {
  const { plugins } = profile;
  for (const [point, goInterface] of POINTS) checkPoint(plugins[point], point, goInterface, registry);
  const expanded = new Map(
    POINTS.map(([point, goInterface]) => [
      point,
      expandPoint(plugins[point], plugins.multiPoint.enabled, point, goInterface, registry),
    ]),
  );
  checkCounts(expanded, profile.schedulerName);
  const score = inContext('score plugins', () => weightsAt('score', plugins, registry));
  const placementScore = inContext('placement score plugins', () => weightsAt('placementScore', plugins, registry));
  const refs: Partial<Record<ExtensionPoint, readonly PluginRef[]>> = {};
  for (const [point, names] of expanded) {
    const weights = point === 'score' ? score : point === 'placementScore' ? placementScore : undefined;
    if (names.length === 0) continue;
    refs[point] = names.map((name) => (weights === undefined ? { name } : { name, weight: weights.get(name)! }));
  }
  return refs;
}

/** The list of one point, before multiPoint comes in. */
function checkPoint(
  { enabled }: PluginSet,
  point: ExtensionPoint,
  goInterface: string,
  registry: PluginRegistry,
): void {
  const seen = new Set<string>();
  for (const { name } of enabled) {
    if (!implementsPoint(name, point, goInterface, registry)) {
      throw new BuildError(`plugin ${goQuote(name)} does not extend ${goInterface} plugin`);
    }
    if (seen.has(name)) throw registeredTwice(name, goInterface);
    seen.add(name);
  }
}

/**
 * First the plugins that the point lists and multiPoint has too, then the others of multiPoint, then the rest of the
 * point's list.
 */
function expandPoint(
  { enabled, disabled }: PluginSet,
  multiPoint: readonly PluginWeight[],
  point: ExtensionPoint,
  goInterface: string,
  registry: PluginRegistry,
): string[] {
  const listed = enabled.map(({ name }) => name);
  if (disabled.includes('*')) return listed;
  const overridden = new Set<string>();
  const added = new Set<string>();
  for (const { name } of multiPoint) {
    if (!implementsPoint(name, point, goInterface, registry) || disabled.includes(name)) continue;
    if (listed.includes(name)) overridden.add(name);
    else if (added.has(name)) throw registeredTwice(name, goInterface);
    else added.add(name);
  }
  return [
    ...listed.filter((name) => overridden.has(name)),
    ...added,
    ...listed.filter((name) => !overridden.has(name)),
  ];
}

function implementsPoint(name: string, point: ExtensionPoint, goInterface: string, registry: PluginRegistry): boolean {
  const definition = registry.get(name);
  if (definition === undefined) throw new BuildError(`${goInterface} ${goQuote(name)} does not exist`);
  return definition.points.includes(point);
}

const registeredTwice = (name: string, goInterface: string): BuildError =>
  new BuildError(`plugin ${goQuote(name)} already registered as ${goQuote(goInterface)}`);

function checkCounts(expanded: ReadonlyMap<ExtensionPoint, readonly string[]>, schedulerName: string): void {
  const count = (point: ExtensionPoint): number => expanded.get(point)!.length;
  const profile = `profile with scheduler name ${goQuote(schedulerName)}`;
  const sorters = count('queueSort');
  if (sorters !== 1) throw new BuildError(`only one queue sort plugin required for ${profile}, but got ${sorters}`);
  if (count('bind') === 0) throw new BuildError(`at least one bind plugin is needed for ${profile}`);
  if (count('placementGenerate') > 1) {
    throw new BuildError(`at most one placement generate plugin is allowed for ${profile}`);
  }
}

/** The point's own list goes before multiPoint. The sum wraps around as an int64 does: negative weights are legal. */
function weightsAt(
  point: 'score' | 'placementScore',
  plugins: Plugins,
  registry: PluginRegistry,
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  let total = 0n;
  for (const { name, weight } of [...plugins[point].enabled, ...plugins.multiPoint.enabled]) {
    if (weights.has(name) || !registry.get(name)?.points.includes(point)) continue;
    weights.set(name, weight || 1);
    const most = BigInt(weight || 1) * NODE_SCORE_MAX;
    if (most > BigInt.asIntN(64, TOTAL_SCORE_MAX - total)) {
      throw new BuildError('total score of Score plugins could overflow');
    }
    total = BigInt.asIntN(64, total + most);
  }
  return weights;
}

function inContext<T>(context: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BuildError) throw new BuildError(`${context}: ${error.message}`);
    throw error;
  }
}
