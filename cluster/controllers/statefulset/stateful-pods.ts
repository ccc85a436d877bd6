/**
 * Makes, mends and deletes the pods of StatefulSets with their claims, and says so in events. Source:
 * `pkg/controller/statefulset/stateful_pod_control.go`, v1.37.2.
 */
import type { KubeObject, Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Informer } from '../informer.ts';
import type { OwnWrites } from '../own-writes.ts';
import { isTerminating, keyOf } from '../owners.ts';
import { isNamespaceGoing } from '../pod-control.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { CLAIMS, PODS } from '../types.ts';
import { goesWithPod, hasOtherController, isStale, ownersAreRight, rightOwners } from './claim-owners.ts';
import {
  type ClaimObject,
  claimNames,
  claimsFor,
  identityMatches,
  ordinalOf,
  restored,
  type SetObject,
  storageMatches,
} from './identity.ts';

type Verb = 'Create' | 'Update' | 'Delete';

export class StatefulPods {
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly writes: OwnWrites;
  private readonly pods: Informer<Pod & KubeObject>;
  private readonly claims: Informer<ClaimObject>;

  constructor(context: ControllerContext, writes: OwnWrites) {
    this.context = context;
    this.events = context.recorder('statefulset-controller');
    this.writes = writes;
    this.pods = context.informer(PODS);
    this.claims = context.informer(CLAIMS);
  }

  *create(set: SetObject, pod: Pod): Steps {
    yield* this.told('Create', set, pod, this.createClaims(set, pod));
    const target = { ...PODS, namespace: set.metadata?.namespace };
    try {
      const made = yield* call<KubeObject>((answer) =>
        this.context.client.create(target, pod as KubeObject, {}, answer),
      );
      this.writes.wrote(keyOf(set), this.pods, made);
    } catch (error) {
      if (error instanceof Refusal && error.status.reason !== 'AlreadyExists') this.tell('Create', set, pod, error);
      throw error;
    }
    yield* this.told('Update', set, pod, this.mendClaimOwners(set, pod));
    this.tell('Create', set, pod);
  }

  /** The claims of a pod that waits: it may be for them. */
  *createMissingClaims(set: SetObject, pod: Pod): Steps {
    yield* this.createClaims(set, pod);
    yield* this.told('Update', set, pod, this.mendClaimOwners(set, pod));
  }

  *mend(set: SetObject, pod: Pod): Steps {
    const isRight = identityMatches(set, pod) && storageMatches(set, pod);
    if (!storageMatches(set, pod)) yield* this.told('Update', set, pod, this.createClaims(set, pod));
    if (!this.claimOwnersAreRight(set, pod)) yield* this.told('Update', set, pod, this.mendClaimOwners(set, pod));
    else if (isRight) return;
    const { namespace, name } = pod.metadata ?? {};
    const target = { ...PODS, namespace, name };
    const next = restored(set, pod) as KubeObject;
    const update = call<KubeObject>((answer) => this.context.client.update(target, next, {}, answer));
    const updated = yield* this.told('Update', set, pod, update);
    this.writes.wrote(keyOf(set), this.pods, updated);
    this.tell('Update', set, pod);
  }

  *delete(set: SetObject, pod: Pod): Steps {
    const { namespace, name } = pod.metadata ?? {};
    try {
      yield* call<unknown>((answer) => this.context.client.delete({ ...PODS, namespace, name }, {}, answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!error.isNotFound) {
        this.tell('Delete', set, pod, error);
        throw error;
      }
    }
    this.tell('Delete', set, pod);
  }

  /** The claims of an earlier pod of that name are about to be deleted with it. */
  claimIsStale(set: SetObject, pod: Pod): boolean {
    return goesWithPod(set) && this.claimsOf(set, pod).some((claim) => isStale(claim, pod));
  }

  claimOwnersAreRight(set: SetObject, pod: Pod): boolean {
    return this.claimsOf(set, pod).every((claim) => ownersAreRight(claim, set, pod));
  }

  *mendClaimOwners(set: SetObject, pod: Pod): Steps {
    for (const claim of this.claimsOf(set, pod)) {
      const { namespace, name } = claim.metadata ?? {};
      if (hasOtherController(claim, set, pod)) {
        const message = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
        this.events.record(set, 'Warning', 'ConflictingController', message);
      }
      if (ownersAreRight(claim, set, pod)) continue;
      const metadata = { ...claim.metadata, ownerReferences: rightOwners(claim, set, pod) };
      const target = { ...CLAIMS, namespace, name };
      const next = { ...claim, metadata } as KubeObject;
      const updated = yield* renamed(
        `could not update claim ${name} for delete policy ownerRefs`,
        call<KubeObject>((answer) => this.context.client.update(target, next, {}, answer)),
      );
      this.writes.wrote(keyOf(set), this.claims, updated);
    }
  }

  private claimsOf(set: SetObject, pod: Pod): ClaimObject[] {
    const namespace = set.metadata?.namespace ?? '';
    return [...claimNames(set, ordinalOf(pod)).values()].flatMap((name) => this.claims.get(namespace, name) ?? []);
  }

  private *createClaims(set: SetObject, pod: Pod): Steps {
    let first: Refusal | undefined;
    const target = { ...CLAIMS, namespace: set.metadata?.namespace };
    for (const claim of claimsFor(set, ordinalOf(pod))) {
      const name = claim.metadata?.name ?? '';
      const there = this.claims.get(set.metadata?.namespace ?? '', name);
      if (there !== undefined) {
        if (isTerminating(there)) first ??= gone(`pvc ${name} is being deleted`);
        continue;
      }
      try {
        const made = yield* call<KubeObject>((answer) => this.context.client.create(target, claim, {}, answer));
        this.writes.wrote(keyOf(set), this.claims, made);
        const message = `Create Claim ${name} Pod ${pod.metadata?.name} in StatefulSet ${set.metadata?.name} success`;
        this.events.record(set, 'Normal', 'SuccessfulCreate', message);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        first ??= reworded(`failed to create PVC ${name}`, error);
        if (error.status.reason === 'AlreadyExists') continue;
        const message = `Create Claim ${name} for Pod ${pod.metadata?.name} in StatefulSet ${set.metadata?.name} failed error: ${error.message}`;
        this.events.record(set, 'Warning', 'FailedCreate', message);
      }
    }
    if (first !== undefined) throw first;
  }

  private *told<T>(verb: Verb, set: SetObject, pod: Pod, work: Steps<T>): Steps<T> {
    try {
      return yield* work;
    } catch (error) {
      if (error instanceof Refusal) this.tell(verb, set, pod, error);
      throw error;
    }
  }

  private tell(verb: Verb, set: SetObject, pod: Pod, refusal?: Refusal): void {
    const words = `${verb} Pod ${pod.metadata?.name} in StatefulSet ${set.metadata?.name}`;
    if (refusal === undefined) this.events.record(set, 'Normal', `Successful${verb}`, `${words} successful`);
    else if (!isNamespaceGoing(refusal)) {
      this.events.record(set, 'Warning', `Failed${verb}`, `${words} failed error: ${refusal.message}`);
    }
  }
}

const reworded = (words: string, { status, message }: Refusal): Refusal =>
  new Refusal({ ...status, message: `${words}: ${message}` });

const gone = (message: string): Refusal =>
  new Refusal({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'Conflict',
    code: 409,
    message,
  });

function* renamed<T>(words: string, work: Steps<T>): Steps<T> {
  try {
    return yield* work;
  } catch (error) {
    if (error instanceof Refusal) throw reworded(words, error);
    throw error;
  }
}
