/**
 * One run of the FGD evaluation: pods arrive one by one, each is tried once, nothing leaves. After every attempt three
 * numbers are noted. Description: Weng et al., USENIX ATC 2023, section 6, and experiments/ of
 * hkust-adsl/kubernetes-scheduler-simulator 8f3d6417.
 *
 * Cost per pod: one look at every node (about 1.5 µs for 1,213), and a score for each node that changed since a pod of the
 * same kind came.
 */

import type { Fragmentation, GpuCluster, GpuPod, GpuPolicy } from '../../../plugins/gpu/index.ts';
import { heapKey } from '../../../scheduler/fast/pick.ts';

/** How nodes with the same score are told apart. */
export type TieRule =
  /** A fixed priority per node: what the published experiments do. */
  | { readonly by: 'rank'; readonly nodeRank: ArrayLike<number> }
  /** The first in pre-order of the implicit heap over the nodes that fit: what kube-scheduler does since 1.35. */
  | { readonly by: 'heap' }
  /** One of them, each as likely: what kube-scheduler did up to 1.34. */
  | { readonly by: 'random'; readonly random: () => number };

export interface ExperimentInput {
  readonly cluster: GpuCluster;
  /** Pods by list position; equal ones may be the same object, which saves time. */
  readonly pods: readonly GpuPod[];
  readonly order: ArrayLike<number>;
  readonly policy: GpuPolicy;
  readonly ties: TieRule;
  readonly fragmentation: Fragmentation;
}

/** Per attempt. */
export interface ExperimentTrack {
  readonly arrivedMilli: Float64Array;
  readonly usedMilli: Float64Array;
  readonly fragmentedMilli: Float64Array;
}

const NO_FIT = -1;

/** What is known of one kind of pod: a score per node, as of the last change that it has seen. */
interface Kind {
  readonly scores: Int16Array;
  seen: number;
}

export function runExperiment(input: ExperimentInput): ExperimentTrack {
  const { cluster, pods, order, policy, fragmentation } = input;
  const count = order.length;
  const track: ExperimentTrack = {
    arrivedMilli: new Float64Array(count),
    usedMilli: new Float64Array(count),
    fragmentedMilli: new Float64Array(count),
  };
  const kinds = new Map<GpuPod, Kind>();
  const changedAt = new Int32Array(cluster.size);
  const nodeFragmentation = new Float64Array(cluster.size);
  for (let node = 0; node < cluster.size; node++) nodeFragmentation[node] = fragmentation.ofNode(cluster, node);
  let arrived = 0;
  let used = 0;
  let changes = 0;
  for (let event = 0; event < count; event++) {
    const pod = pods[order[event]!]!;
    let kind = kinds.get(pod);
    if (kind === undefined) {
      kind = { scores: new Int16Array(cluster.size), seen: -1 };
      kinds.set(pod, kind);
    }
    catchUp(kind, pod, changedAt, input);
    kind.seen = changes;
    const node = best(kind.scores, input);
    arrived += pod.gpus * pod.gpuMilli;
    if (node >= 0) {
      const gpus = policy.pick(cluster, node, pod);
      cluster.place(node, pod, gpus);
      used += pod.gpus * pod.gpuMilli;
      changedAt[node] = ++changes;
      policy.changed?.(node);
      nodeFragmentation[node] = fragmentation.ofNode(cluster, node);
    }
    track.arrivedMilli[event] = arrived;
    track.usedMilli[event] = used;
    let fragmented = 0;
    for (let n = 0; n < nodeFragmentation.length; n++) fragmented += nodeFragmentation[n]!;
    track.fragmentedMilli[event] = fragmented;
  }
  return track;
}

function catchUp(
  { scores, seen }: Kind,
  pod: GpuPod,
  changedAt: Int32Array,
  { cluster, policy }: ExperimentInput,
): void {
  for (let node = 0; node < scores.length; node++) {
    if (changedAt[node]! <= seen) continue;
    scores[node] = cluster.fits(node, pod) ? policy.score(cluster, node, pod) : NO_FIT;
  }
}

function best(scores: Int16Array, { ties }: ExperimentInput): number {
  switch (ties.by) {
    case 'rank':
      return bestByRank(scores, ties.nodeRank);
    case 'heap':
      return bestByHeap(scores);
    case 'random':
      return bestAtRandom(scores, ties.random);
  }
}

function bestAtRandom(scores: Int16Array, random: () => number): number {
  let top = NO_FIT;
  let chosen = -1;
  let equals = 0;
  for (let node = 0; node < scores.length; node++) {
    const score = scores[node]!;
    if (score === NO_FIT || score < top) continue;
    equals = score === top ? equals + 1 : 1;
    top = score;
    if (equals === 1 || random() * equals < 1) chosen = node;
  }
  return chosen;
}

function bestByHeap(scores: Int16Array): number {
  let top = NO_FIT;
  let chosen = -1;
  let least = 0;
  let place = 0;
  for (let node = 0; node < scores.length; node++) {
    const score = scores[node]!;
    if (score === NO_FIT) continue;
    const key = heapKey(place++);
    if (score < top || (score === top && key > least)) continue;
    top = score;
    least = key;
    chosen = node;
  }
  return chosen;
}

function bestByRank(scores: Int16Array, nodeRank: ArrayLike<number>): number {
  let top = NO_FIT;
  let chosen = -1;
  let least = 0;
  for (let node = 0; node < scores.length; node++) {
    const score = scores[node]!;
    if (score === NO_FIT || score < top) continue;
    const rank = nodeRank[node]!;
    if (score > top || rank < least) {
      top = score;
      least = rank;
      chosen = node;
    }
  }
  return chosen;
}
