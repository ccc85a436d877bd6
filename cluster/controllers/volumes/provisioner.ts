/**
 * A provisioner as clusters have one beside Kubernetes, in its simplest form: it makes a volume of the size that a claim of
 * its classes asks for, and deletes it when that is to be. The annotations and events are those of
 * `sig-storage-lib-external-provisioner`.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Informer } from '../informer.ts';
import { keyOf, splitKey } from '../owners.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { CLAIMS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import {
  annotationOf,
  type Claim,
  type ClassObject,
  PROVISIONED_BY,
  PROVISIONER,
  SELECTED_NODE,
  STORAGE_CLASSES,
  VOLUMES,
  type Volume,
} from './volume.ts';

/** What a StorageClass names as its provisioner to get volumes from here. */
export const SIMPLE_PROVISIONER = 'volumes.berth.dev';

export class SimpleProvisioner {
  readonly claimQueue: WorkQueue;
  readonly volumeQueue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly claims: Informer<Claim>;
  private readonly volumes: Informer<Volume>;
  private readonly classes: Informer<ClassObject>;

  constructor(context: ControllerContext) {
    this.context = context;
    const { clock } = context;
    this.events = context.recorder(SIMPLE_PROVISIONER);
    this.claims = context.informer(CLAIMS);
    this.volumes = context.informer(VOLUMES);
    this.classes = context.informer(STORAGE_CLASSES);
    this.claimQueue = new WorkQueue({ clock, sync: (key) => this.syncClaim(key) });
    this.volumeQueue = new WorkQueue({ clock, sync: (name) => this.syncVolume(name) });
    this.claims.onChange((_, now) => {
      if (now !== undefined && annotationOf(now, PROVISIONER) === SIMPLE_PROVISIONER) this.claimQueue.add(keyOf(now));
    });
    this.volumes.onChange((_, now) => {
      const isOurs = now !== undefined && annotationOf(now, PROVISIONED_BY) === SIMPLE_PROVISIONER;
      if (isOurs && now.status?.phase === 'Released') this.volumeQueue.add(now.metadata?.name ?? '');
    });
  }

  private *syncClaim(key: string): Steps {
    const claim = this.claims.get(...splitKey(key));
    const storageClass = this.classes.get('', claim?.spec?.storageClassName ?? '');
    if (claim === undefined || claim.spec?.volumeName || storageClass === undefined) return;
    const node = annotationOf(claim, SELECTED_NODE);
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && node === undefined) return;
    const volume = volumeFor(claim, storageClass, node);
    const tell = (reason: string, message: string): void => this.events.record(claim, 'Normal', reason, message);
    tell('Provisioning', `External provisioner is provisioning volume for claim "${key}"`);
    try {
      yield* call((answer) => this.context.client.create(VOLUMES, volume, {}, answer));
    } catch (error) {
      if (!(error instanceof Refusal) || error.status.reason !== 'AlreadyExists') throw error;
    }
    tell('ProvisioningSucceeded', `Successfully provisioned volume ${volume.metadata?.name}`);
  }

  private *syncVolume(name: string): Steps {
    const volume = this.volumes.get('', name);
    if (volume?.status?.phase !== 'Released' || volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') return;
    yield* call((answer) => this.context.client.delete({ ...VOLUMES, name }, {}, answer));
  }
}

function volumeFor(claim: Claim, storageClass: ClassObject, node: string | undefined): KubeObject {
  const { namespace, name: claimName, uid, resourceVersion } = claim.metadata ?? {};
  const name = `pvc-${uid}`;
  const onNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  const affinity = { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } };
  const { mountOptions } = storageClass;
  const spec = {
    capacity: { storage: claim.spec?.resources?.requests?.storage ?? '0' },
    accessModes: claim.spec?.accessModes,
    volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
    persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
    storageClassName: storageClass.metadata?.name,
    ...(mountOptions === undefined ? {} : { mountOptions }),
    csi: { driver: SIMPLE_PROVISIONER, volumeHandle: name },
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimName, uid, resourceVersion },
    ...(node === undefined ? {} : { nodeAffinity: affinity }),
  };
  const metadata = { name, annotations: { [PROVISIONED_BY]: SIMPLE_PROVISIONER } };
  return { apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec } as KubeObject;
}
