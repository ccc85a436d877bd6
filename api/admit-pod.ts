/**
 * What an API server makes of a pod on its way in, as far as scheduling sees it: defaults, label keys merged into
 * selectors, default tolerations, priority. Source: `pkg/registry/core/pod/strategy.go` and
 * `plugin/pkg/admission/{defaulttolerationseconds,priority}`, v1.37.2.
 */
import { admitPriority, type PriorityTable } from './admit-priority.ts';
import { defaultPod } from './default-pod.ts';
import type { FieldError } from './field-error.ts';
import type { LabelSelector, ObjectMeta, Pod, PodAffinityTerm, Toleration } from './types.ts';

export interface Admission {
  readonly pod: Pod;
  readonly error?: FieldError;
}

/** A server that has stored an object gave it a UID; what it has done to it is not done again. */
export const isStored = (object: { readonly metadata?: ObjectMeta }): boolean => Boolean(object.metadata?.uid);

/** With an error the pod is as far as it came. */
export function admitPod(given: Pod, priorities: PriorityTable): Admission {
  const pod = defaultPod(given);
  if (!isStored(pod)) return withPriority(withDefaultTolerations(mergeLabelKeys(pod)), priorities);
  if (pod.spec?.priority !== undefined || !pod.spec?.priorityClassName) return { pod };
  // Stored by a server that resolves no priorities: better one from the class, if it is there, than none.
  return { pod: withPriority(pod, priorities).pod };
}

function withPriority(pod: Pod, priorities: PriorityTable): Admission {
  const admitted = admitPriority(pod, priorities);
  return 'text' in admitted ? { pod, error: admitted } : { pod: admitted };
}

/** Writes the pod's own values of `matchLabelKeys` and `mismatchLabelKeys` into the selectors of its affinity terms. */
export function mergeLabelKeys(pod: Pod): Pod {
  const { affinity } = pod.spec ?? {};
  if (!affinity?.podAffinity && !affinity?.podAntiAffinity) return pod;
  const labels = pod.metadata?.labels ?? {};
  const podAffinity = affinity.podAffinity && mergeInAffinity(affinity.podAffinity, labels);
  const podAntiAffinity = affinity.podAntiAffinity && mergeInAffinity(affinity.podAntiAffinity, labels);
  if (podAffinity === affinity.podAffinity && podAntiAffinity === affinity.podAntiAffinity) return pod;
  return { ...pod, spec: { ...pod.spec!, affinity: { ...affinity, podAffinity, podAntiAffinity } } };
}

type Labels = Readonly<Record<string, string>>;

interface PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: Array<{ weight: number; podAffinityTerm: PodAffinityTerm }>;
}

function mergeInAffinity(affinity: PodAffinity, labels: Labels): PodAffinity {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const hasKeys = [...required, ...preferred.map((term) => term.podAffinityTerm)].some(
    (term) => term?.labelSelector !== undefined && (term.matchLabelKeys ?? term.mismatchLabelKeys) !== undefined,
  );
  if (!hasKeys) return affinity;
  return {
    requiredDuringSchedulingIgnoredDuringExecution: required.map((term) => mergeInTerm(term, labels)),
    preferredDuringSchedulingIgnoredDuringExecution: preferred.map((term) => ({
      ...term,
      podAffinityTerm: mergeInTerm(term.podAffinityTerm, labels),
    })),
  };
}

function mergeInTerm(term: PodAffinityTerm, labels: Labels): PodAffinityTerm {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  if (labelSelector === undefined) return term;
  return {
    ...term,
    labelSelector: withKeys(withKeys(labelSelector, 'In', matchLabelKeys, labels), 'NotIn', mismatchLabelKeys, labels),
  };
}

function withKeys(selector: LabelSelector, operator: string, keys: readonly string[], labels: Labels): LabelSelector {
  const added = keys
    .filter((key) => labels[key] !== undefined)
    .map((key) => ({ key, operator, values: [labels[key]!] }));
  if (added.length === 0) return selector;
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] };
}

/** How long a pod stays on a node that is not ready or not reachable; it also lets pods onto such nodes. */
const DEFAULT_TOLERATIONS: readonly Toleration[] = ['not-ready', 'unreachable'].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

function withDefaultTolerations(pod: Pod): Pod {
  const given = pod.spec?.tolerations ?? [];
  const covers = ({ key, effect }: Toleration, wanted: Toleration): boolean =>
    (!key || key === wanted.key) && (!effect || effect === wanted.effect);
  const missing = DEFAULT_TOLERATIONS.filter((wanted) => !given.some((toleration) => covers(toleration, wanted)));
  if (missing.length === 0 || pod.spec === undefined) return pod;
  return { ...pod, spec: { ...pod.spec, tolerations: [...given, ...missing] } };
}
