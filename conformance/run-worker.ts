/** One golden file on a worker thread. */
import { InputError } from '../api/index.ts';
import { checkFile, type FileReport } from './check.ts';
import type { GoldenFile } from './golden-file.ts';
import type { RunOptions } from './kinds/kind.ts';

export interface WorkerTask extends RunOptions {
  readonly file: GoldenFile;
  readonly keep: number;
}

export type WorkerAnswer = { readonly report: FileReport } | { readonly notGolden: string };

export default function run({ file, keep, engine }: WorkerTask): WorkerAnswer {
  try {
    return { report: checkFile(file, { engine }, keep) };
  } catch (error) {
    // An error loses its class on the way between threads.
    if (error instanceof InputError) return { notGolden: error.message };
    throw error;
  }
}
