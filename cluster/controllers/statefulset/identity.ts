/** A pod of a StatefulSet is known by its ordinal. Source: `pkg/controller/statefulset/stateful_set_utils.go`, v1.37.2. */
import type { KubeObject, Pod } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import { podFromTemplate } from '../pod-control.ts';
import { isReady, untilAvailableMs } from '../pod-state.ts';
import type { PersistentVolumeClaim, StatefulSet } from '../types.ts';

export type SetObject = StatefulSet & KubeObject;
export type ClaimObject = PersistentVolumeClaim & KubeObject;

export const REVISION_LABEL = 'controller-revision-hash';
const NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const INDEX_LABEL = 'apps.kubernetes.io/pod-index';
const ORDINAL_MAX = 2 ** 31 - 1;

export const replicasOf = ({ spec }: StatefulSet): number => spec?.replicas ?? 1;
export const startOf = ({ spec }: StatefulSet): number => spec?.ordinals?.start ?? 0;
export const isParallel = ({ spec }: StatefulSet): boolean => spec?.podManagementPolicy === 'Parallel';
export const minReadySecondsOf = ({ spec }: StatefulSet): number => spec?.minReadySeconds ?? 0;

function parts({ metadata }: KubeObject): { parent: string; ordinal: number } {
  const found = /^(.*)-([0-9]+)$/.exec(metadata?.name ?? '');
  if (found === null) return { parent: '', ordinal: -1 };
  const ordinal = Number(found[2]);
  return { parent: found[1]!, ordinal: ordinal > ORDINAL_MAX ? -1 : ordinal };
}

/** -1 where the name has none. */
export const ordinalOf = (pod: KubeObject): number => parts(pod).ordinal;
export const isMember = (set: SetObject, pod: KubeObject): boolean => parts(pod).parent === set.metadata?.name;

export function isInRange(set: SetObject, pod: KubeObject): boolean {
  const ordinal = ordinalOf(pod);
  return ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set);
}

export const revisionOf = ({ metadata }: KubeObject): string => metadata?.labels?.[REVISION_LABEL] ?? '';

/** Is there, and not only planned. */
export const isCreated = ({ status }: Pod): boolean => (status?.phase ?? '') !== '';
export const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isReady(pod);
export const isAvailable = (set: StatefulSet, pod: Pod, nowMs: number): boolean =>
  untilAvailableMs(pod, minReadySecondsOf(set), nowMs) === 0;
export const isUnavailable = (set: StatefulSet, pod: Pod, nowMs: number): boolean =>
  !isAvailable(set, pod, nowMs) || isTerminating(pod);

/** The names of the claims of an ordinal, by the name of the volume. */
export function claimNames(set: SetObject, ordinal: number): Map<string, string> {
  const names = new Map<string, string>();
  for (const { metadata } of set.spec?.volumeClaimTemplates ?? []) {
    names.set(metadata?.name ?? '', `${metadata?.name}-${set.metadata?.name}-${ordinal}`);
  }
  return names;
}

export function claimsFor(set: SetObject, ordinal: number): ClaimObject[] {
  const names = claimNames(set, ordinal);
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      name: names.get(metadata?.name ?? ''),
      namespace: set.metadata?.namespace,
      labels: { ...metadata?.labels, ...set.spec?.selector?.matchLabels },
    },
    spec,
  })) as ClaimObject[];
}

const identityLabels = (name: string, ordinal: number): Record<string, string> => ({
  [NAME_LABEL]: name,
  [INDEX_LABEL]: String(ordinal),
});

function withClaims(set: SetObject, pod: Pod): Pod {
  const claims = claimNames(set, ordinalOf(pod));
  const volumes = [...claims].map(([name, claimName]) => ({ name, persistentVolumeClaim: { claimName } }));
  const others = (pod.spec?.volumes ?? []).filter(({ name }) => !claims.has(name));
  if (volumes.length + others.length === 0) return pod;
  return { ...pod, spec: { ...pod.spec, volumes: [...volumes, ...others] } } as Pod;
}

/** The pod as it is to be made; it has no phase yet. */
export function plannedPod(set: SetObject, ordinal: number, revision: string): Pod {
  const { metadata, spec, ...rest } = podFromTemplate(set, set.spec!.template) as Pod;
  const { generateName: _, ...made } = metadata ?? {};
  const name = `${set.metadata?.name}-${ordinal}`;
  const subdomain = set.spec?.serviceName ? { subdomain: set.spec.serviceName } : {};
  const labels = { ...made.labels, ...identityLabels(name, ordinal), [REVISION_LABEL]: revision };
  const pod = { ...rest, metadata: { ...made, name, labels }, spec: { ...spec, hostname: name, ...subdomain } };
  return withClaims(set, pod as Pod);
}

export function identityMatches(set: SetObject, pod: Pod): boolean {
  const { name, labels } = pod.metadata ?? {};
  return isMember(set, pod) && name === `${set.metadata?.name}-${ordinalOf(pod)}` && labels?.[NAME_LABEL] === name;
}

export function storageMatches(set: SetObject, pod: Pod): boolean {
  const volumes = new Map((pod.spec?.volumes ?? []).map((volume) => [volume.name, volume]));
  for (const [name, claimName] of claimNames(set, ordinalOf(pod))) {
    if (volumes.get(name)?.persistentVolumeClaim?.claimName !== claimName) return false;
  }
  return true;
}

/** With the labels and volumes that it ought to have. */
export function restored(set: SetObject, pod: Pod): Pod {
  const { name = '', labels } = pod.metadata ?? {};
  const identified = {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...labels, ...identityLabels(name, ordinalOf(pod)) } },
  };
  return storageMatches(set, pod) ? identified : withClaims(set, identified);
}
