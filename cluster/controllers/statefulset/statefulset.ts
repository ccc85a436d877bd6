/**
 * Keeps pods with names of their own, one for each ordinal. Source: `pkg/controller/statefulset/{stateful_set,
 * stateful_set_control}.go`, v1.37.2.
 */
import { compileLabelSelector, type KubeObject, type Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Dependents } from '../dependents.ts';
import * as history from '../history.ts';
import type { Informer } from '../informer.ts';
import { OwnWrites } from '../own-writes.ts';
import { claim, controllerOf, isTerminating, keyOf, splitKey } from '../owners.ts';
import { isReady, untilAvailableMs } from '../pod-state.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { PODS, REVISIONS, STATEFUL_SETS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { isMember, minReadySecondsOf, type SetObject } from './identity.ts';
import { revisionsOf, type SetRevisions, truncate } from './revisions.ts';
import { StatefulPods } from './stateful-pods.ts';
import { type Counts, countsOf, isSameStatus, statusOf } from './status.ts';
import { bringAbout, placesOf, replaceOld, type Update } from './update.ts';

export class StatefulSetController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly sets: Informer<SetObject>;
  private readonly pods: Dependents<Pod & KubeObject>;
  private readonly revisions: Dependents<history.Revision>;
  private readonly writes = new OwnWrites();
  private readonly statefulPods: StatefulPods;

  constructor(context: ControllerContext) {
    this.context = context;
    this.sets = context.informer(STATEFUL_SETS);
    this.pods = context.dependents(PODS);
    this.revisions = context.dependents(REVISIONS);
    this.statefulPods = new StatefulPods(context, this.writes);
    this.queue = new WorkQueue({ clock: context.clock, sync: (key) => this.sync(key) });
    this.sets.onChange((before, now) => this.queue.add(keyOf((now ?? before)!)));
    context.informer<Pod & KubeObject>(PODS).onChange((before, now) => this.podChanged(before, now));
  }

  private podChanged(before: Pod | undefined, now: Pod | undefined): void {
    for (const pod of [before, now]) {
      const set = pod && this.setOf(pod);
      if (set !== undefined) this.queue.add(keyOf(set));
    }
    if (now === undefined || isTerminating(now) || controllerOf(now) !== undefined) return;
    for (const set of this.sets.inNamespace(now.metadata?.namespace ?? '')) {
      if (compileLabelSelector(set.spec?.selector).matches(now.metadata?.labels ?? {})) this.queue.add(keyOf(set));
    }
  }

  private setOf(pod: Pod): SetObject | undefined {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'StatefulSet') return undefined;
    const set = this.sets.get(pod.metadata?.namespace ?? '', owner.name);
    return set?.metadata?.uid === owner.uid ? set : undefined;
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const set = this.sets.get(namespace, name);
    if (set === undefined) {
      this.writes.forget(key);
      return;
    }
    this.writes.mustBeSeen(key);
    const selector = compileLabelSelector(set.spec?.selector);
    const claiming = { client: this.context.client, owner: set, ownerTarget: STATEFUL_SETS, selector };
    // One whose labels were changed is not let go, only not looked at.
    const known = this.revisions.candidates(set).filter(({ metadata }) => selector.matches(metadata?.labels ?? {}));
    // Nothing is adopted any more, and without all of its history the set does not know what it has.
    if (isTerminating(set) && known.some((revision) => controllerOf(revision) === undefined)) return;
    const owned: history.Revision[] = yield* claim({ ...claiming, target: REVISIONS, candidates: known });
    const pods: Pod[] = yield* claim<Pod & KubeObject>({
      ...claiming,
      target: PODS,
      candidates: this.pods.candidates(set),
      isMember: (pod) => isMember(set, pod),
    });
    const revisions = history.inOrder(owned);
    const chosen = yield* revisionsOf(this.context.client, set, revisions);
    const refusal = yield* this.update(set, pods, chosen);
    yield* truncate(this.context.client, set, pods, revisions, chosen);
    if (refusal !== undefined) throw refusal;
    this.whenAvailable(set, pods);
  }

  /** Also when something is refused on the way, the status is written. */
  private *update(set: SetObject, pods: readonly Pod[], chosen: SetRevisions): Steps<Refusal | undefined> {
    const { clock } = this.context;
    const { current, update, collisionCount } = chosen;
    const revisions = { current: history.nameOf(current), update: history.nameOf(update), collisionCount };
    const pass: Update = {
      pods: this.statefulPods,
      set,
      currentSet: withTemplate(set, current),
      updateSet: withTemplate(set, update),
      revisions,
      nowMs: clock.nowMs,
    };
    const places = placesOf(pass, pods);
    const counts: Counts = countsOf(set, pods, revisions, clock.nowMs);
    let refusal: Refusal | undefined;
    if (!isTerminating(set)) {
      try {
        if (yield* bringAbout(pass, places)) yield* replaceOld(pass, places, counts);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refusal = error;
      }
    }
    yield* this.writeStatus(set, statusOf(set, counts, revisions));
    return refusal;
  }

  private *writeStatus(set: SetObject, status: ReturnType<typeof statusOf>): Steps {
    if (isSameStatus(set.status, status)) return;
    const { resourceVersion: _, ...metadata } = set.metadata ?? {};
    const target = { ...STATEFUL_SETS, namespace: metadata.namespace, name: metadata.name, subresource: 'status' };
    const object = { ...set, metadata, status } as KubeObject;
    const updated = yield* call<KubeObject>((answer) => this.context.client.update(target, object, {}, answer));
    this.writes.wrote(keyOf(set), this.sets, updated);
  }

  /** Nobody tells when a pod has been ready for long enough. */
  private whenAvailable(set: SetObject, pods: readonly Pod[]): void {
    const seconds = minReadySecondsOf(set);
    if (seconds === 0) return;
    const { nowMs } = this.context.clock;
    const waits = pods.filter(isReady).map((pod) => untilAvailableMs(pod, seconds, nowMs));
    const next = Math.min(...waits.filter((ms) => ms > 0));
    if (next < Number.POSITIVE_INFINITY) this.queue.addAfter(keyOf(set), next);
  }
}

const withTemplate = (set: SetObject, revision: history.Revision): SetObject => ({
  ...set,
  spec: { ...set.spec!, template: history.templateOf(revision) },
});
