/**
 * The priority of a new pod, from its class. Source: `plugin/pkg/admission/priority/admission.go`, v1.37.2.
 * Unlike the admission plugin this lets a pod state its priority when it names no class, or one that is not known.
 */
import { type FieldError, forbiddenValue } from './field-error.ts';
import { SYSTEM_PRIORITY_CLASSES } from './priority-classes.ts';
import type { Pod, PriorityClass } from './types.ts';

interface ClassPriority {
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy?: string;
}

/** The classes of a cluster, the two that every cluster has among them. */
export interface PriorityTable {
  readonly byName: ReadonlyMap<string, ClassPriority>;
  /** For pods that name no class: the global default of the lowest value. */
  readonly fallback: ClassPriority;
}

const NO_CLASS: ClassPriority = { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' };

export function priorityTable(classes: Iterable<PriorityClass>): PriorityTable {
  const byName = new Map<string, ClassPriority>();
  for (const [name, value] of SYSTEM_PRIORITY_CLASSES) byName.set(name, { name, value });
  let fallback: ClassPriority | undefined;
  for (const { metadata, value = 0, preemptionPolicy, globalDefault } of classes) {
    const priorityClass = { name: metadata?.name ?? '', value, preemptionPolicy };
    byName.set(priorityClass.name, priorityClass);
    if (globalDefault === true && (fallback === undefined || value < fallback.value)) fallback = priorityClass;
  }
  return { byName, fallback: fallback ?? NO_CLASS };
}

/** The pod with `spec.priority` and `spec.preemptionPolicy`, or why its class does not give it any. */
export function admitPriority(pod: Pod, { byName, fallback }: PriorityTable): Pod | FieldError {
  const { priority, priorityClassName = '', preemptionPolicy } = pod.spec ?? {};
  const named = priorityClassName === '' ? fallback : byName.get(priorityClassName);
  if (priority !== undefined && (priorityClassName === '' || named === undefined)) return pod;
  if (named === undefined) {
    return forbiddenValue('spec.priorityClassName', `no PriorityClass with name ${priorityClassName} was found`);
  }
  const computed = (value: number | string): string =>
    `priority admission controller computed ${value} from the given PriorityClass name`;
  if (priority !== undefined && priority !== named.value) {
    const detail = `the integer value of priority (${priority}) must not be provided in pod spec`;
    return forbiddenValue('spec.priority', `${detail}; ${computed(named.value)}`);
  }
  const policy = named.preemptionPolicy;
  if (policy !== undefined && preemptionPolicy !== undefined && preemptionPolicy !== policy) {
    const detail = `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec`;
    return forbiddenValue('spec.preemptionPolicy', `${detail}; ${computed(policy)}`);
  }
  const resolved = { priority: named.value, priorityClassName: named.name || undefined };
  return {
    ...pod,
    spec: { ...(pod.spec ?? { containers: [] }), ...resolved, preemptionPolicy: policy ?? preemptionPolicy },
  };
}
