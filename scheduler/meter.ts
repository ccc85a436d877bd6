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
  private readonly clock: Meter | undefined;
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

  /** True when somebody wants to know how long plugins take; engines then call every one of them. */
  get wantsTimes(): boolean {
    return this.clock !== undefined;
  }

  list(): PluginStat[] {
    return Object.values(this.stats).flatMap((byName) => [...byName.values()].map((stat) => ({ ...stat })));
  }

  beginCycle(): void {
    this.sampling = this.clock !== undefined && this.cycles % this.clock.sampleEvery === 0;
    this.cycles++;
  }

  start(): number {
    return this.sampling ? this.clock!.nowNs() : 0;
  }

  stop(plugin: string, point: 'preFilter' | 'preScore' | 'score', startedNs: number, calls = 1): void {
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
    const rejectedBy = new Int32Array(cycle.filters.length);
    for (let i = 0; i < cycle.rejectedCount; i++) rejectedBy[cycle.rejectedBy[i]!]!++;
    let reaching = cycle.evaluatedCount;
    cycle.filters.forEach(({ name }, i) => {
      const stat = this.stat(name, 'filter');
      stat.calls += reaching;
      stat.nodesRejected += rejectedBy[i]!;
      reaching -= rejectedBy[i]!;
    });
    const decidedBy = cycle.error === '' ? marginOf(cycle)?.decidedBy : undefined;
    if (decidedBy !== undefined) this.stat(decidedBy, 'score').decisionsDecided++;
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
