/**
 * What-ifs about a whole group for preemption: the cluster without some pods, the group placed on what is left, and whether
 * it stays placed as pods come back. Source: `selectVictimsOnDomain` in
 * `pkg/scheduler/framework/preemption/podgrouppreemption.go`, v1.37.2.
 *
 * Cost: what is touched is saved once per node; asking whether everybody still fits runs one Filter chain per placed pod, or
 * per placed pod on nodes to which pods have come back where nothing else matters to the group.
 */
import type { Cluster } from '../cluster.ts';
import { reserve, unreserve } from '../cycle-steps.ts';
import type { Framework } from '../framework.ts';
import type { SavedRow } from '../node-pods.ts';
import type { GroupInfo, GroupWhatIf, PodInfo, Status } from '../plugin.ts';
import type { GroupAlgorithm } from './group-algorithm.ts';
import { groupsIn } from './group-info.ts';
import type { MemberFilters } from './member-filters.ts';
import { onNode } from './tentative.ts';

interface Placed {
  readonly pod: PodInfo;
  readonly row: number;
  readonly filters: MemberFilters;
}

export class ClusterWhatIf implements GroupWhatIf {
  readonly nodeNames = new Map<string, string>();
  private readonly cluster: Cluster;
  private readonly framework: Framework;
  private readonly group: GroupInfo;
  private readonly algorithm: GroupAlgorithm;
  private readonly saved = new Map<number, SavedRow>();
  private placed: Placed[] = [];
  /** UID → row of pods that have come or gone since everybody was last found to fit; undefined while that has not been found. */
  private moved: Map<string, number> | undefined;

  /** @param algorithm Must keep the Filter chains. */
  constructor(cluster: Cluster, framework: Framework, group: GroupInfo, algorithm: GroupAlgorithm) {
    this.cluster = cluster;
    this.framework = framework;
    this.group = group;
    this.algorithm = algorithm;
  }

  begin(): void {
    this.saved.clear();
    this.placed = [];
    this.moved = undefined;
    this.nodeNames.clear();
  }

  removePods(pods: readonly PodInfo[]): void {
    for (const pod of pods) {
      const row = this.rowOf(pod);
      this.cluster.displace(pod, row);
      for (const { filters } of this.placed) filters.removed(pod, row);
      this.noteMove(pod, row);
    }
  }

  addPods(pods: readonly PodInfo[]): void {
    for (const pod of pods) {
      const row = this.rowOf(pod);
      this.cluster.place(pod, row);
      for (const { filters } of this.placed) filters.added(pod, row);
      this.noteMove(pod, row);
    }
  }

  schedule(): Status | undefined {
    const results = this.algorithm.run(this.group);
    for (const { key } of groupsIn(this.group)) {
      for (const result of results.get(key)?.pods ?? []) {
        if ('failure' in result) continue;
        this.save(result.row);
        this.placed.push({ pod: result.member.pod, row: result.row, filters: result.filters! });
        this.nodeNames.set(result.member.pod.uid, this.cluster.nodeName(result.row));
      }
    }
    const { status } = results.get(this.group.key)!;
    return status.isSuccess ? undefined : { code: status.code, reasons: [status.message] };
  }

  /** Each pod is looked at with those before it in place, as it was when it got its node. */
  stillFits(): boolean {
    const { cluster, framework } = this;
    const inPlace: Placed[] = [];
    let fits = true;
    for (const placed of this.inQuestion()) {
      const { pod, row, filters } = placed;
      fits = filters.fits(row);
      if (!fits) break;
      cluster.place(pod, row);
      reserve(framework, onNode(pod, cluster.nodeName(row)), row, cluster);
      inPlace.push(placed);
    }
    for (const { pod, row } of inPlace.reverse()) {
      unreserve(framework, onNode(pod, cluster.nodeName(row)), row, cluster);
      cluster.displace(pod, row);
    }
    if (fits) this.moved = new Map();
    return fits;
  }

  /** Where nothing else matters to the group, pods on other nodes than those that have changed fit as before. */
  private inQuestion(): readonly Placed[] {
    const { moved, placed } = this;
    if (moved === undefined || !placed.every(({ filters }) => filters.isLocal)) return placed;
    const rows = new Set(moved.values());
    return placed.filter(({ row }) => rows.has(row));
  }

  /** A pod that comes back from where it went, or goes again, has not moved. */
  private noteMove({ uid }: PodInfo, row: number): void {
    if (this.moved?.delete(uid) === false) this.moved.set(uid, row);
  }

  end(): void {
    for (const saved of [...this.saved.values()].reverse()) this.cluster.restoreRow(saved);
    this.begin();
  }

  private rowOf({ uid }: PodInfo): number {
    const row = this.cluster.rowOf(this.cluster.nodeNameOfPod(uid));
    this.save(row);
    return row;
  }

  private save(row: number): void {
    if (!this.saved.has(row)) this.saved.set(row, this.cluster.saveRow(row));
  }
}
