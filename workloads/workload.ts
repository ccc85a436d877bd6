/**
 * What a run schedules: nodes, and pods as rows over a few shapes. Pods of one shape share one spec object, so that a
 * workload of a million pods is a few numbers per pod; the columns live on shared memory and cross to workers uncopied.
 */
import type { KubeObject, Node, ObjectMeta, Pod, PodSpec } from '../api/index.ts';

/** Everything that pods of one kind have in common. */
export interface PodShape {
  /** Says what the shape asks for; stands in the `class` column of results. Unique within a workload. */
  readonly name: string;
  readonly labels?: ObjectMeta['labels'];
  /** @default 'default' */
  readonly namespace?: string;
  readonly annotations?: ObjectMeta['annotations'];
  /** Controllers, whose selectors spread pods by default. */
  readonly ownerReferences?: ObjectMeta['ownerReferences'];
  readonly spec: PodSpec;
}

/** One entry per pod, in the order of the source. */
export interface PodRows {
  readonly count: number;
  readonly names: readonly string[];
  /** Index into `Workload.shapes`. */
  readonly shape: Int32Array;
  /** Seconds since the start of the trace. */
  readonly arrivalSeconds: Float64Array;
  /** Seconds from arrival to the end; Infinity when the pod outlives the trace or the source does not say. */
  readonly lifetimeSeconds: Float64Array;
}

/** A file that a workload was read from, as the manifest of a run records it (no directory: it is the user's own). */
export interface SourceFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface WorkloadSource {
  /** One line: what this is and where it comes from. */
  readonly description: string;
  /** Empty for a table that the project ships. */
  readonly files: readonly SourceFile[];
}

export interface Workload {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly shapes: readonly PodShape[];
  readonly pods: PodRows;
  /** False when the source has no times; arrivals are then one second apart. */
  readonly hasTimes: boolean;
  readonly source: WorkloadSource;
  /** Pods that are on nodes before the first of `pods` arrives; they stay unless they are evicted. */
  readonly bound?: readonly Pod[];
  /** Whatever else scheduling reads: volumes, claims, services, disruption budgets, … */
  readonly objects?: readonly KubeObject[];
}

const NAMESPACE = 'default';

/** The `row`-th pod as a Kubernetes object. */
export function podOf(workload: Workload, row: number): Pod {
  const { labels, namespace = NAMESPACE, annotations, ownerReferences, spec } = shapeOf(workload, row);
  const metadata: ObjectMeta = { name: workload.pods.names[row]!, namespace, labels };
  if (annotations !== undefined) metadata.annotations = annotations;
  if (ownerReferences !== undefined) metadata.ownerReferences = ownerReferences;
  return { metadata, spec };
}

/** What the `row`-th pod is called in results: its name, after its namespace where that is not the default one. */
export function podTitle(workload: Workload, row: number): string {
  const { namespace = NAMESPACE } = shapeOf(workload, row);
  const name = workload.pods.names[row]!;
  return namespace === NAMESPACE ? name : `${namespace}/${name}`;
}

const shapeOf = ({ shapes, pods }: Workload, row: number): PodShape => shapes[pods.shape[row]!]!;

/** Collects pods row by row; the columns are made at the end. */
export class PodRowsBuilder {
  private readonly names: string[] = [];
  private readonly shapes: number[] = [];
  private readonly arrivals: number[] = [];
  private readonly lifetimes: number[] = [];

  get count(): number {
    return this.names.length;
  }

  add(name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number): void {
    this.names.push(name);
    this.shapes.push(shape);
    this.arrivals.push(arrivalSeconds);
    this.lifetimes.push(lifetimeSeconds);
  }

  build(): PodRows {
    const { count } = this;
    const shape = new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
    const arrivalSeconds = new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
    const lifetimeSeconds = new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
    shape.set(this.shapes);
    arrivalSeconds.set(this.arrivals);
    lifetimeSeconds.set(this.lifetimes);
    return { count, names: this.names, shape, arrivalSeconds, lifetimeSeconds };
  }
}
