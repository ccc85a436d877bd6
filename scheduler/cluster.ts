/**
 * The cluster in columns: one typed array per fact, indexed by row (a node's stable place). It is the scheduler's cache
 * and its snapshot in one, because there is a single writer and no cycle runs while it writes.
 * Semantics: `pkg/scheduler/backend/cache` and `framework.NodeInfo`, v1.37.2.
 *
 * Layout: 9 Float64 columns, 2 Int32, 1 Uint8 and one Float64 pair per scalar resource, about 90 bytes per node; label
 * columns (4 bytes per node) exist for the keys that somebody asked about. Amounts are whole numbers (milli-cores,
 * bytes, counts), exact up to 2^53.
 * Cost: adding or removing a pod O(resources it names) plus O(pods on the node) for a removal; adding a node O(labels).
 */
import {
  cpuMilliOf,
  InputError,
  isScalarResourceName,
  type KubeObject,
  type Node,
  type Pod,
  type Taint,
  wholeUnitsOf,
} from '../api/index.ts';
import { ChangeLog } from './change-log.ts';
import { ColumnMaker } from './columns.ts';
import { GroupStates } from './groups/group-states.ts';
import { NodeTree, zoneKeyOf } from './node-tree.ts';
import { ClusterObjects } from './objects.ts';
import type { ClusterView, HostPort, PodInfo } from './plugin.ts';
import { PodClasses } from './pod-info.ts';

const NO_LABELS: Readonly<Record<string, string>> = {};
const NO_PODS: readonly PodInfo[] = [];
const FIRST_ROWS = 64;
const KNOWN_AMOUNTS_MAX = 4096;

/** Stand for the lists of nodes that have none, which may be a million; replaced before anything is put in. */
const NOTHING: PodInfo[] = [];
const NO_NAMES = new Set<string>();

const WITH_AFFINITY = 1;
const WITH_ANTI_AFFINITY = 2;
const WITH_PORTS = 4;
const WITH_SCALARS_OR_CLAIMS = 8;

/** What a node has that no column holds. */
interface RowData {
  node: Node;
  labels: Readonly<Record<string, string>>;
  zoneKey: string;
  pods: PodInfo[];
  withAffinity: PodInfo[];
  withRequiredAntiAffinity: PodInfo[];
  /** Host ports in use, `ip|protocol|port`: a set, so that one pod's removal frees a port that two had taken. */
  ports: Set<string>;
  images: Set<string>;
}

interface ImageState {
  sizeBytes: number;
  rows: Set<number>;
}

interface ScalarColumns {
  allocatable: Float64Array;
  requested: Float64Array;
}

/** Nodes come in few sizes, so that reading the texts of their amounts once is enough. */
class AmountCache {
  private readonly read: (text: string) => number;
  private readonly known = new Map<string, number>();

  constructor(read: (text: string) => number) {
    this.read = read;
  }

  of(text: string | undefined): number {
    if (text === undefined || text === null) return 0;
    let amount = this.known.get(text);
    if (amount === undefined) {
      amount = this.read(text);
      if (this.known.size < KNOWN_AMOUNTS_MAX) this.known.set(text, amount);
    }
    return amount;
  }
}

/** Taken by `Cluster.saveRow`, given back to `Cluster.restoreRow`. */
export interface SavedRow {
  readonly row: number;
  readonly pods: PodInfo[];
  readonly withAffinity: PodInfo[];
  readonly withRequiredAntiAffinity: PodInfo[];
  readonly ports: Set<string>;
}

/** Hears of every pod that comes to a node (+1) or leaves it (−1), what-ifs included. */
export type PodObserver = (pod: PodInfo, row: number, sign: 1 | -1) => void;

export interface ClusterOptions {
  /**
   * Columns lie on SharedArrayBuffers, so that threads can read them. They are replaced when the cluster grows: hand them over
   * when it is loaded. @default false
   */
  readonly sharesColumns?: boolean;
}

export class Cluster implements ClusterView {
  readonly objects = new ClusterObjects();
  readonly classes = new PodClasses();
  /** Replaced once, where groups are in use. */
  groups = new GroupStates({ isOn: false, hasComposites: false });
  /** The rows that changed, in order. */
  readonly changes = new ChangeLog();
  podObserver: PodObserver | undefined;
  /** Goes up when nodes come or go, that is, when positions in `order` may change. */
  orderGeneration = 0;
  nodeGeneration = 0;
  rowCount = FIRST_ROWS;
  affinityPodCount = 0;
  requiredAntiAffinityPodCount = 0;

  taintSetId: Int32Array;
  readonly taintSets: Array<readonly Taint[]> = [[]];
  unschedulable: Uint8Array;
  allocatableCpuMilli: Float64Array;
  allocatableMemoryBytes: Float64Array;
  allocatableEphemeralStorageBytes: Float64Array;
  allocatablePods: Float64Array;
  requestedCpuMilli: Float64Array;
  requestedMemoryBytes: Float64Array;
  requestedEphemeralStorageBytes: Float64Array;
  nonZeroRequestedCpuMilli: Float64Array;
  nonZeroRequestedMemoryBytes: Float64Array;
  podCount: Int32Array;

  private readonly rows: Array<RowData | undefined> = [];
  private readonly freeRows: number[] = [];
  private readonly rowByName = new Map<string, number>();
  private readonly tree = new NodeTree();
  private readonly columns: ColumnMaker;
  private orderColumn: Int32Array;
  private positionColumn: Int32Array;
  /** Pods of each class that are on nodes, and what about the class costs extra when one is placed. */
  private readonly placedOfClass: number[] = [];
  private readonly extrasOfClass: number[] = [];
  private orderIsStale = false;

  private readonly scalars = new Map<string, ScalarColumns>();
  private readonly labelColumns = new Map<string, Int32Array>();
  private readonly labelIds = new Map<string, number>();
  private readonly labelValues: string[] = [];
  private readonly taintSetIds = new Map<string, number>([['[]', 0]]);
  private readonly cpuMilli = new AmountCache(cpuMilliOf);
  private readonly wholeUnits = new AmountCache(wholeUnitsOf);
  private readonly imageStates = new Map<string, ImageState>();
  private readonly claimUsers = new Map<string, number>();

  private readonly podsByUid = new Map<string, { info: PodInfo; nodeName: string }>();
  /** Pods bound to nodes that are not (or no longer) there. */
  private readonly ghosts = new Map<string, PodInfo[]>();

  constructor({ sharesColumns = false }: ClusterOptions = {}) {
    const columns = new ColumnMaker(sharesColumns);
    this.columns = columns;
    this.taintSetId = columns.int32(FIRST_ROWS);
    this.unschedulable = columns.uint8(FIRST_ROWS);
    this.allocatableCpuMilli = columns.float64(FIRST_ROWS);
    this.allocatableMemoryBytes = columns.float64(FIRST_ROWS);
    this.allocatableEphemeralStorageBytes = columns.float64(FIRST_ROWS);
    this.allocatablePods = columns.float64(FIRST_ROWS);
    this.requestedCpuMilli = columns.float64(FIRST_ROWS);
    this.requestedMemoryBytes = columns.float64(FIRST_ROWS);
    this.requestedEphemeralStorageBytes = columns.float64(FIRST_ROWS);
    this.nonZeroRequestedCpuMilli = columns.float64(FIRST_ROWS);
    this.nonZeroRequestedMemoryBytes = columns.float64(FIRST_ROWS);
    this.podCount = columns.int32(FIRST_ROWS);
    this.orderColumn = columns.int32(FIRST_ROWS);
    this.positionColumn = columns.int32(FIRST_ROWS, -1);
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
    return this.rows[row]!.node;
  }

  nodeName(row: number): string {
    return this.rows[row]!.node.metadata?.name ?? '';
  }

  rowOf(nodeName: string): number {
    return this.rowByName.get(nodeName) ?? -1;
  }

  addNode(node: Node): void {
    const name = node.metadata?.name;
    if (name === undefined || name === '') throw new InputError('a node needs metadata.name');
    if (this.rowByName.has(name)) {
      this.updateNode(node);
      return;
    }
    const row = this.freeRows.pop() ?? this.rows.length;
    if (row >= this.rowCount) this.grow();
    this.rowByName.set(name, row);
    this.rows[row] = {
      node,
      labels: NO_LABELS,
      zoneKey: '',
      pods: NOTHING,
      withAffinity: NOTHING,
      withRequiredAntiAffinity: NOTHING,
      ports: NO_NAMES,
      images: NO_NAMES,
    };
    this.readNode(row, node);
    this.tree.add(row, this.rows[row].zoneKey);
    this.markOrderStale();
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
    const data = this.rows[row]!;
    const oldZone = data.zoneKey;
    this.forgetImages(row, data);
    this.readNode(row, node);
    if (data.zoneKey !== oldZone) {
      // The list of names is unchanged as a set, so the old order stands until a node comes or goes.
      this.tree.remove(row, oldZone);
      this.tree.add(row, data.zoneKey);
    }
  }

  /** Pods of the node stay known; they come back with a node of the same name. */
  removeNode(name: string): void {
    const row = this.rowOf(name);
    if (row < 0) return;
    const data = this.rows[row]!;
    const pods = [...data.pods];
    for (const pod of pods) this.displace(pod, row);
    if (pods.length > 0) this.ghosts.set(name, pods);
    this.forgetImages(row, data);
    this.tree.remove(row, data.zoneKey);
    this.rowByName.delete(name);
    this.rows[row] = undefined;
    this.clearRow(row);
    this.freeRows.push(row);
    this.markOrderStale();
    this.nodeGeneration++;
  }

  labels(row: number): Readonly<Record<string, string>> {
    return this.rows[row]!.labels;
  }

  labelColumn(key: string): Int32Array {
    let column = this.labelColumns.get(key);
    if (column === undefined) {
      column = this.columns.int32(this.rowCount, -1);
      for (const row of this.rowByName.values()) column[row] = this.labelId(this.rows[row]!.labels[key]);
      this.labelColumns.set(key, column);
    }
    return column;
  }

  labelValue(id: number): string {
    return this.labelValues[id]!;
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
    return this.rows[row]!.pods;
  }
  podsWithAffinity(row: number): readonly PodInfo[] {
    return this.rows[row]!.withAffinity;
  }
  podsWithRequiredAntiAffinity(row: number): readonly PodInfo[] {
    return this.rows[row]!.withRequiredAntiAffinity;
  }

  portConflicts(row: number, port: HostPort): boolean {
    const { ports } = this.rows[row]!;
    if (ports.size === 0) return false;
    if (port.ip !== '0.0.0.0') {
      return ports.has(portKey(port.ip, port)) || ports.has(portKey('0.0.0.0', port));
    }
    const suffix = portKey('', port);
    for (const used of ports) if (used.endsWith(suffix)) return true;
    return false;
  }

  claimUserCount(key: string): number {
    return this.claimUsers.get(key) ?? 0;
  }

  // --- images, scalars, objects --------------------------------------------------------------------------------------

  hasImage(row: number, name: string): boolean {
    return this.rows[row]!.images.has(name);
  }

  image(name: string): { readonly sizeBytes: number; readonly nodeCount: number } | undefined {
    const state = this.imageStates.get(name);
    return state === undefined ? undefined : { sizeBytes: state.sizeBytes, nodeCount: state.rows.size };
  }

  scalarAllocatable(name: string): Float64Array | undefined {
    return this.scalars.get(name)?.allocatable;
  }
  scalarRequested(name: string): Float64Array | undefined {
    return this.scalars.get(name)?.requested;
  }

  /** What the pods on a node request: `cpu` in milli-cores, everything else in its own unit. Zero scalars are left out. */
  requestedOf(row: number): Record<string, number> {
    const amounts: Record<string, number> = {
      cpu: this.requestedCpuMilli[row]!,
      memory: this.requestedMemoryBytes[row]!,
      'ephemeral-storage': this.requestedEphemeralStorageBytes[row]!,
    };
    for (const [name, { requested }] of this.scalars) if (requested[row] !== 0) amounts[name] = requested[row]!;
    return amounts;
  }

  /** Everything that is neither a node nor a pod; replaces the object of the same key. */
  addObject(object: KubeObject): void {
    this.objects.set(object);
  }

  // --- what-ifs ------------------------------------------------------------------------------------------------------

  /** Remembers a node's pods, so that a what-if can be undone to the letter (list order included). */
  saveRow(row: number): SavedRow {
    const { pods, withAffinity, withRequiredAntiAffinity, ports } = this.rows[row]!;
    return {
      row,
      pods: [...pods],
      withAffinity: [...withAffinity],
      withRequiredAntiAffinity: [...withRequiredAntiAffinity],
      ports: new Set(ports),
    };
  }

  restoreRow(saved: SavedRow): void {
    const data = this.rows[saved.row]!;
    const before = new Set(saved.pods);
    const now = new Set(data.pods);
    for (const pod of [...data.pods]) if (!before.has(pod)) this.displace(pod, saved.row);
    for (const pod of saved.pods) if (!now.has(pod)) this.place(pod, saved.row);
    data.pods = saved.pods;
    data.withAffinity = saved.withAffinity;
    data.withRequiredAntiAffinity = saved.withRequiredAntiAffinity;
    data.ports = saved.ports;
  }

  /** Shows a node as it is not, and without images; the pods on it stay. Returns how to show it as it is again. */
  disguise(row: number, node: Node): () => void {
    const data = this.rows[row]!;
    const back = (): void => {
      this.rows[row] = data;
      this.readColumns(row, data.node);
    };
    this.rows[row] = { ...data, images: NO_NAMES };
    try {
      this.readColumns(row, node);
    } catch (error) {
      back();
      throw error;
    }
    return back;
  }

  /** Shows a node without its pods. Returns how to show it as it is again. */
  hidePods(row: number): () => void {
    const data = this.rows[row]!;
    const hidden = [
      this.podCount,
      this.requestedCpuMilli,
      this.requestedMemoryBytes,
      this.requestedEphemeralStorageBytes,
      this.nonZeroRequestedCpuMilli,
      this.nonZeroRequestedMemoryBytes,
      ...[...this.scalars.values()].map(({ requested }) => requested),
    ];
    const amounts = hidden.map((column) => column[row]!);
    for (const column of hidden) column[row] = 0;
    const none = { pods: NOTHING, withAffinity: NOTHING, withRequiredAntiAffinity: NOTHING, ports: NO_NAMES };
    this.rows[row] = { ...data, ...none };
    return () => {
      this.rows[row] = data;
      hidden.forEach((column, i) => {
        column[row] = amounts[i]!;
      });
    };
  }

  /** Puts a pod on a row for a what-if, without making it known by UID. */
  place(pod: PodInfo, row: number): void {
    const data = this.rows[row]!;
    if (data.pods === NOTHING) data.pods = [pod];
    else data.pods.push(pod);
    const extras = this.extrasOf(pod);
    if ((extras & WITH_AFFINITY) !== 0) {
      if (data.withAffinity === NOTHING) data.withAffinity = [pod];
      else data.withAffinity.push(pod);
      this.affinityPodCount++;
    }
    if ((extras & WITH_ANTI_AFFINITY) !== 0) {
      if (data.withRequiredAntiAffinity === NOTHING) data.withRequiredAntiAffinity = [pod];
      else data.withRequiredAntiAffinity.push(pod);
      this.requiredAntiAffinityPodCount++;
    }
    if ((extras & WITH_PORTS) !== 0) this.takePorts(pod, data);
    this.account(pod, row, 1, extras);
  }

  displace(pod: PodInfo, row: number): void {
    const data = this.rows[row]!;
    removeBySwap(data.pods, pod.uid);
    const extras = this.extrasOf(pod);
    if ((extras & WITH_AFFINITY) !== 0) {
      removeBySwap(data.withAffinity, pod.uid);
      this.affinityPodCount--;
    }
    if ((extras & WITH_ANTI_AFFINITY) !== 0) {
      removeBySwap(data.withRequiredAntiAffinity, pod.uid);
      this.requiredAntiAffinityPodCount--;
    }
    if ((extras & WITH_PORTS) !== 0) for (const port of pod.hostPorts) data.ports.delete(portKey(port.ip, port));
    this.account(pod, row, -1, extras);
  }

  private takePorts({ hostPorts }: PodInfo, data: RowData): void {
    if (data.ports === NO_NAMES) data.ports = new Set();
    for (const port of hostPorts) data.ports.add(portKey(port.ip, port));
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

  // --- inside --------------------------------------------------------------------------------------------------------

  private extrasOf(pod: PodInfo): number {
    return this.extrasOfClass[pod.classId] ?? this.findExtras(pod);
  }

  private findExtras(pod: PodInfo): number {
    const { classId, affinity, hostPorts, usage } = pod;
    let extras = 0;
    if (hasAffinity(pod)) extras |= WITH_AFFINITY;
    if (affinity.requiredAntiAffinity.length > 0) extras |= WITH_ANTI_AFFINITY;
    if (hostPorts.length > 0) extras |= WITH_PORTS;
    if (usage.scalars.length > 0 || (pod.pod.spec?.volumes ?? []).length > 0) extras |= WITH_SCALARS_OR_CLAIMS;
    this.extrasOfClass[classId] = extras;
    this.placedOfClass[classId] = 0;
    return extras;
  }

  private account(pod: PodInfo, row: number, sign: 1 | -1, extras: number): void {
    const { usage } = pod;
    this.placedOfClass[pod.classId]! += sign;
    this.changes.append(row, pod.classId);
    this.podCount[row]! += sign;
    this.requestedCpuMilli[row]! += sign * usage.cpuMilli;
    this.requestedMemoryBytes[row]! += sign * usage.memoryBytes;
    this.requestedEphemeralStorageBytes[row]! += sign * usage.ephemeralStorageBytes;
    this.nonZeroRequestedCpuMilli[row]! += sign * pod.nonZeroCpuMilli;
    this.nonZeroRequestedMemoryBytes[row]! += sign * pod.nonZeroMemoryBytes;
    if ((extras & WITH_SCALARS_OR_CLAIMS) !== 0) this.accountExtras(pod, row, sign);
    this.podObserver?.(pod, row, sign);
  }

  private accountExtras(pod: PodInfo, row: number, sign: 1 | -1): void {
    const { usage } = pod;
    for (const [name, amount] of usage.scalars) this.scalarColumns(name).requested[row]! += sign * amount;
    for (const volume of pod.pod.spec?.volumes ?? []) {
      const claim = volume.persistentVolumeClaim?.claimName;
      if (claim === undefined) continue;
      const key = `${pod.namespace}/${claim}`;
      this.claimUsers.set(key, (this.claimUsers.get(key) ?? 0) + sign);
    }
  }

  private readNode(row: number, node: Node): void {
    const data = this.rows[row]!;
    this.readColumns(row, node);
    data.zoneKey = zoneKeyOf(data.labels);
    for (const image of node.status?.images ?? []) {
      for (const name of image.names ?? []) this.rememberImage(row, data, name, image.sizeBytes ?? 0);
    }
    this.changes.append(row);
  }

  private readColumns(row: number, node: Node): void {
    const data = this.rows[row]!;
    data.node = node;
    data.labels = node.metadata?.labels ?? NO_LABELS;
    for (const [key, column] of this.labelColumns) column[row] = this.labelId(data.labels[key]);
    this.taintSetId[row] = this.internTaints(node.spec?.taints ?? []);
    this.unschedulable[row] = node.spec?.unschedulable === true ? 1 : 0;
    this.readAllocatable(row, node);
    this.nodeGeneration++;
  }

  private readAllocatable(row: number, node: Node): void {
    const allocatable = node.status?.allocatable ?? {};
    this.allocatableCpuMilli[row] = this.cpuMilli.of(allocatable.cpu);
    this.allocatableMemoryBytes[row] = this.wholeUnits.of(allocatable.memory);
    this.allocatableEphemeralStorageBytes[row] = this.wholeUnits.of(allocatable['ephemeral-storage']);
    this.allocatablePods[row] = this.wholeUnits.of(allocatable.pods);
    for (const { allocatable: column } of this.scalars.values()) column[row] = 0;
    for (const name of Object.keys(allocatable)) {
      if (isScalarResourceName(name)) this.scalarColumns(name).allocatable[row] = wholeUnitsOf(allocatable[name]!);
    }
  }

  /** The size recorded first stays while any node lists the name (`cache.addNodeImageStates`). */
  private rememberImage(row: number, data: RowData, name: string, sizeBytes: number): void {
    if (data.images === NO_NAMES) data.images = new Set();
    data.images.add(name);
    const state = this.imageStates.get(name);
    if (state === undefined) this.imageStates.set(name, { sizeBytes, rows: new Set([row]) });
    else state.rows.add(row);
  }

  private forgetImages(row: number, data: RowData): void {
    for (const name of data.images) {
      const state = this.imageStates.get(name);
      state?.rows.delete(row);
      if (state?.rows.size === 0) this.imageStates.delete(name);
    }
    data.images = NO_NAMES;
  }

  private internTaints(taints: readonly Taint[]): number {
    if (taints.length === 0) return 0;
    const key = JSON.stringify(taints.map(({ key: name, value = '', effect }) => [name, value, effect]));
    let id = this.taintSetIds.get(key);
    if (id === undefined) {
      id = this.taintSets.length;
      this.taintSets.push(taints);
      this.taintSetIds.set(key, id);
    }
    return id;
  }

  private labelId(value: string | undefined): number {
    if (value === undefined) return -1;
    let id = this.labelIds.get(value);
    if (id === undefined) {
      id = this.labelValues.length;
      this.labelValues.push(value);
      this.labelIds.set(value, id);
    }
    return id;
  }

  private scalarColumns(name: string): ScalarColumns {
    let columns = this.scalars.get(name);
    if (columns === undefined) {
      columns = { allocatable: this.columns.float64(this.rowCount), requested: this.columns.float64(this.rowCount) };
      this.scalars.set(name, columns);
    }
    return columns;
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
  }

  private refreshOrder(): void {
    const rows = this.tree.list();
    if (this.orderColumn.length < this.rowCount) {
      this.orderColumn = this.columns.int32(this.rowCount);
      this.positionColumn = this.columns.int32(this.rowCount);
    }
    this.positionColumn.fill(-1);
    this.orderColumn.set(rows);
    for (let i = 0; i < rows.length; i++) this.positionColumn[rows[i]!] = i;
    this.changes.reserve(rows.length);
    this.orderIsStale = false;
  }

  private clearRow(row: number): void {
    for (const column of this.numberColumns()) column[row] = 0;
    for (const { allocatable, requested } of this.scalars.values()) {
      allocatable[row] = 0;
      requested[row] = 0;
    }
    for (const column of this.labelColumns.values()) column[row] = -1;
    this.taintSetId[row] = 0;
    this.unschedulable[row] = 0;
    this.podCount[row] = 0;
  }

  private numberColumns(): Float64Array[] {
    return [
      this.allocatableCpuMilli,
      this.allocatableMemoryBytes,
      this.allocatableEphemeralStorageBytes,
      this.allocatablePods,
      this.requestedCpuMilli,
      this.requestedMemoryBytes,
      this.requestedEphemeralStorageBytes,
      this.nonZeroRequestedCpuMilli,
      this.nonZeroRequestedMemoryBytes,
    ];
  }

  private grow(): void {
    const size = this.rowCount * 2;
    this.rowCount = size;
    const widen = (column: Float64Array) => {
      const wider = this.columns.float64(size);
      wider.set(column);
      return wider;
    };
    this.allocatableCpuMilli = widen(this.allocatableCpuMilli);
    this.allocatableMemoryBytes = widen(this.allocatableMemoryBytes);
    this.allocatableEphemeralStorageBytes = widen(this.allocatableEphemeralStorageBytes);
    this.allocatablePods = widen(this.allocatablePods);
    this.requestedCpuMilli = widen(this.requestedCpuMilli);
    this.requestedMemoryBytes = widen(this.requestedMemoryBytes);
    this.requestedEphemeralStorageBytes = widen(this.requestedEphemeralStorageBytes);
    this.nonZeroRequestedCpuMilli = widen(this.nonZeroRequestedCpuMilli);
    this.nonZeroRequestedMemoryBytes = widen(this.nonZeroRequestedMemoryBytes);
    const integers = (column: Int32Array, fill: number) => {
      const wider = this.columns.int32(size, fill);
      wider.set(column);
      return wider;
    };
    this.podCount = integers(this.podCount, 0);
    this.taintSetId = integers(this.taintSetId, 0);
    const flags = this.columns.uint8(size);
    flags.set(this.unschedulable);
    this.unschedulable = flags;
    for (const [key, column] of this.labelColumns) this.labelColumns.set(key, integers(column, -1));
    for (const columns of this.scalars.values()) {
      columns.allocatable = widen(columns.allocatable);
      columns.requested = widen(columns.requested);
    }
  }
}

const portKey = (ip: string, port: HostPort): string => `${ip}|${port.protocol}|${port.port}`;

/** `podWithAffinity`: an affinity object counts even when it lists no terms. */
function hasAffinity(pod: PodInfo): boolean {
  const affinity = pod.pod.spec?.affinity;
  return Boolean(affinity?.podAffinity ?? affinity?.podAntiAffinity);
}

/** Upstream removes by moving the last entry into the gap. */
function removeBySwap(pods: PodInfo[], uid: string): void {
  // From the end: a pod that has just been bound is replaced by what the API says of it.
  const at = pods.findLastIndex((pod) => pod.uid === uid);
  if (at < 0) return;
  const last = pods.pop()!;
  if (at < pods.length) pods[at] = last;
}
