import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { namedConfigs, parseSeeds } from './run-options.ts';

describe('--seeds', () => {
  test.each([
    ['7', [7]],
    ['1..4', [1, 2, 3, 4]],
    ['4,1', [4, 1]],
    ['1..2, 9, 5..5', [1, 2, 9, 5]],
    ['0', [0]],
  ])('%s', (text, seeds) => {
    expect(parseSeeds(text)).toEqual(seeds);
  });

  test.each([
    ['', '"" is neither a seed like 7 nor a range like 1..10.'],
    ['a', '"a" is neither a seed like 7 nor a range like 1..10.'],
    ['1-10', '"1-10" is neither a seed like 7 nor a range like 1..10.'],
    ['1,,2', '"" is neither a seed like 7 nor a range like 1..10.'],
    ['-1', '"-1" is neither a seed like 7 nor a range like 1..10.'],
    ['10..1', '"10..1" runs backwards; write 1..10.'],
    ['1..3,2', 'seed 2 stands there twice.'],
    ['4294967296', 'a seed is a whole number between 0 and 4294967295.'],
    ['1..4294967295', 'more than 100000 seeds.'],
  ])('%j is refused', (text, message) => {
    expect(() => parseSeeds(text)).toThrow(message);
  });
});

describe('--config', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-configs-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const file = (name: string) => {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), `# ${name}\n`);
    return path.join(dir, name);
  };

  test('a configuration is named after its file, or as the user says', () => {
    const [a, b, c] = [file('a.yaml'), file('b.b.yml'), file('c.conf')];
    expect(namedConfigs([a, b, c, `mine=${a}`])).toEqual([
      { name: 'a', file: a },
      { name: 'b.b', file: b },
      { name: 'c.conf', file: c },
      { name: 'mine', file: a },
    ]);
  });

  test('two of one name are refused, with a way out', () => {
    const [first, second] = [file('same.yaml'), file('other/same.yaml')];
    expect(() => namedConfigs([first, second])).toThrow(
      `--config ${second}: ${first} has the name "same" already; write NAME=${second} to give it another`,
    );
  });

  test('a file that is not there, and a folder', () => {
    const missing = path.join(dir, 'missing.yaml');
    expect(() => namedConfigs([missing])).toThrow(`--config ${missing}: no such file`);
    expect(() => namedConfigs([`x=${missing}`])).toThrow(`--config ${missing}: no such file`);
    expect(() => namedConfigs([dir])).toThrow(`--config ${dir}: this is a folder, not a file`);
  });
});
