/** YAML as kubectl and kube-scheduler read it: go-yaml v2.4.4, a YAML 1.1. Every answer about one document is upstream's own. */
import { describe, expect, test } from 'vitest';
import { toJsonText } from './value.ts';
import { parseYaml, parseYamlDocuments } from './yaml.ts';

const json = (text: string): string => toJsonText(parseYaml(text).value);

describe('values', () => {
  test.each([
    [
      'booleans',
      '[yes, NO, on, Off, y, N, ~, Null, \'\', "no"]',
      '[true,false,true,false,true,false,null,null,"","no"]',
    ],
    ['integers', '[0x1F, 0o17, 017, 08, 0b11, -0b11, 1_000, +5, 1__0]', '[31,15,15,8,3,-3,1000,5,10]'],
    ['no numbers', '[1:30, 0x, 1e400, 2001-01-01, =, <<]', '["1:30","0x","1e400","2001-01-01","=","\\u003c\\u003c"]'],
    ['fractions', '[1.0, .5, 1e3, 1., -1.5E-3, 1_0.5]', '[1,0.5,1000,1,-0.0015,10.5]'],
    [
      'the largest integers',
      '[9223372036854775807, 18446744073709551615, +9223372036854775808]',
      '[9223372036854775807,18446744073709551615,9223372036854776000]',
    ],
    ['tags', '[!!str 5, !!int "5", !!bool "yes", !!binary QUE=, !foo bar, ! 5]', '["5",5,true,"AA","bar","5"]'],
    ['escapes', '"\\x41\\u00e9\\n\\L"', '"Aé\\n\\u2028"'],
    ['keys', '{1: a, true: b, 1.5: c, no: e, .inf: f}', '{".inf":"f","1":"a","1.5":"c","false":"e","true":"b"}'],
    ['a merge', 'a: &x {b: 1}\nd: {<<: *x, c: 3}\ne: *x', '{"a":{"b":1},"d":{"b":1,"c":3},"e":{"b":1}}'],
    ['explicit keys', '? a\n: b\n? c\nd:\n', '{"a":"b","c":null,"d":null}'],
    ['pairs in a list', '[b: c, ? d : e, {f, g: }]', '[{"b":"c"},{"d":"e"},{"f":null,"g":null}]'],
    ['colons in words', '{a: b:c}', '{"a":"b:c"}'],
    ['lists at the column of their key', 'a:\n- b\n-\n- - c\n  - d', '{"a":["b",null,["c","d"]]}'],
    [
      'block scalars',
      'a: |\n  one\n   two\n\n  three\nb: >-\n  one\n  two\n\n  three\nc: |+\n  x\n\nd: |2\n    y',
      '{"a":"one\\n two\\n\\nthree\\n","b":"one two\\nthree","c":"x\\n\\n","d":"  y"}',
    ],
    [
      'scalars over several lines',
      'a: one\n  two\n\n  three\nb: \'one\n  two\'\nc: "one\\\n  two"',
      '{"a":"one two\\nthree","b":"one two","c":"onetwo"}',
    ],
    ['the first document alone', 'a: b\n...\nnot: [read', '{"a":"b"}'],
    ['a directive', '%TAG !e! tag:yaml.org,2002:\n---\n!e!str 5', '"5"'],
    ['nothing', '# a comment\n', 'null'],
  ])('%s', (_, text, expected) => {
    expect(json(text)).toBe(expected);
  });

  test('keys that are given twice, with the line of the value', () => {
    expect(parseYaml('a: 1\na: 2\nb: {c: 1,\n c: 2}').duplicateKeys).toBe(
      'yaml: unmarshal errors:\n  line 2: key "a" already set in map\n  line 4: key "c" already set in map',
    );
  });
});

describe('errors', () => {
  test.each([
    ['a:\n  - b: 1\n   c: 2', "yaml: line 2: did not find expected '-' indicator"],
    ['a: 1\n b: 2', 'yaml: line 2: mapping values are not allowed in this context'],
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a\nb: 1', 'yaml: line 2: mapping values are not allowed in this context'],
    ['a:\n\t- b', 'yaml: line 2: found character that cannot start any token'],
    ['a: [1, 2', "yaml: line 1: did not find expected ',' or ']'"],
    ['key: [a,\nb: c', "yaml: line 2: did not find expected ',' or ']'"],
    ['a: {b: 1', "yaml: line 1: did not find expected ',' or '}'"],
    ["a: 'x", 'yaml: found unexpected end of stream'],
    ['a: "\\q"', 'yaml: found unknown escape character'],
    ['- a\nb: 1', "yaml: line 1: did not find expected '-' indicator"],
    ['a: 1\n- b', 'yaml: line 1: did not find expected key'],
    ['a:  - b', 'yaml: block sequence entries are not allowed in this context'],
    ['a: }', 'yaml: did not find expected node content'],
    ['a: @x', 'yaml: found character that cannot start any token'],
    ['a: *x', "yaml: unknown anchor 'x' referenced"],
    ['a: &x [*x]', "yaml: anchor 'x' value contains itself"],
    ['? [a]\n: b', 'yaml: invalid map key: []interface {}{"a"}'],
    ['~: 1', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: 1'],
    ['a: .nan', 'json: unsupported value: NaN'],
    ['a: !!int x', 'yaml: cannot decode !!str `x` as a !!int'],
    ['a: !e!x 1', 'yaml: found undefined tag handle'],
    ['a: |x\n', 'yaml: did not find expected comment or line break'],
    ['a: \x01', 'yaml: control characters are not allowed'],
    ['<<: 1', 'yaml: map merge requires map or sequence of maps as the value'],
    ['%YAML 1.2\n---\na: 1', 'yaml: found incompatible YAML document'],
    ['%YAML 1.1\na: 1', 'yaml: line 1: did not find expected <document start>'],
    [`${'x'.repeat(1100)}: 1`, 'yaml: mapping values are not allowed in this context'],
  ])('%j', (text, message) => {
    expect(() => parseYaml(text)).toThrow(expect.objectContaining({ message }));
  });

  test('a bomb of aliases', () => {
    const levels = Array.from(
      { length: 8 },
      (_, i) => `l${i + 1}: &l${i + 1} [${'*l0,'.replace('0', String(i)).repeat(9)}]`,
    );
    expect(() => parseYaml(['l0: &l0 [x]', ...levels].join('\n'))).toThrow(
      'yaml: document contains excessive aliasing',
    );
  });
});

describe('all documents', () => {
  const values = (text: string): unknown[] => parseYamlDocuments(text).map((document) => document.value);

  test.each<[string, string, unknown[]]>([
    ['none', '# a comment\n', []],
    ['empty ones are null', 'a: 1\n---\n---\nb: 2\n...\n# the end\n', [{ a: 1 }, null, { b: 2 }]],
    ['anchors and handles are those of one document', '%TAG !e! tag:yaml.org,2002:\n---\n!e!str 5\n---\nx', ['5', 'x']],
    ['numbers are numbers', '[1_000, 0x1F, .5, 1e3]', [[1000, 31, 0.5, 1000]]],
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  test.each<[string, string, string, number]>([
    ['what follows the end of a document', 'a: 1\n...\nb: 2', 'did not find expected <document start>', 9],
    ['an anchor of another document', 'a: &x 1\n---\nb: *x', "unknown anchor 'x' referenced", 15],
    [
      'a fault behind characters that take two places',
      '"😀": 1\nx: @y',
      'found character that cannot start any token',
      11,
    ],
    ['a byte order mark counts', '\ufeffa: }', 'did not find expected node content', 4],
    ['a key that is none', 'a: 1\n? [b]\n: c', 'invalid map key: []interface {}{"b"}', 7],
  ])('%s: told with its offset', (_, text, problem, at) => {
    expect(() => parseYamlDocuments(text)).toThrow(expect.objectContaining({ problem, at }));
  });

  test('a key given twice is told with its offset; what overrides a merge is none', () => {
    const [document] = parseYamlDocuments('a: &x {b: 1}\nc: {<<: *x, b: 2}\na: 3\n');
    expect(document!.repeats).toEqual([{ shown: '"a"', at: 31, line: 3, overridesMerge: false }]);
    expect(document!.value).toEqual({ a: 3, c: { b: 2 } });
  });
});
