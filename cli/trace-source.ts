/** Where the commands of `berth trace` take a trace from: a folder in berth's own format, or original files of a family. */
import { type Command, Option } from 'commander';
import { InputError } from '../api/index.ts';
import {
  aboutOf,
  familyOf,
  hasOwners,
  importTrace,
  knownFiles,
  readFolder,
  TRACE_FAMILIES,
  type TraceSink,
  traceFiles,
} from '../workloads/index.ts';
import { aboutTrace, reportLines } from './trace-import.ts';
import { addTraceReadOptions, importOptions, type TraceReadOptions } from './trace-options.ts';

export interface SourceOptions extends TraceReadOptions {
  readonly family?: string;
  readonly quiet?: boolean;
}

export interface TraceSource {
  readonly title: string;
  readonly hasOwners: boolean;
  readonly startUnixSeconds: number;
  /** Reads it into the sink, and answers what `trace.json` should say of it. */
  read(sink: TraceSink): Promise<object>;
}

export function addSourceOptions(command: Command): Command {
  const names = TRACE_FAMILIES.map(({ name }) => name);
  command
    .argument('<trace...>', "folder in berth's own format; with --family, original files or folders of them")
    .addOption(new Option('--family <name>', 'the files are original ones of this family').choices(names))
    .option('-q, --quiet', 'no counts of rows');
  return addTraceReadOptions(command);
}

export async function openTrace(names: readonly string[], options: SourceOptions): Promise<TraceSource> {
  if (options.family !== undefined) return openFiles(options.family, names, options);
  const [dir, ...others] = names;
  if (others.length > 0) throw new InputError('several files: name their family with --family');
  const about = aboutOf(dir!);
  return {
    title: about.title ?? dir!,
    hasOwners: hasOwners(dir!),
    startUnixSeconds: about.startUnixSeconds ?? 0,
    read: async (sink) => {
      await readFolder(dir!, sink);
      return about;
    },
  };
}

async function openFiles(name: string, names: readonly string[], options: SourceOptions): Promise<TraceSource> {
  const family = familyOf(name);
  const files = await knownFiles(family, traceFiles(names), names);
  const source = {
    title: family.title,
    hasOwners: family.hasOwners,
    startUnixSeconds: 0,
    read: async (sink: TraceSink) => {
      const report = await importTrace(family, files, sink, importOptions(options));
      source.startUnixSeconds = report.startUnixSeconds ?? 0;
      if (!options.quiet) process.stderr.write(`${reportLines(report).join('\n')}\n`);
      return aboutTrace(family, report);
    },
  };
  return source;
}
