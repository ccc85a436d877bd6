/** `berth conformance DIR`: runs golden files and compares everything they hold. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { holdsRecordings, replayFolder, replayText } from '../conformance/apiserver/index.ts';
import { ENGINES, type EngineName, familyRows, reportText, runFolder } from '../conformance/index.ts';
import { EXIT_FAILED } from './errors.ts';

interface Options {
  readonly family?: string[];
  readonly engine: EngineName;
  readonly jobs?: number;
  readonly show: number;
  readonly output: 'table' | 'json';
}

/** Exit code 0: all passed, 1: a file failed, 2: the folder or a file cannot be used. */
export function conformanceCommand(): Command {
  return new Command('conformance')
    .description("Compare berth's decisions with recorded ones of kube-scheduler")
    .argument('<dir>', 'folder tree of golden files (*.json.gz)')
    .option('--family <name...>', 'only files in folders of these names')
    .addOption(new Option('--engine <name>', 'engine to put to the test').choices(ENGINES).default(ENGINES[0]))
    .option('--jobs <n>', 'worker threads (default: as many as cores)', positive)
    .option('--show <k>', 'differences to print', count, 10)
    .addOption(new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'))
    .action(run);
}

async function run(dir: string, { family, engine, jobs, show, output }: Options): Promise<void> {
  if (holdsRecordings(dir)) {
    await replay(dir, show, output);
    return;
  }
  const progress = process.stderr.isTTY ? showProgress : undefined;
  const reports = await runFolder(dir, { families: family, engine, jobs, keep: show, onReport: progress });
  const failed = reports.filter((report) => !report.passed).length;
  const summary = { passed: reports.length - failed, failed, families: familyRows(reports), files: reports };
  process.stdout.write(output === 'json' ? `${JSON.stringify(summary, null, 2)}\n` : reportText(reports, show));
  if (failed > 0) process.exitCode = EXIT_FAILED;
}

/** Recordings of a real API server and of its clients, against berth's own. */
async function replay(dir: string, show: number, output: Options['output']): Promise<void> {
  const results = await replayFolder(dir);
  const failed = results.filter(({ difference }) => difference !== undefined).length;
  const summary = { passed: results.length - failed, failed, results };
  process.stdout.write(output === 'json' ? `${JSON.stringify(summary, null, 2)}\n` : replayText(results, show));
  if (failed > 0) process.exitCode = EXIT_FAILED;
}

function showProgress(done: number, total: number): void {
  process.stderr.write(done < total ? `\r${done}/${total} files` : '\r\u001b[K');
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is expected.');
  return Number(text);
}

function positive(text: string): number {
  const value = count(text);
  if (value === 0) throw new InvalidArgumentError('1 or more is expected.');
  return value;
}
