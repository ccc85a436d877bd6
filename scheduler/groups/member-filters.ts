/**
 * The Filter chain of one member of a group as it was when the member got its node, for what-ifs about the whole group.
 * Source: `RunPreFilterExtensionAddPod` and `RunFilterPluginsWithNominatedPods` in
 * `pkg/scheduler/framework/runtime/framework.go`, v1.37.2.
 */
import { Cycle } from '../cycle.ts';
import type { Framework } from '../framework.ts';
import type { ClusterView, Dependency, FilterState, Plugin, PodInfo } from '../plugin.ts';
import type { EngineOptions } from '../reference.ts';
import { FilterRunner } from '../what-if.ts';

const NODE_DEPENDENCIES: readonly Dependency[] = ['node', 'usage', 'nodes'];

const isNotConcerned = (plugin: Plugin, pod: PodInfo, cluster: ClusterView): boolean =>
  plugin.concerns?.(pod, cluster) === false;

export class MemberFilters {
  /** Nothing matters to the pod but the node that it is on and the pods there, and nothing is reserved for it. */
  readonly isLocal: boolean;
  private readonly runner: FilterRunner;
  private readonly states: readonly FilterState[];

  /** PreFilter must have let the pod pass before, with the cluster as it is. */
  constructor(framework: Framework, pod: PodInfo, { cluster, nominator, meter }: EngineOptions) {
    const cycle = new Cycle();
    // Its lists of nodes are not used.
    cycle.begin(framework, pod, 0, 0);
    let isLocal = framework.reserve.every(({ plugin }) => isNotConcerned(plugin, pod, cluster));
    for (const { name, plugin } of framework.preFilter) {
      const { skip, state } = plugin.preFilter?.(pod, cluster) ?? {};
      if (skip) cycle.skippedFilters.add(name);
      if (state !== undefined) cycle.preFilterStates.set(name, state);
    }
    this.runner = new FilterRunner(cluster, nominator, meter);
    this.runner.beginCycle(cycle);
    for (const { name, plugin, definition } of framework.filter) {
      const isOfNode = NODE_DEPENDENCIES.includes(definition.dependsOn?.filter ?? 'cluster');
      isLocal &&= isOfNode || cycle.skippedFilters.has(name) || isNotConcerned(plugin, pod, cluster);
    }
    this.isLocal = isLocal;
    this.states = [...cycle.preFilterStates].flatMap(([name, state]) =>
      cycle.skippedFilters.has(name) || state === null ? [] : [state as FilterState],
    );
  }

  /** A Filter that fails counts as one that rejects. */
  fits(row: number): boolean {
    try {
      return this.runner.run(row);
    } catch {
      return false;
    }
  }

  /** A pod was put on a node of the cluster. */
  added(pod: PodInfo, row: number): void {
    for (const state of this.states) state.addPod?.(pod, row);
  }

  removed(pod: PodInfo, row: number): void {
    for (const state of this.states) state.removePod?.(pod, row);
  }
}
