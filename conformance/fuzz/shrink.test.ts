import { describe, expect, test } from 'vitest';
import { type Case, minimize, shrink } from './shrink.ts';

describe('minimize', () => {
  test.each<[string, number[], number[]]>([
    ['one culprit', [7], [7]],
    ['two far apart', [3, 90], [3, 90]],
    ['nobody', [], []],
    ['everybody needed', [1, 2, 3, 4], [1, 2, 3, 4]],
  ])('finds %s', async (_, culprits, expected) => {
    const items = culprits.length === 4 ? culprits : Array.from({ length: 100 }, (_, i) => i);
    const fails = async (rest: readonly number[]) => culprits.every((culprit) => rest.includes(culprit));
    expect(await minimize(items, fails)).toEqual(expected);
  });

  test('takes few steps for one culprit among many', async () => {
    let calls = 0;
    const items = Array.from({ length: 1024 }, (_, i) => i);
    await minimize(items, async (rest) => {
      calls++;
      return rest.includes(777);
    });
    expect(calls).toBeLessThan(60);
  });
});

describe('shrink', () => {
  const pod = (name: string, extra: object = {}) => ({
    metadata: { name, labels: { app: 'web', tier: 'front' } },
    spec: { containers: [{ name: 'c' }, { name: 'd' }], ...extra },
  });

  test('leaves the objects and fields that the failure needs, names included', async () => {
    const original: Case = {
      family: 'taints',
      options: { tieBreak: 'heap' },
      nodes: [
        { metadata: { name: 'n1' }, spec: { taints: [{ key: 'a' }, { key: 'b' }] } },
        { metadata: { name: 'n2' } },
      ],
      services: [{ metadata: { name: 's' } }],
      pending: [pod('p1'), pod('p2', { tolerations: [{ key: 'x' }, { key: 'b', operator: 'Exists' }] }), pod('p3')],
    };
    const has = (value: unknown, text: string) => JSON.stringify(value ?? '').includes(text);
    const small = await shrink(
      original,
      async (candidate) => has(candidate.pending, '"key":"b"') && has(candidate.nodes, '"key":"b"'),
    );
    expect(small).toEqual({
      family: 'taints',
      options: {},
      nodes: [{ metadata: { name: 'n1' }, spec: { taints: [{ key: 'b' }] } }],
      pending: [{ metadata: { name: 'p2' }, spec: { tolerations: [{ key: 'b' }] } }],
    });
  });

  test('takes lines out of a configuration text', async () => {
    const original: Case = { family: 'config', configText: 'a: 1\nb: 2\nc: 3\nd: 4' };
    const small = await shrink(original, async ({ configText }) => /b: 2[\s\S]*d: 4/.test(String(configText)));
    expect(small.configText).toBe('b: 2\nd: 4');
  });
});
