/** Priorities from classes. Source: `plugin/pkg/admission/priority/admission.go`, v1.37.2. */
import {
  type KubeObject,
  type Pod,
  type PriorityClass,
  type PriorityTable,
  priorityTable,
} from '../../../api/index.ts';
import type { Core, Resolved } from '../core.ts';
import { ApiFailure, forbidden } from '../failures.ts';

interface Prioritised {
  readonly priority?: number;
  readonly priorityClassName?: string;
  readonly preemptionPolicy?: string;
}

const tables = new WeakMap<object, { readonly sequence: number; readonly table: PriorityTable }>();

/** Made anew when a class has changed. */
function tableOf(core: Core): PriorityTable {
  const cache = core.cacheOf(core.registry.storedKind('PriorityClass'));
  const known = tables.get(cache);
  if (known !== undefined && known.sequence === cache.sequence) return known.table;
  const table = priorityTable(cache.unordered() as Iterable<PriorityClass>);
  tables.set(cache, { sequence: cache.sequence, table });
  return table;
}

/** Throws ApiFailure. */
export function prioritised(core: Core, resolved: Resolved, pod: Pod): Pod {
  const spec = pod.spec!;
  const found = resolve(core, resolved, pod, spec, 'pod');
  return { ...pod, spec: { ...spec, ...found } };
}

/** Throws ApiFailure. */
export function prioritisedGroup(core: Core, resolved: Resolved, group: KubeObject): KubeObject {
  const { spec = {} } = group as { spec?: Prioritised };
  if (spec.priority !== undefined && !spec.priorityClassName) return group;
  return { ...group, spec: { ...spec, ...resolve(core, resolved, group, spec, 'pod group') } } as KubeObject;
}

function resolve(
  core: Core,
  { resource }: Resolved,
  object: KubeObject,
  spec: Prioritised,
  whose: string,
): Prioritised {
  const refuse = (why: string): never => {
    throw new ApiFailure(forbidden(resource, object.metadata?.name ?? '', why));
  };
  const { byName, fallback } = tableOf(core);
  const { priority, priorityClassName = '', preemptionPolicy } = spec;
  const named = priorityClassName === '' ? fallback : byName.get(priorityClassName);
  if (named === undefined) return refuse(`no PriorityClass with name ${priorityClassName} was found`);
  const computed = (value: number | string): string =>
    `priority admission controller computed ${value} from the given PriorityClass name`;
  if (priority !== undefined && priority !== named.value) {
    refuse(
      `the integer value of priority (${priority}) must not be provided in ${whose} spec; ${computed(named.value)}`,
    );
  }
  const policy = named.preemptionPolicy ?? 'PreemptLowerPriority';
  if (preemptionPolicy !== undefined && preemptionPolicy !== policy) {
    refuse(
      `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in ${whose} spec; ${computed(policy)}`,
    );
  }
  const resolved: { -readonly [K in keyof Prioritised]: Prioritised[K] } = {
    priority: named.value,
    preemptionPolicy: policy,
  };
  if (named.name !== '') resolved.priorityClassName = named.name;
  return resolved;
}
