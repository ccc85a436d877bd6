/**
 * A volume controller and a provisioner, as far as scheduling waits for them: what the scheduler has written to a volume or
 * a claim leads to a bound claim after a while. The rules are those of `conformance/golden-dynamics`.
 */
import type { KubeObject, PersistentVolume, PersistentVolumeClaim } from '../../api/index.ts';
import { type Clock, Lane } from '../../scheduler/clock.ts';
import { type ApiModel, keyOfObject } from './api-model.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

export interface VolumesOptions {
  readonly clock: Clock;
  readonly api: ApiModel;
  /** How long binding and provisioning take. */
  readonly volumeMs: number;
  /** Claim → how often its provisioner gives the choice of the node back before it provisions. */
  readonly provisionFailures?: Readonly<Record<string, number>>;
  /** Something was done about the claim. */
  readonly acted?: (claimKey: string, error: string | undefined) => void;
}

export class Volumes {
  private readonly options: VolumesOptions;
  private readonly failuresLeft: Map<string, number>;

  constructor(options: VolumesOptions) {
    this.options = options;
    this.failuresLeft = new Map(Object.entries(options.provisionFailures ?? {}));
  }

  /** The scheduler has updated a volume or a claim. */
  updated(object: KubeObject): void {
    if (object.kind === 'PersistentVolume') {
      const { claimRef } = (object as PersistentVolume).spec ?? {};
      if (!claimRef) return;
      const claimKey = `${claimRef.namespace ?? 'default'}/${claimRef.name ?? ''}`;
      this.later(claimKey, (claim) => this.bindVolume(claim, object.metadata?.name ?? ''));
    } else if (object.kind === 'PersistentVolumeClaim') {
      const nodeName = object.metadata?.annotations?.[SELECTED_NODE];
      if (!nodeName || (object as PersistentVolumeClaim).spec?.volumeName) return;
      this.later(keyOfObject(object), (claim) => this.provision(claim, nodeName));
    }
  }

  private later(claimKey: string, act: (claim: PersistentVolumeClaim) => string | undefined): void {
    const { clock, api, volumeMs, acted } = this.options;
    const task = (): void => {
      const claim = api.get('PersistentVolumeClaim', claimKey) as PersistentVolumeClaim | undefined;
      const error = claim === undefined || claim.spec?.volumeName ? undefined : act(claim);
      acted?.(claimKey, error);
    };
    clock.at(clock.nowMs + volumeMs, task, Lane.Component);
  }

  private bindVolume(claim: PersistentVolumeClaim, volumeName: string): undefined {
    const { api } = this.options;
    const volume = api.get('PersistentVolume', volumeName) as PersistentVolume | undefined;
    if (volume === undefined) return;
    api.replace({ ...volume, status: { ...volume.status, phase: 'Bound' } } as PersistentVolume);
    this.bindClaim(claim, volumeName);
  }

  private provision(claim: PersistentVolumeClaim, nodeName: string): string | undefined {
    const { api } = this.options;
    if (claim.metadata?.annotations?.[SELECTED_NODE] !== nodeName) return undefined;
    const claimKey = keyOfObject(claim);
    const left = this.failuresLeft.get(claimKey) ?? 0;
    if (left > 0) {
      this.failuresLeft.set(claimKey, left - 1);
      // The map stays even when it is empty: upstream has another text for a claim without one.
      const { [SELECTED_NODE]: _, ...annotations } = claim.metadata.annotations;
      api.replace({ ...claim, metadata: { ...claim.metadata, annotations } });
      return undefined;
    }
    const volumeName = `pv-for-${claim.metadata?.name ?? ''}`;
    const error = api.create(volumeFor(claim, volumeName, nodeName));
    this.bindClaim(claim, volumeName);
    return error?.message;
  }

  private bindClaim(claim: PersistentVolumeClaim, volumeName: string): void {
    this.options.api.replace({
      ...claim,
      metadata: { ...claim.metadata, annotations: { ...claim.metadata?.annotations, [BIND_COMPLETED]: 'yes' } },
      spec: { ...claim.spec, volumeName },
      status: { ...claim.status, phase: 'Bound' },
    } as PersistentVolumeClaim);
  }
}

function volumeFor(claim: PersistentVolumeClaim, name: string, nodeName: string): KubeObject {
  const { namespace = 'default', name: claimName, uid } = claim.metadata ?? {};
  const onNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] };
  const volume: PersistentVolume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: claim.spec?.storageClassName,
      claimRef: { namespace, name: claimName, uid },
      local: { path: '/d' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } },
    },
    status: { phase: 'Bound' },
  };
  return volume;
}
