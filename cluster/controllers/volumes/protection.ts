/**
 * Claims that pods use and volumes that are bound are not deleted before that ends; and claims say whether they are used.
 * Source: `pkg/controller/volume/{pvcprotection,pvprotection}`, v1.37.2.
 */
import type { KubeObject, Pod } from '../../../api/index.ts';
import type { ObjectList } from '../../apiserver/client.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../informer.ts';
import { isTerminating, keyOf, splitKey } from '../owners.ts';
import { isFinished } from '../pod-state.ts';
import { finalizersOf } from '../served-kinds.ts';
import { call, type Steps } from '../steps.ts';
import { timestamp } from '../timestamp.ts';
import { CLAIMS, PODS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { type Claim, claimNamesOf, VOLUMES, type Volume } from './volume.ts';

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';
const UNUSED = 'Unused';

export class VolumeProtection {
  readonly claimQueue: WorkQueue;
  readonly volumeQueue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly claims: Informer<Claim>;
  private readonly volumes: Informer<Volume>;
  private readonly pods: Informer<Pod & KubeObject>;

  constructor(context: ControllerContext) {
    this.context = context;
    const { clock } = context;
    this.claims = context.informer(CLAIMS);
    this.volumes = context.informer(VOLUMES);
    this.pods = context.informer(PODS);
    this.claimQueue = new WorkQueue({ clock, sync: (key) => this.syncClaim(key) });
    this.volumeQueue = new WorkQueue({ clock, sync: (name) => this.syncVolume(name) });
    this.claims.onChange((_, now) => {
      if (now !== undefined) this.claimQueue.add(keyOf(now));
    });
    this.volumes.onChange((_, now) => {
      if (now !== undefined) this.volumeQueue.add(now.metadata?.name ?? '');
    });
    this.pods.onChange((before, now) => {
      const pod = (now ?? before)!;
      for (const name of claimNamesOf(pod)) this.claimQueue.add(`${pod.metadata?.namespace}/${name}`);
    });
  }

  private *syncClaim(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const claim = this.claims.get(namespace, name);
    if (claim === undefined) return;
    if (!isTerminating(claim) && claim.status?.phase === 'Bound') {
      const isUsed: boolean = yield* this.isUsed(claim, (pod) => !isFinished(pod));
      if (yield* this.tellUse(claim, isUsed)) return;
    }
    const hasFinalizer = finalizersOf(claim).includes(CLAIM_FINALIZER);
    if (!isTerminating(claim)) {
      if (!hasFinalizer) yield* this.setFinalizers(claim, [...finalizersOf(claim), CLAIM_FINALIZER]);
      return;
    }
    // Only on a node a pod has hold of its claims.
    if (!hasFinalizer || (yield* this.isUsed(claim, ({ spec }) => Boolean(spec?.nodeName)))) return;
    yield* this.setFinalizers(
      claim,
      finalizersOf(claim).filter((finalizer) => finalizer !== CLAIM_FINALIZER),
    );
  }

  /** Before it is said that nobody uses a claim, the API is asked. */
  private *isUsed(claim: Claim, counts: (pod: Pod) => boolean): Steps<boolean> {
    const { namespace = '', name = '' } = claim.metadata ?? {};
    const uses = (pod: Pod): boolean => counts(pod) && claimNamesOf(pod).includes(name);
    if ([...this.pods.inNamespace(namespace)].some(uses)) return true;
    const { client } = this.context;
    const { items } = yield* call<ObjectList>((answer) => client.list({ ...PODS, namespace }, {}, answer));
    return (items as readonly Pod[]).some(uses);
  }

  /** Answers whether that is news. */
  private *tellUse(claim: Claim, isUsed: boolean): Steps<boolean> {
    const conditions = claim.status?.conditions ?? [];
    const old = conditions.find(({ type }) => type === UNUSED);
    const status = isUsed ? 'False' : 'True';
    if (old?.status === status) return false;
    const [reason, message] = isUsed
      ? ['PodUsingPVC', 'A pod is currently referencing this PVC']
      : ['NoPodsUsingPVC', 'No pods are currently referencing this PVC'];
    const lastTransitionTime = timestamp(this.context.clock.nowMs);
    const condition = { type: UNUSED, status, reason, message, lastTransitionTime };
    const next = [...conditions.filter((each) => each !== old), condition];
    const { namespace, name } = claim.metadata ?? {};
    const target = { ...CLAIMS, namespace, name, subresource: 'status' };
    const object = { ...claim, status: { ...claim.status, conditions: next } };
    yield* call((answer) => this.context.client.update(target, object, {}, answer));
    return true;
  }

  private *syncVolume(name: string): Steps {
    const volume = this.volumes.get('', name);
    if (volume === undefined) return;
    const finalizers = finalizersOf(volume);
    const hasFinalizer = finalizers.includes(VOLUME_FINALIZER);
    if (!isTerminating(volume) && !hasFinalizer) yield* this.setFinalizers(volume, [...finalizers, VOLUME_FINALIZER]);
    if (!isTerminating(volume) || !hasFinalizer || volume.status?.phase === 'Bound') return;
    yield* this.setFinalizers(
      volume,
      finalizers.filter((finalizer) => finalizer !== VOLUME_FINALIZER),
    );
  }

  private *setFinalizers(object: Claim | Volume, finalizers: string[]): Steps {
    const { namespace, name } = object.metadata ?? {};
    const target = { ...(namespace === undefined ? VOLUMES : CLAIMS), namespace, name };
    const next = { ...object, metadata: { ...object.metadata, finalizers } };
    yield* call((answer) => this.context.client.update(target, next, {}, answer));
  }
}
