/**
 * What is known of nodes in columns: one typed array per fact, indexed by row (a node's stable place). Amounts are whole
 * numbers (milli-cores, bytes, counts), exact up to 2^53.
 *
 * Layout: 49 bytes per node. Ephemeral storage, scalar resources (16 bytes each) and labels (4 bytes per key) have columns
 * once somebody names them or asks, and so have requests with defaults (16) once a pod comes that leaves requests out: until
 * then they are the requests. Columns grow by a quarter.
 */
import { cpuMilliOf, isScalarResourceName, type Node, type Taint, wholeUnitsOf } from '../api/index.ts';
import { AmountCache } from './amounts.ts';
import type { PodInfo } from './plugin.ts';

const FIRST_ROWS = 64;
const GROWTH = 1.25;
const NO_LABELS: Readonly<Record<string, string>> = {};

interface ResourceColumns {
  allocatable: Float64Array;
  requested: Float64Array;
}

interface RequestColumns {
  cpuMilli: Float64Array;
  memoryBytes: Float64Array;
}

export const labelsOf = ({ metadata }: Node): Readonly<Record<string, string>> => metadata?.labels ?? NO_LABELS;

export class NodeColumns {
  rowCount = FIRST_ROWS;
  taintSetId: Int32Array = new Int32Array(FIRST_ROWS);
  readonly taintSets: Array<readonly Taint[]> = [[]];
  unschedulable = new Uint8Array(FIRST_ROWS);
  allocatableCpuMilli: Float64Array = new Float64Array(FIRST_ROWS);
  allocatableMemoryBytes: Float64Array = new Float64Array(FIRST_ROWS);
  allocatablePods: Float64Array = new Float64Array(FIRST_ROWS);
  requestedCpuMilli: Float64Array = new Float64Array(FIRST_ROWS);
  requestedMemoryBytes: Float64Array = new Float64Array(FIRST_ROWS);
  podCount: Int32Array = new Int32Array(FIRST_ROWS);
  /** Undefined as long as no pod leaves requests out. */
  protected defaulted: RequestColumns | undefined;

  private ephemeral: ResourceColumns | undefined;
  private readonly scalars = new Map<string, ResourceColumns>();
  private readonly labelColumns = new Map<string, Int32Array>();
  private readonly labelIds = new Map<string, number>();
  private readonly labelValues: string[] = [];
  private readonly taintSetIds = new Map<string, number>([['[]', 0]]);
  private readonly cpuMilli = new AmountCache(cpuMilliOf);
  private readonly wholeUnits = new AmountCache(wholeUnitsOf);

  /** Whether requests with defaults are columns of their own. Changes with `nodeGeneration`. */
  get tellsDefaultsApart(): boolean {
    return this.defaulted !== undefined;
  }
  get nonZeroRequestedCpuMilli(): Float64Array {
    return this.defaulted === undefined ? this.requestedCpuMilli : this.defaulted.cpuMilli;
  }
  get nonZeroRequestedMemoryBytes(): Float64Array {
    return this.defaulted === undefined ? this.requestedMemoryBytes : this.defaulted.memoryBytes;
  }
  get allocatableEphemeralStorageBytes(): Float64Array {
    return this.ephemeralColumns().allocatable;
  }
  get requestedEphemeralStorageBytes(): Float64Array {
    return this.ephemeralColumns().requested;
  }

  /** How many sets of taints, values of labels and resources have come up. */
  protected get internedCount(): number {
    const { taintSets, labelValues, scalars, ephemeral } = this;
    return taintSets.length + labelValues.length + scalars.size + (ephemeral === undefined ? 0 : 1);
  }

  scalarAllocatable(name: string): Float64Array | undefined {
    return this.scalars.get(name)?.allocatable;
  }
  scalarRequested(name: string): Float64Array | undefined {
    return this.scalars.get(name)?.requested;
  }

  labelValue(id: number): string {
    return this.labelValues[id]!;
  }

  /** What the pods on a node request: `cpu` in milli-cores, everything else in its own unit. Zero scalars are left out. */
  requestedOf(row: number): Record<string, number> {
    const amounts: Record<string, number> = {
      cpu: this.requestedCpuMilli[row]!,
      memory: this.requestedMemoryBytes[row]!,
      'ephemeral-storage': this.ephemeral?.requested[row] ?? 0,
    };
    for (const [name, { requested }] of this.scalars) if (requested[row] !== 0) amounts[name] = requested[row]!;
    return amounts;
  }

  // --- for the cluster -------------------------------------------------------------------------------------------------

  /** @param nodes The nodes that are there, by row. */
  protected labelColumnOf(key: string, nodes: ReadonlyArray<Node | undefined>): Int32Array {
    let column = this.labelColumns.get(key);
    if (column === undefined) {
      column = new Int32Array(this.rowCount).fill(-1);
      for (let row = 0; row < nodes.length; row++) {
        const node = nodes[row];
        if (node !== undefined) column[row] = this.labelId(labelsOf(node)[key]);
      }
      this.labelColumns.set(key, column);
    }
    return column;
  }

  protected readColumns(row: number, node: Node): void {
    if (this.labelColumns.size > 0) {
      const labels = labelsOf(node);
      for (const [key, column] of this.labelColumns) column[row] = this.labelId(labels[key]);
    }
    const { spec } = node;
    this.taintSetId[row] = this.internTaints(spec?.taints ?? []);
    this.unschedulable[row] = spec?.unschedulable === true ? 1 : 0;
    const allocatable = node.status?.allocatable ?? {};
    this.allocatableCpuMilli[row] = this.cpuMilli.of(allocatable.cpu);
    this.allocatableMemoryBytes[row] = this.wholeUnits.of(allocatable.memory);
    this.allocatablePods[row] = this.wholeUnits.of(allocatable.pods);
    const storage = this.wholeUnits.of(allocatable['ephemeral-storage']);
    if (storage !== 0 || this.ephemeral !== undefined) this.allocatableEphemeralStorageBytes[row] = storage;
    for (const { allocatable: column } of this.scalars.values()) column[row] = 0;
    for (const name in allocatable) {
      if (isScalarResourceName(name)) this.scalarColumns(name).allocatable[row] = wholeUnitsOf(allocatable[name]!);
    }
  }

  protected clearRow(row: number): void {
    for (const column of this.usageColumns()) column[row] = 0;
    this.allocatableCpuMilli[row] = 0;
    this.allocatableMemoryBytes[row] = 0;
    this.allocatablePods[row] = 0;
    if (this.ephemeral !== undefined) this.ephemeral.allocatable[row] = 0;
    for (const { allocatable } of this.scalars.values()) allocatable[row] = 0;
    for (const column of this.labelColumns.values()) column[row] = -1;
    this.taintSetId[row] = 0;
    this.unschedulable[row] = 0;
  }

  /** Shows a node as if no pod took anything of it. Returns how to show it as it is again. */
  protected hideUsage(row: number): () => void {
    const hidden = this.usageColumns();
    const amounts = hidden.map((column) => column[row]!);
    for (const column of hidden) column[row] = 0;
    return () => {
      hidden.forEach((column, i) => {
        column[row] = amounts[i]!;
      });
    };
  }

  /** Asserts that the node's requests are those of the pods. */
  protected checkUsage(row: number, pods: readonly PodInfo[]): void {
    const totals: Array<readonly [string, ArrayLike<number>, (pod: PodInfo) => number]> = [
      ['pods', this.podCount, () => 1],
      ['CPU', this.requestedCpuMilli, ({ usage }) => usage.cpuMilli],
      ['memory', this.requestedMemoryBytes, ({ usage }) => usage.memoryBytes],
      ['CPU with defaults', this.nonZeroRequestedCpuMilli, ({ nonZeroCpuMilli }) => nonZeroCpuMilli],
      ['memory with defaults', this.nonZeroRequestedMemoryBytes, ({ nonZeroMemoryBytes }) => nonZeroMemoryBytes],
    ];
    if (this.ephemeral !== undefined)
      totals.push(['storage', this.ephemeral.requested, ({ usage }) => usage.ephemeralStorageBytes]);
    for (const [name, { requested }] of this.scalars) {
      totals.push([name, requested, ({ usage }) => usage.scalars.find(([scalar]) => scalar === name)?.[1] ?? 0]);
    }
    for (const [what, column, amountOf] of totals) {
      const total = pods.reduce((sum, pod) => sum + amountOf(pod), 0);
      if (column[row] !== total)
        throw new Error(`row ${row} has ${what} ${column[row]}, but its pods come to ${total}`);
    }
  }

  protected scalarColumns(name: string): ResourceColumns {
    let columns = this.scalars.get(name);
    if (columns === undefined) {
      columns = this.resourceColumns();
      this.scalars.set(name, columns);
    }
    return columns;
  }

  /** From here on requests with defaults are something else than requests. */
  protected tellDefaultsApart(): void {
    this.defaulted = { cpuMilli: this.requestedCpuMilli.slice(), memoryBytes: this.requestedMemoryBytes.slice() };
  }

  protected grow(): void {
    const size = Math.ceil(this.rowCount * GROWTH);
    this.rowCount = size;
    this.taintSetId = widerInts(this.taintSetId, size, 0);
    const flags = new Uint8Array(size);
    flags.set(this.unschedulable);
    this.unschedulable = flags;
    this.allocatableCpuMilli = wider(this.allocatableCpuMilli, size);
    this.allocatableMemoryBytes = wider(this.allocatableMemoryBytes, size);
    this.allocatablePods = wider(this.allocatablePods, size);
    this.requestedCpuMilli = wider(this.requestedCpuMilli, size);
    this.requestedMemoryBytes = wider(this.requestedMemoryBytes, size);
    this.podCount = widerInts(this.podCount, size, 0);
    for (const [key, column] of this.labelColumns) this.labelColumns.set(key, widerInts(column, size, -1));
    if (this.defaulted !== undefined) {
      const { cpuMilli, memoryBytes } = this.defaulted;
      this.defaulted = { cpuMilli: wider(cpuMilli, size), memoryBytes: wider(memoryBytes, size) };
    }
    const named = [...this.scalars.values()];
    if (this.ephemeral !== undefined) named.push(this.ephemeral);
    for (const columns of named) {
      columns.allocatable = wider(columns.allocatable, size);
      columns.requested = wider(columns.requested, size);
    }
  }

  private usageColumns(): Array<Float64Array | Int32Array> {
    const columns: Array<Float64Array | Int32Array> = [
      this.podCount,
      this.requestedCpuMilli,
      this.requestedMemoryBytes,
    ];
    if (this.defaulted !== undefined) columns.push(this.defaulted.cpuMilli, this.defaulted.memoryBytes);
    if (this.ephemeral !== undefined) columns.push(this.ephemeral.requested);
    for (const { requested } of this.scalars.values()) columns.push(requested);
    return columns;
  }

  private ephemeralColumns(): ResourceColumns {
    this.ephemeral ??= this.resourceColumns();
    return this.ephemeral;
  }

  private resourceColumns(): ResourceColumns {
    return { allocatable: new Float64Array(this.rowCount), requested: new Float64Array(this.rowCount) };
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
}

function wider(column: Float64Array, size: number): Float64Array {
  const made = new Float64Array(size);
  made.set(column);
  return made;
}

function widerInts(column: Int32Array, size: number, fill: number): Int32Array {
  const made = new Int32Array(size);
  made.set(column);
  return fill === 0 ? made : made.fill(fill, column.length);
}
