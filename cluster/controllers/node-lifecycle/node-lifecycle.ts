/**
 * Finds nodes that are not heard of any more, says so in their conditions, taints them at a pace, and marks their pods as
 * not ready. Source: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`, v1.37.2.
 *
 * Upstream looks at every node every few seconds. Here only those are looked at that have changed, whose time is over, or
 * that are not well: the others would come out as they are.
 */
import type { KubeObject } from '../../../api/index.ts';
import { Lane } from '../../../scheduler/clock.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Informer } from '../informer.ts';
import { keyOf, splitKey } from '../owners.ts';
import { PodsByNode } from '../pods-by-node.ts';
import { call, Refusal, runSteps, type Steps } from '../steps.ts';
import { timestamp } from '../timestamp.ts';
import { NODES, PODS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { DueNodes } from './due-nodes.ts';
import { type Health, heardOf, type Lease, readyOf, unknown } from './node-health.ts';
import {
  hasTaint,
  isSameTaint,
  markPodsNotReady,
  NOT_READY,
  type NodeObject,
  swapTaints,
  type Taint,
  UNREACHABLE,
} from './node-patches.ts';
import { DEFAULT_NODE_LIFECYCLE, type NodeLifecycleSettings } from './settings.ts';
import type { TaintQueue } from './taint-queue.ts';
import { Zones, zoneKey } from './zones.ts';

const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
const LEASE_NAMESPACE = 'kube-node-lease';
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';
/** How often it is looked whether the next node may be tainted. */
const TAINT_PERIOD_MS = 100;
const HEALTH_RETRIES = 5;

/** What a condition says about where no new pod should go. */
const CONDITION_TAINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY.key, Unknown: UNREACHABLE.key },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const OWN_TAINTS = new Set([UNSCHEDULABLE, ...Object.values(CONDITION_TAINTS).flatMap((keys) => Object.values(keys))]);

const OLDER_LABELS: ReadonlyArray<readonly [label: string, older: string]> = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
];

export class NodeLifecycleController {
  readonly nodeQueue: WorkQueue;
  readonly podQueue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly settings: NodeLifecycleSettings;
  private readonly events: EventRecorder;
  private readonly nodes: Informer<NodeObject>;
  private readonly leases: Informer<Lease>;
  private readonly pods: PodsByNode;
  private readonly zones: Zones;
  private readonly health = new Map<string, Health>();
  private readonly known = new Map<string, string>();
  private readonly changed = new Set<string>();
  private readonly unwell = new Set<string>();
  private readonly due: DueNodes;
  private readonly toRetry = new Set<string>();
  private isTainting = false;
  private isStopped = false;

  constructor(context: ControllerContext, settings: Partial<NodeLifecycleSettings> = {}) {
    const { clock } = context;
    this.context = context;
    this.settings = { ...DEFAULT_NODE_LIFECYCLE, ...settings };
    this.events = context.recorder('node-controller');
    this.zones = new Zones(clock, this.settings);
    this.due = new DueNodes(this.settings.monitorPeriodMs);
    this.pods = PodsByNode.of(context);
    this.nodes = context.informer(NODES);
    this.leases = context.informer(LEASES);
    this.nodeQueue = new WorkQueue({ clock, workers: 8, sync: (name) => this.syncNode(name) });
    this.podQueue = new WorkQueue({ clock, workers: 4, sync: (key) => this.syncPod(key) });
    this.nodes.onChange((before, now) => {
      const { name = '' } = (now ?? before)!.metadata ?? {};
      this.changed.add(name);
      if (now !== undefined) this.nodeQueue.add(name);
      else this.toRetry.delete(name);
    });
    this.leases.onChange((_, now) => {
      if (now?.metadata?.namespace === LEASE_NAMESPACE) this.changed.add(now.metadata.name ?? '');
    });
    context.informer(PODS).onChange((before, now) => this.podChanged(before, now));
    context.onSynced(() => this.tick());
  }

  stop(): void {
    this.isStopped = true;
  }

  private podChanged(before: KubeObject | undefined, now: KubeObject | undefined): void {
    const nodeOf = (pod: KubeObject | undefined): string | undefined =>
      (pod as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName;
    const node = nodeOf(now);
    // On a node that is well there is nothing to do.
    if (node && node !== nodeOf(before) && this.unwell.has(node)) this.podQueue.add(keyOf(now!));
  }

  private tick(): void {
    if (this.isStopped) return;
    runSteps(this.monitor(), () => {
      const { clock } = this.context;
      clock.timer(clock.nowMs + this.settings.monitorPeriodMs, () => this.tick(), Lane.Component);
    });
  }

  private *monitor(): Steps {
    const names = new Set([...this.changed, ...this.unwell, ...this.due.until(this.context.clock.nowMs)]);
    this.changed.clear();
    for (const name of names) yield* this.register(name);
    for (const name of names) {
      try {
        yield* this.check(name);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.changed.add(name);
      }
    }
    const turn = this.zones.adjust();
    if (turn === 'all-down') {
      for (const node of this.nodes.all()) yield* settled(this.markReachable(node));
    } else if (turn === 'back-from-all-down') {
      for (const [name, health] of this.health) {
        health.probeMs = this.context.clock.nowMs;
        this.due.add(name, health.probeMs + health.graceMs);
      }
    }
  }

  /** Nodes come and go. */
  private *register(name: string): Steps {
    const node = this.nodes.get('', name);
    const known = this.known.get(name);
    if (node === undefined) {
      if (known !== undefined) this.tell(name, known, 'RemovingNode', `Removing Node ${name} from Controller`);
      for (const set of [this.known, this.health, this.unwell, this.toRetry]) set.delete(name);
      this.zones.forget(name);
      return;
    }
    if (known !== undefined) return;
    const uid = node.metadata?.uid ?? '';
    this.known.set(name, uid);
    this.tell(name, uid, 'RegisteredNode', `Registered Node ${name} in Controller`);
    yield* settled(this.markReachable(node));
  }

  private tell(name: string, uid: string, reason: string, event: string): void {
    this.events.record(nodeReference(name, uid), 'Normal', reason, `Node ${name} event: ${event}`);
  }

  /** Throws Refusal. */
  private *check(name: string): Steps {
    const found = this.nodes.get('', name);
    if (found === undefined) return;
    const observed = readyOf(found)?.status ?? 'Unknown';
    const node: NodeObject | undefined = yield* this.updateHealth(name, found);
    // Its lease is newer than what is known of it: the next look will tell.
    if (node === undefined) return;
    const current = readyOf(node)?.status;
    if (node.metadata?.labels?.[EXCLUDED] === undefined) this.zones.count(name, zoneKey(node), current === 'True');
    else this.zones.forget(name);
    if (current === 'True') this.unwell.delete(name);
    else this.unwell.add(name);
    if (current === undefined) {
      this.toRetry.delete(name);
      return;
    }
    yield* this.taintOrNot(node, current);
    const isLost = current !== 'True' && observed === 'True';
    if (isLost) {
      const message = `Node ${name} status is now: NodeNotReady`;
      this.events.record(nodeReference(name, node.metadata?.uid ?? ''), 'Normal', 'NodeNotReady', message);
    }
    if (isLost || (this.toRetry.has(name) && observed !== 'True')) {
      this.toRetry.add(name);
      yield* markPodsNotReady(this.context, this.events, this.pods.on(name));
    }
    this.toRetry.delete(name);
  }

  /** The node as it is to be seen now; undefined when that cannot be said. Throws Refusal. */
  private *updateHealth(name: string, found: NodeObject): Steps<NodeObject | undefined> {
    const { client, clock } = this.context;
    let node = found;
    for (let tries = 0; ; tries++) {
      const lease = this.leases.get(LEASE_NAMESPACE, name);
      const health = heardOf(this.health.get(name), node, lease, clock.nowMs, this.settings);
      this.health.set(name, health);
      this.due.add(name, health.probeMs + health.graceMs);
      if (clock.nowMs <= health.probeMs + health.graceMs) return node;
      if (!(yield* this.isLeaseSeen(name, health))) return undefined;
      const next = unknown(node, timestamp(clock.nowMs));
      if (readyOf(node)?.status === 'Unknown') return node;
      try {
        const target = { ...NODES, name, subresource: 'status' };
        const written = yield* call<KubeObject>((answer) => client.update(target, next, {}, answer));
        health.ready = readyOf(written as NodeObject);
        return written as NodeObject;
      } catch (error) {
        if (!(error instanceof Refusal) || tries >= HEALTH_RETRIES) throw error;
        node = (yield* call<KubeObject>((answer) => client.get({ ...NODES, name }, answer))) as NodeObject;
      }
    }
  }

  /** Before a node is given up: it may be that only the watch of the leases lags. */
  private *isLeaseSeen(name: string, { lease }: Health): Steps<boolean> {
    const target = { ...LEASES, namespace: LEASE_NAMESPACE, name };
    try {
      const live = yield* call<KubeObject>((answer) => this.context.client.get(target, answer));
      return live.metadata?.resourceVersion === lease?.metadata?.resourceVersion;
    } catch (error) {
      if (error instanceof Refusal && error.isNotFound) return true;
      throw error;
    }
  }

  private *taintOrNot(node: NodeObject, status: string): Steps {
    if (status === 'True') {
      yield* this.markReachable(node);
      return;
    }
    const [taint, opposite] = status === 'False' ? [NOT_READY, UNREACHABLE] : [UNREACHABLE, NOT_READY];
    if (hasTaint(node, opposite)) {
      yield* swapTaints(this.context, node, [taint], [opposite]);
      return;
    }
    const queue = this.zones.queueOf(zoneKey(node));
    const name = node.metadata?.name ?? '';
    if (!hasTaint(node, taint)) queue.remove(name);
    if (queue.add(name)) this.taintSoon();
  }

  private *markReachable(node: NodeObject): Steps {
    this.zones.queueOf(zoneKey(node)).remove(node.metadata?.name ?? '');
    yield* swapTaints(this.context, node, [], [UNREACHABLE, NOT_READY]);
  }

  /** As long as a node waits for its taint. */
  private taintSoon(): void {
    if (this.isTainting) return;
    this.isTainting = true;
    const { clock } = this.context;
    const pass = (): void =>
      runSteps(this.taintWaiting(), () => {
        this.isTainting = !this.isStopped && this.zones.waitingQueues().length > 0;
        if (this.isTainting) clock.timer(clock.nowMs + TAINT_PERIOD_MS, pass, Lane.Component);
      });
    clock.timer(clock.nowMs + TAINT_PERIOD_MS, pass, Lane.Component);
  }

  private *taintWaiting(): Steps {
    for (const queue of this.zones.waitingQueues()) {
      for (let name = queue.next(); name !== undefined; name = queue.next()) yield* this.taintOne(queue, name);
    }
  }

  private *taintOne(queue: TaintQueue, name: string): Steps {
    const node = this.nodes.get('', name);
    const status = node && readyOf(node)?.status;
    if (node === undefined || status === 'True') {
      queue.done(name, true);
      return;
    }
    if (status === undefined) {
      queue.done(name, false);
      return;
    }
    const [taint, opposite] = status === 'False' ? [NOT_READY, UNREACHABLE] : [UNREACHABLE, NOT_READY];
    try {
      yield* swapTaints(this.context, node, [taint], [opposite]);
      queue.done(name, true);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      queue.done(name, false);
    }
  }

  /** Taints that keep new pods away, and labels under their older names. */
  private *syncNode(name: string): Steps {
    const node = this.nodes.get('', name);
    if (node === undefined) return;
    const wanted = conditionTaints(node);
    const present = (node.spec?.taints ?? []).filter(
      ({ key, effect }) => effect === 'NoSchedule' && OWN_TAINTS.has(key),
    );
    const add = wanted.filter((taint) => !present.some((each) => isSameTaint(each, taint)));
    const remove = present.filter((taint) => !wanted.some((each) => isSameTaint(each, taint)));
    if (add.length + remove.length > 0) yield* swapTaints(this.context, node, add, remove);
    const labels: Record<string, string> = {};
    for (const [label, older] of OLDER_LABELS) {
      const value = node.metadata?.labels?.[label];
      if (value !== undefined && node.metadata?.labels?.[older] !== value) labels[older] = value;
    }
    if (Object.keys(labels).length === 0) return;
    yield* call((answer) =>
      this.context.client.patch({ ...NODES, name }, 'merge', { metadata: { labels } }, {}, answer),
    );
  }

  /** A pod that comes to a node which nobody hears of. */
  private *syncPod(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const pod = this.context.informer(PODS).get(namespace, name);
    const node = (pod as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName ?? '';
    const ready = this.health.get(node)?.ready;
    if (pod === undefined || ready === undefined || ready.status === 'True') return;
    yield* markPodsNotReady(this.context, this.events, [pod as never]);
  }
}

function conditionTaints({ spec, status }: NodeObject): Taint[] {
  const taints: Taint[] = [];
  for (const { type, status: value } of status?.conditions ?? []) {
    const key = CONDITION_TAINTS[type]?.[value];
    if (key !== undefined) taints.push({ key, effect: 'NoSchedule' });
  }
  if (spec?.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  return taints;
}

const nodeReference = (name: string, uid: string): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Node', metadata: { name, uid } }) as KubeObject;

/** It comes again by itself when it was refused. */
function* settled(steps: Steps): Steps {
  try {
    yield* steps;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
