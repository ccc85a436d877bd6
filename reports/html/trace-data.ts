/** What the page of a trace shows; plain values, so that whoever measured them need not be known here. */

export interface TraceReport {
  readonly title: string;
  /** One line: nodes, pods, and what counts as one arrival. */
  readonly size: string;
  readonly noun: string;
  readonly arrivals?: TraceArrivals;
  readonly lifetimes?: TraceLifetimes;
  readonly shapes: readonly TraceShape[];
  readonly distinctShapes: number;
  /** The same figures as text, as the command prints them. */
  readonly text: string;
}

export interface TraceArrivals {
  readonly perHour: number;
  readonly gapScv: number;
  readonly windows: readonly { readonly windowSeconds: number; readonly idc: number }[];
  /** Of the day; empty for a short trace. */
  readonly hourShares: readonly number[];
  /** Arrivals in equal bins over the whole trace. */
  readonly series: readonly { readonly hours: number; readonly count: number }[];
  readonly binHours: number;
}

export interface TraceLifetimes {
  /** Of the sample: share of units that lived at most so long. */
  readonly curve: readonly { readonly seconds: number; readonly share: number }[];
  /** Fitted families at the same places, the best first. */
  readonly fits: readonly { readonly family: string; readonly ks: number; readonly shares: readonly number[] }[];
}

export interface TraceShape {
  readonly cores: number;
  readonly gib: number;
  readonly gpus: number;
  readonly pods: number;
  readonly share: number;
}
