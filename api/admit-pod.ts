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
  const pod = defaultPod(given, !isStored(given));
  if (!isStored(pod)) return withPriority(withDefaultTolerations(mergeLabelKeys(pod)), priorities);
  if (pod.spec?.priority !== undefined || !pod.spec?.priorityClassName) return { pod };
  // Stored by a server that resolves no priorities: better one from the class, if it is there, than none.
  return { pod: withPriority(pod, priorities).pod };
}

function withPriority(pod: Pod, priorities: PriorityTable): Admission {
  const admitted = admitPriority(pod, priorities);
  return 'text' in admitted ? { pod, error: admitted } : { pod: admitted };
}

/**
 * Writes the pod's own values of `matchLabelKeys` and `mismatchLabelKeys` into the selectors of its affinity terms and
 * spread constraints. What does not change is shared with the pod given.
 */
export function mergeLabelKeys(pod: Pod): Pod {
  const labels = pod.metadata?.labels ?? {};
  const { affinity, topologySpreadConstraints: constraints } = pod.spec ?? {};
  const merged = affinity && {
    ...affinity,
    podAffinity: affinity.podAffinity && mergeInAffinity(affinity.podAffinity, labels),
    podAntiAffinity: affinity.podAntiAffinity && mergeInAffinity(affinity.podAntiAffinity, labels),
  };
  const spread = constraints?.some(hasKeys)
    ? constraints.map((constraint) => mergeKeys(constraint, labels))
    : constraints;
  const isSame = merged?.podAffinity === affinity?.podAffinity && merged?.podAntiAffinity === affinity?.podAntiAffinity;
  if (isSame && spread === constraints) return pod;
  return { ...pod, spec: { ...pod.spec!, affinity: merged, topologySpreadConstraints: spread } };
}

type Labels = Readonly<Record<string, string>>;

interface PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: Array<{ weight: number; podAffinityTerm: PodAffinityTerm }>;
}

function mergeInAffinity(affinity: PodAffinity, labels: Labels): PodAffinity {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  if (![...required, ...preferred.map((term) => term.podAffinityTerm)].some(hasKeys)) return affinity;
  return {
    requiredDuringSchedulingIgnoredDuringExecution: required.map((term) => mergeKeys(term, labels)),
    preferredDuringSchedulingIgnoredDuringExecution: preferred.map((term) => ({
      ...term,
      podAffinityTerm: mergeKeys(term.podAffinityTerm, labels),
    })),
  };
}

/** An affinity term or a spread constraint. */
interface WithLabelKeys {
  labelSelector?: LabelSelector;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}

const hasKeys = (term: WithLabelKeys | undefined): boolean =>
  term?.labelSelector !== undefined && (term.matchLabelKeys ?? term.mismatchLabelKeys) !== undefined;

function mergeKeys<T extends WithLabelKeys>(term: T, labels: Labels): T {
  if (!hasKeys(term)) return term;
  const added = [
    ...requirements('In', term.matchLabelKeys, labels),
    ...requirements('NotIn', term.mismatchLabelKeys, labels),
  ];
  if (added.length === 0) return term;
  const selector = term.labelSelector!;
  return {
    ...term,
    labelSelector: { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] },
  };
}

const requirements = (operator: string, keys: readonly string[] | undefined, labels: Labels) =>
  (keys ?? []).filter((key) => Object.hasOwn(labels, key)).map((key) => ({ key, operator, values: [labels[key]!] }));

/** How long a pod stays on a node that is not ready or not reachable; it also lets pods onto such nodes. */
const DEFAULT_TOLERATIONS: readonly Toleration[] = ['not-ready', 'unreachable'].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

export function withDefaultTolerations(pod: Pod): Pod {
  const given = pod.spec?.tolerations ?? [];
  const covers = ({ key, effect }: Toleration, wanted: Toleration): boolean =>
    (!key || key === wanted.key) && (!effect || effect === wanted.effect);
  const missing = DEFAULT_TOLERATIONS.filter((wanted) => !given.some((toleration) => covers(toleration, wanted)));
  if (missing.length === 0 || pod.spec === undefined) return pod;
  return { ...pod, spec: { ...pod.spec, tolerations: [...given, ...missing] } };
}
