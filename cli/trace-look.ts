/** `berth trace head`, `validate` and `sources`: a trace's first pods, its faults, and where traces come from. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { alignRows, wrap } from '../reports/text.ts';
import { checkFolder, TRACE_FAMILIES, type TraceSink } from '../workloads/index.ts';
import { EXIT_FAILED } from './errors.ts';
import { addSourceOptions, openTrace, type SourceOptions } from './trace-source.ts';

const WIDTH = 100;
const ROWS_MAX = 100_000;

/** Ends the reading when enough was seen. */
class Enough extends Error {}

export function headCommand(): Command {
  const command = new Command('head').description("Print a trace's first pods as berth understands them");
  return addSourceOptions(command)
    .option('-n, --lines <n>', 'how many', parseCount, 10)
    .action(async (names: string[], options: SourceOptions & { lines: number }) => {
      const rows: string[][] = [];
      const sink = new HeadSink(rows, options.lines);
      try {
        await (await openTrace(names, { ...options, quiet: true })).read(sink);
      } catch (error) {
        if (!(error instanceof Enough)) throw error;
      }
      const header = ['pod', 'arrival s', 'lifetime s', 'owner', 'gang', 'shape'];
      process.stdout.write(`${alignRows([header, ...rows], [true, false, false, true, false, true]).join('\n')}\n`);
    });
}

class HeadSink implements TraceSink {
  private readonly rows: string[][];
  private readonly most: number;
  private readonly shapes: string[] = [];
  private pools = 0;

  constructor(rows: string[][], most: number) {
    this.rows = rows;
    this.most = most;
  }

  pool(): number {
    return this.pools++;
  }

  node(): void {}

  shape({ name }: { readonly name: string }): number {
    return this.shapes.push(name) - 1;
  }

  pod(name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number, owner: string, gang: number): void {
    const lifetime = Number.isFinite(lifetimeSeconds) ? String(lifetimeSeconds) : '–';
    this.rows.push([
      name,
      String(arrivalSeconds),
      lifetime,
      owner || '–',
      gang > 0 ? String(gang) : '–',
      this.shapes[shape]!,
    ]);
    if (this.rows.length >= this.most) throw new Enough();
  }
}

export function validateCommand(): Command {
  return new Command('validate')
    .description("Look for everything that is wrong with a folder in berth's own format; exit code 1 when something is")
    .argument('<dir>', 'folder that berth trace import wrote, or that you made')
    .action(async (dir: string) => {
      const { nodes, pods, problems, messages } = await checkFolder(dir);
      for (const message of messages) process.stdout.write(`${message}\n`);
      if (problems > messages.length)
        process.stdout.write(`… and ${(problems - messages.length).toLocaleString('en-US')} more\n`);
      process.stdout.write(
        `${dir}: ${nodes.toLocaleString('en-US')} nodes, ${pods.toLocaleString('en-US')} pods, ${problems === 0 ? 'nothing wrong' : `${problems.toLocaleString('en-US')} bad rows`}\n`,
      );
      if (problems > 0) process.exitCode = EXIT_FAILED;
    });
}

export function sourcesCommand(): Command {
  return new Command('sources')
    .description('Where the files of each family are, their licence and checksums, and how they become nodes and pods')
    .argument('[family]', 'one family alone')
    .addOption(new Option('-o, --output <format>', 'format').choices(['text', 'json']).default('text'))
    .action((name: string | undefined, { output }: { output: 'text' | 'json' }) => {
      const families = TRACE_FAMILIES.filter((family) => name === undefined || family.name === name);
      if (families.length === 0) throw new InvalidArgumentError(`"${name}" is not a family of traces.`);
      if (output === 'json') {
        const records = families.map(({ name: family, title, mapping, sources, tables, machine }) => ({
          name: family,
          title,
          mapping,
          machine,
          sources,
          files: tables.map(({ name: table, looks }) => ({ table, looks })),
        }));
        process.stdout.write(`${JSON.stringify(records, null, 2)}\n`);
        return;
      }
      process.stdout.write(`${families.flatMap(familyLines).join('\n')}\n`);
    });
}

function familyLines({ name, title, mapping, sources, tables }: (typeof TRACE_FAMILIES)[number]): string[] {
  const lines = [`${name}: ${title}`];
  for (const { what, where, licence, checksums = {} } of sources) {
    lines.push(...wrap(`  get: ${what} from ${where}; licence: ${licence}`, WIDTH, 7));
    for (const [file, sum] of Object.entries(checksums)) lines.push(`       sha256 ${sum}  ${file}`);
  }
  for (const { name: table, looks } of tables) lines.push(...wrap(`  file: ${table} = ${looks}`, WIDTH, 8));
  return [...lines, ...wrap(`  how: ${mapping}`, WIDTH, 7), ''];
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= ROWS_MAX) return count;
  throw new InvalidArgumentError(`"${text}" is not a whole number between 1 and ${ROWS_MAX}.`);
}
