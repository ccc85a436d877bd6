/** Folders of golden files: what is found, what is refused, and what the report says. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { reportText, runDecision, runFolder } from './index.ts';

const options = { engine: 'reference', jobs: 1 } as const;

/** A folder with these files; objects become JSON, `.gz` names are compressed. */
function folder(files: Record<string, unknown>): string {
  const root = mkdtempSync(join(tmpdir(), 'berth-golden-'));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(join(path, '..'), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  }
  return root;
}

const testCase = {
  nodes: ['a', 'b'].map((name) => ({ metadata: { name }, status: { allocatable: { cpu: '2', pods: '10' } } })),
  pending: ['p', 'q'].map((name) => ({ metadata: { name }, spec: { containers: [{ name: 'c' }] } })),
};
const good = { case: testCase, result: runDecision(testCase as any, { engine: 'reference' }) };
const wrong = (): any => {
  const document = structuredClone(good) as any;
  document.result.pods[1].attempts[0].scores[0].raw[1] += 1;
  return document;
};

describe('runFolder', () => {
  test('runs a tree, compressed or not, and tells families by folder', async () => {
    const root = folder({ 'x/1.json.gz': good, 'x/deep/2.json': good, 'y/1.json.gz': wrong(), 'README.md': 'text' });
    const reports = await runFolder(root, options);
    expect(reports.map(({ file, family, passed }) => [file, family, passed])).toEqual([
      ['x/1.json.gz', 'x', true],
      ['x/deep/2.json', 'deep', true],
      ['y/1.json.gz', 'y', false],
    ]);
    expect((await runFolder(root, { ...options, families: ['y'] })).map(({ file }) => file)).toEqual(['y/1.json.gz']);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['an empty folder', { 'README.md': 'text' }, /no golden files/],
    ['a file that is not compressed', { 'a.json.gz': '' }, /a\.json\.gz: not a golden file/],
    ['a file that is not JSON', { 'a.json': '{"case": ' }, /a\.json: not a golden file/],
    ['a list', { 'a.json.gz': [] }, /a\.json\.gz: not a golden file: a JSON object is expected/],
    ['other JSON', { 'a.json.gz': { name: 'x' } }, /a\.json\.gz: not a golden file/],
    ['a case without a result', { 'a.json.gz': { case: testCase } }, /a\.json\.gz: not a golden file/],
  ])('refuses %s and names it', async (_, files, message) => {
    const root = folder(files);
    if (Object.hasOwn(files, 'a.json.gz') && files['a.json.gz'] === '') writeFileSync(join(root, 'a.json.gz'), 'plain');
    await expect(runFolder(root, options)).rejects.toThrow(message);
  });

  test('refuses a folder or a family that is not there', async () => {
    await expect(runFolder('/nowhere/golden', options)).rejects.toThrow(/\/nowhere\/golden: no such folder/);
    const root = folder({ 'x/1.json': good });
    await expect(runFolder(join(root, 'x', '1.json'), options)).rejects.toThrow(/not a folder/);
    await expect(runFolder(root, { ...options, families: ['z'] })).rejects.toThrow(/no such family; it has x/);
  });

  test.each<[string, object]>([
    ['optimum instance', { schema: 1, objective: 'minNodes', nodes: [], pods: [], optimum: { value: 1 } }],
    ['recording of requests', { about: 'x', recordings: [] }],
  ])('fails on a %s, which berth does not run yet', async (kind, document) => {
    const [report] = await runFolder(folder({ 'x/1.json.gz': document }), options);
    expect(report).toMatchObject({ passed: false, kind, problem: `not supported yet: ${kind}` });
  });

  test('fails on a case that asks for what berth does not know', async () => {
    const document = { ...good, case: { ...testCase, podGroups: [] } };
    const [report] = await runFolder(folder({ 'x/1.json': document }), options);
    expect(report).toMatchObject({ passed: false, problem: expect.stringContaining('case.podGroups') });
  });

  test('fails on a case that makes berth fail', async () => {
    const document = { ...good, case: { ...testCase, nodes: [{ metadata: {} }] } };
    const [report] = await runFolder(folder({ 'x/1.json': document }), options);
    expect(report).toMatchObject({ passed: false, problem: 'berth failed: a node needs metadata.name' });
  });
});

describe('the report', () => {
  test('is a table, the first differences, and a last line with the count of files', async () => {
    const root = folder({ 'x/1.json': good, 'y/1.json': wrong() });
    const text = reportText(await runFolder(root, options), 10);
    expect(text).toBe(
      [
        'family   files   pods   attempts   passed   failed',
        'x            1      2          2        1        0',
        'y            1      2          2        0        1',
        '',
        'y/1.json   1 difference',
        '  pod default/q, attempt 1, plugin TaintToleration, node b: pods[1].attempts[0].scores[0].raw[1]',
        '    expected 1',
        '    got      0',
        '',
        '1 passed, 1 failed',
        '',
      ].join('\n'),
    );
  });

  test('shows one difference of every file before a second one of any', async () => {
    const noisy = wrong();
    noisy.result.pods = [];
    noisy.result.nodeOrder = [];
    const root = folder({ 'x/1.json': noisy, 'x/2.json': wrong(), 'x/3.json': wrong() });
    const reports = await runFolder(root, options);
    expect(reportText(reports, 2)).toMatch(/x\/1\.json[\s\S]*x\/2\.json[\s\S]*1 more failing file/);
    expect(reportText(reports, 0)).not.toContain('difference');
  });
});
