/** A run folder read back, so that a run that was interrupted can go on where it stopped. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { InputError } from '../api/index.ts';
import { type CellSummary, splitCsvRecords } from '../reports/index.ts';
import { FORMAT_VERSION, type Manifest, type RunInputs } from './manifest.ts';
import { type CellChunks, CSV_FILE_NAMES, type CsvFile, MANIFEST_FILE, PARTIAL } from './run-folder.ts';

export interface FinishedCell {
  readonly summary: CellSummary;
  readonly chunks: CellChunks;
}

export class PreviousRun {
  private readonly dir: string;
  private readonly manifest: Manifest;
  private readonly finished = new Map<string, FinishedCell>();

  /** Throws InputError when there is no run in the folder. */
  constructor(dir: string) {
    this.dir = dir;
    this.manifest = readManifest(dir);
    const records = Object.fromEntries(CSV_FILE_NAMES.map((file) => [file, readRecords(dir, file)])) as Record<
      CsvFile,
      string[]
    >;
    this.collect(records);
  }

  cell(profile: string, seed: number): FinishedCell | undefined {
    return this.finished.get(keyOf(profile, seed));
  }

  /** Throws InputError when the run was made from something else. */
  check(version: string, inputs: RunInputs): void {
    const { formatVersion, berth, inputs: before } = this.manifest;
    if (formatVersion !== FORMAT_VERSION || berth !== version) {
      throw new InputError(`${this.dir}: made by berth ${berth}, this is ${version}; start a new run`);
    }
    const now = JSON.parse(JSON.stringify(inputs)) as RunInputs;
    const different = (Object.keys(now) as Array<keyof RunInputs>).filter(
      (key) => JSON.stringify(now[key]) !== JSON.stringify(before[key]),
    );
    if (different.length > 0) {
      throw new InputError(
        `${this.dir}: that run has other ${different.join(', ')}; --resume needs the command that started it (its ${MANIFEST_FILE} tells)`,
      );
    }
  }

  /** Cells stand in the files in the order of the manifest; whatever was cut off is not taken over. */
  private collect(records: Record<CsvFile, string[]>): void {
    const at: Record<string, number> = {};
    for (const { profile, seed, state, rows } of this.manifest.cells) {
      if (state !== 'finished' || rows === undefined) continue;
      const chunks = Object.fromEntries(
        CSV_FILE_NAMES.map((file) => {
          const from = at[file] ?? 1;
          at[file] = from + rows[file]!;
          return [file, records[file].slice(from, at[file])];
        }),
      ) as Record<CsvFile, string[]>;
      if (
        CSV_FILE_NAMES.some(
          (file) => chunks[file].length < rows[file]! || chunks[file].at(-1)?.endsWith('\n') === false,
        )
      )
        return;
      const texts = Object.fromEntries(CSV_FILE_NAMES.map((file) => [file, chunks[file].join('')])) as CellChunks;
      const summary = summaryOf(records['summary.csv'][0]!, texts['summary.csv']);
      if (summary.profile !== profile || summary.seed !== seed) return;
      this.finished.set(keyOf(profile, seed), { summary, chunks: texts });
    }
  }
}

const keyOf = (profile: string, seed: number): string => `${seed} ${profile}`;

function readManifest(dir: string): Manifest {
  const file = path.join(dir, MANIFEST_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new InputError(`there is no run in ${dir}: ${MANIFEST_FILE} is missing`);
  }
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (!Array.isArray(manifest.cells)) throw new Error('it lists no cells');
    return manifest;
  } catch (error) {
    throw new InputError(`${file}: not the manifest of a run: ${(error as Error).message}`);
  }
}

/** A killed run leaves its files under their temporary names. */
function readRecords(dir: string, file: CsvFile): string[] {
  const name = path.join(dir, file);
  const found = [name + PARTIAL, name].find((candidate) => existsSync(candidate));
  return found === undefined ? [] : splitCsvRecords(readFileSync(found, 'utf8'));
}

function summaryOf(headerLine: string, line: string): CellSummary {
  const [fields] = parse(headerLine + line, { columns: true }) as unknown as Array<Record<string, string>>;
  const number = (column: string) => Number(fields![column]);
  const optional = (column: string) => (fields![column] === '' ? undefined : number(column));
  return {
    workload: fields!.workload!,
    profile: fields!.profile!,
    seed: number('seed'),
    tieBreak: fields!.tie_break!,
    nodes: number('nodes'),
    pods: number('pods'),
    placedPods: number('placed_pods'),
    pendingPods: number('pending_pods'),
    evictedPods: number('evicted_pods'),
    cpuAllocatedShare: number('cpu_allocated_share'),
    memoryAllocatedShare: number('memory_allocated_share'),
    gpuAllocatedShare: optional('gpu_allocated_share'),
    nodesUsed: number('used_nodes'),
    cpuImbalance: number('cpu_imbalance_stddev'),
    gpuUnusableShare: optional('gpu_unusable_share'),
    decisions: number('decisions'),
    preemptions: number('preemptions'),
    evaluatedNodes: number('evaluated_nodes'),
    feasibleNodes: number('feasible_nodes'),
    scoredDecisions: number('scored_decisions'),
    meanMarginPoints: optional('mean_margin_points'),
    tiedDecisions: number('tied_decisions'),
    placementDigest: fields!.placement_digest!,
    wallSeconds: number('wall_seconds'),
  };
}
