/** The fuzzer, with a source of cases in place of the oracle program that lies about what is labelled `cursed`. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { runConfig } from '../kinds/config.ts';
import { runDecision } from '../kinds/decision.ts';
import { FAMILIES, fuzz } from './fuzz.ts';
import { type Batch, type CaseSource, Oracle } from './oracle.ts';

const scratch = () => mkdtempSync(join(tmpdir(), 'berth-fuzz-test-'));

const solve = (testCase: any): any => {
  const result: any =
    testCase.family === 'config'
      ? runConfig(testCase)
      : structuredClone(runDecision(testCase, { engine: 'reference' }));
  (testCase.pending ?? []).forEach((pod: any, i: number) => {
    if (pod.metadata.labels?.cursed === 'yes') result.pods[i].attempts[0].evaluated++;
  });
  return result;
};

const pod = (name: string, labels: object) => ({ metadata: { name, labels }, spec: { containers: [{ name: 'c' }] } });
const node = (name: string) => ({ metadata: { name }, status: { allocatable: { cpu: '4', pods: '10' } } });

/** The case of each index; the oracle's own assertions fail on `refused`. */
const source = (caseOf: (index: number) => object, refused = -1): CaseSource => ({
  async vectors({ family, index, count, out }: Batch) {
    const files: string[] = [];
    mkdirSync(join(out, family), { recursive: true });
    for (let i = index; i < index + count; i++) {
      if (i === refused) return { files, refusal: 'panic: ASSERT: upstream differs from itself' };
      const testCase = { family, ...caseOf(i) };
      const path = join(out, family, `${i}.json.gz`);
      writeFileSync(path, gzipSync(JSON.stringify({ case: testCase, result: solve(testCase) })));
      files.push(path);
    }
    return { files };
  },
  async solve(testCase) {
    try {
      return solve(structuredClone(testCase));
    } catch {
      return undefined; // the real one gives up on broken objects, too
    }
  },
});

const healthy = () => ({ nodes: [node('a'), node('b')], pending: [pod('p', { app: 'web' })] });
const cursed = (index: number) =>
  index % 4 !== 2
    ? healthy()
    : {
        nodes: ['a', 'b', 'c'].map(node),
        pending: [pod('p', {}), pod('q', { cursed: 'yes', app: 'web' }), pod('r', { app: 'web' })],
      };

async function run(oracle: CaseSource, families: string[], count: number) {
  const out = join(scratch(), 'findings');
  const lines: string[] = [];
  const counts = await fuzz({
    ...{ oracle, families, count, out, seed: 7, engine: 'reference' as const },
    log: (line) => lines.push(line),
  });
  return { counts, lines, out };
}

describe('fuzz', () => {
  test('counts per family what agrees, and writes nothing then', async () => {
    const { counts, lines, out } = await run(source(healthy), ['taints', 'ports'], 60);
    const expected = { cases: 60, pods: 60, attempts: 60, passed: 60, failed: 0, refused: 0 };
    expect(counts).toEqual([
      { family: 'taints', ...expected },
      { family: 'ports', ...expected },
    ]);
    expect(lines).toEqual([]);
    expect(() => readdirSync(out)).toThrow();
  });

  test('shrinks the first case of a kind of difference to what it needs', async () => {
    const { counts, lines, out } = await run(source(cursed), ['mixed'], 20);
    expect(counts[0]).toMatchObject({ passed: 15, failed: 5 });
    expect(lines.filter((line) => line.includes('index'))).toHaveLength(3);
    expect(lines.at(-1)).toBe('5 cases of mixed differs: value pods.attempts.evaluated');
    const { case: small } = JSON.parse(readFileSync(join(out, 'mixed-7-2.json'), 'utf8'));
    expect(small).toEqual({
      family: 'mixed',
      pending: [{ metadata: { name: 'q', labels: { cursed: 'yes' } }, spec: { containers: [] } }],
    });
    expect(readFileSync(join(out, 'mixed-7-2.txt'), 'utf8')).toContain('pods[0].attempts[0].evaluated');
  });

  test('goes on behind a case that the oracle refuses', async () => {
    const { counts, lines } = await run(source(healthy, 4), ['spread'], 10);
    expect(counts[0]).toMatchObject({ cases: 9, passed: 9, refused: 1 });
    expect(lines).toEqual(['spread index 4: the oracle stopped: panic: ASSERT: upstream differs from itself']);
  });

  test('runs configurations too', async () => {
    const configText = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
    const { counts } = await run(
      source(() => ({ configText })),
      ['config'],
      3,
    );
    expect(counts[0]).toMatchObject({ cases: 3, passed: 3 });
  });

  test('knows every family of the generator', () => {
    expect(FAMILIES).toHaveLength(17);
  });
});

describe('the oracle program', () => {
  const program = (text: string): Oracle => {
    const path = join(scratch(), 'oracle');
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return new Oracle(path);
  };
  const batch: Batch = { family: 'taints', seed: 1, index: 0, count: 2, scale: 1, out: scratch() };

  test('that is not there is named', () => {
    expect(() => new Oracle('/nowhere/oracle')).toThrow(/--oracle \/nowhere\/oracle: not a program/);
  });

  test('that fails is quoted', async () => {
    await expect(program('echo "oracle: no such thing" >&2; exit 1').vectors(batch)).rejects.toThrow(
      /the oracle failed on family "taints", index 0: oracle: no such thing/,
    );
  });

  test('that writes nothing is an error', async () => {
    await expect(program('exit 0').vectors({ ...batch, out: scratch() })).rejects.toThrow(/wrote no files/);
  });

  test('may refuse a case', async () => {
    const assertion = program('echo "panic: ASSERT: no" >&2; exit 2');
    expect(await assertion.vectors({ ...batch, out: scratch() })).toEqual({ files: [], refusal: 'panic: ASSERT: no' });
    expect(await assertion.solve({})).toBeUndefined();
  });

  test('reads the case and writes its result', async () => {
    expect(await program('cat').solve({ family: 'x', pending: [] })).toEqual({ family: 'x', pending: [] });
  });
});
