/** `berth repro`: a run made again from its folder, and compared with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { InputError } from '../api/index.ts';
import { makeRunFolder, reproduction, run, runInputs, sameFiles } from '../bench/index.ts';
import { EXIT_FAILED } from './errors.ts';
import { Progress } from './progress.ts';
import { parseWorkers } from './run-options.ts';
import { VERSION } from './version.ts';

interface Options {
  readonly workers: number;
  readonly out?: string;
  readonly quiet?: boolean;
}

export function reproCommand(): Command {
  return new Command('repro')
    .description(
      'Run a folder again from its own run.json, and compare every row that does not hold wall-clock figures',
    )
    .argument('<run>', 'folder that berth run has written')
    .option('--workers <n>', 'worker threads', parseWorkers, availableParallelism())
    .option('--out <dir>', 'keep the new results here (default: they are dropped)')
    .option('-q, --quiet', 'no progress')
    .action(start);
}

/** Exit code 0 when everything is the same, 1 when something differs. */
async function start(dir: string, { workers, out, quiet }: Options): Promise<void> {
  const { manifest, workloads, variants, cells, request } = await reproduction(dir);
  if (manifest.berth !== VERSION) {
    process.stderr.write(`note: made by berth ${manifest.berth}, this is ${VERSION}\n`);
  }
  const again = out ?? mkdtempSync(path.join(tmpdir(), 'berth-repro-'));
  if (out !== undefined) makeRunFolder(out);
  let progress: Progress | undefined;
  try {
    const options = { workloads, variants, cells, request, workers, dir: again, version: VERSION };
    const result = await run(await runInputs(options), {
      ...options,
      onStart: (started) => {
        if (!quiet) progress = new Progress(process.stderr, started);
      },
    });
    progress?.stop();
    const failed = result.manifest.cells.find((cell) => cell.state === 'failed');
    if (failed !== undefined) throw new InputError(`${failed.profile} seed ${failed.seed}: ${failed.error}`);
    const same = await sameFiles(dir, again);
    for (const [file, isSame] of same) process.stdout.write(`${isSame ? 'same   ' : 'DIFFERS'}  ${file}\n`);
    const differing = [...same.values()].filter((isSame) => !isSame).length;
    const text = differing === 0 ? 'the same results' : `${differing} of ${same.size} files differ`;
    process.stdout.write(`${cells.length} cells run again: ${text}\n`);
    if (differing > 0) process.exitCode = EXIT_FAILED;
  } finally {
    progress?.stop();
    if (out === undefined) rmSync(again, { recursive: true, force: true });
  }
}
