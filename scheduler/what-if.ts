/**
 * Runs the Filter chain of one cycle on one node, with nominated pods, and answers what-ifs for preemption.
 * Source: `RunFilterPluginsWithNominatedPods` in `pkg/scheduler/framework/runtime/framework.go`, v1.37.2.
 *
 * Cost of `run`: one indirect call per Filter plugin until the first rejection; a second chain and a copy of the node's
 * pod list only where pods are nominated to the node.
 */
import type { Cluster, SavedRow } from './cluster.ts';
import type { ActiveFilter, Cycle } from './cycle.ts';
import type { PluginMeter } from './meter.ts';
import type { Nominator } from './nominator.ts';
import type { CompiledFilter, FilterState, PodInfo, Status, WhatIf } from './plugin.ts';

export class FilterRunner implements WhatIf {
  /** After `run` returned false: index into the cycle's filters, and that plugin's own code. */
  failedBy = 0;
  failedCode = 0;

  private readonly cluster: Cluster;
  private readonly nominator: Nominator;
  private readonly meter: PluginMeter;
  private cycle!: Cycle;
  private filters: readonly ActiveFilter[] = [];
  private states: readonly FilterState[] = [];

  private row = -1;
  private savedRow: SavedRow | undefined;
  private checkpoints: readonly unknown[] = [];

  constructor(cluster: Cluster, nominator: Nominator, meter: PluginMeter) {
    this.cluster = cluster;
    this.nominator = nominator;
    this.meter = meter;
  }

  /** Compiles the cycle's filters; PreFilter must have run. */
  beginCycle(cycle: Cycle): void {
    this.cycle = cycle;
    const filters: ActiveFilter[] = [];
    for (const { name, plugin } of cycle.framework.filter) {
      if (cycle.skippedFilters.has(name)) continue;
      const state = cycle.preFilterStates.get(name);
      filters.push({ name, compiled: compile(() => plugin.compileFilter?.(cycle.pod, this.cluster, state)) });
    }
    this.filters = filters;
    cycle.filters = filters;
    const states: FilterState[] = [];
    for (const [name, state] of cycle.preFilterStates) {
      const changing = state as FilterState | null;
      const changes = changing?.addPod !== undefined || changing?.removePod !== undefined;
      if (changes && !cycle.skippedFilters.has(name)) states.push(changing);
    }
    this.states = states;
  }

  /** True when the pod fits the node, with and without the pods of at least its priority that are promised the node. */
  run(row: number): boolean {
    if (this.nominator.size > 0) {
      const promised = this.promisedPods(row);
      if (promised.length > 0) {
        const savedRow = this.cluster.saveRow(row);
        const checkpoints = this.checkpointStates();
        for (const pod of promised) this.place(pod, row);
        try {
          if (!this.runChain(row)) return false;
        } finally {
          this.cluster.restoreRow(savedRow);
          this.restoreStates(checkpoints);
        }
      }
    }
    return this.runChain(row);
  }

  private runChain(row: number): boolean {
    const { filters } = this;
    if (this.meter.sampling) return this.runChainTimed(row);
    for (let i = 0; i < filters.length; i++) {
      const code = this.filterOne(filters[i]!, row);
      if (code !== 0) {
        this.failedBy = i;
        this.failedCode = code;
        return false;
      }
    }
    return true;
  }

  private runChainTimed(row: number): boolean {
    const { filters, meter } = this;
    for (let i = 0; i < filters.length; i++) {
      const startedNs = meter.start();
      const code = this.filterOne(filters[i]!, row);
      meter.stopFilter(filters[i]!.name, startedNs);
      if (code !== 0) {
        this.failedBy = i;
        this.failedCode = code;
        return false;
      }
    }
    return true;
  }

  private filterOne(filter: ActiveFilter, row: number): number {
    try {
      return filter.compiled.filter(row);
    } catch (error) {
      this.failedBy = this.filters.indexOf(filter);
      throw new Error(`running "${filter.name}" filter plugin: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }

  private promisedPods(row: number): readonly PodInfo[] {
    const promised = this.nominator.podsOn(this.cluster.nodeName(row));
    if (promised.length === 0) return promised;
    const { pod } = this.cycle;
    return promised.filter((other) => other.priority >= pod.priority && other.uid !== pod.uid);
  }

  // --- WhatIf ----------------------------------------------------------------------------------------------------------

  begin(row: number): void {
    this.row = row;
    this.savedRow = this.cluster.saveRow(row);
    this.checkpoints = this.checkpointStates();
  }

  removePod(pod: PodInfo, row = this.row): void {
    if (row === this.row) this.cluster.displace(pod, row);
    for (const state of this.states) state.removePod?.(pod, row);
  }

  addPod(pod: PodInfo, row = this.row): void {
    if (row === this.row) this.cluster.place(pod, row);
    for (const state of this.states) state.addPod?.(pod, row);
  }

  filter(): Status | undefined {
    try {
      if (this.run(this.row)) return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { code: 'Error', reasons: [reason], plugin: this.filters[this.failedBy]!.name };
    }
    const { name, compiled } = this.filters[this.failedBy]!;
    return { ...compiled.status(this.failedCode), plugin: name };
  }

  end(): void {
    if (this.savedRow !== undefined) this.cluster.restoreRow(this.savedRow);
    this.restoreStates(this.checkpoints);
    this.savedRow = undefined;
  }

  private place(pod: PodInfo, row: number): void {
    this.cluster.place(pod, row);
    for (const state of this.states) state.addPod?.(pod, row);
  }

  private checkpointStates(): unknown[] {
    return this.states.map((state) => state.checkpoint?.());
  }

  private restoreStates(checkpoints: readonly unknown[]): void {
    this.states.forEach((state, i) => {
      state.restore?.(checkpoints[i]);
    });
  }
}

const FITS: CompiledFilter = { filter: () => 0, status: () => ({ code: 'Success', reasons: [] }) };

/** A Filter that cannot be compiled fails when it is first asked, as upstream's would; it may never be. */
function compile(make: () => CompiledFilter | undefined): CompiledFilter {
  try {
    return make() ?? FITS;
  } catch (error) {
    return {
      filter: () => {
        throw error;
      },
      status: () => ({ code: 'Error', reasons: [String(error)] }),
    };
  }
}
