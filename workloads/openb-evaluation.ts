/**
 * The inputs of the published FGD evaluation: GPU nodes and pods of one list as they stand in the files, and the order in
 * which the pods of a seed arrive. Source: Weng et al., USENIX ATC 2023, and hkust-adsl/kubernetes-scheduler-simulator
 * 8f3d6417 (pkg/simulator/core.go, simulator.go, data/pod_csv_to_yaml.py).
 */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../api/index.ts';
import { type CsvRow, readCsv } from './csv-rows.ts';
import { findOpenbList } from './from-openb.ts';
import { GoRandom } from './go-random.ts';

export interface GpuNodeRow {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus: number;
  readonly model: string;
}

export interface GpuPodRow {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus: number;
  /** Of each GPU; 0 without GPUs. */
  readonly gpuMilli: number;
  /** Allowed models as written, `A|B`; '' is any. */
  readonly models: string;
}

/** Sorted by name. */
export interface EvaluationList {
  readonly list: string;
  readonly nodes: readonly GpuNodeRow[];
  readonly pods: readonly GpuPodRow[];
}

const NODE_LIST = 'gpu_node';
const AMOUNT_MAX = 2 ** 40;
const GPUS_MAX = 32;

/** Throws InputError for a missing folder or file and for every malformed row. */
export async function readEvaluationNodes(dir: string): Promise<GpuNodeRow[]> {
  const nodes: GpuNodeRow[] = [];
  const file = findOpenbList(folderOf(dir), 'openb_node_list_', NODE_LIST);
  await readCsv(file, ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model'], (row) => {
    nodes.push({
      name: row.text('sn'),
      cpuMilli: row.whole('cpu_milli', 0, AMOUNT_MAX),
      memoryMib: row.whole('memory_mib', 0, AMOUNT_MAX),
      gpus: row.whole('gpu', 0, GPUS_MAX),
      model: row.text('model'),
    });
  });
  return nodes.sort(byName);
}

export async function readEvaluationPods(dir: string, list: string): Promise<GpuPodRow[]> {
  const pods: GpuPodRow[] = [];
  const file = findOpenbList(folderOf(dir), 'openb_pod_list_', list);
  await readCsv(file, ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli'], (row) => pods.push(podOf(row)));
  return pods.sort(byName);
}

function podOf(row: CsvRow): GpuPodRow {
  const gpus = row.whole('num_gpu', 0, GPUS_MAX);
  return {
    name: row.text('name'),
    cpuMilli: row.whole('cpu_milli', 0, AMOUNT_MAX),
    memoryMib: row.whole('memory_mib', 0, AMOUNT_MAX),
    gpus,
    gpuMilli: gpus > 0 ? Math.min(1000, row.whole('gpu_milli', 0, AMOUNT_MAX)) : 0,
    models: row.has('gpu_spec') ? row.text('gpu_spec') : '',
  };
}

/** The published repository keeps its lists in `data/csv`; a folder that holds them itself will do. */
function folderOf(dir: string): string {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw new InputError(`there is no folder ${dir}; name the folder that holds the openb CSV files`);
  }
  const nested = ['openb', 'data/csv', 'csv'].map((name) => path.join(dir, name)).find((name) => existsSync(name));
  return nested ?? dir;
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

export interface Arrivals {
  /** Positions in the pod list; a pod may come more than once. */
  readonly order: readonly number[];
  /** Of each node, in the order of the node list; the smaller rank wins a tie. */
  readonly nodeRank: readonly number[];
}

/** Between the arrivals and the node ranks the simulator's informers draw this often. */
const DRAWS_OF_INFORMERS = 10;

/** The pods are shuffled, then cloned or removed until they ask for `tuning` times the GPUs of the cluster. */
export function evaluationArrivals(
  pods: readonly GpuPodRow[],
  nodes: readonly GpuNodeRow[],
  seed: number,
  tuning: number,
): Arrivals {
  const random = new GoRandom(seed);
  // A line of debug output takes one.
  random.next();
  const order = pods.map((_, index) => index);
  random.shuffle(order);
  const limit = Math.round(tuning * nodes.reduce((sum, node) => sum + 1000 * node.gpus, 0));
  const requestOf = ({ gpus, gpuMilli }: GpuPodRow): number => gpus * gpuMilli;
  let total = pods.reduce((sum, pod) => sum + requestOf(pod), 0);
  // Clones may end above the limit, by the GPUs of a pod that are not looked at; nothing is removed then.
  if (total < limit) addClones();
  else removeSome();
  for (let draw = 0; draw < DRAWS_OF_INFORMERS; draw++) random.next();
  return { order, nodeRank: random.permutation(nodes.length) };

  function addClones(): void {
    for (;;) {
      const index = random.below(pods.length);
      const pod = pods[index]!;
      // One GPU of the pod, not all of them: so the published experiment was run.
      if (total + pod.gpuMilli > limit) return;
      order.push(index);
      total += requestOf(pod);
    }
  }

  function removeSome(): void {
    while (total > limit) {
      const [index] = order.splice(random.below(order.length), 1);
      total -= requestOf(pods[index!]!);
    }
  }
}
