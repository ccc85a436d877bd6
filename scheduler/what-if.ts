/**
 * Runs the Filter chain of one cycle on one node, with nominated pods, and answers what-ifs for preemption.
 * Source: `RunFilterPluginsWithNominatedPods` in `pkg/scheduler/framework/runtime/framework.go`, v1.37.2.
 *
 * Cost of `run`: one indirect call per Filter plugin until the first rejection; a second chain and a copy of the node's
 * pod list only where pods are nominated to the node.
 */
import type { Cluster } from './cluster.ts';
import type { ActiveFilter, Cycle } from './cycle.ts';
import type { PluginMeter } from './meter.ts';
import type { SavedRow } from './node-pods.ts';
import type { Nominator } from './nominator.ts';
import type { CompiledFilter, FilterState, PodInfo, ResourceForm, Status, WhatIf } from './plugin.ts';

/** The one Filter that looks at the pods of a node, where it is a form, and the others. */
export interface RoomCheck {
  readonly form: ResourceForm;
  readonly others: readonly ActiveFilter[];
}

export class FilterRunner implements WhatIf {
  /** After `run` returned false: index into the cycle's filters, and that plugin's own code. */
  failedBy = 0;
  failedCode = 0;

  private readonly cluster: Cluster;
  private readonly nominator: Nominator;
  private readonly meter: PluginMeter;
  private pod!: PodInfo;
  private filters: readonly ActiveFilter[] = [];
  private states: readonly FilterState[] = [];
  private room: RoomCheck | undefined;
  private prepare: (() => void) | undefined;

  private row = -1;
  private savedRow: SavedRow | undefined;
  private checkpoints: readonly unknown[] = [];
  private wasMuted = false;

  constructor(cluster: Cluster, nominator: Nominator, meter: PluginMeter) {
    this.cluster = cluster;
    this.nominator = nominator;
    this.meter = meter;
  }

  /** Compiles the cycle's filters; PreFilter must have run. */
  beginCycle(cycle: Cycle): void {
    const filters: ActiveFilter[] = [];
    for (const { name, plugin } of cycle.framework.filter) {
      if (cycle.skippedFilters.has(name)) continue;
      const state = cycle.preFilterStates.get(name);
      filters.push({ name, compiled: compile(() => plugin.compileFilter?.(cycle.pod, this.cluster, state)) });
    }
    cycle.filters = filters;
    const states: FilterState[] = [];
    for (const [name, state] of cycle.preFilterStates) {
      const changing = state as FilterState | null;
      const changes = changing?.addPod !== undefined || changing?.removePod !== undefined;
      if (changes && !cycle.skippedFilters.has(name)) states.push(changing);
    }
    this.beginWith(cycle.pod, filters, states);
  }

  /** As `beginCycle`, for filters that are compiled already. */
  beginWith(pod: PodInfo, filters: readonly ActiveFilter[], states: readonly FilterState[], room?: RoomCheck): void {
    this.prepare = undefined;
    this.room = room;
    this.pod = pod;
    this.filters = filters;
    this.states = states;
  }

  /** Puts off one of these until somebody asks a what-if. */
  beginLater(begin: () => void): void {
    this.prepare = begin;
    this.room = undefined;
  }

  /** True when the pod fits the node, with and without the pods of at least its priority that are promised the node. */
  run(row: number): boolean {
    if (this.nominator.size > 0) {
      const promised = this.promisedPods(row);
      if (promised.length > 0) {
        const { changes } = this.cluster;
        const { isMuted } = changes;
        changes.isMuted = true;
        const savedRow = this.cluster.saveRow(row);
        const checkpoints = this.checkpointStates();
        for (const pod of promised) this.place(pod, row);
        try {
          if (!this.runChain(row)) return false;
        } finally {
          this.cluster.restoreRow(savedRow);
          this.restoreStates(checkpoints);
          changes.isMuted = isMuted;
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
    const { uid, priority } = this.pod;
    return this.nominator.keptFor(this.cluster.nodeName(row), priority, uid);
  }

  // --- WhatIf ----------------------------------------------------------------------------------------------------------

  begin(row: number): void {
    this.prepare?.();
    const { changes } = this.cluster;
    this.wasMuted = changes.isMuted;
    changes.isMuted = true;
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

  roomFor(row: number): ResourceForm | undefined {
    if (this.room === undefined || (this.nominator.size > 0 && this.promisedPods(row).length > 0)) return undefined;
    const { form, others } = this.room;
    for (let i = 0; i < others.length; i++) if (others[i]!.compiled.filter(row) !== 0) return undefined;
    return form;
  }

  end(): void {
    if (this.savedRow !== undefined) this.cluster.restoreRow(this.savedRow);
    this.restoreStates(this.checkpoints);
    this.savedRow = undefined;
    this.cluster.changes.isMuted = this.wasMuted;
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
