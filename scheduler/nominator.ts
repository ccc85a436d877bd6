/**
 * Pods that are promised a node but not on it yet. Source: `pkg/scheduler/backend/queue/nominator.go`, v1.37.2.
 * Cost: O(1) lookups; lists per node are short.
 */
import type { PodInfo } from './plugin.ts';

const NONE: readonly PodInfo[] = [];
const NO_STAND_INS: ReadonlyMap<string, PodInfo> = new Map();

export class Nominator {
  private readonly byNode = new Map<string, PodInfo[]>();
  private readonly nodeOfPod = new Map<string, string>();
  private readonly isPending: (pod: PodInfo) => boolean;
  private standIns = NO_STAND_INS;
  /** Told of every node that is now promised to others than before. */
  onChange: ((nodeName: string) => void) | undefined;

  /** @param isPending False for a pod that is gone or on a node by now, which is promised nothing more. */
  constructor(isPending: (pod: PodInfo) => boolean = () => true) {
    this.isPending = isPending;
  }

  get size(): number {
    return this.nodeOfPod.size;
  }

  /** UID → node of every promise. */
  entries(): Iterable<readonly [uid: string, nodeName: string]> {
    return this.nodeOfPod;
  }

  /** Promises the pod a node, by default the one that its status names; an earlier promise is dropped. '' only drops. */
  add(pod: PodInfo, nodeName = pod.pod.status?.nominatedNodeName ?? ''): void {
    this.delete(pod.uid);
    if (nodeName === '' || !this.isPending(pod)) return;
    const pods = this.byNode.get(nodeName);
    if (pods === undefined) this.byNode.set(nodeName, [pod]);
    else pods.push(pod);
    this.nodeOfPod.set(pod.uid, nodeName);
    this.onChange?.(nodeName);
  }

  /** The pod has changed. A promise that its status does not show yet stays, since the API may lag behind. */
  update(before: PodInfo, after: PodInfo): void {
    const statusOf = ({ pod }: PodInfo) => pod.status?.nominatedNodeName ?? '';
    const kept = statusOf(before) === '' && statusOf(after) === '' ? this.nodeOf(before.uid) : '';
    this.delete(before.uid);
    this.add(after, kept === '' ? undefined : kept);
  }

  delete(uid: string): void {
    const nodeName = this.nodeOfPod.get(uid);
    if (nodeName === undefined) return;
    this.nodeOfPod.delete(uid);
    const rest = this.byNode.get(nodeName)!.filter((pod) => pod.uid !== uid);
    if (rest.length === 0) this.byNode.delete(nodeName);
    else this.byNode.set(nodeName, rest);
    this.onChange?.(nodeName);
  }

  /** '' when the pod is promised nothing. */
  nodeOf(uid: string): string {
    return this.nodeOfPod.get(uid) ?? '';
  }

  /** True when some node is kept against the pod: promised to another one of at least its priority. */
  keepsAnyFrom({ uid, priority }: PodInfo): boolean {
    if (this.nodeOfPod.size === 0) return false;
    for (const pods of this.byNode.values()) {
      for (const pod of pods) if (this.seen(pod).priority >= priority && pod.uid !== uid) return true;
    }
    return false;
  }

  podsOn(nodeName: string): readonly PodInfo[] {
    const pods = this.byNode.get(nodeName) ?? NONE;
    return this.standIns.size === 0 ? pods : pods.map((pod) => this.seen(pod));
  }

  /** Pods of at least the priority, other than the one with this UID, that are promised the node. */
  keptFor(nodeName: string, priority: number, uid: string): readonly PodInfo[] {
    const pods = this.byNode.get(nodeName);
    if (pods === undefined) return NONE;
    return this.podsOn(nodeName).filter((pod) => pod.priority >= priority && pod.uid !== uid);
  }

  /** @param standIns UID → who is seen instead of the pod while the task runs. */
  withStandIns<T>(standIns: ReadonlyMap<string, PodInfo>, task: () => T): T {
    this.showStandIns(standIns, standIns);
    try {
      return task();
    } finally {
      this.showStandIns(NO_STAND_INS, standIns);
    }
  }

  private showStandIns(shown: ReadonlyMap<string, PodInfo>, changed: ReadonlyMap<string, PodInfo>): void {
    this.standIns = shown;
    for (const uid of changed.keys()) {
      const nodeName = this.nodeOf(uid);
      if (nodeName !== '') this.onChange?.(nodeName);
    }
  }

  private seen(pod: PodInfo): PodInfo {
    return this.standIns.get(pod.uid) ?? pod;
  }
}
