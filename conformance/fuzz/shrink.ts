/**
 * Makes a failing case small: delta debugging (Zeller and Hildebrandt, 2002) over the lists of a case, then over the fields
 * of what is left, from the outside in. A candidate is kept when `stillFails` says so.
 */
import { isObject } from '../compare.ts';

export type Case = Readonly<Record<string, unknown>>;
export type StillFails = (candidate: Case) => Promise<boolean>;

/** Without these a case is another case. */
const KEPT_FIELDS = new Set(['family', 'options', 'metadata', 'name', 'spec', 'status']);

/** Whole objects go in this order: what was decided first, what it was decided on last. */
const LISTS_FIRST = ['pending', 'pods', 'nominated', 'nodes'];

export async function shrink(original: Case, stillFails: StillFails): Promise<Case> {
  let smallest = original;
  for (;;) {
    const before = JSON.stringify(smallest);
    smallest = await shrinkText(await shrinkFields(await shrinkLists(smallest, stillFails), stillFails), stillFails);
    if (JSON.stringify(smallest) === before) return smallest;
  }
}

async function shrinkLists(original: Case, stillFails: StillFails): Promise<Case> {
  let smallest = original;
  const names = Object.keys(original).filter((name) => Array.isArray(original[name]));
  names.sort((a, b) => rank(a) - rank(b));
  for (const name of names) {
    const list = smallest[name] as unknown[];
    const kept = await minimize(list, (rest) => stillFails({ ...smallest, [name]: rest }));
    smallest = { ...smallest, [name]: kept };
  }
  return smallest;
}

const rank = (list: string): number => {
  const at = LISTS_FIRST.indexOf(list);
  return at < 0 ? LISTS_FIRST.length : at;
};

/** Every field and list entry of one depth at a time, so that whole branches go before their leaves are tried. */
async function shrinkFields(original: Case, stillFails: StillFails): Promise<Case> {
  let smallest = original;
  for (let depth = 1; depth < 12; depth++) {
    const places = placesAt(smallest, depth);
    if (places.length === 0) continue;
    const base = smallest;
    const kept = new Set(
      await minimize(places, (rest) => {
        const remaining = new Set(rest);
        return stillFails(without(base, new Set(places.filter((place) => !remaining.has(place)))));
      }),
    );
    smallest = without(base, new Set(places.filter((place) => !kept.has(place))));
  }
  return smallest;
}

/** A configuration as text loses lines. */
async function shrinkText(original: Case, stillFails: StillFails): Promise<Case> {
  if (typeof original.configText !== 'string') return original;
  const lines = original.configText.split('\n');
  const withLines = (rest: readonly string[]): Case => ({ ...original, configText: rest.join('\n') });
  return withLines(await minimize(lines, (rest) => stillFails(withLines(rest))));
}

const pathKey = (path: ReadonlyArray<string | number>): string => JSON.stringify(path);

function placesAt(root: unknown, depth: number): string[] {
  const places: string[] = [];
  const visit = (value: unknown, path: ReadonlyArray<string | number>): void => {
    const steps: Array<string | number> = Array.isArray(value)
      ? [...value.keys()]
      : isObject(value)
        ? Object.keys(value)
        : [];
    for (const step of steps) {
      if (path.length + 1 < depth) visit((value as Record<string | number, unknown>)[step], [...path, step]);
      else if (typeof step === 'number' || !KEPT_FIELDS.has(step)) places.push(pathKey([...path, step]));
    }
  };
  visit(root, []);
  return places;
}

function without(root: Case, dropped: ReadonlySet<string>): Case {
  const copy = (value: unknown, path: ReadonlyArray<string | number>): unknown => {
    const keep = (step: string | number) => !dropped.has(pathKey([...path, step]));
    if (Array.isArray(value)) return value.flatMap((entry, i) => (keep(i) ? [copy(entry, [...path, i])] : []));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.keys(value).flatMap((key) => (keep(key) ? [[key, copy(value[key], [...path, key])]] : [])),
    );
  };
  return copy(root, []) as Case;
}

/** A subset of `items` that still fails and from which no single item can be taken (the ddmin algorithm). */
export async function minimize<T>(
  items: readonly T[],
  fails: (rest: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  if (items.length === 0) return items;
  if (await fails([])) return [];
  let rest = items;
  let parts = 2;
  while (rest.length > 1) {
    const size = Math.ceil(rest.length / parts);
    let reduced: readonly T[] | undefined;
    for (let start = 0; start < rest.length && reduced === undefined; start += size) {
      const candidate = [...rest.slice(0, start), ...rest.slice(start + size)];
      if (candidate.length > 0 && (await fails(candidate))) reduced = candidate;
    }
    if (reduced !== undefined) {
      rest = reduced;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(rest.length, parts * 2);
  }
  return rest;
}
