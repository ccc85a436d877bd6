/**
 * Keeps one pod on every node that fits. Source: `pkg/controller/daemon/{daemon_controller,update}.go`, v1.37.2.
 */
import { compileLabelSelector, type KubeObject, type Node } from '../../../api/index.ts';
import { isSame } from '../../../api/validation/same.ts';
import type { ControllerContext } from '../context.ts';
import type { Dependents } from '../dependents.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { Expectations } from '../expectations.ts';
import type * as history from '../history.ts';
import type { Informer } from '../informer.ts';
import { OwnWrites } from '../own-writes.ts';
import { claim, controllerOf, isTerminating, keyOf, splitKey } from '../owners.ts';
import { isNamespaceGoing, PodControl } from '../pod-control.ts';
import { isFinished, isReady, untilAvailableMs } from '../pod-state.ts';
import { call, type Refusal, type Steps } from '../steps.ts';
import { DAEMON_SETS, NODES, PODS, REVISIONS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { type DaemonPod, daemonPod, nodeOf, type SetObject } from './daemon-pods.ts';
import { FailedPodBackoff } from './failed-pods.ts';
import { type Fit, fitsOf } from './fit.ts';
import { type Placement, placementOf } from './placement.ts';
import { hashOf, historyOf, truncate } from './revisions.ts';
import { rollingStep } from './rolling-update.ts';
import { isSameStatus, statusOf } from './status.ts';

/** How many pods at most are made or deleted in one go. */
const BURST = 250;

/** What a sync goes by. */
interface Pass {
  readonly key: string;
  readonly set: SetObject;
  readonly hash: string;
  fitOf(node: Node): Fit;
}

type NodeObject = Node & KubeObject;

export class DaemonSetController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly sets: Informer<SetObject>;
  private readonly nodes: Informer<NodeObject>;
  private readonly pods: Informer<DaemonPod>;
  private readonly podsOf: Dependents<DaemonPod>;
  private readonly revisionsOf: Dependents<history.Revision>;
  private readonly events: EventRecorder;
  private readonly expectations: Expectations;
  private readonly writes = new OwnWrites();
  private readonly podControl: PodControl;
  private readonly failedPods = new FailedPodBackoff();
  /** How many pods of a set are on a node, or meant for it. */
  private readonly podCounts = new Map<string, number>();

  constructor(context: ControllerContext) {
    const { client, clock } = context;
    this.context = context;
    this.sets = context.informer(DAEMON_SETS);
    this.nodes = context.informer(NODES);
    this.pods = context.informer(PODS);
    this.podsOf = context.dependents(PODS);
    this.revisionsOf = context.dependents(REVISIONS);
    this.events = context.recorder('daemonset-controller');
    this.expectations = new Expectations(clock);
    this.podControl = new PodControl(client, this.events, (set, pod) => this.writes.wrote(keyOf(set), this.pods, pod));
    this.queue = new WorkQueue({ clock, sync: (key) => this.sync(key) });
    this.sets.onChange((before, now) => this.queue.add(keyOf((now ?? before)!)));
    this.pods.onChange((before, now) => this.podChanged(before, now));
    this.nodes.onChange((before, now) => this.nodeChanged(before, now));
    context.informer<history.Revision>(REVISIONS).onChange((before, now) => this.revisionChanged(before, now));
  }

  private podChanged(before: DaemonPod | undefined, now: DaemonPod | undefined): void {
    for (const pod of [before, now]) {
      const set = pod && this.setOf(pod);
      if (pod === undefined) continue;
      this.count(pod, pod === before ? -1 : 1);
      if (set === undefined) continue;
      if (now === undefined || isTerminating(now)) this.expectations.deleted(keyOf(set), uidOf(pod));
      this.queue.add(keyOf(set));
    }
    if (now !== undefined && controllerOf(now) === undefined && !isTerminating(now)) this.offer(now);
  }

  private revisionChanged(before: history.Revision | undefined, now: history.Revision | undefined): void {
    for (const revision of [before, now]) {
      const set = revision && this.setOf(revision);
      if (set !== undefined) this.queue.add(keyOf(set));
    }
    if (now !== undefined && controllerOf(now) === undefined && !isTerminating(now)) this.offer(now);
  }

  /** Some set may want to adopt it. */
  private offer(object: KubeObject): void {
    for (const set of this.sets.inNamespace(object.metadata?.namespace ?? '')) {
      if (compileLabelSelector(set.spec?.selector).matches(object.metadata?.labels ?? {})) this.queue.add(keyOf(set));
    }
  }

  private setOf(object: KubeObject): SetObject | undefined {
    const owner = controllerOf(object);
    if (owner?.kind !== 'DaemonSet') return undefined;
    const set = this.sets.get(object.metadata?.namespace ?? '', owner.name);
    return set?.metadata?.uid === owner.uid ? set : undefined;
  }

  private count(pod: DaemonPod, change: number): void {
    const owner = controllerOf(pod);
    const node = nodeOf(pod);
    if (owner?.kind !== 'DaemonSet' || node === undefined) return;
    const place = `${node}\0${owner.uid}`;
    const count = (this.podCounts.get(place) ?? 0) + change;
    if (count > 0) this.podCounts.set(place, count);
    else this.podCounts.delete(place);
  }

  /** Heartbeats change neither labels nor taints. */
  private nodeChanged(before: NodeObject | undefined, now: NodeObject | undefined): void {
    if (now === undefined) return;
    const isTheSame =
      before !== undefined &&
      isSame(before.metadata?.labels, now.metadata?.labels) &&
      isSame(before.spec?.taints, now.spec?.taints);
    if (isTheSame) return;
    for (const set of this.sets.all()) {
      const { shouldRun, mayStay } = fitsOf(set)(now);
      const hasPod = this.podCounts.has(`${now.metadata?.name}\0${uidOf(set)}`);
      const isMisplaced = hasPod && (set.status?.numberMisscheduled ?? 0) > 0;
      if ((shouldRun && !hasPod) || (!mayStay && hasPod) || isMisplaced) this.queue.add(keyOf(set));
    }
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const set = this.sets.get(namespace, name);
    if (set === undefined) {
      this.expectations.forget(key);
      this.writes.forget(key);
      return;
    }
    this.writes.mustBeSeen(key);
    const { matchLabels = {}, matchExpressions = [] } = set.spec?.selector ?? {};
    if (Object.keys(matchLabels).length + matchExpressions.length === 0) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.events.record(set, 'Warning', 'SelectingAll', message);
      return;
    }
    if (isTerminating(set)) return;
    const { client } = this.context;
    const selector = compileLabelSelector(set.spec?.selector);
    const claiming = { client, owner: set, ownerTarget: DAEMON_SETS, selector };
    const revisions: history.Revision[] = yield* claim({
      ...claiming,
      target: REVISIONS,
      candidates: this.revisionsOf.candidates(set),
    });
    const pods: DaemonPod[] = yield* claim({ ...claiming, target: PODS, candidates: this.podsOf.candidates(set) });
    const { current, old } = yield* historyOf(client, set, revisions, pods);
    const pass: Pass = { key, set, hash: hashOf(current), fitOf: fitsOf(set) };
    const mayAct = this.expectations.areMet(key);
    let refusal: Refusal | undefined;
    if (mayAct) {
      refusal = yield* this.act(pass, pods);
      if (refusal === undefined) yield* truncate(client, set, old, pods);
    }
    yield* this.writeStatus(pass, mayAct);
    if (refusal !== undefined) throw refusal;
  }

  private *act(pass: Pass, pods: readonly DaemonPod[]): Steps<Refusal | undefined> {
    const { key, set, hash, fitOf } = pass;
    const { nowMs } = this.context.clock;
    const placement = placementOf({
      set,
      hash,
      nodes: this.nodes.all(),
      podsOn: byNode(pods),
      nowMs,
      fitOf,
      mayReplace: (pod, node) => this.mayReplace(set, pod, node),
    });
    const refusal = yield* this.carryOut(pass, placement);
    if (refusal !== undefined || set.spec?.updateStrategy?.type !== 'RollingUpdate') return refusal;
    // What was done just now has to be seen before more is done.
    if (!this.expectations.areMet(key) || !this.writes.areSeen(key)) return undefined;
    const podsOn = new Map<string, readonly DaemonPod[]>(byNode(this.ownPods(set)));
    const wantedNodes = new Set<string>();
    for (const node of this.nodes.all()) {
      if (!fitOf(node).shouldRun) continue;
      const name = node.metadata?.name ?? '';
      wantedNodes.add(name);
      if (!podsOn.has(name)) podsOn.set(name, []);
    }
    return yield* this.carryOut(pass, rollingStep({ set, hash, podsOn, wantedNodes, nowMs }));
  }

  /** As the informer has them now. */
  private ownPods(set: SetObject): DaemonPod[] {
    const selector = compileLabelSelector(set.spec?.selector);
    return [...this.podsOf.controlledBy(set.metadata?.uid)].filter((pod) =>
      selector.matches(pod.metadata?.labels ?? {}),
    );
  }

  private *carryOut({ key, set, hash }: Pass, { make, remove }: Placement): Steps<Refusal | undefined> {
    const going = remove.slice(0, BURST);
    this.expectations.expectDeletions(key, going.map(uidOf));
    const pods = make.slice(0, BURST).map((node) => daemonPod(set, hash, node));
    const notMade = yield* this.podControl.create(set, pods, () => {});
    const notGone = yield* this.podControl.delete(set, going, (pod) => this.expectations.deleted(key, uidOf(pod)));
    return notMade !== undefined && !isNamespaceGoing(notMade) ? notMade : notGone;
  }

  private mayReplace(set: SetObject, pod: DaemonPod, node: string): boolean {
    const { nowMs } = this.context.clock;
    const { namespace, name } = pod.metadata ?? {};
    const words = (phase: string, verb: string): string =>
      `Found ${phase} daemon pod ${namespace}/${name} on node ${node}, will try to ${verb} it`;
    if (pod.status?.phase === 'Succeeded') {
      this.events.record(set, 'Normal', 'SucceededDaemonPod', words('succeeded', 'delete'));
      return true;
    }
    const place = `${uidOf(set)}/${set.status?.observedGeneration ?? 0}/${node}`;
    const waitMs = this.failedPods.waitMs(place, nowMs);
    if (waitMs > 0) {
      this.queue.addAfter(keyOf(set), waitMs);
      return false;
    }
    this.failedPods.replaced(place, nowMs);
    this.events.record(set, 'Warning', 'FailedDaemonPod', words('failed', 'kill'));
    return true;
  }

  /** @param isActedOn The present spec was acted upon. */
  private *writeStatus({ key, set, hash, fitOf }: Pass, isActedOn: boolean): Steps {
    const { client, clock } = this.context;
    const { nowMs } = clock;
    const pods = this.ownPods(set);
    const observedGeneration = isActedOn ? set.metadata?.generation : set.status?.observedGeneration;
    const podsOn = byNode(pods);
    const status = statusOf({ set, hash, nodes: this.nodes.all(), podsOn, nowMs, observedGeneration, fitOf });
    this.whenAvailable(key, set, pods);
    if (isSameStatus(set.status, status)) return;
    const { resourceVersion: _, ...metadata } = set.metadata ?? {};
    const target = { ...DAEMON_SETS, namespace: metadata.namespace, name: metadata.name, subresource: 'status' };
    const object = { ...set, metadata, status } as KubeObject;
    const updated = yield* call<KubeObject>((answer) => client.update(target, object, {}, answer));
    this.writes.wrote(key, this.sets, updated);
  }

  /** Nobody tells when a pod has been ready for long enough. */
  private whenAvailable(key: string, set: SetObject, pods: readonly DaemonPod[]): void {
    const { minReadySeconds = 0 } = set.spec ?? {};
    if (minReadySeconds === 0) return;
    const { nowMs } = this.context.clock;
    const waits = pods.filter(isReady).map((pod) => untilAvailableMs(pod, minReadySeconds, nowMs));
    const next = Math.min(...waits.filter((ms) => ms > 0));
    if (next < Number.POSITIVE_INFINITY) this.queue.addAfter(key, next);
  }
}

/** Without those that have ended and are being deleted. */
function byNode(pods: readonly DaemonPod[]): Map<string, DaemonPod[]> {
  const found = new Map<string, DaemonPod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod);
    if (node === undefined || (isFinished(pod) && isTerminating(pod))) continue;
    const there = found.get(node);
    if (there === undefined) found.set(node, [pod]);
    else there.push(pod);
  }
  return found;
}

const uidOf = ({ metadata }: KubeObject): string => metadata?.uid ?? '';
