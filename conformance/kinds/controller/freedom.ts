/** What a scenario leaves open, by its README: taken out of both states before they are compared. */
import type { Fields, Projected, Scenario, State } from './scenario.ts';

type Change = (key: string, object: Projected) => readonly [key: string, object: Projected] | undefined;

const without = (fields: Fields | undefined, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields ?? {}).filter(([name]) => !names.includes(name)));

const FREE: Readonly<Record<string, Change>> = {
  // Which of the pods made by hand is deleted.
  'rs-adopt-release': (key, object) => [
    key.replace(/^Pod\/([xyz])$/, (_, name) => `Pod/x<p${name.charCodeAt(0)}>`),
    object,
  ],
  // How many pods were made before the scale-down depends on the back-off: the surplus ends.
  'rs-quota': (key, object) => {
    if (key.startsWith('Pod/') && object.metadata.deletionTimestamp !== undefined) return undefined;
    return [key, { ...object, status: without(object.status, 'terminatingReplicas', 'used') }];
  },
  // How many of the four dead nodes were tainted by then, and which.
  'zone-partial-large': (key, object) => (/^Pod\/p-a[1-4]$/.test(key) ? undefined : [key, object]),
};

const same: Change = (key, object) => [key, object];

export function freed({ id, compare }: Scenario, state: State): State {
  const change = FREE[id] ?? same;
  const kept: Record<string, Projected> = {};
  for (const [key, object] of Object.entries(state)) {
    const changed = change(key, object);
    if (changed !== undefined) kept[changed[0]] = changed[1];
  }
  return compare === 'counts' ? withOneSlice(kept) : kept;
}

const SLICE_MAX = 100;

/** How endpoints spread over slices is free; that none is too large is not. */
function withOneSlice(state: Record<string, Projected>): State {
  const merged = new Map<string, Projected>();
  const others: Record<string, Projected> = {};
  for (const [key, object] of Object.entries(state)) {
    if (!key.startsWith('EndpointSlice/')) {
      others[key] = object;
      continue;
    }
    const endpoints = (object.endpoints ?? []) as readonly unknown[];
    const of = JSON.stringify([object.addressType, object.ports, endpoints.length > SLICE_MAX]);
    const before = (merged.get(of)?.endpoints ?? []) as readonly unknown[];
    merged.set(of, { ...object, endpoints: [...before, ...endpoints] });
  }
  [...merged.values()].forEach((slice, i) => {
    others[`EndpointSlice/<es${i + 1}>`] = slice;
  });
  return others;
}
