import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteSource, readJsonStream } from './json-stream.ts';

/** Gives at most so many bytes at a time. */
function pieces(bytes: Buffer, most: number): ByteSource {
  return {
    isSeekable: true,
    read: (into, offset) => bytes.copy(into, 0, offset, Math.min(offset + most, bytes.length)),
  };
}

interface Read {
  readonly documents: unknown[];
  readonly lists: unknown[];
}

/** Lists are put together again. */
function read(text: string, windowBytes?: number): Read {
  const bytes = Buffer.from(text);
  const documents: unknown[] = [];
  const lists: unknown[] = [];
  let items: unknown[] = [];
  const source = windowBytes === undefined ? bytes : pieces(bytes, windowBytes);
  readJsonStream(
    source,
    'big.json',
    {
      document: (value) => documents.push(value),
      item: (value) => items.push(value),
      listEnd: (list) => {
        lists.push({ ...list, items });
        items = [];
      },
    },
    windowBytes,
  );
  return { documents, lists };
}

/** With all that could lead a scanner of brackets and quotes astray, and parts that come again and again. */
const item = (i: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${i}`, labels: { app: `app-${i % 3}`, text: '"quoted" \\ {[}] é 日本' } },
  spec: {
    containers: [{ name: 'main', image: `app:${i % 5}`, args: [[], {}, [{ a: null }], -1.5e3, true] }],
    n: i % 7,
  },
  status: { conditions: [{ type: 'Ready', status: 'False', message: 'waiting for a node that fits' }] },
  odd: `${'x'.repeat(i % 200)}`,
});
const items = Array.from({ length: 300 }, (_, i) => item(i));
const list = { apiVersion: 'v1', kind: 'List', items, metadata: { resourceVersion: '' } };

describe.each([
  ['in memory', undefined],
  ['through a window of 64 bytes', 64],
  ['through a window of 5000 bytes', 5000],
] as const)('JSON, %s, comes out as JSON.parse would have it', (_, windowBytes) => {
  it('a list', () => {
    expect(read(JSON.stringify(list), windowBytes)).toEqual({ documents: [], lists: [list] });
    expect(read(`\n${JSON.stringify(list, null, 4)}\n`, windowBytes).lists).toEqual([list]);
  });

  it('JSON lines', () => {
    expect(read(items.map((one) => JSON.stringify(one)).join('\n'), windowBytes).documents).toEqual(items);
  });

  it('documents and lists one after another, and items that are no objects', () => {
    const odd = { items: [1, 'two', [3], null, { four: 4 }], kind: 'List' };
    const text = `\ufeff{"a":1}\n${JSON.stringify(odd)} {"b":"}"} [1] ${JSON.stringify({ items: [] })}`;
    expect(read(text, windowBytes)).toEqual({
      documents: [{ a: 1 }, { b: '}' }, [1]],
      lists: [odd, { items: [] }],
    });
  });

  it('keys given twice, keys with escapes, __proto__', () => {
    const twice = '{"spec":{"containers":"long enough to be a part of its own"},"spec":900000001,"k\\u0065y":1}';
    const proto = '{"__proto__":{"containers":"long enough to be a part of its own"}}';
    const text = Array.from({ length: 5 }, () => `${twice}\n${proto}`).join('\n');
    const { documents } = read(text, windowBytes);
    expect(documents).toEqual(text.split('\n').map((line) => JSON.parse(line) as unknown));
    expect(Object.hasOwn(documents[1] as object, '__proto__')).toBe(true);
  });

  it('tells where it is broken', () => {
    const lines = items.map((one) => JSON.stringify(one));
    lines[250] = '{"name": oops}';
    const text = `{"kind":"List","items":[\n${lines.join(',\n')}\n]}`;
    expect(() => read(text, windowBytes)).toThrow(
      "big.json:252:10: not JSON: invalid character 'o' looking for beginning of value",
    );
    expect(() => read('{"items":[{"a":1} {"b":2}]}', windowBytes)).toThrow(
      "big.json:1:19: not JSON: invalid character '{' after array element",
    );
  });

  it('tells that it ends too early', () => {
    const text = JSON.stringify(list);
    for (const cut of [1, 30, 40, 41, 500]) {
      expect(() => read(text.slice(0, -cut), windowBytes)).toThrow('not JSON: unexpected end of JSON input');
    }
  });
});

describe('any JSON', () => {
  const part = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(item(1).spec, item(2).metadata));
  const object = fc.record({ metadata: part, spec: part, status: part, more: part }, { requiredKeys: [] });

  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 12 }), fc.constantFrom(undefined, 1, 4), (objects, indent) => {
        const given = [...objects, ...objects];
        expect(read(JSON.stringify({ items: given }, null, indent), 100).lists).toEqual([
          JSON.parse(JSON.stringify({ items: given })),
        ]);
      }),
      { numRuns: 150 },
    );
  });

  it('is refused where JSON.parse refuses it, however it is mangled', () => {
    const edit = fc.record({
      at: fc.nat(),
      drop: fc.nat(2),
      add: fc.constantFrom('', ',', '"', '}', ']', '{', ':', '0'),
    });
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 4 }), edit, (objects, { at, drop, add }) => {
        const whole = JSON.stringify({ items: [...objects, ...objects, ...objects] });
        const start = at % whole.length;
        const text = whole.slice(0, start) + add + whole.slice(start + drop);
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          // Unless it has come apart into several documents.
          if (!/^\d/.test(text)) expect(() => read(text)).toThrow('not JSON');
          return;
        }
        const { documents, lists } = read(text);
        expect([...documents, ...lists]).toEqual([expected]);
      }),
      { numRuns: 1000 },
    );
  });
});
