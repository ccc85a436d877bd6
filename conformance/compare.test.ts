/** The comparison cannot pass by ignoring things: whatever is changed in a golden result is reported, at its place. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Document, pathText, readDocument, recognise } from './index.ts';

/** Together these hold every kind of record: scores, rejections, preemption with candidates, gates, errors, profiles. */
const FILES = [
  'hand/0001',
  'preemption/0001',
  'profiles/0001',
  'volumes/0001',
  'fitmessages/0001',
  'config/0001',
  'config/0005',
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Container = Json[] | { [key: string]: Json };

const isContainer = (value: Json): value is Container => typeof value === 'object' && value !== null;

function readGolden(name: string) {
  const document = readDocument(fileURLToPath(new URL(`./golden/${name}.json.gz`, import.meta.url)));
  const { kind, golden } = recognise(document)!;
  const reported = (result: Json): string[] =>
    kind.compare({ case: golden.case, result }, golden.result).differences.map(({ path }) => pathText(path));
  return { result: structuredClone(golden.result) as Json, reported };
}

/** Every container of the tree with the path to it, the root first. */
function* containers(value: Json, path: Array<string | number> = []): Generator<[Container, Array<string | number>]> {
  if (!isContainer(value)) return;
  yield [value, path];
  for (const [key, child] of entriesOf(value)) yield* containers(child, [...path, key]);
}

const entriesOf = (value: Container): Array<[string | number, Json]> =>
  Array.isArray(value) ? [...value.entries()] : Object.entries(value);

function changed(value: Json): Json {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}.`;
  return !value;
}

describe.each(FILES)('a golden result of %s', (name) => {
  const { result, reported } = readGolden(name);

  test('equals itself', () => {
    expect(reported(result)).toEqual([]);
  });

  test('with any one value changed is reported at that value', () => {
    let tried = 0;
    for (const [container, path] of containers(result)) {
      const fields = container as Record<string | number, Json>;
      for (const [key, value] of entriesOf(container)) {
        if (isContainer(value)) continue;
        fields[key] = changed(value);
        expect(reported(result)).toEqual([pathText([...path, key])]);
        fields[key] = value;
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(1);
  });

  test('without any one field or list entry is reported', () => {
    for (const [container, path] of containers(result)) {
      if (Array.isArray(container)) {
        for (let i = 0; i < container.length; i++) {
          const [entry] = container.splice(i, 1);
          expect(reported(result).length).toBeGreaterThan(0);
          container.splice(i, 0, entry!);
        }
        continue;
      }
      for (const [key, value] of Object.entries(container)) {
        delete container[key];
        expect(reported(result)).toEqual([pathText([...path, key])]);
        container[key] = value;
      }
    }
  });

  test('with one field or list entry more is reported', () => {
    for (const [container, path] of containers(result)) {
      if (Array.isArray(container)) {
        container.push('more');
        expect(reported(result)).toEqual([pathText([...path, container.length - 1])]);
        container.pop();
      } else {
        container.more = 1;
        expect(reported(result)).toEqual([pathText([...path, 'more'])]);
        delete container.more;
      }
    }
  });

  test('with two unequal neighbours of a list swapped is reported', () => {
    for (const [container] of containers(result)) {
      if (!Array.isArray(container)) continue;
      for (let i = 1; i < container.length; i++) {
        const [a, b] = [container[i - 1]!, container[i]!];
        if (JSON.stringify(a) === JSON.stringify(b)) continue;
        container[i - 1] = b;
        container[i] = a;
        expect(reported(result).length).toBeGreaterThan(0);
        container[i - 1] = a;
        container[i] = b;
      }
    }
  });
});

describe('what cannot be compared', () => {
  const { kind, golden } = recognise(
    readDocument(fileURLToPath(new URL('./golden/hand/0001.json.gz', import.meta.url))),
  )!;
  const differencesOf = (change: (result: any) => void) => {
    const result = structuredClone(golden.result);
    change(result);
    return kind.compare({ case: golden.case, result }, golden.result).differences;
  };

  test.each<[string, (result: any) => void]>([
    ['in the result', (result) => Object.assign(result, { novelty: [] })],
    ['in an attempt', (result) => Object.assign(result.pods[0].attempts[0], { novelty: null })],
    ['in a status', (result) => Object.assign(result.pods[0].attempts[0].preFilter, { novelty: { deep: 1 } })],
  ])('a field that berth does not know %s is reported as such', (_, change) => {
    expect(differencesOf(change).map(({ kind }) => kind)).toEqual(['unknown']);
  });

  test('a number beyond 2^53 is reported, as it cannot be read exactly', () => {
    const differences = differencesOf((result) => {
      result.pods[0].attempts[0].evaluated = 2 ** 53 + 2;
    });
    expect(differences.map(({ kind }) => kind)).toEqual(['inexact']);
  });

  test.each<[string, Document]>([
    ['a field of the case', { ...golden, case: { ...(golden.case as object), podGroups: [] } } as unknown as Document],
    ['an option', { ...golden, case: { ...(golden.case as object), options: { speed: 1 } } } as unknown as Document],
    [
      'a tie-break',
      { ...golden, case: { ...(golden.case as object), options: { tieBreak: 'last' } } } as unknown as Document,
    ],
    ['a field beside case and result', { ...golden, remarks: [] } as unknown as Document],
  ])('%s that berth does not know is refused', (_, document) => {
    expect(() => recognise(document)).toThrow(/podGroups|speed|"last"|remarks/);
  });
});
