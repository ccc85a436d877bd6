/**
 * The plugins of a profile, compiled for one pod class so that the answers can be kept: what depends on the node alone is
 * asked once, what depends on the pods of a node when that node changes, and what depends on pods elsewhere once per
 * cycle and group of nodes with equal facts. The engine knows plugins by what they declare, not by name.
 *
 * A class that this cannot serve (a plugin with dependency `cluster` that it concerns, a PreFilter that narrows or rejects)
 * has no program and goes the long way, through the reference engine.
 */
import type { Cluster } from '../cluster.ts';
import type { EnabledPlugin, Framework } from '../framework.ts';
import type {
  CompiledFilter,
  CompiledScore,
  Dependency,
  DomainCounters,
  LiveFilter,
  LiveScore,
  NodeFact,
  PodInfo,
  Status,
} from '../plugin.ts';

export interface OwnFilter {
  readonly name: string;
  /** Place in the profile's order of Filter plugins. */
  readonly order: number;
  readonly compiled: CompiledFilter;
}

export interface GroupFilter {
  readonly name: string;
  readonly order: number;
  readonly compiled: LiveFilter;
}

/** A score that is added to a node's base as it is. */
export interface OwnScore {
  readonly weight: number;
  readonly compiled: CompiledScore;
}

/** A score that is normalized over the feasible nodes, and therefore worked out per group. */
export interface GroupScore {
  readonly weight: number;
  readonly compiled: CompiledScore;
  /** Set for plugins that have a PreScore per cycle. */
  readonly live: LiveScore | undefined;
  /** The raw score depends on the node's object alone. */
  readonly isStatic: boolean;
}

export interface ClassProgram {
  readonly staticFilters: readonly OwnFilter[];
  readonly usageFilters: readonly OwnFilter[];
  readonly liveFilters: readonly GroupFilter[];
  readonly staticScores: readonly OwnScore[];
  readonly usageScores: readonly OwnScore[];
  readonly groupScores: readonly GroupScore[];
  readonly staticFacts: readonly NodeFact[];
  readonly usageFacts: readonly NodeFact[];
  /**
   * Programs of one profile with equal keys say the same of the nodes' own objects, as long as no node changes; undefined where
   * some plugin does not say what it reads of a pod.
   */
  readonly staticKey: string | undefined;
  /** Asks the plugins that look at the objects of all nodes whether they still say the same. */
  saysTheSameOfAll(): boolean;
  /** Names by the order of Filter plugins, and how a code of theirs reads. */
  statusOf(order: number, code: number): Status;
  /** Kinds of objects that were read. */
  readonly reads: ReadonlyArray<NonNullable<EnabledPlugin['definition']['reads']>[number]>;
  /** No answer but those that depend on the pods of a node depends on the pod's requests. */
  readonly sharesShape: boolean;
}

type Compiled = Pick<CompiledFilter, 'signature'>;

const NO_ROWS = new Int32Array(0);

/** Undefined for a class that has to go the long way. Errors of plugins mean the same. */
export function compileClass(
  framework: Framework,
  pod: PodInfo,
  cluster: Cluster,
  counters: DomainCounters,
): ClassProgram | undefined {
  try {
    return new Compiler(framework, pod, cluster, counters).compile();
  } catch {
    // The reference engine meets the same error, and knows how to word it.
    return undefined;
  }
}

const concerns = ({ plugin }: EnabledPlugin, pod: PodInfo, cluster: Cluster): boolean =>
  plugin.concerns?.(pod, cluster) ?? true;

const dependencyOf = ({ definition }: EnabledPlugin, point: 'filter' | 'score'): Dependency =>
  definition.dependsOn?.[point] ?? 'cluster';

class Compiler {
  private readonly framework: Framework;
  private readonly pod: PodInfo;
  private readonly cluster: Cluster;
  private readonly counters: DomainCounters;
  private readonly states = new Map<string, unknown>();
  private readonly skipped = new Set<string>();
  private readonly filters: Array<OwnFilter & { readonly dependency: Dependency }> = [];
  private readonly liveFilters: GroupFilter[] = [];
  private readonly staticScores: OwnScore[] = [];
  private readonly usageScores: OwnScore[] = [];
  private readonly groupScores: GroupScore[] = [];
  private readonly facts: NodeFact[] = [];
  /** What the static Filters and Scores have read. */
  private readonly signatures: unknown[] = [];
  private isSigned = true;
  private readonly ofAllNodes: Array<() => boolean> = [];

  constructor(framework: Framework, pod: PodInfo, cluster: Cluster, counters: DomainCounters) {
    this.framework = framework;
    this.pod = pod;
    this.cluster = cluster;
    this.counters = counters;
  }

  compile(): ClassProgram | undefined {
    // Without Filter plugins the search stops by a rule of its own.
    if (this.framework.filter.length === 0) return undefined;
    if (!this.preFilter() || !this.compileFilters() || !this.compileScores()) return undefined;
    const byOrder = new Map<number, OwnFilter | GroupFilter>();
    for (const filter of [...this.filters, ...this.liveFilters]) byOrder.set(filter.order, filter);
    const isUsage = ({ dependency }: { dependency: Dependency }) => dependency === 'usage';
    const staticFacts = this.facts.filter(({ changes }) => changes === 'node');
    for (const { signature } of staticFacts) this.sign(signature, signature);
    return {
      staticFilters: this.filters.filter((filter) => !isUsage(filter)),
      usageFilters: this.filters.filter(isUsage),
      liveFilters: this.liveFilters,
      staticScores: this.staticScores,
      usageScores: this.usageScores,
      groupScores: this.groupScores,
      staticFacts,
      usageFacts: this.facts.filter(({ changes }) => changes === 'usage'),
      staticKey: this.isSigned ? JSON.stringify([this.framework.profile.schedulerName, this.signatures]) : undefined,
      saysTheSameOfAll: () => {
        try {
          return this.ofAllNodes.every((isSame) => isSame());
        } catch {
          return false;
        }
      },
      statusOf: (order, code) => {
        const { compiled, name } = byOrder.get(order)!;
        return { ...compiled.status(code), plugin: name };
      },
      reads: this.reads(),
      sharesShape: this.sharesShape(),
    };
  }

  /** False when PreFilter does more than to leave a state. */
  private preFilter(): boolean {
    for (const enabled of this.framework.preFilter) {
      const { name, plugin } = enabled;
      const dependency = dependencyOf(enabled, 'filter');
      if (dependency === 'domain') continue;
      if (!concerns(enabled, this.pod, this.cluster)) {
        // Asked all the same, once: some plugins want to have seen a PreFilter before Reserve.
        plugin.preFilter?.(this.pod, this.cluster);
        this.skipped.add(name);
        continue;
      }
      if (dependency === 'cluster' && plugin.preFilter !== undefined) return false;
      const result = plugin.preFilter?.(this.pod, this.cluster) ?? {};
      if (result.reject !== undefined || result.nodeNames !== undefined) return false;
      if (result.skip === true) this.skipped.add(name);
      else if (result.state !== undefined) this.states.set(name, result.state);
    }
    return true;
  }

  private compileFilters(): boolean {
    const { framework, pod, cluster, counters } = this;
    const withPreFilter = new Set(framework.preFilter.map(({ name }) => name));
    for (const [order, enabled] of framework.filter.entries()) {
      const { name, plugin } = enabled;
      if (this.skipped.has(name) || !concerns(enabled, pod, cluster)) continue;
      const dependency = dependencyOf(enabled, 'filter');
      if (dependency === 'cluster') return false;
      if (dependency === 'domain') {
        const live = withPreFilter.has(name) ? plugin.liveFilter?.(pod, cluster, counters) : undefined;
        if (live === undefined) return false;
        if (live === 'skip') continue;
        this.liveFilters.push({ name, order, compiled: live });
        this.facts.push(...live.facts);
        continue;
      }
      const compiled = plugin.compileFilter?.(pod, cluster, this.states.get(name));
      if (compiled === undefined) continue;
      this.filters.push({ name, order, compiled, dependency });
      if (dependency !== 'usage') this.sign(compiled.signature, [order, compiled.signature, this.versionsFor(enabled)]);
      if (dependency === 'nodes') {
        this.watch(compiled, () => plugin.compileFilter?.(pod, cluster, this.states.get(name)));
      }
    }
    return true;
  }

  private compileScores(): boolean {
    const { framework, pod, cluster } = this;
    const states = new Map<string, unknown>();
    const skipped = new Set<string>();
    const withPreScore = new Set(framework.preScore.map(({ name }) => name));
    for (const enabled of framework.preScore) {
      const { name, plugin } = enabled;
      const dependency = dependencyOf(enabled, 'score');
      if (dependency === 'domain' || !concerns(enabled, pod, cluster)) continue;
      if (dependency === 'cluster') return false;
      const result = plugin.preScore?.(pod, cluster, NO_ROWS, 0) ?? {};
      if (result.skip === true) skipped.add(name);
      if (result.state !== undefined) states.set(name, result.state);
    }
    for (const enabled of framework.score) {
      const { name, plugin } = enabled;
      if (skipped.has(name) || !concerns(enabled, pod, cluster)) continue;
      const dependency = dependencyOf(enabled, 'score');
      if (dependency === 'cluster') return false;
      if (dependency === 'domain') {
        if (!withPreScore.has(name) || !this.addLiveScore(enabled)) return false;
        continue;
      }
      const compile = () => plugin.compileScore?.(pod, cluster, states.get(name));
      const compiled = compile();
      if (dependency === 'nodes') this.watch(compiled, compile);
      if (compiled !== undefined && !this.addScore(compiled, enabled, dependency)) return false;
    }
    return true;
  }

  private addLiveScore({ plugin, weight }: EnabledPlugin): boolean {
    const live = plugin.liveScore?.(this.pod, this.cluster, this.counters);
    if (live === undefined || (live !== 'skip' && live.normalization?.kind === 'custom')) return false;
    if (live === 'skip') return true;
    this.groupScores.push({ weight, compiled: live, live, isStatic: false });
    this.facts.push(...live.facts);
    return true;
  }

  private addScore(compiled: CompiledScore, enabled: EnabledPlugin, dependency: Dependency): boolean {
    const { normalization, signature } = compiled;
    const { weight } = enabled;
    const isUsage = dependency === 'usage';
    const read = JSON.stringify([enabled.name, weight, signature, isUsage ? [] : this.versionsFor(enabled)]);
    if (normalization === undefined) {
      (isUsage ? this.usageScores : this.staticScores).push({ weight, compiled });
      if (!isUsage) this.sign(signature, read);
      return true;
    }
    // What these kinds need to know of a node is its raw score.
    if (normalization.kind === 'custom' || normalization.kind === 'spread') return false;
    this.groupScores.push({ weight, compiled, live: undefined, isStatic: !isUsage });
    const of = (row: number) => compiled.score(row);
    this.facts.push({ changes: isUsage ? 'usage' : 'node', of, signature: signature === undefined ? undefined : read });
    return true;
  }

  /** A plugin that looks at all nodes says the same as long as compiling again gives what is signed alike. */
  private watch(compiled: Compiled | undefined, again: () => Compiled | undefined): void {
    const signature = compiled?.signature;
    this.ofAllNodes.push(() => {
      const now = again();
      return compiled === undefined ? now === undefined : signature !== undefined && now?.signature === signature;
    });
  }

  private sign(signature: string | undefined, read: unknown): void {
    if (signature === undefined) this.isSigned = false;
    else this.signatures.push(read);
  }

  /** Of the objects that a plugin looks at beside nodes and pods. */
  private versionsFor({ definition }: EnabledPlugin): number[] {
    return (definition.reads ?? []).map((kind) => this.cluster.objects.versionOf(kind));
  }

  private sharesShape(): boolean {
    const { framework, pod, cluster } = this;
    const ignores = (point: 'filter' | 'score') => (enabled: EnabledPlugin) =>
      dependencyOf(enabled, point) === 'usage' ||
      enabled.definition.ignoresRequests === true ||
      !concerns(enabled, pod, cluster);
    return framework.filter.every(ignores('filter')) && framework.score.every(ignores('score'));
  }

  /** Of all plugins: whether a pod concerns one may change with them. */
  private reads(): ClassProgram['reads'] {
    const { preFilter, filter, preScore, score } = this.framework;
    const enabled = [...preFilter, ...filter, ...preScore, ...score];
    return [...new Set(enabled.flatMap(({ definition }) => definition.reads ?? []))];
  }
}
