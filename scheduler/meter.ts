/**
 * What each plugin does and costs: calls, nanoseconds in sampled cycles, nodes rejected, decisions decided.
 * The clock is handed in by the bench, since nothing in the scheduler reads wall time.
 *
 * Cost: a few Map lookups per cycle; in sampled cycles two clock readings per plugin call more.
 */
import type { Cycle } from './cycle.ts';
import { marginOf } from './margin.ts';

/** Wall clock for plugin timing. */
export interface Meter {
  nowNs(): number;
  /** Time every n-th cycle (upstream samples one in ten). */
  readonly sampleEvery: number;
}

export interface PluginStat {
  readonly plugin: string;
  readonly point: 'preFilter' | 'filter' | 'preScore' | 'score';
  /** Calls in all cycles; Filter and Score count one per node. */
  calls: number;
  /** Calls that were timed, and what they took. */
  timedCalls: number;
  nanoseconds: number;
  nodesRejected: number;
  decisionsDecided: number;
}

type Point = PluginStat['point'];

export class PluginMeter {
  /** True during cycles whose plugins are timed. */
  sampling = false;
  /** True during cycles that leave no trace here. */
  ignoring = false;
  private readonly clock: Meter | undefined;
  /** Cycles that the figures are about, and those of them that were scored. */
  countedCycles = 0;
  scoredCycles = 0;
  private cycles = 0;
  private readonly stats: Record<Point, Map<string, PluginStat>> = {
    preFilter: new Map(),
    filter: new Map(),
    preScore: new Map(),
    score: new Map(),
  };

  constructor(clock?: Meter) {
    this.clock = clock;
  }

  /**
   * For an engine that can do without asking every plugin: whether it may in this cycle. Of such an engine only the sampled
   * cycles count, so that all figures are about the same cycles.
   */
  isPassedOver(): boolean {
    if (this.clock === undefined) return true;
    if (this.cycles % this.clock.sampleEvery === 0) return false;
    this.sampling = false;
    this.cycles++;
    return true;
  }

  list(): PluginStat[] {
    return Object.values(this.stats).flatMap((byName) => [...byName.values()].map((stat) => ({ ...stat })));
  }

  beginCycle(): void {
    if (this.ignoring) return;
    this.countedCycles++;
    this.sampling = this.clock !== undefined && this.cycles % this.clock.sampleEvery === 0;
    this.cycles++;
  }

  start(): number {
    return this.sampling ? this.clock!.nowNs() : 0;
  }

  stop(plugin: string, point: 'preFilter' | 'preScore' | 'score', startedNs: number, calls = 1): void {
    if (this.ignoring) return;
    const stat = this.stat(plugin, point);
    stat.calls += calls;
    if (this.sampling) {
      stat.nanoseconds += this.clock!.nowNs() - startedNs;
      stat.timedCalls += calls;
    }
  }

  /** Filter calls are counted at the end of the cycle; here they are only timed. */
  stopFilter(plugin: string, startedNs: number): void {
    const stat = this.stat(plugin, 'filter');
    stat.nanoseconds += this.clock!.nowNs() - startedNs;
    stat.timedCalls++;
  }

  endCycle(cycle: Cycle): void {
    if (this.ignoring) return;
    const rejectedBy = new Int32Array(cycle.filters.length);
    for (let i = 0; i < cycle.rejectedCount; i++) rejectedBy[cycle.rejectedBy[i]!]!++;
    let reaching = cycle.evaluatedCount;
    cycle.filters.forEach(({ name }, i) => {
      const stat = this.stat(name, 'filter');
      stat.calls += reaching;
      stat.nodesRejected += rejectedBy[i]!;
      reaching -= rejectedBy[i]!;
    });
    const margin = cycle.error === '' ? marginOf(cycle) : undefined;
    if (margin === undefined) return;
    this.scoredCycles++;
    if (margin.decidedBy !== undefined) this.stat(margin.decidedBy, 'score').decisionsDecided++;
  }

  private stat(plugin: string, point: Point): PluginStat {
    const byName = this.stats[point];
    let stat = byName.get(plugin);
    if (stat === undefined) {
      stat = { plugin, point, calls: 0, timedCalls: 0, nanoseconds: 0, nodesRejected: 0, decisionsDecided: 0 };
      byName.set(plugin, stat);
    }
    return stat;
  }
}
