import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseYamlDocuments, YamlError } from '../yaml.ts';
import { readBlockYaml } from './block.ts';

/** Texts that look like something else, break lines or need quotes. */
const AWKWARD = [
  ...['yes', 'No', 'on', 'y', 'true', 'null', '~', '', '0123', '0x1f', '1e3', '.5', '1_000', '1:30', '2026-03-04'],
  ...[
    'a: b',
    '- x',
    '#c',
    ' lead',
    'trail ',
    'a #b',
    '@a',
    '!a',
    '&a',
    '*a',
    '{a',
    '[a',
    '"q"',
    "it's",
    '<<',
    '?',
    '---',
  ],
  ...[
    'two\nlines',
    'two\nlines\n',
    'gap\n\n  deeper\n\n',
    '\nlead',
    'back\\slash',
    'tab\tin',
    '\u0007bell',
    'é 日本',
    '{"a":1}\n',
  ],
  '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. preemption: 0/3 nodes are available.',
];
const text = fc.oneof(fc.constantFrom(...AWKWARD), fc.string({ maxLength: 12 }));
const key = fc.oneof(fc.constantFrom('name', 'labels', 'app.kubernetes.io/name', 'yes', '1', 'a b'), text);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.constantFrom(null, true, false, 0, -1, 1.5, 1e21),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));
const document = fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 });
const style = fc.record({
  lineWidth: fc.constantFrom(0, 40, 80),
  indentSeq: fc.boolean(),
  singleQuote: fc.boolean(),
  collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
});

/** What the full parser makes of a text: its documents, or that it refuses. */
function fully(source: string): unknown {
  try {
    const documents = parseYamlDocuments(source);
    return documents.some(({ repeats }) => repeats.length > 0) ? 'refused' : documents.map((parsed) => parsed.value);
  } catch (error) {
    if (error instanceof YamlError) return 'refused';
    throw error;
  }
}

describe('the quick YAML reader', () => {
  it('reads what it reads as the full parser does', () => {
    let read = 0;
    fc.assert(
      fc.property(document, style, (given, options) => {
        const source = stringify(given, { version: '1.1', ...options });
        const quick = readBlockYaml(source);
        if (quick === undefined) return;
        read++;
        expect(quick).toEqual(fully(source));
      }),
      { numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(300);
  });

  it('never takes a text that the full parser refuses or reads otherwise, however it is mangled', () => {
    const edit = fc.record({
      at: fc.nat(),
      drop: fc.nat(3),
      add: fc.constantFrom('', ' ', '\n', '- ', ': ', '#', ' #', "'", '"', '{', ']', '|', ','),
    });
    fc.assert(
      fc.property(document, style, fc.array(edit, { minLength: 1, maxLength: 3 }), (given, options, edits) => {
        let source = stringify(given, { version: '1.1', ...options });
        for (const { at, drop, add } of edits) {
          const start = at % (source.length + 1);
          source = source.slice(0, start) + add + source.slice(start + drop);
        }
        // Of a literal block at the very end the full parser adds a line break that go-yaml does not.
        if (!source.endsWith('\n')) source += '\n';
        const quick = readBlockYaml(source);
        if (quick !== undefined) expect(quick).toEqual(fully(source));
      }),
      { numRuns: 3000 },
    );
  });

  it('takes several documents apart', () => {
    fc.assert(
      fc.property(fc.array(document, { maxLength: 3 }), (documents) => {
        const source = documents.map((given) => `---\n${stringify(given, { version: '1.1', lineWidth: 0 })}`).join('');
        const quick = readBlockYaml(source);
        if (quick !== undefined) expect(quick).toEqual(fully(source));
      }),
      { numRuns: 300 },
    );
  });
});

describe('what machines write is read by the quick reader', () => {
  it.each([
    [
      'a List of kubectl',
      "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  status:\n    conditions:\n    - message: '0/1 nodes are available: 1 Insufficient cpu.\n        preemption: none'\nkind: List\n",
    ],
    ['literal text', 'data:\n  conf: |\n    a: b\n\n    c\n  keep: |+\n    x\n\n  strip: |-\n    y\n'],
    ['flow collections', 'a: {b: [1, "2", \'3\'], c: {}}\nd: []\n'],
    ['documents', '# one\n---\na: 1\n---\nb: 2 # two\n'],
  ])('%s', (_, source) => {
    expect(readBlockYaml(source)).toEqual(fully(source));
    expect(readBlockYaml(source)).toBeDefined();
  });

  it.each([
    'a: &x 1\nb: *x\n',
    'a: !!str 1\n',
    'a: >\n  folded\n',
    'a: 1\na: 2\n',
    '\ta: 1\n',
    'a: [1,\n  2]\n',
    'x\n',
  ])('%j is not', (source) => {
    expect(readBlockYaml(source)).toBeUndefined();
  });
});
