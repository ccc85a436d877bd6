/** Recordings of a real API server: every answer is compared, by the rules of `comparable.ts`. */
import { type Difference, isObject, type Path } from '../../compare.ts';
import type { Document } from '../../golden-file.ts';
import type { Golden, GoldenKind } from '../kind.ts';
import { comparable } from './comparable.ts';
import { replay } from './replay.ts';
import type { Recording, Replayed } from './types.ts';

type Cases = readonly Recording[];
type Answers = readonly Replayed[];

export const apiServerKind: GoldenKind<Cases, Answers> = {
  name: 'API server recording',
  read,
  run: (cases) => replay(cases),
  compare: ({ case: cases }, got) => {
    const skipped = got.filter((answer) => answer.skipped !== undefined);
    return {
      differences: cases.flatMap((recording, i) => differencesOf(recording, got[i]!, i)),
      notes: skipped.map(({ name, skipped: why }) => `${name}: not compared: ${why}`),
    };
  },
  count: ({ case: cases }) => ({ pods: 0, attempts: cases.length }),
  locate: ([index, ...path], { case: cases }) => {
    const { name, req } = cases[index as number]!;
    return `${name} (${req.method} ${req.path}): ${path.join('.')}`;
  },
};

function read({ about, cases }: Document): Golden<Cases, Answers> | undefined {
  if (typeof about !== 'string' || !Array.isArray(cases)) return undefined;
  if (!cases.every((each) => isObject(each) && isObject(each.req) && isObject(each.res))) return undefined;
  return { case: cases as Cases, result: [] };
}

function differencesOf({ res }: Recording, got: Replayed, index: number): Difference[] {
  if (got.skipped !== undefined) return [];
  const differences: Difference[] = [];
  if (res.events !== undefined) {
    const events = res.events.map(([type, labels]) => [type, labels]);
    compare(comparable({ events }), comparable(got.body), [index], differences);
    return differences;
  }
  compare(res.status, got.status, [index, 'status'], differences);
  compare(comparable(res.body), comparable(got.body), [index, 'body'], differences);
  if (res.warning !== undefined) compare(res.warning, got.warning, [index, 'warning'], differences);
  return differences;
}

function compare(expected: unknown, got: unknown, path: Path, differences: Difference[]): void {
  if (expected === got) return;
  if (Array.isArray(expected) && Array.isArray(got)) {
    for (let i = 0; i < Math.max(expected.length, got.length); i++) {
      compare(expected[i], got[i], [...path, i], differences);
    }
  } else if (isObject(expected) && isObject(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      compare(expected[key], got[key], [...path, key], differences);
    }
  } else {
    const kind = got === undefined ? 'missing' : expected === undefined ? 'extra' : 'value';
    differences.push({ kind, path, expected, got });
  }
}
