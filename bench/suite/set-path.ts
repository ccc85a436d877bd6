/**
 * Values put into a KubeSchedulerConfiguration by path: names joined by dots, `[2]` for the third element of a list, `[Name]`
 * for the element whose `name` is that, which is added where there is none. What is missing on the way is made.
 */
import { InputError } from '../../api/index.ts';

type Json = unknown;
type Step = string | number | { readonly name: string };

/** Returns a changed copy. Throws InputError. */
export function withValue(document: Json, path: string, value: Json): Json {
  return put(document, stepsOf(path), 0, value, path);
}

function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  const pattern = /([^.[\]]+)|\[([^\]]+)\]|(\.)/gy;
  let end = 0;
  for (const match of path.matchAll(pattern)) {
    end = match.index + match[0].length;
    if (match[1] !== undefined) steps.push(match[1]);
    else if (match[2] !== undefined) steps.push(/^\d+$/.test(match[2]) ? Number(match[2]) : { name: match[2] });
  }
  if (end !== path.length || steps.length === 0) {
    throw new InputError(`${path}: not a path like profiles[0].pluginConfig[NodeResourcesFit].args.ignoredResources`);
  }
  return steps;
}

function put(target: Json, steps: readonly Step[], depth: number, value: Json, path: string): Json {
  if (depth === steps.length) return value;
  const step = steps[depth]!;
  const into = (inner: Json): Json => put(inner, steps, depth + 1, value, path);
  if (typeof step === 'string') {
    if (target !== undefined && target !== null && (typeof target !== 'object' || Array.isArray(target))) {
      throw new InputError(`${path}: "${step}" is asked of ${JSON.stringify(target)}, which is no object`);
    }
    const object = (target ?? {}) as Record<string, Json>;
    return { ...object, [step]: into(object[step]) };
  }
  if (target !== undefined && target !== null && !Array.isArray(target)) {
    throw new InputError(`${path}: an element is asked of ${JSON.stringify(target)}, which is no list`);
  }
  const list = [...((target as Json[] | undefined | null) ?? [])];
  if (typeof step === 'number') {
    if (step > list.length) {
      throw new InputError(
        `${path}: [${step}] is asked of a list of ${list.length}; the next one would be [${list.length}]`,
      );
    }
    list[step] = into(list[step]);
    return list;
  }
  const at = list.findIndex((item) => (item as { name?: unknown } | null)?.name === step.name);
  if (at < 0) list.push(into({ name: step.name }));
  else list[at] = into(list[at]);
  return list;
}
