/** `berth report`: run folders as one HTML file. */
import { spawn } from 'node:child_process';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { InputError } from '../api/index.ts';
import { knownMetric } from '../bench/compare/index.ts';
import { collectReport } from '../bench/report/index.ts';
import { reportHtml } from '../reports/index.ts';

interface Options {
  readonly out?: string;
  readonly title?: string;
  readonly base?: string;
  readonly primary?: string[];
  readonly open?: boolean;
}

const REPORT_FILE = 'report.html';

export function reportCommand(): Command {
  return new Command('report')
    .description('One self-contained HTML file about run folders: verdicts, plots, where decisions part, inputs')
    .argument('<runs...>', 'folders that berth run has written; the first holds the base')
    .option('--out <file>', `where to write it (default: ${REPORT_FILE} in the first folder)`)
    .option('--title <text>', 'heading (default: the names of the folders)')
    .option('--base <name>', 'configuration to compare with (default: the first of the first folder)')
    .option('--primary <name...>', 'metrics that decide (default: the first there is)')
    .option('--open', 'open it in the browser')
    .action(run);
}

async function run(folders: string[], { out, title, base, primary, open }: Options): Promise<void> {
  for (const name of primary ?? []) knownMetric(name);
  const file = out ?? path.join(folders[0]!, REPORT_FILE);
  await writeReport(folders, file, { title, base, primary });
  process.stdout.write(`wrote ${file} (${Math.ceil(statSync(file).size / 1024).toLocaleString('en-US')} KiB)\n`);
  if (open) openInBrowser(file);
}

/** Throws InputError; nothing half-written stays. */
export async function writeReport(
  folders: readonly string[],
  file: string,
  options: Parameters<typeof collectReport>[1],
): Promise<void> {
  const dir = path.dirname(path.resolve(file));
  if (!existsSync(dir)) throw new InputError(`--out ${file}: there is no folder ${dir}`);
  const text = reportHtml(await collectReport(folders, options));
  writeFileSync(`${file}.partial`, text);
  renameSync(`${file}.partial`, file);
}

function openInBrowser(file: string): void {
  const command = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  const child = spawn(command, [path.resolve(file)], { stdio: 'ignore', detached: true });
  child.on('error', () =>
    process.stderr.write(`note: no browser could be started (${command} is missing); open ${file} yourself\n`),
  );
  child.unref();
}
