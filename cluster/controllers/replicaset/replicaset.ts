/**
 * Keeps as many pods as a ReplicaSet asks for. Source: `pkg/controller/replicaset/replica_set.go`, v1.37.2.
 */
import { compileLabelSelector, type KubeObject, type Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Dependents } from '../dependents.ts';
import { Expectations } from '../expectations.ts';
import type { Informer } from '../informer.ts';
import { claim, controllerOf, isTerminating, keyOf, splitKey } from '../owners.ts';
import { isNamespaceGoing, PodControl, podFromTemplate } from '../pod-control.ts';
import { isActive } from '../pod-state.ts';
import { call, type Refusal, type Steps } from '../steps.ts';
import { PODS, REPLICA_SETS, type ReplicaSet } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { isSameStatus, statusOf } from './status.ts';
import { victims } from './victims.ts';

/** How many pods at most are made or deleted in one go. */
const BURST = 500;

export class ReplicaSetController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly sets: Informer<ReplicaSet & KubeObject>;
  private readonly setsOf: Dependents<ReplicaSet & KubeObject>;
  private readonly podsOf: Dependents<Pod & KubeObject>;
  private readonly expectations: Expectations;
  private readonly podControl: PodControl;

  constructor(context: ControllerContext) {
    const { client, clock } = context;
    this.context = context;
    this.sets = context.informer(REPLICA_SETS);
    this.setsOf = context.dependents(REPLICA_SETS);
    this.podsOf = context.dependents(PODS);
    this.expectations = new Expectations(clock);
    this.podControl = new PodControl(client, context.recorder('replicaset-controller'));
    this.queue = new WorkQueue({ clock, sync: (key) => this.sync(key) });
    this.sets.onChange((before, now) => this.queue.add(keyOf((now ?? before)!)));
    context.informer<Pod & KubeObject>(PODS).onChange((before, now) => this.podChanged(before, now));
  }

  private podChanged(before: Pod | undefined, now: Pod | undefined): void {
    const ownerBefore = before && this.ownerKey(before);
    const owner = now && this.ownerKey(now);
    if (before === undefined && owner !== undefined) this.expectations.created(owner);
    // To be terminating is as good as gone.
    const ending = now === undefined ? before : isTerminating(now) ? now : undefined;
    if (ending !== undefined && ownerBefore !== undefined) this.expectations.deleted(ownerBefore, uidOf(ending));
    if (ending !== undefined && owner !== undefined) this.expectations.deleted(owner, uidOf(ending));
    if (ownerBefore !== undefined) this.queue.add(ownerBefore);
    if (owner !== undefined) this.queue.add(owner);
    if (now !== undefined && controllerOf(now) === undefined && !isTerminating(now)) this.offer(now);
  }

  /** Somebody may want to adopt it. */
  private offer(pod: Pod): void {
    for (const set of this.sets.inNamespace(pod.metadata?.namespace ?? '')) {
      if (compileLabelSelector(set.spec?.selector).matches(pod.metadata?.labels ?? {})) this.queue.add(keyOf(set));
    }
  }

  private ownerKey(pod: Pod): string | undefined {
    const owner = controllerOf(pod);
    return owner?.kind === 'ReplicaSet' ? `${pod.metadata?.namespace}/${owner.name}` : undefined;
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const set = this.sets.get(namespace, name);
    if (set === undefined) {
      this.expectations.forget(key);
      return;
    }
    const mayAct = this.expectations.areMet(key);
    const { client, clock } = this.context;
    const claimed: Pod[] = yield* claim({
      client,
      owner: set,
      ownerTarget: REPLICA_SETS,
      target: PODS,
      selector: compileLabelSelector(set.spec?.selector),
      candidates: this.podsOf.candidates(set),
      mayAdopt: isActive,
    });
    const active = claimed.filter(isActive);
    const diff = active.length - (set.spec?.replicas ?? 1);
    let refusal: Refusal | undefined;
    if (mayAct && !isTerminating(set)) refusal = yield* this.manage(key, set, active, diff);
    const failure =
      refusal === undefined
        ? undefined
        : { reason: diff < 0 ? 'FailedCreate' : 'FailedDelete', message: refusal.message };
    const { status, nextAvailableMs } = statusOf(set, claimed, failure, clock.nowMs);
    if (!isSameStatus(set.status, status)) {
      const target = { ...REPLICA_SETS, namespace, name, subresource: 'status' };
      yield* call((answer) => client.update(target, { ...set, status } as KubeObject, {}, answer));
    }
    if (refusal !== undefined) throw refusal;
    if (nextAvailableMs < Number.POSITIVE_INFINITY) this.queue.addAfter(key, nextAvailableMs - clock.nowMs);
  }

  private *manage(
    key: string,
    set: ReplicaSet & KubeObject,
    active: readonly Pod[],
    diff: number,
  ): Steps<Refusal | undefined> {
    if (diff < 0) {
      const count = Math.min(-diff, BURST);
      this.expectations.expectCreations(key, count);
      const pod = podFromTemplate(set, set.spec!.template!);
      const refusal = yield* this.podControl.create(set, new Array(count).fill(pod), (missing) =>
        this.expectations.created(key, missing),
      );
      return refusal !== undefined && isNamespaceGoing(refusal) ? undefined : refusal;
    }
    if (diff === 0) return undefined;
    const going = victims(active, Math.min(diff, BURST), this.context.clock.nowMs, this.ranks(set));
    this.expectations.expectDeletions(key, going.map(uidOf));
    return yield* this.podControl.delete(set, going, (pod) => this.expectations.deleted(key, uidOf(pod)));
  }

  /** How many active pods of all ReplicaSets of the same Deployment a pod's node has; 0 where there is no Deployment. */
  private ranks(set: ReplicaSet & KubeObject): (pod: Pod) => number {
    const owner = controllerOf(set);
    if (owner === undefined) return () => 0;
    const perNode = new Map<string, number>();
    for (const related of this.setsOf.controlledBy(owner.uid)) {
      for (const pod of this.podsOf.controlledBy(related.metadata?.uid)) {
        if (!isActive(pod)) continue;
        const node = pod.spec?.nodeName ?? '';
        perNode.set(node, (perNode.get(node) ?? 0) + 1);
      }
    }
    return (pod) => perNode.get(pod.spec?.nodeName ?? '') ?? 0;
  }
}

const uidOf = (object: KubeObject): string => object.metadata?.uid ?? '';
