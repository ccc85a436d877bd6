/**
 * Pods as the watch last showed them: what upstream's informer cache is to the scheduler. Finished pods are not listed
 * (`newPodInformer` in `pkg/scheduler/scheduler.go`, v1.37.2), so that finishing looks like a deletion.
 */
import type { Pod } from '../../api/index.ts';
import type { PodInfo } from '../plugin.ts';
import { hasResizeStatus, type PodClasses } from '../pod-info.ts';

export interface PodChange {
  readonly before: PodInfo | undefined;
  readonly after: PodInfo | undefined;
}

export class PodCache {
  private readonly pods = new Map<string, PodInfo>();
  private readonly classes: PodClasses;

  constructor(classes: PodClasses) {
    this.classes = classes;
  }

  get(key: string): PodInfo | undefined {
    return this.pods.get(key);
  }

  get size(): number {
    return this.pods.size;
  }

  /** Takes in what the watch says about a pod; what changed, as far as a scheduler sees it. */
  apply(pod: Pod, isDeleted: boolean): PodChange {
    const { namespace = 'default', name = '' } = pod.metadata ?? {};
    const key = `${namespace}/${name}`;
    const before = this.pods.get(key);
    const phase = pod.status?.phase;
    if (isDeleted || phase === 'Succeeded' || phase === 'Failed') {
      this.pods.delete(key);
      return { before, after: undefined };
    }
    const after = this.infoOf(pod, before);
    this.pods.set(key, after);
    return { before, after };
  }

  private infoOf(pod: Pod, before: PodInfo | undefined): PodInfo {
    if (before !== undefined && before.uid === pod.metadata?.uid && isAlike(before.pod, pod)) {
      // A binding brings the labels of the node's topology.
      if (before.pod.metadata?.labels !== pod.metadata?.labels) {
        if (pod.spec?.nodeName && !hasResizeStatus(pod)) return this.classes.infoOfRelabelled(pod, before);
      } else {
        return {
          ...before,
          pod,
          terminating: Boolean(pod.metadata?.deletionTimestamp),
          startTimeMs: pod.status?.startTime ? Date.parse(String(pod.status.startTime)) : undefined,
        };
      }
    }
    return pod.spec?.nodeName ? this.classes.infoOfBound(pod) : this.classes.info(pod);
  }
}

/**
 * Whether nothing but labels, node and status differs. Objects are immutable, so what is the same object has not changed.
 * Resizes show in the status and are left out.
 */
function isAlike(a: Pod, b: Pod): boolean {
  if (a.metadata?.ownerReferences !== b.metadata?.ownerReferences) return false;
  const [statusA, statusB] = [a.status, b.status];
  if (
    statusA?.containerStatuses !== statusB?.containerStatuses ||
    statusA?.initContainerStatuses !== statusB?.initContainerStatuses ||
    statusB?.resources !== undefined ||
    statusB?.allocatedResources !== undefined ||
    statusB?.conditions?.some(({ type }) => type === 'PodResizePending')
  ) {
    return false;
  }
  return a.spec === b.spec || isSameButNode(a.spec, b.spec);
}

function isSameButNode(a: Pod['spec'], b: Pod['spec']): boolean {
  if (a === undefined || b === undefined) return false;
  const [left, right] = [a as unknown as Record<string, unknown>, b as unknown as Record<string, unknown>];
  for (const key in right) if (key !== 'nodeName' && left[key] !== right[key]) return false;
  for (const key in left) if (key !== 'nodeName' && !(key in right)) return false;
  return true;
}
