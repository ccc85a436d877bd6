/** All policies on one pod list and one seed, on a worker thread. Lists are read once per thread. */
import { Fragmentation, GpuCluster, type GpuPod, typicalPods } from '../../../plugins/gpu/index.ts';
import { Random } from '../../../scheduler/random.ts';
import {
  evaluationArrivals,
  type GpuNodeRow,
  type GpuPodRow,
  readEvaluationNodes,
  readEvaluationPods,
} from '../../../workloads/index.ts';
import { type Curves, curvesOf } from './curves.ts';
import { runExperiment, type TieRule } from './experiment.ts';
import { policyOf, RANDOM_POLICY } from './policies.ts';

export const TUNING = 1.3;
const PODS_PER_NODE = 1001;

export type TieName = TieRule['by'];

export interface SeedTask {
  readonly dir: string;
  readonly list: string;
  readonly seed: number;
  readonly policies: readonly string[];
  readonly ties: TieName;
}

export interface SeedResult extends SeedTask {
  /** In the order of `policies`. */
  readonly curves: readonly Curves[];
  readonly gpus: number;
  readonly attempts: number;
}

const nodesOf = new Map<string, Promise<GpuNodeRow[]>>();
const podsOf = new Map<string, Promise<GpuPodRow[]>>();

const once = <T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> => {
  let value = known.get(key);
  if (value === undefined) {
    value = read();
    known.set(key, value);
  }
  return value;
};

export default async function runSeed(task: SeedTask): Promise<SeedResult> {
  const { dir, list, seed, policies, ties } = task;
  const nodes = await once(nodesOf, dir, () => readEvaluationNodes(dir));
  const rows = await once(podsOf, `${dir}\n${list}`, () => readEvaluationPods(dir, list));
  const typical = typicalPods(rows);
  const { order, nodeRank } = evaluationArrivals(rows, nodes, seed, TUNING);
  const gpus = nodes.reduce((sum, node) => sum + node.gpus, 0);
  const curves = policies.map((name) => {
    const cluster = new GpuCluster(nodes, PODS_PER_NODE);
    const source = new Random(seed);
    const random = () => source.next() / 2 ** 32;
    const track = runExperiment({
      cluster,
      pods: podsByKind(rows, cluster),
      order,
      policy: policyOf(name, { cluster, typical, random }),
      ties: name === RANDOM_POLICY ? { by: 'random', random } : tieRule(ties, nodeRank, random),
      fragmentation: new Fragmentation(typical, cluster),
    });
    return curvesOf(track, gpus);
  });
  return { ...task, curves, gpus, attempts: order.length };
}

function tieRule(ties: TieName, nodeRank: readonly number[], random: () => number): TieRule {
  if (ties === 'rank') return { by: 'rank', nodeRank };
  return ties === 'random' ? { by: 'random', random } : { by: 'heap' };
}

/** Equal pods are one object, so that what is known of one is known of all. */
function podsByKind(rows: readonly GpuPodRow[], cluster: GpuCluster): GpuPod[] {
  const kinds = new Map<string, GpuPod>();
  return rows.map(({ cpuMilli, memoryMib, gpus, gpuMilli, models }) => {
    const key = `${cpuMilli}/${memoryMib}/${gpus}/${gpuMilli}/${models}`;
    let pod = kinds.get(key);
    if (pod === undefined) {
      const modelMask = cluster.maskOf(gpus === 0 || models === '' ? [] : models.split('|'));
      pod = { cpuMilli, memoryMib, gpus, gpuMilli, modelMask };
      kinds.set(key, pod);
    }
    return pod;
  });
}
