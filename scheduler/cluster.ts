/**
 * The cluster: nodes in columns (`node-columns.ts`), the pods on them (`node-pods.ts`), and whatever else there is. It is the
 * scheduler's cache and its snapshot in one, because there is a single writer and no cycle runs while it writes.
 * Semantics: `pkg/scheduler/backend/cache` and `framework.NodeInfo`, v1.37.2.
 *
 * Layout: about 95 bytes per node, with its place in the order (8), its name (6 to 12), its object and its pods (16), and the
 * log of changes (2 to 4).
 * Cost: adding or removing a pod O(resources it names) plus O(pods on the node) for a removal; adding a node O(labels).
 */
import { InputError, type KubeObject, type Node, type Pod } from '../api/index.ts';
import { ChangeLog } from './change-log.ts';
import { GroupStates } from './groups/group-states.ts';
import { labelsOf, NodeColumns } from './node-columns.ts';
import { NodeImages } from './node-images.ts';
import { NodeNames } from './node-names.ts';
import { NodePods, type SavedRow } from './node-pods.ts';
import { NodeTree, zoneKeyOf } from './node-tree.ts';
import { ClusterObjects } from './objects.ts';
import type { ClusterView, HostPort, PodInfo } from './plugin.ts';
import { type AmountsTaken, PodClasses } from './pod-info.ts';

const NO_PODS: readonly PodInfo[] = [];

const WITH_AFFINITY = 1;
const WITH_ANTI_AFFINITY = 2;
const WITH_PORTS = 4;
/** Ephemeral storage, scalar resources or claims. */
const WITH_MORE = 8;

/** Hears of every pod that comes to a node (+1) or leaves it (−1), what-ifs included. */
export type PodObserver = (pod: PodInfo, row: number, sign: 1 | -1) => void;

export class Cluster extends NodeColumns implements ClusterView {
  readonly objects = new ClusterObjects();
  readonly classes = new PodClasses((made) => this.meetClass(made));
  /** Replaced once, where groups are in use. */
  groups = new GroupStates({ isOn: false, hasComposites: false });
  /** The rows that changed, in order. */
  readonly changes = new ChangeLog();
  podObserver: PodObserver | undefined;
  /** Goes up when nodes come or go, that is, when positions in `order` may change. */
  orderGeneration = 0;
  nodeGeneration = 0;
  /**
   * Goes up when what was compiled from the nodes is of no use any more: columns or positions have changed, or a node has
   * something that none had before. Until then only `changedNodes` have to be looked at again.
   */
  layoutGeneration = 0;
  /** Rows of the nodes whose objects have changed, in order. */
  readonly changedNodes = new ChangeLog();
  affinityPodCount = 0;
  requiredAntiAffinityPodCount = 0;

  private nodes: Array<Node | undefined> = [];
  private nodesEnd = 0;
  private readonly nodePods = new NodePods();
  private readonly images = new NodeImages();
  private readonly freeRows: number[] = [];
  private readonly names = new NodeNames((row) => this.nodeName(row));
  private readonly tree = new NodeTree();
  private orderColumn: Int32Array = new Int32Array(0);
  private positionColumn: Int32Array = new Int32Array(this.rowCount).fill(-1);
  /** Pods of each class that are on nodes, and what about the class costs extra when one is placed. */
  private readonly placedOfClass: number[] = [];
  private readonly extrasOfClass: number[] = [];
  private orderIsStale = false;
  private readonly claimUsers = new Map<string, number>();

  private readonly podsByUid = new Map<string, { info: PodInfo; nodeName: string }>();
  /** Pods bound to nodes that are not (or no longer) there. */
  private readonly ghosts = new Map<string, PodInfo[]>();

  constructor() {
    super();
    this.makeRows();
  }

  // --- nodes ---------------------------------------------------------------------------------------------------------

  get nodeCount(): number {
    return this.tree.size;
  }

  /**
   * What every cycle begins with, whether or not it comes to look at a node: a zone that changes before the next node
   * comes or goes has to find the order that upstream's snapshot has by then.
   */
  takeSnapshot(): void {
    if (this.orderIsStale) this.refreshOrder();
  }

  get order(): Int32Array {
    if (this.orderIsStale) this.refreshOrder();
    return this.orderColumn;
  }

  /** Row → position in `order`; −1 for rows without a node. */
  get position(): Int32Array {
    if (this.orderIsStale) this.refreshOrder();
    return this.positionColumn;
  }

  /** Names of the nodes in snapshot order. */
  nodeOrder(): string[] {
    return Array.from(this.order.subarray(0, this.nodeCount), (row) => this.nodeName(row));
  }

  node(row: number): Node {
    return this.nodes[row]!;
  }

  nodeName(row: number): string {
    return this.nodes[row]!.metadata?.name ?? '';
  }

  rowOf(nodeName: string): number {
    return this.names.rowOf(nodeName);
  }

  addNode(node: Node): void {
    const name = node.metadata?.name;
    if (name === undefined || name === '') throw new InputError('a node needs metadata.name');
    if (this.rowOf(name) >= 0) {
      this.updateNode(node);
      return;
    }
    const row = this.freeRows.pop() ?? this.nodesEnd++;
    if (row >= this.rowCount) {
      this.grow();
      this.makeRows();
    }
    this.nodes[row] = node;
    this.names.add(name, row);
    this.readNode(row, node);
    this.tree.add(row, zoneKeyOf(labelsOf(node)));
    this.markOrderStale();
    if (this.ghosts.size === 0) return;
    const waiting = this.ghosts.get(name);
    this.ghosts.delete(name);
    for (const pod of waiting ?? NO_PODS) this.place(pod, row);
  }

  /** Adds the node when it is not there. A changed zone moves it in the tree, but in the order only at the next rebuild. */
  updateNode(node: Node): void {
    const name = node.metadata?.name ?? '';
    const row = this.rowOf(name);
    if (row < 0) {
      this.addNode(node);
      return;
    }
    const { internedCount } = this;
    this.images.remove(row);
    this.readNode(row, node);
    this.changedNodes.append(row);
    // The log is a ring: who has to start over does so with all that is kept.
    if (this.internedCount !== internedCount || this.changedNodes.sequence % this.changedNodes.capacity === 0) {
      this.layoutGeneration++;
    }
    // The list of names is unchanged as a set, so the old order stands until a node comes or goes.
    this.tree.move(row, zoneKeyOf(labelsOf(node)));
  }

  /** Pods of the node stay known; they come back with a node of the same name. */
  removeNode(name: string): void {
    const row = this.rowOf(name);
    if (row < 0) return;
    const pods = [...this.pods(row)];
    for (const pod of pods) this.displace(pod, row);
    if (pods.length > 0) this.ghosts.set(name, pods);
    this.images.remove(row);
    this.tree.remove(row);
    this.names.remove(name);
    this.nodes[row] = undefined;
    this.clearRow(row);
    this.freeRows.push(row);
    this.markOrderStale();
    this.nodeGeneration++;
  }

  /** What was compiled from the nodes is not to be used any more. */
  forgetLayout(): void {
    this.layoutGeneration++;
  }

  labels(row: number): Readonly<Record<string, string>> {
    return labelsOf(this.nodes[row]!);
  }

  labelColumn(key: string): Int32Array {
    return this.labelColumnOf(key, this.nodes);
  }

  // --- pods ----------------------------------------------------------------------------------------------------------

  /** A pod with `spec.nodeName`. The node may come later. Throws InputError for a pod that is already there. */
  addPod(pod: Pod): PodInfo {
    const info = this.classes.infoOfBound(pod);
    this.addPodInfo(info, pod.spec?.nodeName ?? '');
    return info;
  }

  addPodInfo(info: PodInfo, nodeName: string): void {
    if (this.podsByUid.has(info.uid)) throw new InputError(`pod ${info.key} (uid ${info.uid}) is already on a node`);
    this.podsByUid.set(info.uid, { info, nodeName });
    const row = this.rowOf(nodeName);
    if (row >= 0) this.place(info, row);
    else this.ghostsOf(nodeName).push(info);
  }

  /** False when the pod is not known. */
  removePod(uid: string): boolean {
    const entry = this.podsByUid.get(uid);
    if (entry === undefined) return false;
    this.podsByUid.delete(uid);
    const row = this.rowOf(entry.nodeName);
    if (row >= 0) {
      this.displace(entry.info, row);
      return true;
    }
    const rest = this.ghostsOf(entry.nodeName).filter((pod) => pod.uid !== uid);
    if (rest.length === 0) this.ghosts.delete(entry.nodeName);
    else this.ghosts.set(entry.nodeName, rest);
    return true;
  }

  podByUid(uid: string): PodInfo | undefined {
    return this.podsByUid.get(uid)?.info;
  }

  /** '' when the pod is on no node. */
  nodeNameOfPod(uid: string): string {
    return this.podsByUid.get(uid)?.nodeName ?? '';
  }

  get placedPodCount(): number {
    return this.podsByUid.size;
  }

  pods(row: number): readonly PodInfo[] {
    return this.nodePods.of(row);
  }
  podsWithAffinity(row: number): readonly PodInfo[] {
    return this.nodePods.ofAffinity(row);
  }
  podsWithRequiredAntiAffinity(row: number): readonly PodInfo[] {
    return this.nodePods.ofRequiredAntiAffinity(row);
  }

  portConflicts(row: number, port: HostPort): boolean {
    return this.nodePods.portConflicts(row, port);
  }

  claimUserCount(key: string): number {
    return this.claimUsers.get(key) ?? 0;
  }

  // --- images and other objects ----------------------------------------------------------------------------------------

  hasImage(row: number, name: string): boolean {
    return this.images.has(row, name);
  }

  image(name: string): { readonly sizeBytes: number; readonly nodeCount: number } | undefined {
    return this.images.get(name);
  }

  /** Everything that is neither a node nor a pod; replaces the object of the same key. */
  addObject(object: KubeObject): void {
    this.objects.set(object);
  }

  // --- what-ifs ------------------------------------------------------------------------------------------------------

  /** Remembers a node's pods, so that a what-if can be undone to the letter (list order included). */
  saveRow(row: number): SavedRow {
    return this.nodePods.save(row);
  }

  restoreRow(saved: SavedRow): void {
    const { row } = saved;
    const before = new Set(saved.pods);
    const after = [...this.pods(row)];
    const now = new Set(after);
    for (const pod of after) if (!before.has(pod)) this.displace(pod, row);
    for (const pod of saved.pods) if (!now.has(pod)) this.place(pod, row);
    this.nodePods.restore(saved);
  }

  /** Shows a node as it is not, and without images; the pods on it stay. Returns how to show it as it is again. */
  disguise(row: number, node: Node): () => void {
    const own = this.nodes[row]!;
    const showImages = this.images.hide(row);
    const show = (shown: Node): void => {
      this.nodes[row] = shown;
      this.nodeGeneration++;
      this.layoutGeneration++;
      this.readColumns(row, shown);
    };
    const back = (): void => {
      showImages();
      show(own);
    };
    try {
      show(node);
    } catch (error) {
      back();
      throw error;
    }
    return back;
  }

  /** Shows a node without its pods. Returns how to show it as it is again. */
  hidePods(row: number): () => void {
    const showUsage = this.hideUsage(row);
    const saved = this.nodePods.save(row);
    this.nodePods.restore({ row, pods: [], withAffinity: [], withRequiredAntiAffinity: [], ports: new Set() });
    return () => {
      this.nodePods.restore(saved);
      showUsage();
    };
  }

  /** Puts a pod on a row for a what-if, without making it known by UID. */
  place(pod: PodInfo, row: number): void {
    this.nodePods.add(pod, row);
    const extras = this.extrasOf(pod);
    if (extras !== 0) this.placeExtras(pod, row, extras);
    this.account(pod, row, 1, extras);
  }

  displace(pod: PodInfo, row: number): void {
    this.nodePods.remove(pod, row);
    const extras = this.extrasOf(pod);
    if (extras !== 0) this.displaceExtras(pod, row, extras);
    this.account(pod, row, -1, extras);
  }

  /** Something about the node has changed that the cluster does not know of, such as who is promised it. */
  touch(nodeName: string): void {
    const row = this.rowOf(nodeName);
    if (row >= 0) this.changes.append(row);
  }

  /** How many pods of the class are on nodes. */
  placedCountOfClass(classId: number): number {
    return this.placedOfClass[classId] ?? 0;
  }

  /** Asserts that the columns say what the pods of each node sum up to. For tests. */
  check(): void {
    for (let position = 0; position < this.nodeCount; position++) {
      const row = this.order[position]!;
      if (this.position[row] !== position)
        throw new Error(`row ${row} is at ${position}, not at ${this.position[row]}`);
      this.checkUsage(row, this.pods(row));
    }
  }

  // --- inside --------------------------------------------------------------------------------------------------------

  private extrasOf(pod: PodInfo): number {
    return this.extrasOfClass[pod.classId] ?? this.findExtras(pod);
  }

  private findExtras(pod: PodInfo): number {
    const { classId, affinity, hostPorts, usage } = pod;
    this.meetClass(pod);
    let extras = 0;
    if (hasAffinity(pod)) extras |= WITH_AFFINITY;
    if (affinity.requiredAntiAffinity.length > 0) extras |= WITH_ANTI_AFFINITY;
    if (hostPorts.length > 0) extras |= WITH_PORTS;
    const { ephemeralStorageBytes, scalars } = usage;
    if (ephemeralStorageBytes !== 0 || scalars.length > 0 || (pod.pod.spec?.volumes ?? []).length > 0)
      extras |= WITH_MORE;
    this.extrasOfClass[classId] = extras;
    this.placedOfClass[classId] = 0;
    return extras;
  }

  private placeExtras(pod: PodInfo, row: number, extras: number): void {
    const { nodePods } = this;
    if ((extras & WITH_AFFINITY) !== 0) {
      nodePods.addAffinity(pod, row);
      this.affinityPodCount++;
    }
    if ((extras & WITH_ANTI_AFFINITY) !== 0) {
      nodePods.addRequiredAntiAffinity(pod, row);
      this.requiredAntiAffinityPodCount++;
    }
    if ((extras & WITH_PORTS) !== 0) nodePods.takePorts(pod, row);
  }

  private displaceExtras(pod: PodInfo, row: number, extras: number): void {
    const { nodePods } = this;
    if ((extras & WITH_AFFINITY) !== 0) {
      nodePods.removeAffinity(pod, row);
      this.affinityPodCount--;
    }
    if ((extras & WITH_ANTI_AFFINITY) !== 0) {
      nodePods.removeRequiredAntiAffinity(pod, row);
      this.requiredAntiAffinityPodCount--;
    }
    if ((extras & WITH_PORTS) !== 0) nodePods.freePorts(pod, row);
  }

  /** A class that leaves requests out is met before any of its pods is scheduled, so that no cycle is under way. */
  private meetClass({ usage, nonZeroCpuMilli, nonZeroMemoryBytes }: AmountsTaken): void {
    if (this.defaulted !== undefined) return;
    if (nonZeroCpuMilli === usage.cpuMilli && nonZeroMemoryBytes === usage.memoryBytes) return;
    this.tellDefaultsApart();
    this.columnsAreOther();
  }

  /** Whoever has taken a column has to take it again. */
  private columnsAreOther(): void {
    this.nodeGeneration++;
    this.layoutGeneration++;
  }

  private account(pod: PodInfo, row: number, sign: 1 | -1, extras: number): void {
    const { usage, classId } = pod;
    this.placedOfClass[classId]! += sign;
    this.changes.append(row, classId);
    this.podCount[row]! += sign;
    this.requestedCpuMilli[row]! += sign * usage.cpuMilli;
    this.requestedMemoryBytes[row]! += sign * usage.memoryBytes;
    const { defaulted } = this;
    if (defaulted !== undefined) {
      defaulted.cpuMilli[row]! += sign * pod.nonZeroCpuMilli;
      defaulted.memoryBytes[row]! += sign * pod.nonZeroMemoryBytes;
    }
    if ((extras & WITH_MORE) !== 0) this.accountMore(pod, row, sign);
    this.podObserver?.(pod, row, sign);
  }

  private accountMore(pod: PodInfo, row: number, sign: 1 | -1): void {
    const { ephemeralStorageBytes, scalars } = pod.usage;
    if (ephemeralStorageBytes !== 0) this.requestedEphemeralStorageBytes[row]! += sign * ephemeralStorageBytes;
    for (const [name, amount] of scalars) {
      if (this.scalarRequested(name) === undefined) this.columnsAreOther();
      this.scalarColumns(name).requested[row]! += sign * amount;
    }
    for (const volume of pod.pod.spec?.volumes ?? []) {
      const claim = volume.persistentVolumeClaim?.claimName;
      if (claim === undefined) continue;
      const key = `${pod.namespace}/${claim}`;
      this.claimUsers.set(key, (this.claimUsers.get(key) ?? 0) + sign);
    }
  }

  private readNode(row: number, node: Node): void {
    this.nodes[row] = node;
    this.nodeGeneration++;
    this.changes.append(row);
    this.readColumns(row, node);
    this.images.add(row, node);
  }

  private ghostsOf(nodeName: string): PodInfo[] {
    let pods = this.ghosts.get(nodeName);
    if (pods === undefined) {
      pods = [];
      this.ghosts.set(nodeName, pods);
    }
    return pods;
  }

  private markOrderStale(): void {
    this.orderIsStale = true;
    this.orderGeneration++;
    this.layoutGeneration++;
  }

  private refreshOrder(): void {
    const rows = this.tree.list();
    this.orderColumn = rows;
    if (this.positionColumn.length !== this.rowCount) this.positionColumn = new Int32Array(this.rowCount);
    this.positionColumn.fill(-1);
    for (let i = 0; i < rows.length; i++) this.positionColumn[rows[i]!] = i;
    this.changes.reserve(rows.length);
    this.orderIsStale = false;
  }

  /** Room for whatever is no column, for as many rows as those have. */
  private makeRows(): void {
    const nodes = new Array<Node | undefined>(this.rowCount);
    for (let row = 0; row < this.nodes.length; row++) nodes[row] = this.nodes[row];
    this.nodes = nodes;
    this.nodePods.grow(this.rowCount);
    this.names.grow(this.rowCount);
  }
}

/** `podWithAffinity`: an affinity object counts even when it lists no terms. */
function hasAffinity(pod: PodInfo): boolean {
  const affinity = pod.pod.spec?.affinity;
  return Boolean(affinity?.podAffinity ?? affinity?.podAntiAffinity);
}
