/**
 * What every scheduler has, with time or without: the cluster, the profiles, an engine that decides, and the steps of a
 * scheduling cycle around its decision.
 */
import { InputError } from '../api/index.ts';
import { Cluster } from './cluster.ts';
import type { ExtenderConfig, PluginRegistry, ResolvedConfig } from './config/types.ts';
import type { Cycle } from './cycle.ts';
import type { ExtenderTransport } from './extender/extender.ts';
import { Extenders } from './extender/extenders.ts';
import { HttpExtender } from './extender/http-extender.ts';
import { type FeatureGates, featureGates } from './feature-gates.ts';
import { fitErrorMessage } from './fit-error.ts';
import { Framework, type FrameworkHandle, TIMELESS } from './framework.ts';
import { GroupStates } from './groups/group-states.ts';
import type { TieBreak } from './host-selection.ts';
import { type Meter, PluginMeter } from './meter.ts';
import { Nominator } from './nominator.ts';
import type { Plugin, PodInfo, PostFilterResult } from './plugin.ts';
import { Random } from './random.ts';
import { type Engine, type EngineOptions, ReferenceEngine } from './reference.ts';

export const DEFAULT_SCHEDULER = 'default-scheduler';

export interface CoreOptions {
  readonly config: ResolvedConfig;
  readonly registry: PluginRegistry;
  /** @default 'heap' */
  readonly tieBreak?: TieBreak;
  /** For `tieBreak: 'random'`. @default 0 */
  readonly seed?: number;
  /** For `tieBreak: 'rank'`: the lowest rank wins. @default all are equal */
  readonly nodeRank?: (nodeName: string) => number;
  /** Used where the configuration does not name a global percentage. @default the configuration's own (0, adaptive) */
  readonly percentageOfNodesToScore?: number;
  /** Times the plugins in sampled cycles. */
  readonly meter?: Meter;
  /** Differences from the defaults of v1.37. */
  readonly featureGates?: Partial<FeatureGates>;
  /** Every cycle is looked at in full, also what preemption has tried. @default false */
  readonly explain?: boolean;
  /** @default the reference engine, which is also the one that asks extenders */
  readonly engine?: (options: EngineOptions) => Engine;
  /** How to reach the extenders of the configuration; needed when there are any. */
  readonly extenderTransport?: (config: ExtenderConfig) => ExtenderTransport;
  /** Breaks ties among nodes that extenders have scored: the highest number wins. @default drawn with the seed */
  readonly extenderTie?: (nodeName: string) => number;
}

/** What the parts of a scheduler that lives in time tell the core. */
export interface CoreHooks extends Partial<Omit<FrameworkHandle, 'isEnabled'>> {
  readonly isPending?: (pod: PodInfo) => boolean;
}

export class SchedulerCore {
  readonly cluster = new Cluster();
  readonly nominator: Nominator;
  readonly frameworks: ReadonlyMap<string, Framework>;
  readonly gates: FeatureGates;
  readonly engine: Engine;
  readonly engineOptions: EngineOptions;
  readonly meter: PluginMeter;
  readonly extenders: Extenders;

  constructor(options: CoreOptions, { isPending, ...hooks }: CoreHooks = {}) {
    const { config, registry } = options;
    this.extenders = new Extenders(
      config.extenders.map((extender) => new HttpExtender(extender, transportOf(extender, options))),
    );
    this.gates = featureGates(options.featureGates);
    const { GenericWorkload: isOn, CompositePodGroup: hasComposites } = this.gates;
    this.cluster.groups = new GroupStates({ isOn, hasComposites });
    this.nominator = new Nominator(isPending);
    this.nominator.onChange = (nodeName) => this.cluster.touch(nodeName);
    const isEnabled = (gate: string): boolean => (this.gates as Readonly<Record<string, boolean>>)[gate] === true;
    this.frameworks = new Map(
      config.profiles.map((profile) => [
        profile.schedulerName,
        new Framework(profile, registry, { ...TIMELESS, ...hooks, isEnabled }, !this.extenders.isEmpty),
      ]),
    );
    this.meter = new PluginMeter(options.meter);
    const reference = (engineOptions: EngineOptions): Engine => new ReferenceEngine(engineOptions);
    const makeEngine = this.extenders.isEmpty ? (options.engine ?? reference) : reference;
    this.engineOptions = {
      cluster: this.cluster,
      nominator: this.nominator,
      tieBreak: options.tieBreak ?? 'heap',
      random: new Random(options.seed ?? 0),
      percentageOfNodesToScore: config.percentageIsExplicit
        ? config.percentageOfNodesToScore
        : (options.percentageOfNodesToScore ?? config.percentageOfNodesToScore),
      meter: this.meter,
      nodeRank: options.nodeRank,
      extenders: this.extenders,
      extenderTie: options.extenderTie,
      // May change from pod to pod.
      get explain() {
        return options.explain;
      },
    };
    this.engine = makeEngine(this.engineOptions);
  }

  /** Undefined for a pod that another scheduler is to place. */
  frameworkOf({ pod }: PodInfo): Framework | undefined {
    return this.frameworks.get(pod.spec?.schedulerName ?? DEFAULT_SCHEDULER);
  }

  /** Runs the PostFilter plugins until one succeeds; undefined when the profile has none. */
  postFilter(cycle: Cycle, nominatedNodeName: string): PostFilterResult | undefined {
    const { framework, pod } = cycle;
    if (framework.postFilter.length === 0) return undefined;
    const { cluster, engine, extenders } = this;
    const statusOf = cycle.statuses();
    const reasons: string[] = [];
    let rejector = '';
    let last: PostFilterResult | undefined;
    for (const { name, plugin, definition } of framework.postFilter) {
      const result = plugin.postFilter?.({
        pod,
        cluster,
        state: stateLeftBy(name, plugin, cycle, cluster),
        statusOf,
        nominatedNodeName,
        whatIf: engine.filterRunner,
        memory: cycle.failure?.memoryOf(name, definition.reads),
        reviewCandidates: (candidates) => extenders.review(pod, candidates, cluster),
      });
      if (result === undefined) continue;
      const { status } = result;
      if (status.code === 'Success') return result;
      if (status.code === 'UnschedulableAndUnresolvable' || status.code === 'Error') {
        return { ...result, status: { ...status, plugin: name } };
      }
      if (result.nominatedNodeName !== undefined || last === undefined) last = result;
      reasons.push(...status.reasons);
      if (rejector === '') rejector = name;
    }
    return { ...last, status: { code: 'Unschedulable', reasons, plugin: rejector } };
  }

  /** The text of a cycle that found no node. */
  failureMessage(cycle: Cycle, postFilterMessage: string): string {
    const preFilter = cycle.preFilterReject?.reasons.join(', ');
    const counts = preFilter ? new Map<string, number>() : cycle.reasonCounts();
    return fitErrorMessage(cycle.nodeCount, preFilter, counts, postFilterMessage);
  }
}

/** What the plugin's PreFilter left; undefined when it did not run. An engine that keeps answers has not asked it. */
function stateLeftBy(name: string, plugin: Plugin, cycle: Cycle, cluster: Cluster): unknown {
  const { failure, framework, pod, preFilterRan, preFilterStates } = cycle;
  if (failure === undefined) return preFilterRan.has(name) ? (preFilterStates.get(name) ?? {}) : undefined;
  if (!framework.preFilter.some((enabled) => enabled.plugin === plugin)) return undefined;
  return plugin.preFilter?.(pod, cluster).state ?? {};
}

function transportOf(config: ExtenderConfig, { extenderTransport }: CoreOptions): ExtenderTransport {
  if (extenderTransport !== undefined) return extenderTransport(config);
  throw new InputError(
    `extenders: ${config.urlPrefix}: this command does not call extenders; remove them from the configuration`,
  );
}
