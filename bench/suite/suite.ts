/** A suite as it is written, checked against the schema. */
import type { RuntimeName } from '../../cluster/runtimes/index.ts';
import type { Fault } from '../../cluster/whole/index.ts';
import type { EngineName, TieBreak } from '../../scheduler/index.ts';
import type { Shuffle } from '../order.ts';

export type OneOrMore = string | readonly string[];

export interface SuiteWorkload {
  readonly name?: string;
  readonly trace?: string;
  readonly data?: string;
  readonly list?: string;
  readonly nodeList?: string;
  readonly nodes?: OneOrMore;
  readonly pods?: OneOrMore;
  readonly objects?: OneOrMore;
  readonly folder?: string;
  readonly generate?: string;
  readonly generateSeed?: number;
}

export interface SuiteProfile {
  readonly name: string;
  readonly file?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface SuiteAxis {
  readonly path: string;
  readonly name?: string;
  readonly values: readonly unknown[];
}

export interface SuiteSettings {
  readonly engine?: EngineName;
  readonly tieBreak?: TieBreak;
  readonly shuffle?: Shuffle;
  readonly evaluation?: 'static' | 'timed' | 'cluster';
  readonly runtime?: RuntimeName;
  readonly attemptTime?: string;
  /** Durations. */
  readonly bindingTime?: string;
  readonly until?: string;
  readonly sampleEvery?: string;
}

/** A fault as it is written. */
export interface SuiteFault extends Pick<Fault, 'node' | 'zone' | 'count'> {
  readonly fault: Fault['kind'];
  /** Durations. */
  readonly at: string;
  readonly for?: string;
  readonly delay?: string;
}

export type CellFilter = Readonly<Record<string, unknown>>;

export interface SuiteReport {
  readonly base?: string;
  readonly primary?: readonly string[];
  readonly thresholds?: readonly string[];
  readonly failOn?: readonly string[];
}

export interface Suite {
  readonly name: string;
  /** What relative paths start from. */
  readonly baseDir: string;
  readonly workloads: readonly SuiteWorkload[];
  readonly profiles: readonly SuiteProfile[];
  readonly axes: readonly SuiteAxis[];
  readonly combine: 'product' | 'list';
  readonly only?: readonly CellFilter[];
  readonly exclude?: readonly CellFilter[];
  readonly seeds: readonly number[];
  readonly tieSeeds?: readonly number[];
  readonly repeats: number;
  readonly settings: SuiteSettings;
  readonly faults?: readonly SuiteFault[];
  readonly workers?: number;
  readonly assertions: readonly string[];
  readonly report: SuiteReport;
  /** For messages about a place in the file. */
  at(path: readonly (string | number)[]): { readonly file?: string; readonly line?: number; readonly column?: number };
}
