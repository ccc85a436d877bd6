/** The pods of a DaemonSet: one for a node each, which tolerate what is wrong with it. Source: `pkg/controller/daemon/util/daemonset_util.go`, v1.37.2. */
import type { KubeObject, Pod, PodSpec, Toleration } from '../../../api/index.ts';
import { podFromTemplate } from '../pod-control.ts';
import { isReady, untilAvailableMs } from '../pod-state.ts';
import { scaled } from '../scaled.ts';
import type { DaemonSet } from '../types.ts';

export type SetObject = DaemonSet & KubeObject;
export type DaemonPod = Pod & KubeObject;

export const HASH_LABEL = 'controller-revision-hash';
const GENERATION_LABEL = 'pod-template-generation';
const GENERATION = 'deprecated.daemonset.template.generation';
const NAME_FIELD = 'metadata.name';

const tolerated = (key: string, effect: string): Toleration => ({ key, operator: 'Exists', effect });
const TOLERATED = [
  tolerated('node.kubernetes.io/not-ready', 'NoExecute'),
  tolerated('node.kubernetes.io/unreachable', 'NoExecute'),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((name) =>
    tolerated(`node.kubernetes.io/${name}`, 'NoSchedule'),
  ),
];

export const podSpecOf = ({ spec }: DaemonSet): PodSpec => (spec?.template.spec ?? {}) as PodSpec;

const isSameToleration = (a: Toleration, b: Toleration): boolean =>
  a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? '') === (b.value ?? '');

export function tolerationsOf(set: DaemonSet): Toleration[] {
  const { tolerations = [], hostNetwork } = podSpecOf(set);
  const all = [...tolerations];
  const needed = hostNetwork
    ? [...TOLERATED, tolerated('node.kubernetes.io/network-unavailable', 'NoSchedule')]
    : TOLERATED;
  for (const each of needed) {
    const same = all.findIndex((other) => isSameToleration(other, each));
    if (same < 0) all.push(each);
    else all[same] = each;
  }
  return all;
}

const generationOf = ({ metadata }: SetObject): string | undefined => metadata?.annotations?.[GENERATION];

export const isUpdated = (set: SetObject, { metadata }: Pod, hash: string): boolean =>
  metadata?.labels?.[HASH_LABEL] === hash ||
  (generationOf(set) !== undefined && metadata?.labels?.[GENERATION_LABEL] === generationOf(set));

/** The scheduler binds it; the node is asked for by name. */
export function daemonPod(set: SetObject, hash: string, node: string): KubeObject {
  const { metadata, spec, ...rest } = podFromTemplate(set, set.spec!.template) as DaemonPod;
  const generation = generationOf(set);
  const labels = {
    ...metadata?.labels,
    ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }),
    [HASH_LABEL]: hash,
  };
  const matchFields = [{ key: NAME_FIELD, operator: 'In', values: [node] }];
  const required = { nodeSelectorTerms: [{ matchFields }] };
  const { affinity } = spec!;
  const nodeAffinity = { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required };
  return {
    ...rest,
    metadata: { ...metadata, labels },
    spec: { ...spec, tolerations: tolerationsOf(set), affinity: { ...affinity, nodeAffinity } },
  } as KubeObject;
}

/** Where it is, or is meant to be; undefined when nobody knows. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec?.nodeName) return spec.nodeName;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms) {
    const named = matchFields.find(({ key, operator }) => key === NAME_FIELD && operator === 'In');
    if (named !== undefined) return named.values?.length === 1 ? named.values[0] : undefined;
  }
  return undefined;
}

/** Bound ones first, then the oldest. */
export const oldestFirst = (a: Pod, b: Pod): number => (orderOf(a) < orderOf(b) ? -1 : 1);
const orderOf = ({ spec, metadata }: Pod): string =>
  `${spec?.nodeName ? 0 : 1} ${metadata?.creationTimestamp} ${metadata?.name}`;

export const isAvailable = ({ spec }: DaemonSet, pod: Pod, nowMs: number): boolean =>
  isReady(pod) && untilAvailableMs(pod, spec?.minReadySeconds ?? 0, nowMs) === 0;

const share = ({ spec }: DaemonSet, field: 'maxSurge' | 'maxUnavailable', nodes: number): number => {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  return type === 'RollingUpdate' ? scaled(rollingUpdate?.[field] ?? 0, nodes, Math.ceil) : 0;
};
export const surgeOf = (set: DaemonSet, nodes: number): number => share(set, 'maxSurge', nodes);
export const unavailableOf = (set: DaemonSet, nodes: number): number => share(set, 'maxUnavailable', nodes);
export const allowsSurge = (set: DaemonSet): boolean => surgeOf(set, 1) > 0;
