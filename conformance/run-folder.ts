/**
 * Runs a folder tree of golden files, on worker threads where that pays. The report lists files in the order of their
 * names, whatever order the workers took.
 */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { InputError } from '../api/index.ts';
import { checkFile, type FileReport } from './check.ts';
import { findGoldenFiles, type GoldenFile } from './golden-file.ts';
import type { RunOptions } from './kinds/kind.ts';
import type { WorkerAnswer, WorkerTask } from './run-worker.ts';

/** A worker costs more to start than a few files take. */
const FILES_PER_WORKER = 20;

export interface FolderOptions extends RunOptions {
  /** Names of the folders that hold the files. @default all */
  readonly families?: readonly string[];
  /** Worker threads; 1 runs everything in this thread. @default as many as there are cores, fewer for few files */
  readonly jobs?: number;
  /** Differences that a report keeps per file. @default 10 */
  readonly keep?: number;
  readonly onReport?: (done: number, total: number) => void;
}

/** Throws InputError when the folder or one of its files cannot be used. */
export async function runFolder(folder: string, options: FolderOptions): Promise<FileReport[]> {
  const files = selectFamilies(folder, findGoldenFiles(folder), options.families ?? []);
  const { engine, keep = 10, onReport } = options;
  const jobs = options.jobs ?? Math.min(availableParallelism(), Math.ceil(files.length / FILES_PER_WORKER));
  if (jobs > 1) return runOnWorkers(files, { engine, keep }, jobs, onReport);
  return files.map((file, i) => {
    const report = checkFile(file, { engine }, keep);
    onReport?.(i + 1, files.length);
    return report;
  });
}

function selectFamilies(folder: string, files: readonly GoldenFile[], families: readonly string[]): GoldenFile[] {
  const there = [...new Set(files.map((file) => file.family))];
  const missing = families.find((family) => !there.includes(family));
  if (missing !== undefined) {
    throw new InputError(`--family ${missing}: ${folder} has no such family; it has ${there.join(', ')}`);
  }
  return files.filter((file) => families.length === 0 || families.includes(file.family));
}

async function runOnWorkers(
  files: readonly GoldenFile[],
  options: Omit<WorkerTask, 'file'>,
  jobs: number,
  onReport: FolderOptions['onReport'],
): Promise<FileReport[]> {
  const pool = new Piscina<WorkerTask, WorkerAnswer>({
    filename: new URL('./run-worker.js', import.meta.url).href,
    minThreads: jobs,
    maxThreads: jobs,
  });
  try {
    let done = 0;
    return await Promise.all(
      files.map(async (file) => {
        const answer = await pool.run({ file, ...options });
        onReport?.(++done, files.length);
        if ('notGolden' in answer) throw new InputError(answer.notGolden);
        return answer.report;
      }),
    );
  } finally {
    await pool.destroy();
  }
}
