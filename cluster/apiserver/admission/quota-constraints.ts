/** What a pod has to say where a quota counts it. Source: `pkg/quota/v1/evaluator/core/pods.go` (`Constraints`), v1.37.2. */
import type { KubeObject, Pod } from '../../../api/index.ts';

const DEMANDED = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/** `must specify limits.memory for: c; requests.cpu for: c`; undefined where nothing is missing. */
export function missingAmounts(hard: readonly string[], object: KubeObject): string | undefined {
  if (object.kind !== 'Pod') return undefined;
  const { spec } = object as Pod;
  const missing: string[] = [];
  for (const name of hard.filter((each) => DEMANDED.has(each)).sort()) {
    const [list, resource] = name.includes('.') ? (name.split('.') as [string, string]) : ['requests', name];
    const names = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
      .filter(({ resources }) => resources?.[list as 'requests' | 'limits']?.[resource] === undefined)
      .map((container) => container.name);
    if (names.length > 0) missing.push(`${name} for: ${[...new Set(names)].sort().join(',')}`);
  }
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`;
}
