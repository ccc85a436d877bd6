/** The compiled kernel (`scan.as`), one instance with a memory of its own per caller. */
import { readFileSync } from 'node:fs';

type Scan = (
  blocks: number,
  blockCount: number,
  mask: number,
  bounds: number,
  bits: number,
  doubts: number,
  takesCpu: number,
  takesMemory: number,
  addsCpu: number,
  addsMemory: number,
  shiftCpu: number,
  shiftMemory: number,
  balanced: boolean,
) => number;

export interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly scan: Scan;
  readonly evaluate: Scan;
  next(bounds: number, from: number, end: number, threshold: number): number;
  feasible(): number;
  doubtful(): number;
}

let kernelModule: WebAssembly.Module | null | undefined;

/** Undefined where the kernel was not built, or SIMD is missing. */
export function newKernel(): Kernel | undefined {
  if (kernelModule === undefined) {
    try {
      const bytes = readFileSync(new URL('./scan.wasm', import.meta.url));
      kernelModule = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
    } catch {
      kernelModule = null;
    }
  }
  if (kernelModule === null) return undefined;
  return new WebAssembly.Instance(kernelModule, { env: { abort: () => undefined } }).exports as unknown as Kernel;
}
