/** `berth trace import`: original files of a trace into a folder in berth's own format. */
import { Argument, Command } from 'commander';
import { InputError } from '../api/index.ts';
import { alignRows } from '../reports/text.ts';
import {
  type FileCount,
  FolderSink,
  familiesOf,
  familyOf,
  type ImportReport,
  importTrace,
  knownFiles,
  TRACE_FAMILIES,
  type TraceFamily,
  traceFiles,
} from '../workloads/index.ts';
import { addTraceReadOptions, importOptions, type TraceReadOptions } from './trace-options.ts';

interface Options extends TraceReadOptions {
  readonly out: string;
  readonly quiet?: boolean;
}

const AUTO = 'auto';

export function importCommand(): Command {
  const command = new Command('import')
    .description("Read a public trace's files and write a folder in berth's own format")
    .addArgument(
      new Argument('<family>', 'which trace; auto finds it out').choices([
        AUTO,
        ...TRACE_FAMILIES.map(({ name }) => name),
      ]),
    )
    .argument('<files...>', 'original files, plain, gzip or Zstandard, or folders that hold them')
    .requiredOption('-o, --out <dir>', 'folder to write; must not be there, or be empty')
    .option('-q, --quiet', 'no table of counts');
  return addTraceReadOptions(command).action(async (name: string, files: string[], options: Options) => {
    await start(name, files, options);
  });
}

async function start(name: string, names: readonly string[], options: Options): Promise<void> {
  const given = traceFiles(names);
  const family = name === AUTO ? await guess(given) : familyOf(name);
  const files = await knownFiles(family, given, names);
  const sink = new FolderSink(options.out, family.hasOwners);
  let report: ImportReport;
  try {
    report = await importTrace(family, files, sink, {
      ...importOptions(options),
      onRows: options.quiet ? undefined : rowProgress(),
    });
    sink.finish(aboutTrace(family, report));
  } catch (error) {
    sink.abandon();
    throw error;
  }
  if (!options.quiet)
    process.stderr.write(
      `${reportLines(report, files.length < given.length ? given.length - files.length : 0).join('\n')}\n`,
    );
  process.stdout.write(
    `${options.out}: ${count(report.nodes, 'node')}, ${count(report.pods, 'pod')}, ${report.refused === 0 ? 'no row refused' : `${count(report.refused, 'row')} refused`}\n`,
  );
  if (!options.quiet)
    process.stdout.write(`next: berth trace stats ${options.out}      berth run --trace ${options.out}\n`);
}

const REPORT_EVERY_MS = 10_000;

/** A line every ten seconds, for imports that take longer. */
function rowProgress(): (file: string, rows: number) => void {
  let last = performance.now();
  return (file, rows) => {
    const now = performance.now();
    if (now - last < REPORT_EVERY_MS) return;
    last = now;
    process.stderr.write(`  ${file}: ${rows.toLocaleString('en-US')} rows\n`);
  };
}

/** What `trace.json` keeps of an import. */
export function aboutTrace(family: TraceFamily, report: ImportReport): object {
  return {
    family: family.name,
    title: family.title,
    mapping: family.mapping,
    hasTimes: family.hasTimes ?? true,
    startUnixSeconds: report.startUnixSeconds,
    nodes: report.nodes,
    pods: report.pods,
    refused: report.refused,
    files: report.files.map(({ source, table, rowsIn, refused, passedOver, nodesOut, podsOut }) => ({
      ...source,
      table,
      rowsIn,
      refused,
      passedOver: Object.fromEntries(passedOver),
      nodesOut,
      podsOut,
    })),
  };
}

async function guess(files: readonly string[]): Promise<TraceFamily> {
  let candidates: readonly TraceFamily[] = TRACE_FAMILIES;
  for (const file of files) {
    candidates = await familiesOf(file, candidates);
    if (candidates.length === 0)
      throw new InputError(`${file}: no family knows this file together with those before it; name the family`);
  }
  const [family, ...others] = candidates;
  if (others.length === 0) return family!;
  throw new InputError(`the files may be of ${candidates.map(({ name }) => name).join(' or ')}; name the family`);
}

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;

export function reportLines({ files, messages, refused }: ImportReport, leftAlone = 0): string[] {
  const rows = files.map((file) => [
    file.source.name.split(/[\\/]/).at(-1)!,
    file.table,
    ...[file.rowsIn, file.nodesOut, file.podsOut, passed(file), file.refused].map((number) =>
      number.toLocaleString('en-US'),
    ),
  ]);
  const lines = alignRows(
    [['file', 'table', 'rows', 'nodes', 'pods', 'passed over', 'refused'], ...rows],
    [true, true, false, false, false, false, false],
  );
  for (const { source, passedOver } of files) {
    for (const [reason, number] of passedOver)
      lines.push(`passed over in ${source.name.split(/[\\/]/).at(-1)}: ${number.toLocaleString('en-US')} × ${reason}`);
  }
  for (const message of messages) lines.push(`refused: ${message}`);
  if (refused > messages.length) lines.push(`refused: ${(refused - messages.length).toLocaleString('en-US')} more`);
  if (leftAlone > 0) lines.push(`${count(leftAlone, 'other file')} in the folder left alone`);
  return lines;
}

const passed = ({ passedOver }: FileCount): number => [...passedOver.values()].reduce((sum, number) => sum + number, 0);
