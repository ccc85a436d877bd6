/** For tests: small files of a family in, nodes and pods out. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodePool } from '../trace-folder.ts';
import type { PodShape } from '../workload.ts';
import { familyOf } from './families.ts';
import { knownFiles, traceFiles } from './find-files.ts';
import { type ImportReport, importTrace } from './import-trace.ts';
import { Interning } from './interning.ts';
import type { ImportOptions, TraceSink } from './model.ts';

export interface PodRow {
  readonly name: string;
  readonly shape: PodShape;
  readonly arrival: number;
  readonly lifetime: number;
  readonly owner: string;
  readonly gang: number;
}

export class ListSink implements TraceSink {
  readonly nodes: { readonly name: string; readonly pool: NodePool }[] = [];
  readonly pods: PodRow[] = [];
  private readonly names = new Interning();

  pool(pool: NodePool): number {
    return this.names.pool(pool);
  }

  node(name: string, pool: number): void {
    this.nodes.push({ name, pool: this.names.pools[pool]! });
  }

  shape(shape: PodShape): number {
    return this.names.shape(shape);
  }

  pod(name: string, shape: number, arrival: number, lifetime: number, owner: string, gang: number): void {
    this.pods.push({ name, shape: this.names.shapes[shape]!, arrival, lifetime, owner, gang });
  }
}

/** Counts what comes and keeps nothing. */
export class CountSink implements TraceSink {
  nodes = 0;
  pods = 0;
  private readonly names = new Interning();

  pool(pool: NodePool): number {
    return this.names.pool(pool);
  }

  node(): void {
    this.nodes++;
  }

  shape(shape: PodShape): number {
    return this.names.shape(shape);
  }

  pod(): void {
    this.pods++;
  }
}

export interface Imported extends ImportReport {
  readonly list: ListSink;
}

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** In a folder that is gone when `use` has ended. */
export async function withFiles<Result>(files: Files, use: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-trace-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
      writeFileSync(path.join(dir, name), content);
    }
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export function imported(family: string, files: Files, options: ImportOptions = {}): Promise<Imported> {
  return withFiles(files, async (dir) => {
    const list = new ListSink();
    const report = await importTrace(familyOf(family), traceFiles([dir]), list, options);
    return { ...report, list };
  });
}

export async function importedFrom(
  family: string,
  names: readonly string[],
  sink: TraceSink,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const known = await knownFiles(familyOf(family), traceFiles(names), names);
  return importTrace(familyOf(family), known, sink, options);
}

/** Requests of a shape's one container. */
export const requestsOf = ({ spec }: PodShape): Readonly<Record<string, unknown>> =>
  spec.containers[0]!.resources!.requests!;

/** Pods without their shapes, for comparing. */
export const times = (pods: readonly PodRow[]) =>
  pods.map(({ name, arrival, lifetime, owner, gang }) => [name, arrival, lifetime, owner, gang]);
