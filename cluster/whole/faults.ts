/** What goes wrong in a whole cluster, and when. */
import { InputError } from '../../api/index.ts';
import { Lane } from '../../scheduler/clock.ts';
import { Random } from '../../scheduler/random.ts';
import type { NodeSpec } from '../kubelet/index.ts';
import type { WholeCluster } from './whole-cluster.ts';

/** On nodes. crash: the machine loses power. hang: its kubelet does nothing. stop: its kubelet ends, containers go on. */
export const NODE_FAULTS = ['crash', 'hang', 'stop'] as const;
/** On the rest. stall: the store takes nothing and gives nothing. slow-watch: everybody hears of changes late. */
export const CLUSTER_FAULTS = ['apiserver-down', 'store-stall', 'slow-watch', 'registry-down'] as const;
export type NodeFaultKind = (typeof NODE_FAULTS)[number];
export type ClusterFaultKind = (typeof CLUSTER_FAULTS)[number];

export interface Fault {
  /** Since the cluster was ready. */
  readonly atMs: number;
  readonly kind: NodeFaultKind | ClusterFaultKind;
  /** How long it lasts. @default to the end */
  readonly forMs?: number;
  /** Of faults on nodes, exactly one of: by name, … */
  readonly node?: string;
  /** … all of a zone, … */
  readonly zone?: string;
  /** … or as many as said, drawn. */
  readonly count?: number;
  /** Of `slow-watch`. @default 1 s */
  readonly delayMs?: number;
}

const ZONE = 'topology.kubernetes.io/zone';
const WATCH_DELAY_MS = 1000;

export const isNodeFault = (kind: Fault['kind']): kind is NodeFaultKind =>
  (NODE_FAULTS as readonly string[]).includes(kind);

/** The end of all faults that end, or the begin of the last; −1 without any. */
export const lastFaultMs = (faults: readonly Fault[]): number =>
  Math.max(-1, ...faults.map(({ atMs, forMs = 0 }) => atMs + forMs));

/** Throws InputError for a node or zone that is not there. */
export function checkFaults(faults: readonly Fault[], nodes: readonly NodeSpec[]): void {
  for (const fault of faults) if (isNodeFault(fault.kind)) nodesOf(fault, nodes, new Random(0));
}

/**
 * Makes the faults happen. One that hits a node that is down already changes nothing, and the first of them that ends brings
 * the node back.
 */
export class FaultPlan {
  private readonly cluster: WholeCluster;
  private readonly random: Random;
  private readonly down = new Map<string, NodeFaultKind>();
  private readonly under = new Map<ClusterFaultKind, number>();

  constructor(cluster: WholeCluster, seed: number) {
    this.cluster = cluster;
    this.random = new Random(seed);
  }

  /** Throws InputError. */
  start(faults: readonly Fault[]): void {
    const { clock } = this.cluster;
    const startMs = clock.nowMs;
    for (const fault of faults) {
      const { atMs, forMs, kind } = fault;
      const nodes = isNodeFault(kind) ? nodesOf(fault, this.cluster.nodes, this.random) : [];
      clock.at(startMs + atMs, () => this.begin(fault, nodes), Lane.Input);
      if (forMs !== undefined) clock.at(startMs + atMs + forMs, () => this.end(kind, nodes), Lane.Input);
    }
  }

  private begin({ kind, delayMs = WATCH_DELAY_MS }: Fault, nodes: readonly string[]): void {
    const { cluster, down } = this;
    if (!isNodeFault(kind)) {
      const count = this.under.get(kind) ?? 0;
      this.under.set(kind, count + 1);
      if (count === 0) this.switchOn(kind, delayMs);
      return;
    }
    for (const name of nodes) {
      if (down.has(name)) continue;
      down.set(name, kind);
      if (kind === 'crash') cluster.kubelets.crash(name);
      else if (kind === 'hang') cluster.kubelets.hang(name);
      else cluster.kubelets.stopKubelet(name);
    }
  }

  private end(kind: Fault['kind'], nodes: readonly string[]): void {
    const { cluster, down } = this;
    if (!isNodeFault(kind)) {
      const count = this.under.get(kind)! - 1;
      this.under.set(kind, count);
      if (count === 0) this.switchOff(kind);
      return;
    }
    for (const name of nodes) {
      const how = down.get(name);
      if (how === undefined) continue;
      down.delete(name);
      if (how === 'hang') cluster.kubelets.resume(name);
      else cluster.kubelets.recover(name);
    }
  }

  private switchOn(kind: ClusterFaultKind, delayMs: number): void {
    const { cluster } = this;
    if (kind === 'apiserver-down') cluster.stopServer();
    else if (kind === 'store-stall') cluster.line.stall(true);
    else if (kind === 'slow-watch') cluster.line.delayWatches(delayMs);
    else cluster.images.isDown = true;
  }

  private switchOff(kind: ClusterFaultKind): void {
    const { cluster } = this;
    if (kind === 'apiserver-down') cluster.startAnotherServer();
    else if (kind === 'store-stall') cluster.line.stall(false);
    else if (kind === 'slow-watch') cluster.line.delayWatches(0);
    else cluster.images.isDown = false;
  }
}

function nodesOf({ kind, node, zone, count }: Fault, nodes: readonly NodeSpec[], random: Random): string[] {
  if ([node, zone, count].filter((each) => each !== undefined).length !== 1) {
    throw new InputError(`fault ${kind}: exactly one of node, zone and count is expected`);
  }
  if (count !== undefined) {
    const names = nodes.map(({ name }) => name);
    return Array.from({ length: Math.min(count, names.length) }, () => names.splice(random.below(names.length), 1)[0]!);
  }
  const hit = nodes.filter(({ name, labels }) => (node === undefined ? labels?.[ZONE] === zone : name === node));
  if (hit.length > 0) return hit.map(({ name }) => name);
  throw new InputError(
    node === undefined
      ? `fault ${kind}: no node has the label ${ZONE}=${zone}`
      : `fault ${kind}: there is no node ${JSON.stringify(node)}`,
  );
}
