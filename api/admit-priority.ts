/**
 * The priority of a new pod, or group of pods, from its class. Source: `plugin/pkg/admission/priority/admission.go`, v1.37.2.
 * Unlike the admission plugin this lets either state its priority when it names no class, or one that is not known.
 */
import { type FieldError, forbiddenValue } from './field-error.ts';
import { SYSTEM_PRIORITY_CLASSES } from './priority-classes.ts';
import type { CompositePodGroup, Pod, PodGroup, PriorityClass } from './types.ts';

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

interface Prioritised {
  readonly priority?: number;
  readonly priorityClassName?: string;
  readonly preemptionPolicy?: string;
}

/** The pod with `spec.priority` and `spec.preemptionPolicy`, or why its class does not give it any. */
export function admitPriority(pod: Pod, priorities: PriorityTable): Pod | FieldError {
  const resolved = resolve(pod.spec ?? {}, 'pod', priorities);
  if (resolved === undefined || 'text' in resolved) return resolved ?? pod;
  return { ...pod, spec: { ...(pod.spec ?? { containers: [] }), ...resolved } };
}

/** As `admitPriority`. */
export function admitGroupPriority<G extends PodGroup | CompositePodGroup>(
  group: G,
  priorities: PriorityTable,
): G | FieldError {
  const resolved = resolve(group.spec, 'pod group', priorities);
  if (resolved === undefined || 'text' in resolved) return resolved ?? group;
  return { ...group, spec: { ...group.spec, ...resolved } };
}

/** What the class says; undefined when the spec keeps what it has. */
function resolve(
  { priority, priorityClassName = '', preemptionPolicy }: Prioritised,
  whose: 'pod' | 'pod group',
  { byName, fallback }: PriorityTable,
): Prioritised | undefined | FieldError {
  const named = priorityClassName === '' ? fallback : byName.get(priorityClassName);
  if (priority !== undefined && (priorityClassName === '' || named === undefined)) return undefined;
  if (named === undefined) {
    return forbiddenValue('spec.priorityClassName', `no PriorityClass with name ${priorityClassName} was found`);
  }
  const computed = (value: number | string): string =>
    `priority admission controller computed ${value} from the given PriorityClass name`;
  if (priority !== undefined && priority !== named.value) {
    const detail =
      whose === 'pod'
        ? `the integer value of priority (${priority}) must not be provided in pod spec; ${computed(named.value)}`
        : `priority set in the pod group (${priority}) must match the priority computed (${named.value}) based on the priority class set in the spec`;
    return forbiddenValue('spec.priority', detail);
  }
  const policy = named.preemptionPolicy;
  if (policy !== undefined && preemptionPolicy !== undefined && preemptionPolicy !== policy) {
    const detail = `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in ${whose} spec`;
    return forbiddenValue('spec.preemptionPolicy', `${detail}; ${computed(policy)}`);
  }
  return {
    priority: named.value,
    priorityClassName: named.name || undefined,
    preemptionPolicy: policy ?? preemptionPolicy,
  };
}
