/** Binds claims to volumes and tells how both are. Source: `pkg/controller/volume/persistentvolume/pv_controller.go`, v1.37.2. */
import { claimClassName, type KubeObject, type Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { failed } from '../failed.ts';
import type { Informer } from '../informer.ts';
import { keyOf, splitKey } from '../owners.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { timestamp } from '../timestamp.ts';
import { CLAIMS, PODS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { bestMatch, hasOtherMode, mismatch } from './matching.ts';
import {
  annotationOf,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  type Claim,
  type ClassObject,
  claimKeyOf,
  claimNamesOf,
  isBoundTo,
  OLDER_PROVISIONER,
  PROVISIONED_BY,
  PROVISIONER,
  SELECTED_NODE,
  STORAGE_CLASSES,
  VOLUMES,
  type Volume,
  withAnnotation,
} from './volume.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
/** Claims that wait are looked at again so often. */
const RESYNC_MS = 15_000;
const NO_PLUGIN = 'kubernetes.io/';

export class VolumeBinder {
  readonly claimQueue: WorkQueue;
  readonly volumeQueue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly claims: Informer<Claim>;
  private readonly volumes: Informer<Volume>;
  private readonly classes: Informer<ClassObject>;
  private readonly pods: Informer<Pod & KubeObject>;

  constructor(context: ControllerContext) {
    this.context = context;
    const { clock } = context;
    this.events = context.recorder('persistentvolume-controller');
    this.claims = context.informer(CLAIMS);
    this.volumes = context.informer(VOLUMES);
    this.classes = context.informer(STORAGE_CLASSES);
    this.pods = context.informer(PODS);
    this.claimQueue = new WorkQueue({ clock, workers: 1, sync: (key) => this.syncClaim(key) });
    this.volumeQueue = new WorkQueue({ clock, workers: 1, sync: (name) => this.syncVolume(name) });
    this.claims.onChange((before, now) => {
      const claim = (now ?? before)!;
      if (now !== undefined) this.claimQueue.add(keyOf(claim));
      else if (claim.spec?.volumeName) this.volumeQueue.add(claim.spec.volumeName);
    });
    this.volumes.onChange((before, now) => {
      const volume = (now ?? before)!;
      if (now !== undefined) this.volumeQueue.add(volume.metadata?.name ?? '');
      else if (volume.spec?.claimRef !== undefined) this.claimQueue.add(claimKeyOf(volume));
    });
  }

  private *syncClaim(key: string): Steps {
    const claim = this.claims.get(...splitKey(key));
    if (claim === undefined) return;
    if (annotationOf(claim, BIND_COMPLETED) !== undefined) yield* this.syncBound(claim);
    else if (claim.spec?.volumeName) yield* this.syncNamed(claim, claim.spec.volumeName);
    else yield* this.syncUnbound(claim);
    if (this.claims.get(...splitKey(key))?.status?.phase === 'Pending') this.claimQueue.addAfter(key, RESYNC_MS);
  }

  private *syncUnbound(claim: Claim): Steps {
    const className = claimClassName(claim);
    const storageClass = className === '' ? undefined : this.classes.get('', className);
    const isDelayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const volume = bestMatch(this.volumes.all(), claim, isDelayed);
    if (volume !== undefined) {
      yield* this.bind(volume, claim);
      return;
    }
    if (yield* this.takeDefaultClass(claim)) return;
    if (isDelayed && annotationOf(claim, SELECTED_NODE) === undefined) this.tellWaiting(claim);
    else if (className !== '') {
      yield* this.provision(claim, className, storageClass);
      return;
    } else {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      this.events.record(claim, 'Normal', 'FailedBinding', message);
    }
    yield* this.setClaimStatus(claim, 'Pending', undefined);
  }

  private tellWaiting(claim: Claim): void {
    const { namespace = '', name = '' } = claim.metadata ?? {};
    const names = [...this.pods.inNamespace(namespace)]
      .filter((pod) => !pod.spec?.nodeName && claimNamesOf(pod).includes(name))
      .map(({ metadata }) => metadata?.name);
    if (names.length === 0) {
      const message = 'waiting for first consumer to be created before binding';
      this.events.record(claim, 'Normal', 'WaitForFirstConsumer', message);
      return;
    }
    const pods = `pod${names.length > 1 ? 's' : ''} ${names.join(',')}`;
    this.events.record(claim, 'Normal', 'WaitForPodScheduled', `waiting for ${pods} to be scheduled`);
  }

  /** A claim that says nothing of a class gets the newest default one. */
  private *takeDefaultClass(claim: Claim): Steps<boolean> {
    const isSaid = claim.spec?.storageClassName !== undefined;
    if (isSaid || annotationOf(claim, 'volume.beta.kubernetes.io/storage-class') !== undefined) return false;
    const created = ({ metadata }: KubeObject): string => (metadata?.creationTimestamp as string) ?? '';
    const [newest] = [...this.classes.all()]
      .filter((each) => annotationOf(each, DEFAULT_CLASS) === 'true')
      .sort((a, b) => created(b).localeCompare(created(a)) || keyOf(a).localeCompare(keyOf(b)));
    if (newest === undefined) return false;
    yield* this.update({ ...claim, spec: { ...claim.spec, storageClassName: newest.metadata?.name } });
    return true;
  }

  /** Hands the claim to whoever makes volumes of that class. */
  private *provision(claim: Claim, className: string, storageClass: ClassObject | undefined): Steps {
    const fail = (message: string): void => this.events.record(claim, 'Warning', 'ProvisioningFailed', message);
    if (storageClass === undefined) {
      fail(`storageclass.storage.k8s.io ${JSON.stringify(className)} not found`);
      return;
    }
    const { provisioner } = storageClass;
    if (provisioner.startsWith(NO_PLUGIN)) {
      fail(`no volume plugin matched name: ${provisioner}`);
      return;
    }
    if (annotationOf(claim, PROVISIONER) !== provisioner) {
      const named = withAnnotation(withAnnotation(claim, PROVISIONER, provisioner), OLDER_PROVISIONER, provisioner);
      yield* this.update(named);
    }
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system ` +
      'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
    this.events.record(claim, 'Normal', 'ExternalProvisioning', message);
  }

  /** The claim asks for one volume by name. */
  private *syncNamed(claim: Claim, name: string): Steps {
    const volume = this.volumes.get('', name);
    if (volume === undefined) {
      yield* this.setClaimStatus(claim, 'Pending', undefined);
      return;
    }
    const why = volume.spec?.claimRef === undefined ? mismatch(volume, claim) : undefined;
    if (why !== undefined) {
      const message = `Cannot bind to requested volume ${JSON.stringify(name)}: ${why}`;
      this.events.record(claim, 'Warning', 'VolumeMismatch', message);
      yield* this.setClaimStatus(claim, 'Pending', undefined);
      return;
    }
    if (volume.spec?.claimRef === undefined || isBoundTo(volume, claim)) {
      yield* this.bind(volume, claim);
      return;
    }
    const message = `volume ${JSON.stringify(name)} already bound to a different claim.`;
    this.events.record(claim, 'Warning', 'FailedBinding', message);
    if (annotationOf(claim, BOUND_BY_CONTROLLER) !== undefined) {
      const other = claimKeyOf(volume);
      throw failed(
        `invalid binding of claim "${keyOf(claim)}" to volume "${name}": volume already claimed by "${other}"`,
      );
    }
    yield* this.setClaimStatus(claim, 'Pending', undefined);
  }

  private *syncBound(claim: Claim): Steps {
    const name = claim.spec?.volumeName;
    const volume = name ? this.volumes.get('', name) : undefined;
    if (volume === undefined) {
      const what = name ? 'its PersistentVolume' : 'reference to PersistentVolume';
      yield* this.lose(claim, 'ClaimLost', `Bound claim has lost ${what}. Data on the volume is lost!`);
    } else if (volume.spec?.claimRef === undefined || volume.spec.claimRef.uid === claim.metadata?.uid) {
      yield* this.bind(volume, claim);
    } else {
      yield* this.lose(
        claim,
        'ClaimMisbound',
        'Two claims are bound to the same volume, this one is bound incorrectly',
      );
    }
  }

  private *lose(claim: Claim, reason: string, message: string): Steps {
    if (claim.status?.phase === 'Lost') return;
    yield* this.setClaimStatus(claim, 'Lost', undefined);
    this.events.record(claim, 'Warning', reason, message);
  }

  /** Four writes, each of which may find itself done already. */
  private *bind(volume: Volume, claim: Claim): Steps {
    const bound = yield* this.setPhase(yield* this.bindVolume(volume, claim), 'Bound');
    const name = bound.metadata?.name;
    let next = claim;
    if (claim.spec?.volumeName !== name) {
      next = { ...next, spec: { ...next.spec, volumeName: name } };
      if (annotationOf(next, BOUND_BY_CONTROLLER) === undefined)
        next = withAnnotation(next, BOUND_BY_CONTROLLER, 'yes');
    }
    if (annotationOf(next, BIND_COMPLETED) === undefined) next = withAnnotation(next, BIND_COMPLETED, 'yes');
    const completed = next === claim ? claim : yield* this.update(next);
    yield* this.setClaimStatus(completed as Claim, 'Bound', bound);
  }

  private *bindVolume(volume: Volume, claim: Claim): Steps<Volume> {
    const { namespace, name, uid, resourceVersion } = claim.metadata ?? {};
    let next = volume;
    const { claimRef } = volume.spec ?? {};
    const isChosenHere = claimRef === undefined;
    if (!isBoundTo(volume, claim) || claimRef?.uid !== uid) {
      const reference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
      next = { ...volume, spec: { ...volume.spec, claimRef: reference } };
    }
    if (isChosenHere) next = withAnnotation(next, BOUND_BY_CONTROLLER, 'yes');
    return next === volume ? volume : ((yield* this.update(next)) as Volume);
  }

  private *syncVolume(name: string): Steps {
    const volume = this.volumes.get('', name);
    if (volume === undefined) return;
    // With a name only, it is kept for a claim that is to come.
    if (!volume.spec?.claimRef?.uid) {
      yield* this.setPhase(volume, 'Available');
      return;
    }
    const claim: Claim | undefined = yield* this.claimOf(volume);
    if (claim === undefined) yield* this.release(volume);
    else if (!claim.spec?.volumeName) this.syncToBe(volume, claim);
    else if (claim.spec.volumeName === name) yield* this.setPhase(volume, 'Bound');
    else if (annotationOf(volume, PROVISIONED_BY) !== undefined && reclaimPolicyOf(volume) === 'Delete') {
      yield* this.release(volume);
    } else yield* this.unbind(volume);
  }

  /** What the informer has may be old: a volume is not given up for that. */
  private *claimOf(volume: Volume): Steps<Claim | undefined> {
    const key = claimKeyOf(volume);
    const { uid } = volume.spec!.claimRef!;
    const known = this.claims.get(...splitKey(key));
    if (known?.metadata?.uid === uid) return known;
    const { phase } = volume.status ?? {};
    if (known === undefined && (phase === 'Released' || phase === 'Failed')) return undefined;
    const [namespace, name] = splitKey(key);
    try {
      const live = (yield* call<KubeObject>((answer) =>
        this.context.client.get({ ...CLAIMS, namespace, name }, answer),
      )) as Claim;
      return live.metadata?.uid === uid ? live : undefined;
    } catch (error) {
      if (error instanceof Refusal && error.isNotFound) return undefined;
      throw error;
    }
  }

  private syncToBe(volume: Volume, claim: Claim): void {
    if (hasOtherMode(volume, claim)) {
      const [ofClaim, ofVolume] = [claim, volume].map(({ metadata }) => JSON.stringify(metadata?.name));
      const because = 'due to incompatible volumeMode.';
      const toClaim = `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${ofClaim} ${because}`;
      this.events.record(volume, 'Warning', 'VolumeMismatch', toClaim);
      const toVolume = `Cannot bind PersistentVolume ${ofVolume} to requested PersistentVolumeClaim ${because}`;
      this.events.record(claim, 'Warning', 'VolumeMismatch', toVolume);
      return;
    }
    this.claimQueue.add(keyOf(claim));
  }

  /** Its claim is gone. Whoever made the volume deletes it, if it is to be deleted; what nobody can delete has failed. */
  private *release(volume: Volume): Steps {
    const { phase } = volume.status ?? {};
    const isOver = phase === 'Released' || phase === 'Failed';
    const released = isOver ? volume : yield* this.setPhase(volume, 'Released');
    const maker = annotationOf(volume, PROVISIONED_BY);
    if (reclaimPolicyOf(volume) !== 'Delete' || (maker && !maker.startsWith(NO_PLUGIN))) return;
    const name = volume.metadata?.name;
    const why = whyNotDeletable(volume);
    if (why === undefined) {
      yield* call((answer) => this.context.client.delete({ ...VOLUMES, name }, {}, answer));
    } else if (released.status?.phase !== 'Failed') {
      yield* this.setPhase(released, 'Failed', why);
      this.events.record(released, 'Warning', 'VolumeFailedDelete', why);
    }
  }

  private *unbind(volume: Volume): Steps {
    const { claimRef, ...spec } = volume.spec!;
    let next: Volume = { ...volume, spec: { ...spec, claimRef: { ...claimRef, uid: undefined } } };
    if (annotationOf(volume, BOUND_BY_CONTROLLER) !== undefined) {
      const { [BOUND_BY_CONTROLLER]: _, ...annotations } = volume.metadata?.annotations ?? {};
      next = { ...volume, metadata: { ...volume.metadata, annotations }, spec };
    }
    yield* this.setPhase((yield* this.update(next)) as Volume, 'Available');
  }

  private *setPhase(volume: Volume, phase: string, message?: string): Steps<Volume> {
    if (volume.status?.phase === phase) return volume;
    const lastPhaseTransitionTime = timestamp(this.context.clock.nowMs);
    const { message: _, ...status } = volume.status ?? {};
    const said = message === undefined ? {} : { message };
    const next = { ...volume, status: { ...status, phase, ...said, lastPhaseTransitionTime } };
    return (yield* this.update(next, 'status')) as Volume;
  }

  private *setClaimStatus(claim: Claim, phase: string, volume: Volume | undefined): Steps {
    const { accessModes, capacity, ...rest } = claim.status ?? {};
    const modes = volume?.spec?.accessModes;
    const isPhaseSame = claim.status?.phase === phase;
    const isSame =
      isPhaseSame &&
      JSON.stringify(accessModes) === JSON.stringify(modes) &&
      (volume !== undefined || capacity === undefined);
    if (isSame) return;
    const size = isPhaseSame ? capacity : volume?.spec?.capacity;
    const status = {
      ...rest,
      phase,
      ...(modes === undefined ? {} : { accessModes: modes }),
      ...(volume === undefined || size === undefined ? {} : { capacity: size }),
    };
    yield* this.update({ ...claim, status }, 'status');
  }

  private *update(object: Claim | Volume, subresource?: string): Steps<KubeObject> {
    const { namespace, name } = object.metadata ?? {};
    const target = { ...(namespace === undefined ? VOLUMES : CLAIMS), namespace, name, subresource };
    return yield* call<KubeObject>((answer) => this.context.client.update(target, object, {}, answer));
  }
}

const reclaimPolicyOf = ({ spec }: Volume): string => spec?.persistentVolumeReclaimPolicy ?? 'Retain';

/** The controller manager itself deletes folders of hosts, and those for tests only. */
function whyNotDeletable({ metadata, spec }: Volume): string | undefined {
  const path = spec?.hostPath?.path;
  if (path === undefined) {
    return `error getting deleter volume plugin for volume ${JSON.stringify(metadata?.name)}: no deletable volume plugin matched`;
  }
  return /^\/tmp\/.+/.test(path) ? undefined : `host_path deleter only supports /tmp/.+ but received provided ${path}`;
}
