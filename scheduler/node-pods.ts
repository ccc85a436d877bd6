/**
 * Which pods are on which node, in upstream's order, with what some of them have that others care about: (anti-)affinity
 * terms, host ports. Source: `framework.NodeInfo`, v1.37.2.
 *
 * Layout: 9 bytes per node, and 8 per pod for its place in the list of its node. Nodes that hold nothing but so many times
 * the same pod (one that stands for its class) share a list. Cost: O(1) for a pod that comes, O(pods on the node) for one
 * that goes.
 */
import type { HostPort, PodInfo } from './plugin.ts';

const NO_PODS: readonly PodInfo[] = [];
/** Shorter lists are made anew rather than grown, as the engine's arrays grow by sixteen places and more. */
const GROWN_FROM = 8;

/** Taken by `save`, given back to `restore`. */
export interface SavedRow {
  readonly row: number;
  readonly pods: readonly PodInfo[];
  readonly withAffinity: readonly PodInfo[];
  readonly withRequiredAntiAffinity: readonly PodInfo[];
  readonly ports: ReadonlySet<string>;
}

export class NodePods {
  private lists: Array<PodInfo[] | undefined> = [];
  /** 1 for rows whose list is that of other rows, too. */
  private isShared = new Uint8Array(0);
  private readonly withAffinity = new Map<number, PodInfo[]>();
  private readonly withRequiredAntiAffinity = new Map<number, PodInfo[]>();
  /** Host ports in use, `ip|protocol|port`: a set, so that one pod's removal frees a port that two had taken. */
  private readonly ports = new Map<number, Set<string>>();
  private lastPod: PodInfo | undefined;
  /** Lists of that pod alone, by length less one. */
  private uniform: PodInfo[][] = [];

  /** Makes room for rows below `size`. */
  grow(size: number): void {
    const lists = new Array<PodInfo[] | undefined>(size);
    for (let row = 0; row < this.lists.length; row++) lists[row] = this.lists[row];
    this.lists = lists;
    const isShared = new Uint8Array(size);
    isShared.set(this.isShared);
    this.isShared = isShared;
  }

  of(row: number): readonly PodInfo[] {
    return this.lists[row] ?? NO_PODS;
  }

  ofAffinity(row: number): readonly PodInfo[] {
    return this.withAffinity.get(row) ?? NO_PODS;
  }

  ofRequiredAntiAffinity(row: number): readonly PodInfo[] {
    return this.withRequiredAntiAffinity.get(row) ?? NO_PODS;
  }

  add(pod: PodInfo, row: number): void {
    const list = this.lists[row];
    if (pod !== this.lastPod) {
      this.lastPod = pod;
      if (this.uniform.length > 0) this.uniform = [];
    } else if (list === undefined || list === this.uniform[list.length - 1]) {
      this.share(pod, row, list);
      return;
    }
    if (list === undefined) this.lists[row] = [pod];
    else if (list.length < GROWN_FROM || this.isShared[row] === 1) this.lists[row] = [...list, pod];
    else list.push(pod);
    this.isShared[row] = 0;
  }

  private share(pod: PodInfo, row: number, list: PodInfo[] | undefined): void {
    const { uniform } = this;
    const count = list === undefined ? 0 : list.length;
    let longer = uniform[count];
    if (longer === undefined) {
      longer = list === undefined ? [pod] : [...list, pod];
      uniform.push(longer);
    }
    this.lists[row] = longer;
    this.isShared[row] = 1;
  }

  /** Upstream removes by moving the last entry into the gap. */
  remove(pod: PodInfo, row: number): void {
    let list = this.lists[row];
    if (list === undefined) return;
    if (this.isShared[row] === 1) {
      list = [...list];
      this.lists[row] = list;
      this.isShared[row] = 0;
    }
    removeBySwap(list, pod.uid);
    if (list.length === 0) this.lists[row] = undefined;
  }

  addAffinity(pod: PodInfo, row: number): void {
    append(this.withAffinity, pod, row);
  }

  removeAffinity(pod: PodInfo, row: number): void {
    takeOut(this.withAffinity, pod, row);
  }

  addRequiredAntiAffinity(pod: PodInfo, row: number): void {
    append(this.withRequiredAntiAffinity, pod, row);
  }

  removeRequiredAntiAffinity(pod: PodInfo, row: number): void {
    takeOut(this.withRequiredAntiAffinity, pod, row);
  }

  takePorts({ hostPorts }: PodInfo, row: number): void {
    const ports = this.ports.get(row) ?? new Set();
    for (const port of hostPorts) ports.add(portKey(port.ip, port));
    this.ports.set(row, ports);
  }

  freePorts({ hostPorts }: PodInfo, row: number): void {
    const ports = this.ports.get(row);
    for (const port of hostPorts) ports?.delete(portKey(port.ip, port));
    if (ports?.size === 0) this.ports.delete(row);
  }

  portConflicts(row: number, port: HostPort): boolean {
    const ports = this.ports.get(row);
    if (ports === undefined) return false;
    if (port.ip !== '0.0.0.0') return ports.has(portKey(port.ip, port)) || ports.has(portKey('0.0.0.0', port));
    const suffix = portKey('', port);
    for (const used of ports) if (used.endsWith(suffix)) return true;
    return false;
  }

  save(row: number): SavedRow {
    return {
      row,
      pods: [...this.of(row)],
      withAffinity: [...this.ofAffinity(row)],
      withRequiredAntiAffinity: [...this.ofRequiredAntiAffinity(row)],
      ports: new Set(this.ports.get(row)),
    };
  }

  restore({ row, pods, withAffinity, withRequiredAntiAffinity, ports }: SavedRow): void {
    this.lists[row] = pods.length === 0 ? undefined : [...pods];
    this.isShared[row] = 0;
    put(this.withAffinity, row, [...withAffinity]);
    put(this.withRequiredAntiAffinity, row, [...withRequiredAntiAffinity]);
    if (ports.size === 0) this.ports.delete(row);
    else this.ports.set(row, new Set(ports));
  }
}

const portKey = (ip: string, port: HostPort): string => `${ip}|${port.protocol}|${port.port}`;

function append(lists: Map<number, PodInfo[]>, pod: PodInfo, row: number): void {
  const list = lists.get(row);
  if (list === undefined) lists.set(row, [pod]);
  else list.push(pod);
}

function takeOut(lists: Map<number, PodInfo[]>, pod: PodInfo, row: number): void {
  const list = lists.get(row);
  if (list === undefined) return;
  removeBySwap(list, pod.uid);
  if (list.length === 0) lists.delete(row);
}

function put(lists: Map<number, PodInfo[]>, row: number, list: PodInfo[]): void {
  if (list.length === 0) lists.delete(row);
  else lists.set(row, list);
}

function removeBySwap(pods: PodInfo[], uid: string): void {
  // From the end: a pod that has just been bound is replaced by what the API says of it.
  const at = pods.findLastIndex((pod) => pod.uid === uid);
  if (at < 0) return;
  const last = pods.pop()!;
  if (at < pods.length) pods[at] = last;
}
