import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadSource } from '../config-source.ts';
import { expandSuite } from './expand.ts';
import { parseSet, valuesOf } from './ranges.ts';
import { parseSuite } from './read-suite.ts';
import { withValue } from './set-path.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'berth-suite-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = path.join(dir, 'suite.yaml');
const suite = (text: string) => parseSuite(text, file);
const plan = (text: string) => expandSuite(suite(text));
const names = (list: ReadonlyArray<{ readonly name: string }>) => list.map(({ name }) => name);
const OPENB = 'workloads: [{trace: openb}]\n';

describe('what a suite means', () => {
  test('one workload is enough', () => {
    const { workloads, variants, cells } = plan(OPENB);
    expect(workloads).toMatchObject([{ name: 'openb', trace: 'openb' }]);
    expect(variants).toMatchObject([{ name: 'default', tieBreak: 'heap', engine: 'fast' }]);
    expect(cells).toEqual([{ workload: 0, variant: 0, seed: 1, repeat: 1 }]);
  });

  test('everything is combined with everything, variants of a block together', () => {
    const { workloads, variants, cells } = plan(`
workloads: [{trace: openb}, {name: other, trace: openb, data: DIR}]
profiles: [{name: a}, {name: b}]
axes:
- {path: config.percentageOfNodesToScore, values: [0, 50]}
- {path: tieBreak, name: ties, values: [heap, random]}
seeds: 1..2
tieSeeds: [7, 8]
repeats: 2
`);
    expect(names(workloads)).toEqual(['openb', 'other']);
    expect(names(variants)).toEqual([
      'a percentageOfNodesToScore=0 ties=heap',
      'b percentageOfNodesToScore=0 ties=heap',
      'a percentageOfNodesToScore=0 ties=random',
      'b percentageOfNodesToScore=0 ties=random',
      'a percentageOfNodesToScore=50 ties=heap',
      'b percentageOfNodesToScore=50 ties=heap',
      'a percentageOfNodesToScore=50 ties=random',
      'b percentageOfNodesToScore=50 ties=random',
    ]);
    expect(variants[7]!.set).toEqual({ 'config.percentageOfNodesToScore': 50, tieBreak: 'random' });
    expect(variants[7]!.tieBreak).toBe('random');
    expect(parse(variants[7]!.text)).toMatchObject({ percentageOfNodesToScore: 50 });
    expect(cells).toHaveLength(2 * 8 * 2 * 2 * 2);
    expect(cells.slice(0, 8).every((cell) => cell.workload === 0 && cell.seed === 1 && cell.tieSeed === 7)).toBe(true);
    expect(new Set(cells.map((cell) => JSON.stringify(cell))).size).toBe(cells.length);
  });

  test('combine: list takes first values together, and second ones', () => {
    const { variants } = plan(`${OPENB}
axes:
- {path: weight.NodeResourcesFit, values: [1, 2]}
- {path: weight.ImageLocality, values: [5, 0]}
combine: list
`);
    expect(names(variants)).toEqual([
      'default NodeResourcesFit=1 ImageLocality=5',
      'default NodeResourcesFit=2 ImageLocality=0',
    ]);
  });

  test('only and exclude choose cells by workload, profile, seed and axis', () => {
    const { cells, variants } = plan(`${OPENB}
profiles: [{name: a}, {name: b}]
axes: [{path: tieBreak, values: [heap, random]}]
seeds: 1..3
only: [{profile: a}, {profile: b, tieBreak: [heap]}]
exclude: [{seed: 2}]
`);
    const shown = cells.map(({ variant, seed }) => `${variants[variant]!.name} ${seed}`);
    expect(shown.sort()).toEqual([
      'a tieBreak=heap 1',
      'a tieBreak=heap 3',
      'a tieBreak=random 1',
      'a tieBreak=random 3',
      'b tieBreak=heap 1',
      'b tieBreak=heap 3',
    ]);
  });

  test('an axis of the workload makes workloads', () => {
    const { workloads } = plan('workloads: [{trace: openb, data: D}]\naxes: [{path: workload.list, values: [a, b]}]\n');
    expect(workloads).toMatchObject([
      { name: 'openb list=a', list: 'a' },
      { name: 'openb list=b', list: 'b' },
    ]);
  });

  test('files count from the suite', () => {
    writeFileSync(path.join(dir, 'mine.yaml'), 'kind: KubeSchedulerConfiguration\n');
    const { variants } = plan(`${OPENB}profiles: [{name: mine, file: mine.yaml}]\n`);
    expect(variants[0]).toMatchObject({ text: 'kind: KubeSchedulerConfiguration\n', baseDir: dir });
  });

  test('durations', () => {
    const { variants } = plan(`${OPENB}settings: {evaluation: timed, until: 36h, bindingTime: 5ms}\n`);
    expect(variants[0]!.evaluation).toMatchObject({ kind: 'timed', untilMs: 36 * 3_600_000, bindingMs: 5 });
  });
});

describe('weights', () => {
  const weightsWith = async (axes: string) => {
    const [variant] = plan(`${OPENB}axes: ${axes}\n`).variants;
    const { config } = await loadSource(variant!);
    return new Map(config.profiles[0]!.plugins.score!.map(({ name, weight }) => [name, weight]));
  };

  test('a weight counts, and all others stay', async () => {
    const stock = await weightsWith('[]');
    const heavy = await weightsWith('[{path: weight.NodeResourcesFit, values: [7]}]');
    expect(heavy).toEqual(new Map([...stock, ['NodeResourcesFit', 7]]));
  });

  test('0 switches the scoring of the plugin off', async () => {
    const stock = await weightsWith('[]');
    const off = await weightsWith('[{path: weight.NodeResourcesFit, values: [0]}]');
    expect([...stock.keys()].filter((name) => !off.has(name))).toEqual(['NodeResourcesFit']);
  });
});

describe('paths', () => {
  const base = { profiles: [{ pluginConfig: [{ name: 'A', args: { x: 1 } }] }] };

  test.each([
    ['percentage', 5, { ...base, percentage: 5 }],
    ['profiles[0].pluginConfig[A].args.x', 2, { profiles: [{ pluginConfig: [{ name: 'A', args: { x: 2 } }] }] }],
    [
      'profiles[0].pluginConfig[B].args.y',
      3,
      {
        profiles: [
          {
            pluginConfig: [
              { name: 'A', args: { x: 1 } },
              { name: 'B', args: { y: 3 } },
            ],
          },
        ],
      },
    ],
    ['profiles[1].schedulerName', 's', { profiles: [base.profiles[0], { schedulerName: 's' }] }],
  ])('%s', (at, value, result) => {
    expect(withValue(base, at, value)).toEqual(result);
    expect(base.profiles[0]!.pluginConfig[0]!.args.x).toBe(1);
  });

  test.each([
    ['profiles[3].x', '[3] is asked of a list of 1; the next one would be [1]'],
    ['profiles.x', '"x" is asked of [{'],
    ['profiles[0].pluginConfig[A].args.x.y', '"y" is asked of 1, which is no object'],
    ['a..[', 'not a path like'],
  ])('%s is refused', (at, message) => {
    expect(() => withValue(base, at, 1)).toThrow(message);
  });
});

describe('ranges', () => {
  test.each([
    ['1..3', [1, 2, 3]],
    ['0..1 step 0.25', [0, 0.25, 0.5, 0.75, 1]],
    ['0..0.3 step 0.1', [0, 0.1, 0.2, 0.3]],
    ['-1..1', [-1, 0, 1]],
  ])('%s', (text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });

  test('--set', () => {
    expect(parseSet('a.b=1,x,true')).toEqual({ path: 'a.b', values: [1, 'x', true] });
    expect(parseSet('w=0..10 step 5')).toEqual({ path: 'w', values: [0, 5, 10] });
    expect(() => parseSet('w=')).toThrow('--set w=: write PATH=VALUE');
  });
});

describe('mistakes have a place and a way out', () => {
  const MISTAKES: ReadonlyArray<readonly [string, string, string]> = [
    ['no YAML', 'workloads: [', 'suite.yaml:1:'],
    ['nothing to run', 'seeds: 1\n', 'suite.yaml:1:1: the suite: workloads is missing'],
    ['an unknown property', `${OPENB}sedes: 1\n`, 'suite.yaml:2:8: sedes: there is no such property; there are name,'],
    [
      'two kinds of workload',
      'workloads:\n- trace: openb\n  nodes: n.yaml\n',
      'suite.yaml:2:3: workloads[0]: a workload has either "trace"',
    ],
    [
      'a wrong word',
      `${OPENB}settings: {tieBreak: coin}\n`,
      'suite.yaml:2:22: settings.tieBreak: "coin" is not one of heap, first, random',
    ],
    [
      'a path that is none',
      `${OPENB}axes:\n- path: wight.X\n  values: [1]\n`,
      'suite.yaml:3:9: axes[0].path: "wight.X" is not valid; expected: config.PATH',
    ],
    [
      'a value that is none',
      `${OPENB}axes:\n- path: weight.X\n  values: [-1]\n`,
      'suite.yaml:4:11: weight.X: -1 is not a whole number of 0 or more',
    ],
    [
      'a setting that is none',
      `${OPENB}axes:\n- path: tieBreak\n  values: [coin]\n`,
      'suite.yaml:4:11: tieBreak: "coin" is not one of heap, first, random',
    ],
    [
      'a property of no workload',
      `${OPENB}axes:\n- path: workload.sise\n  values: [1]\n`,
      'suite.yaml:3:9: workload.sise: no axis has this path',
    ],
    [
      'a name twice',
      `${OPENB}profiles:\n- name: a\n- name: a\n`,
      'suite.yaml:4:9: profiles: the name "a" stands there twice',
    ],
    [
      'lists of different length',
      `${OPENB}combine: list\naxes:\n- {path: tieBreak, values: [heap]}\n- {path: engine, values: [fast, reference]}\n`,
      'suite.yaml:5:26: axes: combine "list" takes',
    ],
    [
      'a filter for nothing',
      `${OPENB}only: [{profil: a}]\n`,
      'suite.yaml:2:17: only[0]: there is nothing named profil',
    ],
    ['filters that leave nothing', `${OPENB}only: [{profile: b}]\n`, 'only and exclude leave no cell to run'],
    [
      'a profile with two configurations',
      `${OPENB}profiles: [{name: a, file: x, config: {}}]\n`,
      'profiles[0]: a profile has either "file" or "config"',
    ],
    [
      'a file that is not there',
      `${OPENB}profiles: [{name: a, file: gone.yaml}]\n`,
      'suite.yaml:2:28: profile a: there is no file',
    ],
    [
      'an assertion that is none',
      `${OPENB}assertions: [all is well]\n`,
      'assertions[0]: "all is well" is not valid; expected: What must hold',
    ],
    [
      'a duration that is none',
      `${OPENB}settings: {until: soon}\n`,
      'settings.until: "soon" is not valid; expected: timed: when to stop',
    ],
  ];

  test.each(MISTAKES)('%s', (_, text, message) => {
    expect(() => plan(text)).toThrow(message);
  });
});
