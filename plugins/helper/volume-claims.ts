/**
 * Claims behind the volumes of a pod. Source: `component-helpers/storage/ephemeral/ephemeral.go` and
 * `component-helpers/storage/volume/pv_helpers.go`, v0.37.2.
 */
import { goQuote, type PersistentVolumeClaim, type Pod, type Volume } from '../../api/index.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';

/** A volume that a claim stands behind. */
export interface ClaimReference {
  readonly claimName: string;
  /** Made for this pod alone, by the ephemeral volume controller. */
  readonly ephemeral: boolean;
}

const NO_VOLUMES: readonly Volume[] = [];

export const volumesOf = (pod: Pod): readonly Volume[] => pod.spec?.volumes ?? NO_VOLUMES;

/** Undefined for a volume without a claim. */
export function claimReference(volume: Volume, podName: string): ClaimReference | undefined {
  const { persistentVolumeClaim, ephemeral, name } = volume;
  if (persistentVolumeClaim) return { claimName: persistentVolumeClaim.claimName ?? '', ephemeral: false };
  if (ephemeral) return { claimName: `${podName}-${name}`, ephemeral: true };
  return undefined;
}

export function usesClaims(pod: Pod): boolean {
  for (const volume of volumesOf(pod)) if (volume.persistentVolumeClaim || volume.ephemeral) return true;
  return false;
}

/** How the API says that an object is not there; `resource` in the singular, with its group. */
export const notFoundMessage = (resource: string, name: string): string => `${resource} ${goQuote(name)} not found`;

/** Why an ephemeral volume's claim is not this pod's own; undefined when it is. */
export function foreignClaimMessage(pod: PodInfo, claim: PersistentVolumeClaim): string | undefined {
  const { namespace = 'default', name, ownerReferences } = claim.metadata ?? {};
  const controller = ownerReferences?.find((owner) => owner.controller === true);
  if (controller !== undefined && controller.uid === (pod.pod.metadata?.uid ?? '')) return undefined;
  return `PVC ${namespace}/${name} was not created for pod ${pod.key} (pod is not owner)`;
}

/** Whether one of the pod's volumes stands on the claim; `withEphemeral` counts claims made for the pod too. */
export function referencesClaim(
  pod: PodInfo,
  claim: PersistentVolumeClaim | undefined,
  withEphemeral: boolean,
): boolean {
  const { name, namespace = 'default' } = claim?.metadata ?? {};
  if (name === undefined || namespace !== pod.namespace) return false;
  return volumesOf(pod.pod).some((volume) => {
    const reference = claimReference(volume, pod.name);
    return reference !== undefined && reference.claimName === name && (withEphemeral || !reference.ephemeral);
  });
}

export const claimKey = ({ metadata }: PersistentVolumeClaim): string =>
  `${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`;

const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

/** Bound, and the volume controller has said so. */
export const isFullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  Boolean(spec?.volumeName) && metadata?.annotations?.[BIND_COMPLETED] !== undefined;
