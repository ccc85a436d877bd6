/**
 * Brings a Deployment's pods from one template to the next through its ReplicaSets. Source:
 * `pkg/controller/deployment/{deployment_controller,sync,rolling,recreate,progress}.go`, v1.37.2.
 */
import { compileLabelSelector, type KubeObject, type Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Dependents } from '../dependents.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { canonical } from '../hash.ts';
import type { Informer } from '../informer.ts';
import { claim, controllerOf, isTerminating, keyOf, splitKey } from '../owners.ts';
import { isNamespaceGoing } from '../pod-control.ts';
import { isFinished } from '../pod-state.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { DEPLOYMENTS, type DeploymentStatus, PODS, REPLICA_SETS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import {
  countIn,
  DESIRED_REPLICAS,
  type DeploymentObject,
  isRolling,
  REVISION,
  revisionOf,
  type SetObject,
  wanted,
} from './bounds.ts';
import { annotationsOfNew, findNew, newSet, nextRevision, sizes } from './revisions.ts';
import {
  mayShrink,
  newSize,
  onlyActive,
  proportional,
  superfluous,
  withoutSurplus,
  withoutUnavailable,
} from './scaling.ts';
import { availability, countsOf, deadlineMs, hasDeadline, isComplete, progressed, setCondition } from './status.ts';

export class DeploymentController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly deployments: Informer<DeploymentObject>;
  private readonly sets: Informer<SetObject>;
  private readonly setsOf: Dependents<SetObject>;
  private readonly podsOf: Dependents<Pod & KubeObject>;
  private readonly events: EventRecorder;

  constructor(context: ControllerContext) {
    this.context = context;
    this.deployments = context.informer(DEPLOYMENTS);
    this.sets = context.informer(REPLICA_SETS);
    this.setsOf = context.dependents(REPLICA_SETS);
    this.podsOf = context.dependents(PODS);
    this.events = context.recorder('deployment-controller');
    this.queue = new WorkQueue({ clock: context.clock, sync: (key) => this.sync(key) });
    this.deployments.onChange((before, now) => this.queue.add(keyOf((now ?? before)!)));
    this.sets.onChange((before, now) => {
      for (const set of [before, now]) if (set !== undefined) this.setChanged(set);
    });
    // Recreate waits for the last old pod.
    context.informer<Pod & KubeObject>(PODS).onChange((before, now) => {
      if (before !== undefined && now === undefined) this.podGone(before);
    });
  }

  private setChanged(set: SetObject): void {
    const owner = controllerOf(set);
    const { namespace = '', labels = {} } = set.metadata ?? {};
    if (owner?.kind === 'Deployment') this.queue.add(`${namespace}/${owner.name}`);
    if (owner !== undefined) return;
    for (const each of this.deployments.inNamespace(namespace)) {
      if (compileLabelSelector(each.spec?.selector).matches(labels)) this.queue.add(keyOf(each));
    }
  }

  private podGone(pod: Pod): void {
    const namespace = pod.metadata?.namespace ?? '';
    const owner = controllerOf(pod);
    const set = owner && this.sets.get(namespace, owner.name);
    if (set !== undefined) this.setChanged(set);
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const deployment = this.deployments.get(namespace, name);
    if (deployment === undefined) return;
    const all: SetObject[] = yield* claim({
      client: this.context.client,
      owner: deployment,
      ownerTarget: DEPLOYMENTS,
      target: REPLICA_SETS,
      selector: compileLabelSelector(deployment.spec?.selector),
      candidates: this.setsOf.candidates(deployment),
    });
    const found = findNew(deployment, all);
    const old = all.filter((set) => set !== found);
    const rollout = yield* this.synced(this.pauseTold(deployment), old, found);
    if (isTerminating(deployment)) yield* this.finishScaling(rollout);
    else if (deployment.spec?.paused || isScaling(deployment, allOf(rollout))) yield* this.scaleAll(rollout);
    else if (isRolling(deployment)) yield* this.roll(rollout);
    else yield* this.recreate(rollout);
  }

  /** The one ReplicaSet that has the present template is the newest, whatever it was before. */
  private *synced(
    deployment: DeploymentObject,
    old: readonly SetObject[],
    found: SetObject | undefined,
  ): Steps<Rollout> {
    if (found === undefined) return { deployment, old, fresh: undefined };
    const revision = Math.max(nextRevision(old), revisionOf(found));
    const annotations = annotationsOfNew(deployment, found, revision);
    const { minReadySeconds = 0 } = deployment.spec ?? {};
    const isSame = canonical(annotations) === canonical(found.metadata?.annotations ?? {});
    if (!isSame || (found.spec?.minReadySeconds ?? 0) !== minReadySeconds) {
      const fresh = yield* this.updateSet(found, { metadata: { annotations }, spec: { minReadySeconds } });
      return { deployment, old, fresh };
    }
    const numbered = yield* this.numbered(deployment, revision);
    const isTold = numbered.status?.conditions?.some(({ type }) => type === 'Progressing');
    if (isTold) return { deployment: numbered, old, fresh: found };
    const message = `Found new replica set "${found.metadata?.name}"`;
    return { deployment: this.told(numbered, 'True', 'FoundNewReplicaSet', message), old, fresh: found };
  }

  private *numbered(deployment: DeploymentObject, revision: number): Steps<DeploymentObject> {
    const { namespace, name, annotations } = deployment.metadata ?? {};
    const text = String(revision);
    if (annotations?.[REVISION] === text) return deployment;
    const patch = { metadata: { annotations: { [REVISION]: text } } };
    const target = { ...DEPLOYMENTS, namespace, name };
    yield* call((answer) => this.context.client.patch(target, 'merge', patch, {}, answer));
    return { ...deployment, metadata: { ...deployment.metadata, annotations: { ...annotations, [REVISION]: text } } };
  }

  /** With a word on its progress, where somebody waits for that. */
  private told(deployment: DeploymentObject, status: string, reason: string, message: string): DeploymentObject {
    if (!hasDeadline(deployment)) return deployment;
    const condition = { type: 'Progressing', status, reason, message };
    const conditions = setCondition(deployment.status?.conditions ?? [], condition, this.context.clock.nowMs);
    return { ...deployment, status: { ...deployment.status, conditions } };
  }

  /** While it is paused no deadline runs. */
  private pauseTold(deployment: DeploymentObject): DeploymentObject {
    if (isTerminating(deployment)) return deployment;
    const reason = deployment.status?.conditions?.find(({ type }) => type === 'Progressing')?.reason;
    if (reason === 'ProgressDeadlineExceeded') return deployment;
    const isPaused = deployment.spec?.paused === true;
    if (isPaused === (reason === 'DeploymentPaused')) return deployment;
    return isPaused
      ? this.told(deployment, 'Unknown', 'DeploymentPaused', 'Deployment is paused')
      : this.told(deployment, 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
  }

  /** Only the number of pods is looked after. */
  private *scaleAll(rollout: Rollout): Steps {
    const { deployment, old, fresh } = rollout;
    const all = allOf(rollout);
    const only = onlyActive(all, fresh);
    const isDone = only === undefined && fresh !== undefined && isSaturated(deployment, fresh);
    if (only !== undefined) yield* this.resize(deployment, only, wanted(deployment));
    else if (isDone) for (const set of old) yield* this.resize(deployment, set, 0);
    else if (isRolling(deployment)) {
      for (const [set, size] of proportional(deployment, all)) yield* this.resize(deployment, set, size, true);
    }
    if (deployment.spec?.paused) yield* this.cleanUp(deployment, old);
    yield* this.finishScaling(rollout);
  }

  private *roll(begun: Rollout): Steps {
    const rollout = yield* this.withFresh(begun);
    if (rollout === undefined) return;
    const { deployment, old, fresh } = rollout;
    const size = newSize(deployment, [...old, fresh!], wanted(fresh!));
    if ((yield* this.resize(deployment, fresh!, size)) === undefined && !(yield* this.shrinkOld(rollout))) {
      if (isComplete(deployment, deployment.status ?? {})) yield* this.cleanUp(deployment, old);
    }
    yield* this.finish(rollout);
  }

  /** Pods that are not available go first; then as many others as may be missing. */
  private *shrinkOld({ deployment, old, fresh }: Rollout): Steps<boolean> {
    const sets = old.filter((set) => wanted(set) > 0);
    if (!mayShrink(deployment, [...old, fresh!], fresh!)) return false;
    let isChanged = false;
    for (const sizesOf of [withoutUnavailable, withoutSurplus]) {
      const sizes = sizesOf(deployment, sets, fresh!);
      for (const [i, size] of sizes.entries()) {
        const updated = yield* this.resize(deployment, sets[i]!, size);
        if (updated === undefined) continue;
        sets[i] = updated;
        isChanged = true;
      }
      if (sizes.length < sets.length) return false;
    }
    return isChanged;
  }

  private *recreate(begun: Rollout): Steps {
    const { deployment, old } = begun;
    let isShrunk = false;
    for (const set of old) if ((yield* this.resize(deployment, set, 0)) !== undefined) isShrunk = true;
    if (isShrunk || this.hasPods(old)) {
      yield* this.finish(begun);
      return;
    }
    const rollout = yield* this.withFresh(begun);
    if (rollout === undefined) return;
    yield* this.resize(rollout.deployment, rollout.fresh!, wanted(deployment));
    if (isComplete(deployment, deployment.status ?? {})) yield* this.cleanUp(deployment, old);
    yield* this.finish(rollout);
  }

  /** Of pods that have not ended. */
  private hasPods(sets: readonly SetObject[]): boolean {
    for (const { metadata, status } of sets) {
      if ((status?.replicas ?? 0) > 0) return true;
      for (const pod of this.podsOf.controlledBy(metadata?.uid)) if (!isFinished(pod)) return true;
    }
    return false;
  }

  /** Makes the ReplicaSet of the present template; undefined when the sync has to be done again. */
  private *withFresh(rollout: Rollout): Steps<Rollout | undefined> {
    const { deployment, old, fresh } = rollout;
    if (fresh !== undefined) return rollout;
    const revision = nextRevision(old);
    const size = isRolling(deployment) ? newSize(deployment, old, 0) : wanted(deployment);
    const wantedSet = newSet(deployment, revision, size);
    const name = wantedSet.metadata?.name;
    const target = { ...REPLICA_SETS, namespace: deployment.metadata?.namespace };
    let made: SetObject;
    try {
      made = (yield* call<KubeObject>((answer) =>
        this.context.client.create(target, wantedSet, {}, answer),
      )) as SetObject;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Made by the sync before, and not seen yet; or, if it is another's, the next hash is tried.
      if (error.status.reason === 'AlreadyExists') {
        yield* this.collided(deployment, wantedSet);
        return undefined;
      }
      if (!isNamespaceGoing(error)) {
        const message = `Failed to create new replica set "${name}": ${error.message}`;
        const failed = this.told(deployment, 'False', 'ReplicaSetCreateError', message);
        yield* this.writeStatus(deployment, failed.status ?? {});
        this.events.record(deployment, 'Warning', 'ReplicaSetCreateError', message);
      }
      throw error;
    }
    if (size > 0) this.tellScaled(deployment, made, 0, size);
    const numbered = yield* this.numbered(deployment, revision);
    const message = `Created new replica set "${name}"`;
    return { deployment: this.told(numbered, 'True', 'NewReplicaSetCreated', message), old, fresh: made };
  }

  private *collided(deployment: DeploymentObject, made: KubeObject): Steps {
    const { namespace, name } = made.metadata ?? {};
    const there = yield* call<KubeObject>((answer) =>
      this.context.client.get({ ...REPLICA_SETS, namespace, name }, answer),
    );
    if (controllerOf(there)?.uid === deployment.metadata?.uid) return;
    const { status } = deployment;
    yield* this.writeStatus(deployment, { ...status, collisionCount: (status?.collisionCount ?? 0) + 1 });
  }

  /** The ReplicaSet in its new size, undefined when it has that. @param isShared The sizes that it was reckoned from are written in any case. */
  private *resize(
    deployment: DeploymentObject,
    set: SetObject,
    size: number,
    isShared = false,
  ): Steps<SetObject | undefined> {
    const annotations = sizes(deployment);
    const isAnnotated = Object.entries(annotations).every(([key, value]) => set.metadata?.annotations?.[key] === value);
    const before = wanted(set);
    if (before === size && (isAnnotated || !isShared)) return undefined;
    const updated = yield* this.updateSet(set, { metadata: { annotations }, spec: { replicas: size } });
    if (before === size) return undefined;
    this.tellScaled(deployment, set, before, size);
    return updated;
  }

  private tellScaled(deployment: DeploymentObject, set: SetObject, before: number, size: number): void {
    const message = `Scaled ${size > before ? 'up' : 'down'} replica set ${set.metadata?.name} from ${before} to ${size}`;
    this.events.record(deployment, 'Normal', 'ScalingReplicaSet', message);
  }

  private *updateSet({ metadata }: SetObject, change: { metadata: object; spec?: object }): Steps<SetObject> {
    const { namespace, name, resourceVersion } = metadata ?? {};
    // A picture that is old is refused and tried again.
    const patch = { ...change, metadata: { ...change.metadata, resourceVersion } };
    const target = { ...REPLICA_SETS, namespace, name };
    return (yield* call<KubeObject>((answer) =>
      this.context.client.patch(target, 'merge', patch, {}, answer),
    )) as SetObject;
  }

  private *cleanUp(deployment: DeploymentObject, old: readonly SetObject[]): Steps {
    for (const { metadata } of superfluous(deployment, old, revisionOf)) {
      const target = { ...REPLICA_SETS, namespace: metadata?.namespace, name: metadata?.name };
      yield* call<unknown>((answer) => this.context.client.delete(target, {}, answer));
    }
  }

  /** Says nothing of progress. */
  private *finishScaling(rollout: Rollout): Steps {
    const { deployment, fresh } = rollout;
    const counts = countsOf(deployment, allOf(rollout), fresh);
    const before = deployment.status?.conditions ?? [];
    const conditions = setCondition(before, availability(deployment, counts), this.context.clock.nowMs);
    yield* this.writeStatus(deployment, { ...counts, conditions });
  }

  private *finish(rollout: Rollout): Steps {
    const { clock } = this.context;
    const { deployment, fresh } = rollout;
    const counts = countsOf(deployment, allOf(rollout), fresh);
    const conditions = progressed(deployment, counts, allOf(rollout), fresh, clock.nowMs);
    yield* this.writeStatus(deployment, { ...counts, conditions });
    if (isComplete(deployment, counts)) return;
    const dueMs = deadlineMs(deployment, conditions);
    if (dueMs < Number.POSITIVE_INFINITY) this.queue.addAfter(keyOf(deployment), dueMs - clock.nowMs + 1000);
  }

  private *writeStatus(deployment: DeploymentObject, status: DeploymentStatus): Steps {
    const { namespace = '', name = '' } = deployment.metadata ?? {};
    if (canonical(status) === canonical(this.deployments.get(namespace, name)?.status ?? {})) return;
    const target = { ...DEPLOYMENTS, namespace, name, subresource: 'status' };
    const { resourceVersion: _, ...metadata } = deployment.metadata ?? {};
    const object = { ...deployment, metadata, status } as KubeObject;
    yield* call((answer) => this.context.client.update(target, object, {}, answer));
  }
}

/** Where a Deployment is between its old ReplicaSets and the one that has the present template. */
interface Rollout {
  readonly deployment: DeploymentObject;
  readonly old: readonly SetObject[];
  readonly fresh: SetObject | undefined;
}

const allOf = ({ old, fresh }: Rollout): SetObject[] => (fresh === undefined ? [...old] : [...old, fresh]);

/** The wanted number is not the one that the ReplicaSets were sized for. */
const isScaling = (deployment: DeploymentObject, all: readonly SetObject[]): boolean =>
  all.some((set) => {
    const sizedFor = countIn(set, DESIRED_REPLICAS);
    return wanted(set) > 0 && sizedFor !== undefined && sizedFor !== wanted(deployment);
  });

const isSaturated = (deployment: DeploymentObject, set: SetObject): boolean =>
  [wanted(set), set.status?.availableReplicas ?? 0, countIn(set, DESIRED_REPLICAS)].every(
    (count) => count === wanted(deployment),
  );
