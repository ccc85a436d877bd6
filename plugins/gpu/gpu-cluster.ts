/**
 * Nodes whose GPUs are shared: what is left of every single GPU, beside CPU, memory and pods. Policies read it by node
 * index; `place` is the only change.
 *
 * Cost: place and fits O(GPUs of the node).
 */
export const WHOLE_GPU_MILLI = 1000;
export const GPUS_PER_NODE_MAX = 32;

export interface GpuNode {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus: number;
  readonly model: string;
}

/** What a policy knows of a pod. */
export interface GpuPod {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** 0: CPU only. */
  readonly gpus: number;
  /** Of each GPU: below 1000 only of a single one (a share), 1000 exclusive, 0 without GPUs. */
  readonly gpuMilli: number;
  /** One bit per model of the cluster; 0 allows any. */
  readonly modelMask: number;
}

export const isShare = ({ gpus, gpuMilli }: GpuPod): boolean => gpus > 0 && gpuMilli < WHOLE_GPU_MILLI;

export class GpuCluster {
  readonly size: number;
  readonly cpuFreeMilli: Float64Array;
  readonly memoryFreeMib: Float64Array;
  readonly podsFree: Int32Array;
  readonly gpuCount: Uint8Array;
  /** Bit of the node's model. */
  readonly modelBit: Int32Array;
  /** Milli left of GPU g of node n, at n · stride + g. */
  readonly gpuLeftMilli: Int32Array;
  /** Sum over the GPUs of a node. */
  readonly gpuFreeMilli: Int32Array;
  /** How many pods of each kind (share, 1, 2, 4, … GPUs) a node has; at n · KINDS + kind. */
  readonly kindCount: Int32Array;
  readonly stride: number;
  readonly models: readonly string[];

  constructor(nodes: readonly GpuNode[], podsPerNode: number) {
    const size = nodes.length;
    this.size = size;
    this.models = [...new Set(nodes.map(({ model }) => model).filter((model) => model !== ''))].sort();
    this.stride = nodes.reduce((most, { gpus }) => Math.max(most, gpus), 1);
    this.cpuFreeMilli = Float64Array.from(nodes, ({ cpuMilli }) => cpuMilli);
    this.memoryFreeMib = Float64Array.from(nodes, ({ memoryMib }) => memoryMib);
    this.podsFree = new Int32Array(size).fill(podsPerNode);
    this.gpuCount = Uint8Array.from(nodes, ({ gpus }) => gpus);
    this.modelBit = Int32Array.from(nodes, ({ model }) => (model === '' ? 0 : 1 << this.models.indexOf(model)));
    this.gpuLeftMilli = new Int32Array(size * this.stride);
    this.gpuFreeMilli = Int32Array.from(nodes, ({ gpus }) => gpus * WHOLE_GPU_MILLI);
    this.kindCount = new Int32Array(size * KINDS);
    for (const [node, { gpus }] of nodes.entries()) {
      this.gpuLeftMilli.fill(WHOLE_GPU_MILLI, node * this.stride, node * this.stride + gpus);
    }
  }

  /** Models that the cluster does not have allow nothing. */
  maskOf(models: readonly string[]): number {
    if (models.length === 0) return 0;
    const mask = models.reduce((bits, model) => bits | this.bitOf(model), 0);
    return mask === 0 ? UNKNOWN_MODEL : mask;
  }

  private bitOf(model: string): number {
    const index = this.models.indexOf(model);
    return index < 0 ? 0 : 1 << index;
  }

  allows(node: number, { modelMask }: GpuPod): boolean {
    return modelMask === 0 || (modelMask & this.modelBit[node]!) !== 0;
  }

  /** GPUs of the node with at least that much left. */
  gpusWith(node: number, leastMilli: number): number {
    const start = node * this.stride;
    const end = start + this.gpuCount[node]!;
    let count = 0;
    for (let gpu = start; gpu < end; gpu++) if (this.gpuLeftMilli[gpu]! >= leastMilli) count++;
    return count;
  }

  fits(node: number, pod: GpuPod): boolean {
    if (pod.cpuMilli > this.cpuFreeMilli[node]! || pod.memoryMib > this.memoryFreeMib[node]!) return false;
    if (this.podsFree[node] === 0) return false;
    if (pod.gpus === 0) return true;
    return this.allows(node, pod) && this.gpusWith(node, pod.gpuMilli) >= pod.gpus;
  }

  /** @param gpus Bit g for GPU g. */
  place(node: number, pod: GpuPod, gpus: number): void {
    this.change(node, pod, gpus, 1);
  }

  remove(node: number, pod: GpuPod, gpus: number): void {
    this.change(node, pod, gpus, -1);
  }

  private change(node: number, pod: GpuPod, gpus: number, sign: 1 | -1): void {
    this.cpuFreeMilli[node]! -= sign * pod.cpuMilli;
    this.memoryFreeMib[node]! -= sign * pod.memoryMib;
    this.podsFree[node]! -= sign;
    if (pod.gpus === 0) return;
    const start = node * this.stride;
    for (let gpu = 0; gpu < this.gpuCount[node]!; gpu++) {
      if (gpus & (1 << gpu)) this.gpuLeftMilli[start + gpu]! -= sign * pod.gpuMilli;
    }
    this.gpuFreeMilli[node]! -= sign * pod.gpus * pod.gpuMilli;
    this.kindCount[node * KINDS + kindOf(pod)]! += sign;
  }
}

/** A bit that no node has. */
const UNKNOWN_MODEL = 1 << 30;

export const KINDS = GPUS_PER_NODE_MAX + 1;
/** 0: shares, n: pods of n whole GPUs. */
export const kindOf = (pod: GpuPod): number => (isShare(pod) ? 0 : pod.gpus);
