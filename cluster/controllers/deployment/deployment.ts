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
import { isFinished } from '../pod-state.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { DEPLOYMENTS, type DeploymentStatus, PODS, REPLICA_SETS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import {
  DESIRED_REPLICAS,
  type DeploymentObject,
  isRolling,
  REVISION,
  revisionOf,
  type SetObject,
  wanted,
} from './bounds.ts';
import { annotationsOfNew, findNew, newSet, nextRevision, sizes } from './revisions.ts';
import { newSize, onlyActive, proportional, type Sizes, shrunk, superfluous } from './scaling.ts';
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
    const fresh = findNew(deployment, all);
    if (isTerminating(deployment)) yield* this.syncStatusOnly(deployment, all, fresh);
    else if (deployment.spec?.paused) yield* this.syncPaused(deployment, all, fresh);
    else if (isScaling(deployment, all)) yield* this.scaleAll(deployment, all, fresh);
    else yield* this.rollOut(deployment, all, fresh);
  }

  private *syncStatusOnly(deployment: DeploymentObject, all: SetObject[], fresh: SetObject | undefined): Steps {
    const counts = countsOf(deployment, all, fresh);
    const before = deployment.status?.conditions ?? [];
    const conditions = setCondition(before, availability(deployment, counts), this.context.clock.nowMs);
    yield* this.writeStatus(deployment, { ...counts, conditions });
  }

  /** Only the number of pods is looked after. */
  private *syncPaused(deployment: DeploymentObject, all: SetObject[], fresh: SetObject | undefined): Steps {
    yield* this.scaleAll(deployment, all, fresh);
    if ((deployment.spec?.revisionHistoryLimit ?? 0) >= 0) yield* this.cleanUp(deployment, all, fresh);
  }

  private *scaleAll(deployment: DeploymentObject, all: SetObject[], fresh: SetObject | undefined): Steps {
    const only = onlyActive(all, fresh);
    let targets: Sizes = new Map();
    if (only !== undefined) targets = new Map([[only, wanted(deployment)]]);
    else if (fresh !== undefined && isSaturated(deployment, fresh)) {
      targets = new Map(all.filter((set) => set !== fresh).map((set) => [set, 0]));
    } else if (isRolling(deployment)) targets = proportional(deployment, all);
    for (const [set, size] of targets) yield* this.resize(deployment, set, size);
    yield* this.finish(deployment, all, fresh, deployment.spec?.paused === true);
  }

  private *rollOut(deployment: DeploymentObject, all: readonly SetObject[], found: SetObject | undefined): Steps {
    const old = all.filter((set) => set !== found);
    const isRecreate = !isRolling(deployment);
    if (isRecreate) {
      let isShrunk = false;
      for (const set of old) if (yield* this.resize(deployment, set, 0)) isShrunk = true;
      if (isShrunk || this.hasPods(old)) {
        yield* this.finish(deployment, all, found, false);
        return;
      }
    }
    const fresh = yield* this.freshSet(deployment, old, found);
    if (fresh === undefined) return;
    const now = [...old, fresh];
    const size = isRecreate ? wanted(deployment) : newSize(deployment, now, wanted(fresh));
    let isChanged = yield* this.resize(deployment, fresh, size);
    if (!isChanged && !isRecreate) {
      for (const [set, less] of shrunk(deployment, old, fresh)) {
        if (yield* this.resize(deployment, set, less)) isChanged = true;
      }
    }
    if (isComplete(deployment, deployment.status ?? {})) yield* this.cleanUp(deployment, now, fresh);
    yield* this.finish(this.beginning(deployment, found, fresh), now, fresh, false);
  }

  /** A ReplicaSet that was made just now is progress, and so is one that is there before anything was said of progress. */
  private beginning(deployment: DeploymentObject, found: SetObject | undefined, fresh: SetObject): DeploymentObject {
    const conditions = deployment.status?.conditions ?? [];
    const isTold = conditions.some(({ type }) => type === 'Progressing');
    if (!hasDeadline(deployment) || (found !== undefined && isTold)) return deployment;
    const [reason, verb] = found === undefined ? ['NewReplicaSetCreated', 'Created'] : ['FoundNewReplicaSet', 'Found'];
    const message = `${verb} new replica set "${fresh.metadata?.name}"`;
    const condition = { type: 'Progressing', status: 'True', reason, message };
    const next = setCondition(conditions, condition, this.context.clock.nowMs);
    return { ...deployment, status: { ...deployment.status, conditions: next } };
  }

  /** Of pods that have not ended. */
  private hasPods(sets: readonly SetObject[]): boolean {
    for (const { metadata } of sets) {
      for (const pod of this.podsOf.controlledBy(metadata?.uid)) if (!isFinished(pod)) return true;
    }
    return false;
  }

  /** The ReplicaSet of the present template with the newest number; made when there is none. */
  private *freshSet(
    deployment: DeploymentObject,
    old: readonly SetObject[],
    found: SetObject | undefined,
  ): Steps<SetObject | undefined> {
    const { client } = this.context;
    const revision = Math.max(nextRevision(old), found === undefined ? 0 : revisionOf(found));
    let fresh = found;
    if (fresh === undefined) {
      const size = isRolling(deployment) ? newSize(deployment, old, 0) : wanted(deployment);
      const made = newSet(deployment, revision, size);
      const target = { ...REPLICA_SETS, namespace: deployment.metadata?.namespace };
      try {
        fresh = (yield* call<KubeObject>((answer) => client.create(target, made, {}, answer))) as SetObject;
      } catch (error) {
        // Made by the sync before, and not seen yet; or, if it is another's, the next hash is tried.
        if (error instanceof Refusal && error.status.reason === 'AlreadyExists') {
          yield* this.collided(deployment, made);
          return undefined;
        }
        throw error;
      }
      if (size > 0) this.tellScaled(deployment, fresh, 0, size);
    } else {
      const annotations = annotationsOfNew(deployment, fresh, revision);
      const minReadySeconds = deployment.spec?.minReadySeconds;
      const isSame = canonical(annotations) === canonical(fresh.metadata?.annotations ?? {});
      if (!isSame || (fresh.spec?.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
        const spec = minReadySeconds === undefined ? {} : { spec: { minReadySeconds } };
        fresh = yield* this.updateSet(fresh, { metadata: { annotations }, ...spec });
      }
    }
    if (deployment.metadata?.annotations?.[REVISION] !== String(revision)) {
      const patch = { metadata: { annotations: { [REVISION]: String(revision) } } };
      const target = { ...DEPLOYMENTS, namespace: deployment.metadata?.namespace, name: deployment.metadata?.name };
      yield* call((answer) => client.patch(target, 'merge', patch, {}, answer));
    }
    return fresh;
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

  /** Answers whether there was anything to change. */
  private *resize(deployment: DeploymentObject, set: SetObject, size: number): Steps<boolean> {
    const annotations = sizes(deployment);
    const isAnnotated = Object.entries(annotations).every(([key, value]) => set.metadata?.annotations?.[key] === value);
    const before = wanted(set);
    if (before === size && (isAnnotated || before === 0)) return false;
    yield* this.updateSet(set, { metadata: { annotations }, spec: { replicas: size } });
    if (before !== size) this.tellScaled(deployment, set, before, size);
    return before !== size;
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

  private *cleanUp(deployment: DeploymentObject, all: readonly SetObject[], fresh: SetObject | undefined): Steps {
    const old = all.filter((set) => set !== fresh && set.metadata?.uid !== fresh?.metadata?.uid);
    for (const { metadata } of superfluous(deployment, old, revisionOf)) {
      const target = { ...REPLICA_SETS, namespace: metadata?.namespace, name: metadata?.name };
      yield* call<unknown>((answer) => this.context.client.delete(target, {}, answer));
    }
  }

  private *finish(
    deployment: DeploymentObject,
    all: readonly SetObject[],
    fresh: SetObject | undefined,
    isPaused: boolean,
  ): Steps {
    const { clock } = this.context;
    const counts = countsOf(deployment, all, fresh);
    let conditions = progressed(deployment, counts, all, fresh, clock.nowMs);
    if (hasDeadline(deployment)) conditions = this.pauseTold(deployment, conditions, isPaused);
    yield* this.writeStatus(deployment, { ...counts, conditions });
    const dueMs = deadlineMs(deployment, conditions);
    if (dueMs < Number.POSITIVE_INFINITY) this.queue.addAfter(keyOf(deployment), dueMs - clock.nowMs + 1000);
  }

  /** While it is paused no deadline runs. */
  private pauseTold(
    deployment: DeploymentObject,
    conditions: NonNullable<DeploymentStatus['conditions']>,
    isPaused: boolean,
  ) {
    const before = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
    if (before?.reason === 'ProgressDeadlineExceeded') return conditions;
    const isTold = before?.reason === 'DeploymentPaused';
    if (isPaused === isTold && !isPaused) return conditions;
    const words = isPaused
      ? ['DeploymentPaused', 'Deployment is paused']
      : ['DeploymentResumed', 'Deployment is resumed'];
    const [reason, message] = words;
    if (!isPaused && conditions.find(({ type }) => type === 'Progressing')?.reason !== 'DeploymentPaused')
      return conditions;
    return setCondition(
      conditions,
      { type: 'Progressing', status: 'Unknown', reason, message },
      this.context.clock.nowMs,
    );
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

/** The wanted number is not the one that the ReplicaSets were sized for. */
const isScaling = (deployment: DeploymentObject, all: readonly SetObject[]): boolean =>
  all.some((set) => {
    const sizedFor = set.metadata?.annotations?.[DESIRED_REPLICAS];
    return wanted(set) > 0 && sizedFor !== undefined && Number(sizedFor) !== wanted(deployment);
  });

const isSaturated = (deployment: DeploymentObject, { spec, status }: SetObject): boolean =>
  (spec?.replicas ?? 1) === wanted(deployment) && (status?.availableReplicas ?? 0) === wanted(deployment);
