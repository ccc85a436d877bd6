/**
 * What every importer produces, one thing at a time: kinds of nodes (pools) and nodes of them, kinds of pods (shapes) and
 * pods of them with arrival, lifetime, owner and gang. Requests, priority and constraints stand in the shape, since a trace
 * repeats a few of them millions of times.
 */
import type { NodePool } from '../trace-folder.ts';
import type { PodShape } from '../workload.ts';
import type { OnError, Tally } from './refusals.ts';

export interface TraceSink {
  /** The index of a pool; equal names mean the same pool. */
  pool(pool: NodePool): number;
  node(name: string, pool: number): void;
  /** The index of a shape; equal names mean the same shape. */
  shape(shape: PodShape): number;
  /**
   * @param name Unique within the trace, and a name that Kubernetes takes.
   * @param arrivalSeconds Since the start of the trace; 0 for what was there before.
   * @param lifetimeSeconds Infinity when the pod outlives the trace or the source does not say.
   * @param owner What created it (a job, an application, a batch of one tenant); '' when the source does not say.
   * @param gang How many pods of the owner start together or not at all; 0 when they need not.
   */
  pod(name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number, owner: string, gang: number): void;
}

export interface ImportOptions {
  /** @default 'stop' */
  readonly onError?: OnError;
  /** Called now and then, with how far a file was read. */
  readonly onRows?: (file: string, rows: number) => void;
  /** What one machine has where a trace gives amounts as fractions of one. */
  readonly machineCpuMilli?: number;
  readonly machineMemoryMib?: number;
  /** Nodes to add where a trace has none: kinds with counts. */
  readonly nodes?: readonly NodeGroup[];
}

export interface NodeGroup {
  readonly count: number;
  readonly pool: NodePool;
}

/** A file and which table of its family it is. */
export interface TableFile {
  readonly file: string;
  readonly table: string;
}

export interface ImportContext {
  readonly files: readonly TableFile[];
  readonly sink: TraceSink;
  readonly tally: Tally;
  readonly options: ImportOptions;
  /** Says when second 0 is on the clock, where the files have it (Unix seconds). */
  startsAt(unixSeconds: number): void;
  /** Files of one table, in the order given. */
  of(table: string): readonly string[];
}

/** What is known of a file before it is read. */
export interface FileHead {
  /** Without folder and without endings of packing. */
  readonly name: string;
  /** Name of the folder that it is in. */
  readonly folder: string;
  /** The first whole lines of a text. */
  readonly lines: readonly string[];
  /** The first bytes, as they are stored. */
  readonly magic: string;
}

export interface TraceTable {
  readonly name: string;
  /** What the file looks like, for people. */
  readonly looks: string;
  is(head: FileHead): boolean;
}

export interface TraceSourceNote {
  readonly what: string;
  readonly where: string;
  readonly licence: string;
  /** sha256 by file name, of the files that the importer was tested with. */
  readonly checksums?: Readonly<Record<string, string>>;
}

export interface TraceFamily {
  readonly name: string;
  readonly title: string;
  readonly tables: readonly TraceTable[];
  /** How rows become nodes and pods, in a sentence or two. */
  readonly mapping: string;
  readonly sources: readonly TraceSourceNote[];
  /** True where the source says which pods belong together. */
  readonly hasOwners: boolean;
  /** True where times may be clock times: the trace then begins at the earliest. */
  readonly mayBeClockTimes?: boolean;
  /** False where the files say nothing about when; arrivals are then one second apart. @default true */
  readonly hasTimes?: boolean;
  /** What one machine is taken to have where amounts are fractions of one. */
  readonly machine?: { readonly cpuMilli: number; readonly memoryMib: number };
  read(context: ImportContext): Promise<void>;
}
