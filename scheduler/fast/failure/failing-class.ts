/**
 * What is kept of a class whose pods find no node: why each node rejects them, what PostFilter plugins remember of nodes, and
 * the Filter chain for what-ifs.
 */
import type { Cluster } from '../../cluster.ts';
import type { ActiveFilter, KnownFailure, RejectionCount } from '../../cycle.ts';
import type { NodeMemory, PluginDefinition, PodInfo } from '../../plugin.ts';
import type { FilterRunner, RoomCheck } from '../../what-if.ts';
import type { ClassProgram } from '../class-program.ts';
import type { Promises } from '../promises.ts';
import { Rejections } from './rejections.ts';

interface Remembered {
  readonly value: { forget(position: number): void };
  readonly versions: readonly number[];
  seenChanges: number;
  /** Judged for one pod alone last time; −1 for none. */
  ownPosition: number;
}

export class FailingClass {
  private readonly program: ClassProgram;
  private readonly cluster: Cluster;
  private readonly rejections: Rejections;
  private readonly filters: readonly ActiveFilter[];
  private readonly room: RoomCheck | undefined;
  private readonly remembered = new Map<string, Remembered>();

  constructor(pod: PodInfo, program: ClassProgram, cluster: Cluster, promises: Promises) {
    this.program = program;
    this.cluster = cluster;
    this.rejections = new Rejections(pod, program, cluster, promises);
    this.filters = this.rejections.filters;
    this.room = roomCheck(program);
  }

  /** What-ifs about a node can be answered from the node and its pods alone, at the moment. */
  get isLocal(): boolean {
    return this.program.liveFilters.every(({ compiled }) => compiled.isIdle?.() === true);
  }

  /**
   * Why no node takes a pod of the class; undefined when some node does.
   * @param uid Of that pod.
   * @param ownRow The node that it is promised, else −1.
   */
  failure(uid: string, ownRow: number): KnownFailure | undefined {
    const { rejections } = this;
    rejections.catchUp(uid, ownRow);
    const counted = rejections.count();
    if (counted === undefined) return undefined;
    return {
      rejections: counted,
      statusOf: rejections.statuses(),
      memoryOf: (plugin, reads) => (this.isLocal ? this.memoryOf(plugin, reads, counted, ownRow) : undefined),
    };
  }

  /** Whether a node takes the pod, promises to others included. */
  fits(row: number, uid: string): boolean {
    return this.rejections.fits(row, uid);
  }

  /** Prepares what-ifs about a pod of the class; only where the class is local. */
  prepare(runner: FilterRunner, pod: PodInfo): void {
    runner.beginWith(pod, this.filters, [], this.room);
  }

  private memoryOf(
    plugin: string,
    reads: PluginDefinition['reads'] = [],
    counted: readonly RejectionCount[],
    ownRow: number,
  ): NodeMemory {
    const { cluster } = this;
    const unschedulable = counted.filter(({ status }) => status.code === 'Unschedulable');
    return {
      unschedulableCount: unschedulable.reduce((sum, { count }) => sum + count, 0),
      recall: <T extends Remembered['value']>(make: () => T): T => {
        const versions = reads.map((kind) => cluster.objects.versionOf(kind));
        const ownPosition = ownRow < 0 ? -1 : cluster.position[ownRow]!;
        let known = this.remembered.get(plugin);
        if (known === undefined || this.isOutdated(known, versions)) {
          known = { value: make(), versions, seenChanges: cluster.changes.sequence, ownPosition };
          this.remembered.set(plugin, known);
        } else this.catchUp(known, ownPosition);
        return known.value as T;
      },
    };
  }

  private isOutdated({ versions, seenChanges }: Remembered, now: readonly number[]): boolean {
    const { changes, nodeCount } = this.cluster;
    return (
      changes.sequence - seenChanges > Math.min(changes.capacity, nodeCount) ||
      versions.some((version, i) => version !== now[i])
    );
  }

  private catchUp(known: Remembered, ownPosition: number): void {
    const { changes, position } = this.cluster;
    for (let at = known.seenChanges; at < changes.sequence; at++) known.value.forget(position[changes.at(at)]!);
    known.seenChanges = changes.sequence;
    if (known.ownPosition >= 0) known.value.forget(known.ownPosition);
    if (ownPosition >= 0) known.value.forget(ownPosition);
    known.ownPosition = ownPosition;
  }
}

function roomCheck({ usageFilters, staticFilters }: ClassProgram): RoomCheck | undefined {
  const form = usageFilters.length === 1 ? usageFilters[0]!.compiled.form : undefined;
  return form?.kind === 'fits' ? { form, others: staticFilters } : undefined;
}
