/** Whatever the text: a configuration or a ConfigError, the same every time and nothing worse. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../api/text/json.ts';
import { toPlain } from '../../api/text/value.ts';
import { parseYaml } from '../../api/text/yaml.ts';
import { inTreePoints } from './in-tree-points.contract.ts';
import { ConfigError, resolveConfig } from './index.ts';

const BASE = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
parallelism: 4
profiles:
- schedulerName: "a" # first
  plugins:
    score: {enabled: [{name: NodeAffinity, weight: 3}], disabled: [{name: '*'}]}
  pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy:
        type: MostAllocated
        resources:
        - {name: cpu, weight: 1}
`;
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '? ',
  ', ',
  '#',
  '&a ',
  '*a',
  '!!int ',
  '|',
  '>',
  "'",
  '"',
  '\\',
  '\n',
  '\n  ',
  '\t',
  '~',
  '0x',
  '-',
  '\u2028',
];

function outcome(text: string): string {
  try {
    return JSON.stringify(resolveConfig(text, inTreePoints));
  } catch (error) {
    if (error instanceof ConfigError) return `${error.stage}: ${error.message}`;
    throw error;
  }
}

const edit = fc.record({
  at: fc.nat(BASE.length),
  drop: fc.nat(6),
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 })),
});

test('edited text', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let text = BASE;
      for (const { at, drop, piece } of edits) text = text.slice(0, at) + piece + text.slice(at + drop);
      expect(outcome(text)).toBe(outcome(text));
    }),
    { seed: 20261125, numRuns: 2_000 },
  );
});

test('JSON is YAML: any value, the same read as either', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      const read = [parseJson(text), parseYaml(text).value].map(toPlain);
      expect(read).toEqual([JSON.parse(text), JSON.parse(text)]);
    }),
    { seed: 20261125, numRuns: 500 },
  );
});

test.each([
  ['JSON', '{"a":'],
  ['flow', '[{a: ['],
  ['block', '- '],
])('text nested beyond measure: %s', (_, opening) => {
  expect(outcome(opening.repeat(20_000))).toContain('exceeded max depth');
});
