/** The plugins of one profile, made and lined up per extension point. */
import { ConfigError, type PluginRef, type PluginRegistry, type ResolvedProfile } from './config/types.ts';
import { EXTENDER } from './extender/extender.ts';
import { LocalApi } from './local-api.ts';
import type { ExtensionPoint, Plugin, PluginDefinition, PluginHandle } from './plugin.ts';
import type { EventPlugin } from './queue/hints.ts';

export interface EnabledPlugin {
  readonly name: string;
  /** Scoring points only. */
  readonly weight: number;
  readonly plugin: Plugin;
  readonly definition: PluginDefinition;
}

/** Plugins that can reject a pod are asked which events cure that (`shouldHaveEnqueueExtensions` upstream). */
const REJECTING_POINTS: readonly ExtensionPoint[] = ['preEnqueue', 'preFilter', 'filter', 'reserve', 'permit'];

/** What plugins may ask a scheduler that lives in time; without time no gate is on and nobody is being evicted. */
export type FrameworkHandle = Omit<PluginHandle, 'profileName'>;

export const TIMELESS: FrameworkHandle = {
  isEnabled: () => false,
  isPreempting: () => false,
  activate: () => {},
  allow: () => {},
  api: new LocalApi(),
};

/** One profile, ready to run. Throws ConfigError (stage `build`) when a plugin cannot be made from its arguments. */
export class Framework {
  readonly profile: ResolvedProfile;
  readonly preEnqueue: readonly EnabledPlugin[];
  readonly queueSort: readonly EnabledPlugin[];
  readonly preFilter: readonly EnabledPlugin[];
  readonly filter: readonly EnabledPlugin[];
  readonly postFilter: readonly EnabledPlugin[];
  readonly preScore: readonly EnabledPlugin[];
  readonly score: readonly EnabledPlugin[];
  readonly reserve: readonly EnabledPlugin[];
  readonly permit: readonly EnabledPlugin[];
  readonly preBind: readonly EnabledPlugin[];
  readonly bind: readonly EnabledPlugin[];
  readonly postBind: readonly EnabledPlugin[];
  readonly placementGenerate: readonly EnabledPlugin[];
  readonly placementScore: readonly EnabledPlugin[];
  readonly podGroupPostFilter: readonly EnabledPlugin[];
  /** Not an extension point of its own: every plugin that has an opinion is asked. */
  readonly placementFeasible: ReadonlyArray<Pick<EnabledPlugin, 'name' | 'plugin'>>;

  /** The plugins that can reject a pod, with the events that they registered. */
  readonly eventPlugins: readonly EventPlugin[];
  private readonly handle: FrameworkHandle;

  /** @param hasExtenders Nobody knows which events cure a rejection by an extender, so every event may. */
  constructor(
    profile: ResolvedProfile,
    registry: PluginRegistry,
    handle: FrameworkHandle = TIMELESS,
    hasExtenders = false,
  ) {
    this.profile = profile;
    this.handle = handle;
    const instances = new Map<string, Plugin>();
    const at = (point: ExtensionPoint): EnabledPlugin[] =>
      (profile.plugins[point] ?? []).map((ref: PluginRef) => ({
        name: ref.name,
        weight: ref.weight ?? 0,
        plugin: this.instance(ref.name, instances, registry),
        definition: registry.get(ref.name)!,
      }));
    this.preEnqueue = at('preEnqueue');
    this.queueSort = at('queueSort');
    this.preFilter = at('preFilter');
    this.filter = at('filter');
    this.postFilter = at('postFilter');
    this.preScore = at('preScore');
    this.score = at('score');
    this.reserve = at('reserve');
    this.permit = at('permit');
    this.preBind = at('preBind');
    this.bind = at('bind');
    this.postBind = at('postBind');
    this.placementGenerate = at('placementGenerate');
    this.placementScore = at('placementScore');
    this.podGroupPostFilter = at('podGroupPostFilter');
    this.placementFeasible = [...instances].flatMap(([name, plugin]) =>
      plugin.placementFeasible === undefined ? [] : [{ name, plugin }],
    );
    this.eventPlugins = [...instances].flatMap(([name, { events }]) =>
      registry.get(name)!.points.some((point) => REJECTING_POINTS.includes(point)) ? [{ name, events }] : [],
    );
    if (hasExtenders) this.eventPlugins = [{ name: EXTENDER, events: undefined }, ...this.eventPlugins];
  }

  get name(): string {
    return this.profile.schedulerName;
  }

  private instance(name: string, instances: Map<string, Plugin>, registry: PluginRegistry): Plugin {
    const made = instances.get(name);
    if (made !== undefined) return made;
    const definition = registry.get(name);
    const where = `initializing profiles: creating profile for scheduler name ${this.name}: initializing plugin "${name}"`;
    if (definition === undefined) throw new ConfigError('build', `${where}: no such plugin`);
    const args = this.profile.pluginConfig.find((config) => config.name === name)?.args ?? {};
    let plugin: Plugin;
    try {
      plugin = definition.create(args, { profileName: this.name, ...this.handle });
    } catch (error) {
      throw new ConfigError('build', `${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
    instances.set(name, plugin);
    return plugin;
  }
}
