/** Makes a workload of what was asked for. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../api/index.ts';
import {
  fromObjects,
  fromOpenb,
  fromTraceFolder,
  generatorOf,
  knownFiles,
  openbTable,
  readClusterObjects,
  type SourceFile,
  TRACE_FAMILIES,
  traceFiles,
  type Workload,
  workloadFrom,
  workloadOf,
} from '../workloads/index.ts';
import type { WorkloadSpec } from './workload-spec.ts';

const OPENB = 'openb';

export interface LoadedWorkload {
  readonly workload: Workload;
  /** What the user should know about the input, one line each. */
  readonly notes: readonly string[];
}

/**
 * @param baseDir What relative paths start from.
 * @throws InputError
 */
export async function loadWorkload(spec: WorkloadSpec, baseDir: string): Promise<LoadedWorkload> {
  const { workload, notes } = await load(spec, baseDir);
  return { workload: spec.name === undefined ? workload : { ...workload, name: spec.name }, notes };
}

async function load(spec: WorkloadSpec, baseDir: string): Promise<LoadedWorkload> {
  const { trace } = spec;
  if (trace !== undefined) return { workload: await traceOf(spec, trace, baseDir), notes: [] };
  if (spec.folder !== undefined) return { workload: ownTrace(within(baseDir, spec.folder)), notes: [] };
  if (spec.generate !== undefined) return { workload: generated(spec, spec.generate, baseDir), notes: [] };
  const files = [spec.nodes, spec.pods, spec.objects].flatMap((named) => named ?? []);
  if (files.length > 0) return ofObjects(spec, [...new Set(files)], baseDir);
  throw new InputError('a workload is a trace, files of nodes and pods, or a generator');
}

const generated = ({ generateSeed = 1 }: WorkloadSpec, source: string, baseDir: string): Workload =>
  workloadOf(generatorOf(source, within(baseDir, source)), generateSeed);

async function traceOf({ data, list, nodeList }: WorkloadSpec, trace: string, baseDir: string): Promise<Workload> {
  if (trace !== OPENB) {
    const family = TRACE_FAMILIES.find(({ name }) => name === trace);
    const ofFamily = family !== undefined && data !== undefined;
    const given = Object.entries({ ...(ofFamily ? {} : { data }), list, 'node-list': nodeList }).find(
      ([, value]) => value !== undefined,
    );
    if (given !== undefined) throw new InputError(`--${given[0]} belongs to --trace ${OPENB}; leave it out`);
    if (ofFamily) {
      const folder = within(baseDir, data);
      return (await workloadFrom(family, await knownFiles(family, traceFiles([folder]), [folder]))).workload;
    }
    return ownTrace(within(baseDir, trace));
  }
  if (data !== undefined) return fromOpenb({ dir: within(baseDir, data), podList: list, nodeList });
  const asked = [
    ['list', list, 'default'],
    ['node-list', nodeList, 'all_node'],
  ] as const;
  for (const [what, given, shipped] of asked) {
    if (given === undefined || given === shipped) continue;
    const full = what === 'list' ? `the ${shipped} list` : shipped;
    throw new InputError(
      `--${what} ${given}: berth ships ${full} alone; name the folder of the original files with --data`,
    );
  }
  return openbTable();
}

/** A folder in the project's own format; whoever names the pods means the trace that they are in. */
function ownTrace(trace: string): Workload {
  const found = statSync(trace, { throwIfNoEntry: false });
  if (found?.isDirectory()) return fromTraceFolder(trace);
  if (found !== undefined && path.basename(trace) === 'pods.csv') return fromTraceFolder(path.dirname(trace));
  const problem = found === undefined ? 'no such folder' : 'this is a file';
  throw new InputError(
    `--trace ${trace}: ${problem}; ${OPENB} is expected, or a folder with a trace in berth's own format (pools.json, nodes.csv, shapes.json, pods.csv), or with --data a family of berth trace sources`,
  );
}

async function ofObjects(
  { nodes, pods }: WorkloadSpec,
  files: readonly string[],
  baseDir: string,
): Promise<LoadedWorkload> {
  const full = files.map((file) => (file === '-' ? file : within(baseDir, file)));
  const input = readClusterObjects(full);
  const sources: SourceFile[] = [];
  for (const file of full) if (file !== '-') sources.push(await sourceOf(file));
  const name = path.basename((pods ?? nodes ?? files)[0]!).replace(/\.(ya?ml|json)$/i, '');
  return {
    workload: fromObjects(input, { name: name === '-' ? 'cluster' : name, files: sources }),
    notes: input.notes,
  };
}

/** As short as the user wrote it, for messages. */
const within = (baseDir: string, file: string): string =>
  path.isAbsolute(file) || baseDir === '.' ? file : path.join(baseDir, file);

async function sourceOf(file: string): Promise<SourceFile> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return { name: path.basename(file), bytes: (await stat(file)).size, sha256: hash.digest('hex') };
}
