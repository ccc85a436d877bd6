/** A generator that berth ships, together with what was measured of the trace that it stands for. */

export interface PresetTargets {
  /** What arrivals are counted in. */
  readonly per: 'pod' | 'job';
  readonly perHour: number;
  /** Variance over mean of the counts in windows of so many seconds. */
  readonly idc: readonly (readonly [windowSeconds: number, idc: number])[];
  /** Correlation of neighbouring windows, where the source has it instead of a third IDC. */
  readonly lag1?: readonly [windowSeconds: number, correlation: number];
  /** Seconds at shares of the pods. */
  readonly lifetime: readonly (readonly [share: number, seconds: number])[];
  /** Shares of the pods (of the jobs where arrivals are), by the beginning of the shape's name. */
  readonly shapes: readonly (readonly [name: string, share: number])[];
}

export interface Preset {
  /** Where the figures were measured. */
  readonly source: string;
  readonly targets: PresetTargets;
  /** The same as a generator file says it. */
  readonly file: PresetFile;
}

export interface PresetFile {
  readonly name: string;
  readonly about: string;
  readonly duration: string;
  readonly nodes: readonly object[];
  readonly workloads: readonly object[];
}

/** Quantiles of a lognormal at 10, 50 and 90 %. */
export const lognormalTargets = (mu: number, sigma: number): (readonly [number, number])[] => [
  [0.1, Math.exp(mu - 1.2816 * sigma)],
  [0.5, Math.exp(mu)],
  [0.9, Math.exp(mu + 1.2816 * sigma)],
];
