/** Storage classes of claims and volumes. Source: `component-helpers/storage/volume/helpers.go`, v0.37.2. */
import type { PersistentVolume, PersistentVolumeClaim } from './types.ts';

/** Goes before the field of the spec, even when it is empty. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** '' when the claim names none. */
export const claimClassName = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata?.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';

/** '' when the volume belongs to none. */
export const volumeClassName = ({ metadata, spec }: PersistentVolume): string =>
  metadata?.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';
