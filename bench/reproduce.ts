/** A run made again from its own manifest, and whether the results are the same. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse';
import { InputError } from '../api/index.ts';
import type { Workload } from '../workloads/index.ts';
import { CSV_FILE_NAMES, type CsvFile } from './csv-files.ts';
import { loadWorkload } from './load-workload.ts';
import type { Manifest, RunRequest } from './manifest.ts';
import type { PlannedCell, Variant } from './plan.ts';
import { readManifest } from './previous-run.ts';
import { MANIFEST_FILE } from './run-folder.ts';

export interface Reproduction {
  readonly manifest: Manifest;
  readonly workloads: readonly Workload[];
  readonly variants: readonly Variant[];
  readonly cells: readonly PlannedCell[];
  readonly request: RunRequest;
}

const WALL = 'wall_';

/** What the run in a folder was made from. Throws InputError when it cannot be made again, such as when a file has changed. */
export async function reproduction(dir: string): Promise<Reproduction> {
  const manifest = readManifest(dir);
  const { request, inputs, state } = manifest;
  if (request === undefined || inputs?.variants === undefined) {
    throw new InputError(
      `${path.join(dir, MANIFEST_FILE)} does not say how the run was asked for; only runs of "berth run" can be made again`,
    );
  }
  if (state !== 'finished') throw new InputError(`${dir}: the run is ${state}; finish it with --resume first`);
  const workloads: Workload[] = [];
  for (const [index, spec] of request.workloads.entries()) {
    const { workload } = await loadWorkload(spec, request.baseDir);
    const before = inputs.workloads[index]!;
    const changed = before.files.find((file, i) => workload.source.files[i]?.sha256 !== file.sha256);
    if (changed !== undefined) {
      throw new InputError(
        `${changed.name} is not what it was when ${dir} was made (sha256 ${changed.sha256}); the results cannot be the same`,
      );
    }
    workloads.push(workload);
  }
  const variants = inputs.variants.map(({ name, text, engine, tieBreak, evaluation, shuffle, set }, index): Variant => {
    const file = request.configs[index] ?? undefined;
    const baseDir = path.resolve(file === undefined ? request.baseDir : path.dirname(file));
    return { name, text, file, baseDir, engine, tieBreak, evaluation, shuffle, set };
  });
  const cells = inputs.cells.map(([workload, variant, seed, tieSeed, repeat]) => ({
    workload,
    variant,
    seed,
    repeat,
    ...(tieSeed === null ? {} : { tieSeed }),
  }));
  return { manifest, workloads, variants, cells, request };
}

/** By file: whether two folders have the same rows in the same order, wall-clock columns apart. */
export async function sameFiles(a: string, b: string): Promise<Map<CsvFile, boolean>> {
  const same = new Map<CsvFile, boolean>();
  for (const file of CSV_FILE_NAMES) {
    same.set(file, (await digest(path.join(a, file))) === (await digest(path.join(b, file))));
  }
  return same;
}

/** Of all fields but those that hold wall-clock figures. */
async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  let kept: number[] | undefined;
  for await (const row of createReadStream(file).pipe(parse()) as AsyncIterable<string[]>) {
    kept ??= [...row.keys()].filter((column) => !row[column]!.startsWith(WALL));
    hash.update(JSON.stringify(kept.map((column) => row[column])));
  }
  return hash.digest('hex');
}
