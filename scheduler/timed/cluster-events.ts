/**
 * What the watch reports, taken to the cluster and the queue. Source: `pkg/scheduler/eventhandlers.go`, v1.37.2.
 */
import type { KubeObject, Node, Pod } from '../../api/index.ts';
import type { SchedulerCore } from '../core.ts';
import { nodeEvents, podEvents } from '../event-changes.ts';
import {
  Action,
  ASSIGNED_POD_ADD,
  ASSIGNED_POD_DELETE,
  clusterEvent,
  NODE_ADD,
  NODE_DELETE,
  RESOURCE_OF_KIND,
  UNSCHEDULED_POD_ADD,
} from '../events.ts';
import { type GroupObject, isGroupKind } from '../groups/group-forest.ts';
import { isSchedulingKind } from '../objects.ts';
import type { PodInfo } from '../plugin.ts';
import type { SchedulingQueue } from '../queue/scheduling-queue.ts';
import type { WatchEvent } from './api.ts';
import type { HeldChanges } from './held-changes.ts';
import type { PodCache } from './pod-cache.ts';
import type { WaitingPods } from './waiting-pods.ts';

export interface ClusterEventsOptions {
  readonly core: SchedulerCore;
  readonly queue: SchedulingQueue;
  readonly pods: PodCache;
  readonly waitingPods: WaitingPods;
  readonly changes: HeldChanges;
  /** UIDs of pods that are placed in the cluster although the API does not say so yet. */
  readonly assumed: Set<string>;
}

const ACTION_OF = { added: Action.Add, modified: Action.Update, deleted: Action.Delete } as const;

export class ClusterEvents {
  private readonly options: ClusterEventsOptions;
  private readonly nodes = new Map<string, Node>();
  private readonly objects = new Map<string, KubeObject>();

  constructor(options: ClusterEventsOptions) {
    this.options = options;
  }

  handle(event: WatchEvent): void {
    const { object } = event;
    if (object.kind === 'Pod') this.pod(object as Pod, event.type === 'deleted');
    else if (object.kind === 'Node') this.node(object as Node, event.type === 'deleted');
    else this.object(event);
  }

  // --- pods ------------------------------------------------------------------------------------------------------------

  private pod(pod: Pod, isDeleted: boolean): void {
    const { before, after } = this.options.pods.apply(pod, isDeleted);
    if (before !== undefined && after !== undefined && before.uid !== after.uid) {
      this.podGone(before);
      this.podCame(after);
    } else if (before === undefined) {
      if (after !== undefined) this.podCame(after);
    } else if (after === undefined) this.podGone(before);
    else this.podChanged(before, after);
  }

  private podCame(pod: PodInfo): void {
    const { core, queue } = this.options;
    if (isOnNode(pod)) this.assigned(pod);
    else if (this.isOurs(pod)) {
      core.cluster.groups.add(pod);
      queue.add(pod);
      if (core.gates.GenericWorkload) queue.moveAll(UNSCHEDULED_POD_ADD, undefined, pod);
    }
  }

  private podChanged(before: PodInfo, after: PodInfo): void {
    const { core, queue, assumed, changes } = this.options;
    if (isOnNode(before)) {
      if (!assumed.has(after.uid)) changes.make(() => replace(core, after));
      for (const event of podEvents(before.pod, after.pod, false)) queue.moveAll(event, before, after);
    } else if (isOnNode(after)) {
      this.assigned(after);
      if (this.isOurs(before)) queue.delete(before);
    } else if (this.isOurs(before)) this.waitingPodChanged(before, after);
  }

  private waitingPodChanged(before: PodInfo, after: PodInfo): void {
    const { core, queue, assumed } = this.options;
    if (before.pod.metadata?.resourceVersion === after.pod.metadata?.resourceVersion) return;
    core.cluster.groups.update(before, after);
    if (assumed.has(after.uid)) {
      if (after.terminating && !before.terminating) this.assumedPodGone(after);
      return;
    }
    queue.update(before, after);
    const nominated = before.pod.status?.nominatedNodeName;
    if (nominated && nominated !== after.pod.status?.nominatedNodeName) this.nominationFreed(before);
  }

  private podGone(pod: PodInfo): void {
    const { core, queue, assumed, changes } = this.options;
    if (isOnNode(pod)) {
      assumed.delete(pod.uid);
      changes.make(() => core.cluster.removePod(pod.uid));
      core.cluster.groups.delete(pod);
      queue.moveAll(ASSIGNED_POD_DELETE, pod, undefined);
    } else if (this.isOurs(pod)) {
      queue.delete(pod);
      if (assumed.has(pod.uid)) {
        this.assumedPodGone(pod);
        return;
      }
      core.cluster.groups.delete(pod);
      if (pod.pod.status?.nominatedNodeName) this.nominationFreed(pod);
    }
  }

  private assigned(pod: PodInfo): void {
    const { core, queue, assumed, changes } = this.options;
    const wasAssumed = assumed.delete(pod.uid);
    changes.make(() => {
      if (wasAssumed || core.cluster.podByUid(pod.uid) === undefined) replace(core, pod);
    });
    queue.moveAll(ASSIGNED_POD_ADD, undefined, pod);
  }

  /** Deleted on its way to the node: the binding goes on and will fail, but the room is free at once. */
  private assumedPodGone(pod: PodInfo): void {
    const { core, queue, waitingPods, assumed, changes } = this.options;
    const placed = core.cluster.podByUid(pod.uid);
    if (placed === undefined) return;
    const isRejected = waitingPods.get(pod.uid)?.reject('', 'removed') ?? false;
    if (!isRejected) {
      assumed.delete(pod.uid);
      changes.make(() => core.cluster.removePod(pod.uid));
      core.cluster.groups.delete(pod);
    }
    queue.moveAll(ASSIGNED_POD_DELETE, placed, undefined);
  }

  /** Whoever had been kept out by the promise may use the room now: pods of its priority and less important ones. */
  private nominationFreed(pod: PodInfo): void {
    const { priority } = pod;
    this.options.queue.moveAll(ASSIGNED_POD_DELETE, pod, undefined, (other) => other.priority <= priority);
  }

  private isOurs(pod: PodInfo): boolean {
    return this.options.core.frameworkOf(pod) !== undefined;
  }

  // --- nodes and the rest ----------------------------------------------------------------------------------------------

  private node(node: Node, isDeleted: boolean): void {
    const { core, queue, changes } = this.options;
    const name = node.metadata?.name ?? '';
    const before = this.nodes.get(name);
    if (isDeleted) {
      // The queue is told first, as upstream does.
      queue.moveAll(NODE_DELETE, node, undefined);
      this.nodes.delete(name);
      changes.make(() => core.cluster.removeNode(name));
      return;
    }
    this.nodes.set(name, node);
    if (before === undefined) {
      changes.make(() => core.cluster.addNode(node));
      queue.moveAll(NODE_ADD, undefined, node);
      return;
    }
    changes.make(() => core.cluster.updateNode(node));
    for (const event of nodeEvents(before, node)) queue.moveAll(event, before, node);
  }

  private object({ type, object }: WatchEvent): void {
    const { core, queue } = this.options;
    const kind = object.kind ?? '';
    const key = `${kind}/${object.metadata?.namespace ?? ''}/${object.metadata?.name ?? ''}`;
    const before = this.objects.get(key);
    if (type === 'deleted') this.objects.delete(key);
    else this.objects.set(key, object);
    if (isSchedulingKind(kind)) {
      if (type === 'deleted') core.cluster.objects.delete(object);
      else core.cluster.addObject(object);
    }
    const resource = RESOURCE_OF_KIND[kind];
    if (resource === undefined || (isGroupKind(kind) && !this.group(type, object as GroupObject, before))) return;
    const action = type === 'added' && before !== undefined ? Action.Update : ACTION_OF[type];
    const event = clusterEvent(resource, action);
    queue.moveAll(
      event,
      action === Action.Add ? undefined : (before ?? object),
      type === 'deleted' ? undefined : object,
    );
  }

  /** False when the change is none of the scheduler's business. */
  private group(type: WatchEvent['type'], group: GroupObject, before: KubeObject | undefined): boolean {
    const { core, queue } = this.options;
    const { gates, cluster } = core;
    if (!(group.kind === 'PodGroup' ? gates.GenericWorkload : gates.CompositePodGroup)) return false;
    if (type === 'deleted') {
      cluster.groups.deleteObject(group);
      queue.groups!.deleteGroup(group);
      return true;
    }
    if (before !== undefined && before.metadata?.resourceVersion === group.metadata?.resourceVersion) return false;
    cluster.groups.setObject(group);
    if (before === undefined) queue.groups!.addGroup(group);
    else queue.groups!.updateGroup(group);
    return true;
  }
}

const isOnNode = ({ pod }: PodInfo): boolean => Boolean(pod.spec?.nodeName);

/** Upstream removes and adds, so the pod goes to the end of its node's list. */
function replace({ cluster }: SchedulerCore, pod: PodInfo): void {
  cluster.removePod(pod.uid);
  cluster.groups.delete(pod);
  cluster.addPodInfo(pod, pod.pod.spec?.nodeName ?? '');
  cluster.groups.add(pod);
}
