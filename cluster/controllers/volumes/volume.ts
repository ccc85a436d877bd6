/** Claims and volumes, and what upstream writes into their annotations. Source: `component-helpers/storage/volume`, v0.37.2. */
import type { KubeObject, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../../api/index.ts';
import { keyOf } from '../owners.ts';

export type Claim = PersistentVolumeClaim & KubeObject;
export type Volume = PersistentVolume & KubeObject;
export type ClassObject = StorageClass & KubeObject;

export const VOLUMES = { group: '', version: 'v1', resource: 'persistentvolumes' };
export const STORAGE_CLASSES = { group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses' };
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
export const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
export const OLDER_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

export const annotationOf = ({ metadata }: KubeObject, name: string): string | undefined =>
  metadata?.annotations?.[name];

export const withAnnotation = <T extends KubeObject>(object: T, name: string, value: string): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, [name]: value } },
});

export const claimKeyOf = ({ spec }: Volume): string =>
  `${spec?.claimRef?.namespace ?? ''}/${spec?.claimRef?.name ?? ''}`;

/** By name, and by uid where the volume says one. */
export function isBoundTo(volume: Volume, claim: Claim): boolean {
  const { claimRef } = volume.spec ?? {};
  if (claimRef === undefined || claimKeyOf(volume) !== keyOf(claim)) return false;
  return !claimRef.uid || claimRef.uid === claim.metadata?.uid;
}

/** Names of the claims that a pod uses. */
export function claimNamesOf({ metadata, spec }: Pod): string[] {
  return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return persistentVolumeClaim.claimName;
    return ephemeral === undefined ? [] : `${metadata?.name}-${name}`;
  });
}
