/**
 * The openb GPU trace (Alibaba, 2023) from its original CSV files: one node list and one of its pod lists.
 * Files: alibaba/clusterdata, `cluster-trace-gpu-v2023/csv`, or hkust-adsl/kubernetes-scheduler-simulator, `data/csv`.
 *
 * Quirks of the lists: the multigpu lists end after gpu_milli (no constraint, no QoS, no times); gpu_spec may repeat a
 * model; deletion times are cut off at the end of the trace; the same `sn` means another node in the other node list.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError, labelValueErrors, type Node, subdomainErrors } from '../api/index.ts';
import { type CsvOptions, type CsvRow, readCsv } from './csv-rows.ts';
import { nodeOf, type OpenbPod, type OpenbQos, QOS_CLASSES, shapeOf } from './openb-objects.ts';
import { type PodRows, PodRowsBuilder, type PodShape, type SourceFile, type Workload } from './workload.ts';

/** A pod deleted at this second was still there when recording ended. */
const TRACE_END_SECONDS = 12_902_960;

/** Keeps amounts in bytes within exact doubles. */
const MEMORY_MIB_MAX = 2 ** 32;
const CPU_MILLI_MAX = 2 ** 40;
const GPUS_MAX = 1024;
const WHOLE_GPU_MILLI = 1000;

export const NODE_COLUMNS = ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model'];
export const POD_COLUMNS = ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli'];

export interface OpenbFilesOptions {
  /** Folder that holds the CSV files. */
  readonly dir: string;
  /** `default` reads openb_pod_list_default.csv (or .csv.gz). @default 'default' */
  readonly podList?: string;
  /** `all_node` reads openb_node_list_all_node.csv (or .csv.gz). @default 'all_node' */
  readonly nodeList?: string;
}

/** Throws InputError for a missing folder or file and for every malformed row. */
export async function fromOpenb(options: OpenbFilesOptions): Promise<Workload> {
  const { dir, podList = 'default', nodeList = 'all_node' } = options;
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw new InputError(`there is no folder ${dir}; name the folder that holds the openb CSV files`);
  }
  const nodeFile = findOpenbList(dir, 'openb_node_list_', nodeList);
  const podFile = findOpenbList(dir, 'openb_pod_list_', podList);
  const nodes = await readOpenbNodes(nodeFile);
  const { pods, shapes, hasTimes, source } = await readOpenbPods(podFile);
  return {
    name: 'openb',
    nodes: nodes.nodes,
    shapes,
    pods,
    hasTimes,
    source: {
      description: `openb GPU trace, ${podList} pod list and ${nodeList} node list, original files`,
      files: [nodes.source, source],
    },
  };
}

export function findOpenbList(dir: string, prefix: string, list: string): string {
  const names = [`${prefix}${list}.csv`, `${prefix}${list}.csv.gz`];
  const found = names.find((name) => existsSync(path.join(dir, name)));
  if (found !== undefined) return path.join(dir, found);
  const lists = readdirSync(dir)
    .filter((name) => name.startsWith(prefix) && /\.csv(\.gz)?$/.test(name))
    .map((name) => name.slice(prefix.length).replace(/\.csv(\.gz)?$/, ''))
    .sort();
  const there = lists.length > 0 ? `the lists there are ${[...new Set(lists)].join(', ')}` : 'no such list is there';
  throw new InputError(`${dir}: found neither ${names.join(' nor ')}; ${there}`);
}

export async function readOpenbNodes(
  file: string,
  options?: CsvOptions,
): Promise<{ nodes: Node[]; source: SourceFile }> {
  const nodes: Node[] = [];
  const lineOf = new Map<string, number>();
  const source = await readCsv(
    file,
    NODE_COLUMNS,
    (row) => {
      const name = nameOf(row, 'sn', lineOf);
      const gpus = row.whole('gpu', 0, GPUS_MAX);
      const model = row.text('model');
      if (gpus > 0 && model === '') throw row.fail('model', `a node with ${gpus} GPUs needs a GPU model`);
      if (gpus === 0 && model !== '')
        throw row.fail('model', `${JSON.stringify(model)} on a node without GPUs; leave it empty`);
      checkModel(row, 'model', model);
      const cpuMilli = row.whole('cpu_milli', 0, CPU_MILLI_MAX);
      const memoryMib = row.whole('memory_mib', 0, MEMORY_MIB_MAX);
      nodes.push(nodeOf(name, { cpuMilli, memoryMib, gpus, model }));
    },
    options,
  );
  if (nodes.length === 0) throw new InputError('the list has no nodes', { file: source.name });
  return { nodes, source };
}

export interface OpenbPodList {
  readonly pods: PodRows;
  readonly shapes: readonly PodShape[];
  readonly hasTimes: boolean;
  readonly source: SourceFile;
}

export async function readOpenbPods(file: string, options?: CsvOptions): Promise<OpenbPodList> {
  const rows = new PodRowsBuilder();
  const shapes: PodShape[] = [];
  const shapeIndex = new Map<string, number>();
  const lineOf = new Map<string, number>();
  let hasTimes = false;
  const source = await readCsv(
    file,
    POD_COLUMNS,
    (row) => {
      const name = nameOf(row, 'name', lineOf);
      const shape = shapeOf(readPod(row));
      let index = shapeIndex.get(shape.name);
      if (index === undefined) {
        index = shapes.push(shape) - 1;
        shapeIndex.set(shape.name, index);
      }
      hasTimes = row.has('creation_time');
      const { arrivalSeconds, lifetimeSeconds } = hasTimes
        ? readTimes(row)
        : { arrivalSeconds: rows.count, lifetimeSeconds: Infinity };
      rows.add(name, index, arrivalSeconds, lifetimeSeconds);
    },
    options,
  );
  if (rows.count === 0) throw new InputError('the list has no pods', { file: source.name });
  return { pods: rows.build(), shapes, hasTimes, source };
}

function readPod(row: CsvRow): OpenbPod {
  const gpus = row.whole('num_gpu', 0, GPUS_MAX);
  const gpuMilli = row.whole('gpu_milli', 0, WHOLE_GPU_MILLI);
  if (gpus === 0 && gpuMilli > 0) throw row.fail('gpu_milli', `${gpuMilli} of no GPU; with num_gpu 0 it should be 0`);
  if (gpus > 0 && gpuMilli === 0)
    throw row.fail('gpu_milli', `0 of each of ${gpus} GPUs; it should be between 1 and 1000`);
  if (gpus > 1 && gpuMilli < WHOLE_GPU_MILLI) {
    throw row.fail(
      'gpu_milli',
      `${gpuMilli} of each of ${gpus} GPUs; only a single GPU can be shared, more should be 1000 each`,
    );
  }
  return {
    cpuMilli: row.whole('cpu_milli', 0, CPU_MILLI_MAX),
    memoryMib: row.whole('memory_mib', 0, MEMORY_MIB_MAX),
    gpus,
    gpuMilli,
    models: gpus > 0 && row.has('gpu_spec') ? readModels(row) : [],
    qos: row.has('qos') ? readQos(row) : undefined,
  };
}

/** Alternatives joined by a vertical bar; repeats mean nothing, nor does their order. */
function readModels(row: CsvRow): string[] {
  const text = row.text('gpu_spec');
  if (text === '') return [];
  const models = text.split('|');
  for (const model of models) {
    if (model === '')
      throw row.fail('gpu_spec', `${JSON.stringify(text)} has an empty alternative; write models like "P100|T4"`);
    checkModel(row, 'gpu_spec', model);
  }
  return [...new Set(models)].sort();
}

function readQos(row: CsvRow): OpenbQos | undefined {
  const text = row.text('qos');
  if (text === '') return undefined;
  const qos = QOS_CLASSES.find((known) => known === text);
  if (qos === undefined) throw row.fail('qos', `${JSON.stringify(text)} is not one of ${QOS_CLASSES.join(', ')}`);
  return qos;
}

function readTimes(row: CsvRow): { arrivalSeconds: number; lifetimeSeconds: number } {
  const arrivalSeconds = row.whole('creation_time', 0, Number.MAX_SAFE_INTEGER);
  if (!row.has('deletion_time') || row.text('deletion_time') === '')
    return { arrivalSeconds, lifetimeSeconds: Infinity };
  const deletionSeconds = row.whole('deletion_time', 0, Number.MAX_SAFE_INTEGER);
  if (deletionSeconds < arrivalSeconds) {
    throw row.fail('deletion_time', `${deletionSeconds} is before the creation time ${arrivalSeconds}`);
  }
  const outlives = deletionSeconds >= TRACE_END_SECONDS;
  return { arrivalSeconds, lifetimeSeconds: outlives ? Infinity : deletionSeconds - arrivalSeconds };
}

function nameOf(row: CsvRow, column: string, lineOf: Map<string, number>): string {
  const name = row.text(column);
  const problem = subdomainErrors(name)[0];
  if (problem !== undefined) throw row.fail(column, `${JSON.stringify(name)} cannot be a name: ${problem}`);
  const earlier = lineOf.get(name);
  if (earlier !== undefined)
    throw row.fail(column, `${JSON.stringify(name)} stands in line ${earlier} already; names are unique`);
  lineOf.set(name, row.line);
  return name;
}

function checkModel(row: CsvRow, column: string, model: string): void {
  const problem = labelValueErrors(model)[0];
  if (problem !== undefined) throw row.fail(column, `${JSON.stringify(model)} cannot be a GPU model: ${problem}`);
}
