/**
 * Pods that are promised a node but not on it yet. Source: `pkg/scheduler/backend/queue/nominator.go`, v1.37.2.
 * Cost: O(1) lookups; lists per node are short.
 */
import type { PodInfo } from './plugin.ts';

const NONE: readonly PodInfo[] = [];

export class Nominator {
  private readonly byNode = new Map<string, PodInfo[]>();
  private readonly nodeOfPod = new Map<string, string>();

  get size(): number {
    return this.nodeOfPod.size;
  }

  /** Promises the pod a node; an earlier promise is dropped. '' only drops. */
  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.uid);
    if (nodeName === '') return;
    const pods = this.byNode.get(nodeName);
    if (pods === undefined) this.byNode.set(nodeName, [pod]);
    else pods.push(pod);
    this.nodeOfPod.set(pod.uid, nodeName);
  }

  delete(uid: string): void {
    const nodeName = this.nodeOfPod.get(uid);
    if (nodeName === undefined) return;
    this.nodeOfPod.delete(uid);
    const rest = this.byNode.get(nodeName)!.filter((pod) => pod.uid !== uid);
    if (rest.length === 0) this.byNode.delete(nodeName);
    else this.byNode.set(nodeName, rest);
  }

  /** '' when the pod is promised nothing. */
  nodeOf(uid: string): string {
    return this.nodeOfPod.get(uid) ?? '';
  }

  podsOn(nodeName: string): readonly PodInfo[] {
    return this.byNode.get(nodeName) ?? NONE;
  }
}
