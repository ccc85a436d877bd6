import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonBatch } from './json-batch.ts';

/** All objects of a text, one behind another, in batches of so many. */
function read(objects: readonly string[], batchSize = 100): Array<Record<string, unknown>> {
  const batch = new JsonBatch();
  const made: unknown[] = [];
  const bytes = Buffer.from(objects.join('\n'));
  let at = 0;
  for (const text of objects) {
    const behind = batch.add(bytes, at, bytes.length, true);
    expect(behind).toBe(at + Buffer.byteLength(text));
    at = behind + 1;
    if (batch.count === batchSize) made.push(...batch.parse());
  }
  return [...made, ...batch.parse()] as Array<Record<string, unknown>>;
}

const asParsed = (objects: readonly string[]): unknown[] => objects.map((text) => JSON.parse(text) as unknown);

const pod = (i: number) => ({
  kind: 'Pod',
  metadata: { name: `pod-${i}`, labels: { app: `app-${i % 3}`, tier: 'all alike' } },
  spec: { nodeName: `node-${i}`, containers: [{ name: 'main', image: `app:${i % 5}`, args: ['--verbose', '--fast'] }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

describe('objects of one structure', () => {
  it('come out as JSON.parse would have them, key order included', () => {
    const texts = Array.from({ length: 500 }, (_, i) => JSON.stringify(pod(i), null, i % 2));
    expect(read(texts).map((object) => JSON.stringify(object))).toEqual(
      texts.map((text) => JSON.stringify(JSON.parse(text))),
    );
  });

  it('share what is equal, but never their metadata', () => {
    const made = read(Array.from({ length: 40 }, (_, i) => JSON.stringify({ ...pod(i % 2), spec: pod(i % 2).spec })));
    // The first of all is parsed as it is.
    const [a, b, c] = made.slice(10) as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>];
    expect(a.spec).toBe(c.spec);
    expect(a.spec).not.toBe(b.spec);
    expect(a.status).toBe(b.status);
    expect(a.metadata).toEqual(c.metadata);
    expect(a.metadata).not.toBe(c.metadata);
    expect((a.metadata as { labels: object }).labels).toBe((c.metadata as { labels: object }).labels);
  });

  it('have parts in common also where the part around them is always new', () => {
    // As many as show that no spec comes again.
    const made = read(
      Array.from({ length: 9000 }, (_, i) => JSON.stringify(pod(i))),
      1000,
    );
    expect(made[8999]).toEqual(pod(8999));
    const [a, b] = [made[8990]!.spec, made[8995]!.spec] as Array<{ containers: object }>;
    expect(a!.containers).toBe(b!.containers);
  });

  it.each([
    ['scalars of another type', '{"a":1,"b":"x"}', '{"a":"1","b":null}', '{"a":true,"b":-1.5e3}', '{"a":[1],"b":{}}'],
    ['numbers that go on', '{"a":1,"b":1}', '{"a":12,"b":1}', '{"a":1,"b":123}', '{"a":0.5,"b":10}'],
    [
      'strings with quotes and escapes',
      '{"a":"b"}',
      '{"a":"\\"b"}',
      '{"a":"\\\\"}',
      '{"a":"\\u00e9"}',
      '{"a":"é日本"}',
    ],
    ['strings that take in what follows', '{"a":"x","b":"y"}', '{"a":"x\\",\\"b\\":\\"","b":"y"}'],
    ['keys that differ', '{"aaaaaaaaaaaa":1}', '{"aaaaaaaaaaab":1}', '{"aaaaaaaaaaab":2}'],
    ['keys with escapes', '{"k\\u0065y":"x"}', '{"k\\u0065y":"y"}', '{"key":"z"}'],
    ['keys given twice', '{"a":1,"a":2}', '{"a":3,"a":4}', '{"a":{"b":1},"a":5}', '{"a":{"b":2},"a":6}'],
    ['keys given twice, inside', '{"a":[1],"a":{"b":1}}', '{"a":[2],"a":{"b":2}}', '{"a":7,"a":[{"b":1}]}'],
    ['numbers for keys', '{"2":"a","1":"b"}', '{"2":"c","1":"d"}'],
    [
      'parts whose scalars add up to the same text',
      ...['12,3', '1,23', '12,3'].map((text) => `{"p":{"q":[${text},[[[[[[1]]]]]]]}}`),
    ],
  ])('%s', (_, ...texts) => {
    expect(read([...texts, ...texts])).toEqual(asParsed([...texts, ...texts]));
  });

  it('__proto__ is a key like any other', () => {
    const made = read(Array.from({ length: 4 }, (_, i) => `{"__proto__":{"long enough to be a part":${i}},"n":${i}}`));
    expect(made.map((object) => Object.getOwnPropertyDescriptor(object, '__proto__')?.value as unknown)).toEqual(
      [0, 1, 2, 3].map((i) => ({ 'long enough to be a part': i })),
    );
  });
});

describe('what is not JSON is refused', () => {
  const good = '{"a":{"long enough to be a part":1},"b":"x","c":2}';

  it.each([
    '{"a":{"long enough to be a part":01},"b":"x","c":2}',
    '{"a":{"long enough to be a part":1},"b":"\t","c":2}',
    '{"a":{"long enough to be a part":1},"b":"\\x","c":2}',
    '{"a":{"long enough to be a part":1},"b":"x","c":tru}',
    '{"a":{"long enough to be a part":1},"b":"x","c":,}',
    '{"a":{"long enough to be a part":,},"b":"x","c":2}',
    '{"a":{"long enough to be a part":1},"b":"x","c":]}',
  ])('%s', (bad) => {
    const others = [good, good.replace('1', '3').replace('x', 'y').replace('2', '4'), good];
    expect(() => read([...others, bad])).toThrow(SyntaxError);
  });
});

describe('any objects', () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
  const structure = fc
    .jsonValue({ maxDepth: 3 })
    .map((value) => JSON.stringify({ metadata: value, spec: [value], value }));

  /** The structure with other scalars. */
  const fill = (text: string, scalars: readonly unknown[]): string => {
    let n = 0;
    const other = (value: unknown): unknown =>
      typeof value !== 'object' || value === null
        ? (scalars[n++ % scalars.length] ?? null)
        : Array.isArray(value)
          ? value.map(other)
          : Object.fromEntries(Object.entries(value).map(([key, child]) => [key, other(child)]));
    return JSON.stringify(other(JSON.parse(text)));
  };

  it('of a few structures are read as JSON.parse reads them', () => {
    fc.assert(
      fc.property(
        fc.array(structure, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), fc.array(scalar, { minLength: 1, maxLength: 6 })), { maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        (structures, fillings, batchSize) => {
          const texts = fillings.map(([n, scalars]) => fill(structures[n % structures.length]!, scalars));
          expect(read(texts, batchSize)).toEqual(asParsed(texts));
        },
      ),
      { numRuns: 300 },
    );
  });
});
