/**
 * Deletes what none of its owners is there for any more, and sees to it that a deletion in the foreground waits for the
 * dependents and an orphaning one lets them go. Source: `pkg/controller/garbagecollector`, v1.37.2.
 *
 * Upstream keeps stand-ins for owners that it has not seen. Here the dependent itself is looked at when its owner is not
 * known: it is kept or deleted by what the API says of each of its owners, which comes to the same.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { DeleteOptions, Target } from '../../apiserver/client.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { failed } from '../failed.ts';
import { finalizersOf, type ServedKind, targetOf } from '../served-kinds.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import type { OwnerReference } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { AbsentOwners } from './absent-owners.ts';
import { FOREGROUND, Graph, isDeletedWith, isReferenceTo, type Node, ORPHAN, ownersOf } from './graph.ts';

const WORKERS = 20;
const DEFINITIONS: Target = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

interface Classified {
  readonly solid: OwnerReference[];
  readonly dangling: OwnerReference[];
  /** Owners whose deletion waits for their dependents. */
  readonly waiting: OwnerReference[];
}

export class GarbageCollector {
  readonly queue: WorkQueue;
  readonly orphanQueue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly graph = new Graph();
  private readonly absent = new AbsentOwners();
  private readonly followed = new Set<string>();

  constructor(context: ControllerContext) {
    this.context = context;
    const { clock } = context;
    this.events = context.recorder('garbage-collector-controller');
    this.queue = new WorkQueue({ clock, workers: WORKERS, sync: (uid) => this.attemptToDelete(uid) });
    this.orphanQueue = new WorkQueue({ clock, workers: WORKERS, sync: (uid) => this.attemptToOrphan(uid) });
    this.follow();
  }

  /** Every kind that can be deleted and watched, also those that are defined later. */
  private follow(): void {
    const { served } = this.context;
    for (const kind of served.all('delete', 'list', 'watch')) {
      const key = `${kind.group}/${kind.resource}`;
      if (kind.resource === 'events' || this.followed.has(key)) continue;
      this.followed.add(key);
      this.context.informer(targetOf(kind, '')).onChange((before, now) => this.changed(kind, before, now));
    }
    if (!this.followed.has(`${DEFINITIONS.group}/${DEFINITIONS.resource}`)) return;
    this.context.informer(DEFINITIONS).onChange(() => this.follow());
  }

  private changed(kind: ServedKind, before: KubeObject | undefined, now: KubeObject | undefined): void {
    const { uid = '' } = (now ?? before)!.metadata ?? {};
    const known = this.graph.get(uid);
    if (now === undefined) {
      if (known !== undefined) this.gone(known);
      return;
    }
    if (known === undefined) {
      const node = this.graph.add(kind.apiVersion, kind.kind, now);
      this.checkDependents(node);
      this.checkOwners(node, node.owners);
      this.deletionBegins(node, undefined, now);
      return;
    }
    this.ownersChange(known, ownersOf(now));
    if (now.metadata?.deletionTimestamp !== undefined) known.isTerminating = true;
    this.deletionBegins(known, before, now);
  }

  private gone(node: Node): void {
    this.graph.remove(node);
    const dependents = this.graph.dependentsOf(node.uid);
    if (dependents.size > 0) this.absent.add(node, node.namespace);
    for (const { uid } of dependents) this.queue.add(uid);
    for (const { uid } of node.owners) if (this.graph.get(uid)?.isDeletingDependents) this.queue.add(uid);
  }

  private ownersChange(node: Node, owners: readonly OwnerReference[]): void {
    const before = node.owners;
    if (before === owners || (before.length === 0 && owners.length === 0)) return;
    const now = new Map(owners.map((owner) => [owner.uid, owner]));
    for (const { uid, blockOwnerDeletion } of before) {
      if (blockOwnerDeletion && !now.get(uid)?.blockOwnerDeletion && this.graph.get(uid)) this.queue.add(uid);
    }
    this.graph.setOwners(node, owners);
    const known = new Set(before.map(({ uid }) => uid));
    this.checkOwners(
      node,
      owners.filter(({ uid }) => !known.has(uid)),
    );
  }

  /** Owners that were not seen, or are not what the reference says: the API has to tell. */
  private checkOwners(node: Node, owners: readonly OwnerReference[]): void {
    for (const reference of owners) {
      const owner = this.graph.get(reference.uid);
      if (owner === undefined || !this.isFitting(node, reference, owner)) this.queue.add(node.uid);
    }
  }

  private checkDependents(owner: Node): void {
    for (const node of this.graph.dependentsOf(owner.uid)) {
      const reference = node.owners.find(({ uid }) => uid === owner.uid)!;
      if (!this.isFitting(node, reference, owner)) this.queue.add(node.uid);
    }
  }

  private isFitting(node: Node, reference: OwnerReference, owner: Node): boolean {
    if (owner.namespace === '' || owner.namespace === node.namespace) return isReferenceTo(reference, owner);
    const { apiVersion, kind, name, uid } = reference;
    const identity = `[${apiVersion}/${kind}, namespace: ${node.namespace}, name: ${name}, uid: ${uid}]`;
    const message = `ownerRef ${identity} does not exist in namespace ${JSON.stringify(node.namespace)}`;
    this.events.record(objectOf(node), 'Warning', 'OwnerRefInvalidNamespace', message);
    return false;
  }

  private deletionBegins(node: Node, before: KubeObject | undefined, now: KubeObject): void {
    if (!isDeletedWith(before, ORPHAN) && isDeletedWith(now, ORPHAN)) {
      this.orphanQueue.add(node.uid);
    } else if (!isDeletedWith(before, FOREGROUND) && isDeletedWith(now, FOREGROUND)) {
      node.isDeletingDependents = true;
      for (const { uid } of this.graph.dependentsOf(node.uid)) this.queue.add(uid);
      this.queue.add(node.uid);
    }
  }

  private *attemptToDelete(uid: string): Steps {
    const node = this.graph.get(uid);
    if (node === undefined || (node.isTerminating && !node.isDeletingDependents)) return;
    const latest = yield* this.live(node);
    if (latest === undefined) return;
    if (node.isDeletingDependents) {
      yield* this.awaitDependents(node);
      return;
    }
    const owners = ownersOf(latest);
    if (owners.length === 0) return;
    const classified: Classified | undefined = yield* this.classify(node, owners);
    if (classified === undefined) return;
    const { solid, dangling, waiting } = classified;
    if (solid.length > 0) {
      const idle = [...dangling, ...waiting];
      if (idle.length > 0) yield* this.removeOwners(node, latest, new Set(idle.map((owner) => owner.uid)));
      return;
    }
    const dependents = [...this.graph.dependentsOf(uid)];
    if (waiting.length > 0 && dependents.length > 0) {
      // Two that wait for each other would wait for ever.
      if (dependents.some(({ isDeletingDependents }) => isDeletingDependents)) yield* this.unblock(node, latest);
      yield* this.delete(node, latest, 'Foreground');
      return;
    }
    const finalizers = finalizersOf(latest);
    const isForeground = finalizers.includes(FOREGROUND);
    yield* this.delete(
      node,
      latest,
      finalizers.includes(ORPHAN) ? 'Orphan' : isForeground ? 'Foreground' : 'Background',
    );
  }

  /** The deletion in the foreground ends when nobody blocks it. */
  private *awaitDependents(node: Node): Steps {
    const blocking = this.graph.blockingDependentsOf(node.uid);
    if (blocking.length === 0) yield* this.removeFinalizer(node, FOREGROUND);
    for (const { uid, isDeletingDependents } of blocking) if (!isDeletingDependents) this.queue.add(uid);
  }

  private *attemptToOrphan(uid: string): Steps {
    const node = this.graph.get(uid);
    if (node === undefined) return;
    const removed = new Set([uid]);
    for (const dependent of [...this.graph.dependentsOf(uid)]) {
      try {
        yield* this.removeOwners(dependent, undefined, removed);
      } catch (error) {
        if (!(error instanceof Refusal && error.isNotFound)) throw error;
      }
    }
    yield* this.removeFinalizer(node, ORPHAN);
  }

  /** Undefined where a reference cannot be right: trying again is of no use. */
  private *classify(node: Node, owners: readonly OwnerReference[]): Steps<Classified | undefined> {
    const classified: Classified = { solid: [], dangling: [], waiting: [] };
    for (const reference of owners) {
      if (this.absent.has(reference, node.namespace) || this.absent.has(reference, '')) {
        classified.dangling.push(reference);
        continue;
      }
      const kind = this.servedKind(reference);
      if (kind.namespaced && node.namespace === '') return undefined;
      const namespace = kind.namespaced ? node.namespace : '';
      const owner: KubeObject | undefined = yield* this.find(targetOf(kind, namespace, reference.name));
      if (owner?.metadata?.uid !== reference.uid) {
        this.absent.add(reference, namespace);
        classified.dangling.push(reference);
      } else if (isDeletedWith(owner, FOREGROUND)) classified.waiting.push(reference);
      else classified.solid.push(reference);
    }
    return classified;
  }

  /** The object as the API has it; undefined when it is gone, or another one has its name. */
  private *live(node: Node): Steps<KubeObject | undefined> {
    const object: KubeObject | undefined = yield* this.find(this.targetFor(node));
    return object?.metadata?.uid === node.uid ? object : undefined;
  }

  private *find(target: Target): Steps<KubeObject | undefined> {
    try {
      return yield* call<KubeObject>((answer) => this.context.client.get(target, answer));
    } catch (error) {
      if (error instanceof Refusal && error.isNotFound) return undefined;
      throw error;
    }
  }

  private *delete(node: Node, latest: KubeObject, policy: DeleteOptions['propagationPolicy']): Steps {
    const { client } = this.context;
    const target = this.targetFor(node);
    const options = (resourceVersion?: string): DeleteOptions => ({
      preconditions: { uid: node.uid, resourceVersion },
      propagationPolicy: policy,
    });
    try {
      yield* call((answer) => client.delete(target, options(latest.metadata?.resourceVersion), answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.isNotFound) return;
      if (error.status.reason !== 'Conflict') throw error;
      const now: KubeObject | undefined = yield* this.live(node);
      if (now === undefined) return;
      if (JSON.stringify(ownersOf(now)) !== JSON.stringify(ownersOf(latest))) throw error;
      // It changes often, but not in what is asked here.
      yield* call((answer) => client.delete(target, options(), answer));
    }
  }

  private *removeOwners(node: Node, latest: KubeObject | undefined, uids: ReadonlySet<string>): Steps {
    const deleted = [...uids].map((uid) => ({ $patch: 'delete', uid }));
    const rest = (object: KubeObject) => ownersOf(object).filter(({ uid }) => !uids.has(uid));
    yield* this.patchOwners(node, latest, deleted, rest);
  }

  private *unblock(node: Node, latest: KubeObject): Steps {
    const open = (object: KubeObject) => ownersOf(object).map((owner) => ({ ...owner, blockOwnerDeletion: false }));
    yield* this.patchOwners(node, latest, open(latest), open);
  }

  /** @param whole Instead of the strategic patch, for kinds that do not know it. */
  private *patchOwners(
    node: Node,
    latest: KubeObject | undefined,
    ownerReferences: readonly object[],
    whole: (object: KubeObject) => readonly OwnerReference[],
  ): Steps {
    const { client } = this.context;
    const target = this.targetFor(node);
    const strategic = { metadata: { uid: node.uid, ownerReferences } };
    try {
      yield* call((answer) => client.patch(target, 'strategic', strategic, {}, answer));
    } catch (error) {
      if (!(error instanceof Refusal) || error.status.code !== 415) throw error;
      const object: KubeObject | undefined = latest ?? (yield* this.live(node));
      if (object === undefined) return;
      const { resourceVersion } = object.metadata ?? {};
      const merge = { metadata: { resourceVersion, ownerReferences: whole(object) } };
      yield* call((answer) => client.patch(target, 'merge', merge, {}, answer));
    }
  }

  private *removeFinalizer(node: Node, finalizer: string): Steps {
    const object: KubeObject | undefined = yield* this.find(this.targetFor(node));
    if (object === undefined || !finalizersOf(object).includes(finalizer)) return;
    const finalizers = finalizersOf(object).filter((name) => name !== finalizer);
    const patch = { metadata: { resourceVersion: object.metadata?.resourceVersion, finalizers } };
    yield* call((answer) => this.context.client.patch(this.targetFor(node), 'merge', patch, {}, answer));
  }

  private targetFor(node: Node): Target {
    return targetOf(this.servedKind(node), node.namespace, node.name);
  }

  /** A kind that nobody serves may be served later. */
  private servedKind(of: Pick<OwnerReference, 'apiVersion' | 'kind'>): ServedKind {
    const served = this.context.served.ofKind(of);
    if (served !== undefined) return served;
    throw failed(`no matches for kind "${of.kind}" in version "${of.apiVersion}"`);
  }
}

const objectOf = ({ apiVersion, kind, namespace, name, uid }: Node): KubeObject =>
  ({ apiVersion, kind, metadata: { namespace, name, uid } }) as KubeObject;
