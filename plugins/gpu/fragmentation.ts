/**
 * How much of a node's idle GPU capacity the typical pods cannot use: Weng et al., "Beware of Fragmentation", USENIX ATC
 * 2023; pkg/utils/frag.go of hkust-adsl/kubernetes-scheduler-simulator 8f3d6417. The sums are kept apart and added in the
 * published order, since a reordered sum would move scores that are truncated.
 *
 * Cost: O(GPUs · log + typical pods), about 0.3 µs for 35 typical pods and 8 GPUs.
 */
import type { GpuCluster } from './gpu-cluster.ts';
import type { TypicalPod } from './typical-pods.ts';

/** Idle GPU-milli of a node by what happens to them, averaged over the typical pods. */
export interface FragmentationClasses {
  readonly lackBoth: number;
  readonly lackGpu: number;
  readonly satisfied: number;
  readonly lackCpu: number;
  /** Typical pods without GPUs that fit. */
  readonly cpuOnlySatisfied: number;
  readonly cpuOnlyLackCpu: number;
  readonly noAccess: number;
}

/** What a measurement of one node state leaves behind. */
const LACK_BOTH = 0;
const LACK_GPU = 1;
const LACK_CPU = 2;
const CPU_SATISFIED = 3;
const CPU_LACK = 4;
const NO_ACCESS = 5;
const SATISFIED = 6;

export class Fragmentation {
  private readonly count: number;
  private readonly cpuMilli: Float64Array;
  private readonly gpus: Int32Array;
  private readonly share: Float64Array;
  private readonly modelMask: Int32Array;
  /** Place of the pod's request among the different ones. */
  private readonly level: Int32Array;
  private readonly levels: Int32Array;
  private readonly fitting: Int32Array;
  private readonly unusable: Float64Array;
  private readonly sums = new Float64Array(7);

  constructor(typical: readonly TypicalPod[], cluster: Pick<GpuCluster, 'maskOf'>) {
    this.count = typical.length;
    this.cpuMilli = Float64Array.from(typical, ({ cpuMilli }) => cpuMilli);
    this.gpus = Int32Array.from(typical, ({ gpus, gpuMilli }) => (gpuMilli === 0 ? 0 : gpus));
    this.share = Float64Array.from(typical, ({ share }) => share);
    this.modelMask = Int32Array.from(typical, ({ models }) => cluster.maskOf(models === '' ? [] : models.split('|')));
    const levels = [...new Set(typical.map(({ gpuMilli }) => gpuMilli))].sort((a, b) => a - b);
    this.levels = Int32Array.from(levels);
    this.level = Int32Array.from(typical, ({ gpuMilli }) => levels.indexOf(gpuMilli));
    this.fitting = new Int32Array(levels.length);
    this.unusable = new Float64Array(levels.length);
  }

  /** GPU-milli that are idle and of no use, of a node with so much left of each of `gpus` GPUs from `start` on. */
  measure(cpuFreeMilli: number, left: Int32Array, start: number, gpus: number, modelBit: number): number {
    const { levels, fitting, unusable, sums } = this;
    let idle = 0;
    for (let gpu = start; gpu < start + gpus; gpu++) idle += left[gpu]!;
    sums.fill(0);
    if (idle === 0) return 0;
    for (let i = 0; i < levels.length; i++) {
      const least = levels[i]!;
      let fits = 0;
      let lost = 0;
      for (let gpu = start; gpu < start + gpus; gpu++) {
        const milli = left[gpu]!;
        if (milli >= least) fits++;
        else lost += milli;
      }
      fitting[i] = fits;
      unusable[i] = lost;
    }
    this.add(cpuFreeMilli, idle, modelBit);
    const total =
      sums[LACK_BOTH]! + sums[LACK_GPU]! + sums[LACK_CPU]! + sums[CPU_SATISFIED]! + sums[CPU_LACK]! + sums[NO_ACCESS]!;
    return total;
  }

  private add(cpuFreeMilli: number, idle: number, modelBit: number): void {
    const { sums, share, cpuMilli, gpus, modelMask, level, fitting, unusable } = this;
    for (let i = 0; i < this.count; i++) {
      const weight = share[i]!;
      const hasCpu = cpuFreeMilli >= cpuMilli[i]!;
      if (gpus[i] === 0) sums[hasCpu ? CPU_SATISFIED : CPU_LACK]! += weight * idle;
      else if (modelMask[i] !== 0 && (modelMask[i]! & modelBit) === 0) sums[NO_ACCESS]! += weight * idle;
      else if (fitting[level[i]!]! < gpus[i]!) sums[hasCpu ? LACK_GPU : LACK_BOTH]! += weight * idle;
      else if (!hasCpu) sums[LACK_CPU]! += weight * idle;
      else {
        const lost = unusable[level[i]!]!;
        sums[LACK_GPU]! += weight * lost;
        sums[SATISFIED]! += weight * (idle - lost);
      }
    }
  }

  /** Of the state measured last. */
  classes(): FragmentationClasses {
    const { sums } = this;
    return {
      lackBoth: sums[LACK_BOTH]!,
      lackGpu: sums[LACK_GPU]!,
      satisfied: sums[SATISFIED]!,
      lackCpu: sums[LACK_CPU]!,
      cpuOnlySatisfied: sums[CPU_SATISFIED]!,
      cpuOnlyLackCpu: sums[CPU_LACK]!,
      noAccess: sums[NO_ACCESS]!,
    };
  }

  ofNode(cluster: GpuCluster, node: number): number {
    return this.measure(
      cluster.cpuFreeMilli[node]!,
      cluster.gpuLeftMilli,
      node * cluster.stride,
      cluster.gpuCount[node]!,
      cluster.modelBit[node]!,
    );
  }
}
