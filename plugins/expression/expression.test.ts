import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../../api/index.ts';
import { loadConfig } from '../../scheduler/config/load-config.ts';
import { createScheduler, ENGINES, type EngineName } from '../../scheduler/index.ts';
import { expressionPlugins, inTreePlugins } from '../index.ts';
import { expressionPlugin } from './index.ts';
import { ExpressionError, parseExpression } from './parse.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

function configOf(args: object, weight = 1): string {
  return `${HEAD}profiles: ${JSON.stringify([
    {
      plugins: {
        multiPoint: { enabled: [{ name: 'Expression/mine', weight }] },
      },
      pluginConfig: [{ name: 'Expression/mine', args }],
    },
  ])}\n`;
}

const load = (text: string) => loadConfig({ text, baseDir: '.', registry: inTreePlugins, named: expressionPlugins });

const node = (name: string, cpu: string, labels: Record<string, string> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
  status: { allocatable: { cpu, memory: '8Gi', pods: '10', 'nvidia.com/gpu': '2' } },
});
const pod = (name: string, cpu = '1', gpus = 0): Pod => ({
  metadata: { name, namespace: 'default' },
  spec: {
    containers: [
      { name: 'c', resources: { requests: { cpu, ...(gpus > 0 ? { 'nvidia.com/gpu': String(gpus) } : {}) } } },
    ],
  },
});

/** Raw points of every node for one pod, with nothing on the nodes but what `bound` says. */
async function pointsOf(args: object, bound: Pod[] = [], asked = pod('p')): Promise<Record<string, number>> {
  const scheduler = createScheduler({ ...(await load(configOf(args))), explain: true });
  scheduler.cluster.addNode(node('a', '4', { disk: 'ssd', rank: '7' }));
  scheduler.cluster.addNode(node('b', '8'));
  for (const each of bound) scheduler.cluster.addPod(each);
  const { record } = scheduler.schedule(asked).attempts[0]!;
  const score = record!.scores!.find(({ name }) => name === 'Expression/mine');
  return Object.fromEntries(record!.feasible!.map((name, i) => [name, score!.raw![i]!]));
}

describe('arithmetic on nodes and pods', () => {
  const onA: Pod = { ...pod('there'), spec: { ...pod('there').spec!, nodeName: 'a' } };

  test.each([
    ['100 * (1 - cpuRequested / cpuAllocatable) ^ 2', { a: 56, b: 100 }],
    ['cpuAllocatable / 1000', { a: 4, b: 8 }],
    ['podCpu / 100 + pods', { a: 11, b: 10 }],
    ['gpuAllocatable * 10 - gpuRequested', { a: 20, b: 20 }],
    ['pods > 0 ? 90 : 10', { a: 90, b: 10 }],
    ['not (pods > 0) and cpuAllocatable >= 8000', { a: 0, b: 1 }],
    ['4000 <= cpuAllocatable < 5000', { a: 1, b: 0 }],
    ['labelIs("disk", "ssd") * 50 + hasLabel("disk")', { a: 51, b: 0 }],
    ['labelNumber("rank") * 2', { a: 14, b: 0 }],
    ['min(3, pods + 7) + max(1, 2, 3) + floor(2.9) + round(pi)', { a: 11, b: 11 }],
    ['-7 % 3 + 2 ^ 3', { a: 10, b: 10 }],
    ['1000', { a: 100, b: 100 }],
    ['-5', { a: 0, b: 0 }],
    ['0 / 0', { a: 0, b: 0 }],
    ['1 / 0', { a: 100, b: 100 }],
    ['2 ^ 100000', { a: 100, b: 100 }],
  ])('%s', async (score, points) => {
    expect(await pointsOf({ score }, [onA])).toEqual(points);
  });

  test('normalized', async () => {
    const scheduler = createScheduler({
      ...(await load(configOf({ score: 'cpuAllocatable', normalize: 'max' }))),
      explain: true,
    });
    scheduler.cluster.addNode(node('a', '4'));
    scheduler.cluster.addNode(node('b', '8'));
    const { record } = scheduler.schedule(pod('p')).attempts[0]!;
    expect(record!.scores!.at(-1)).toMatchObject({ raw: [4000, 8000], normalized: [50, 100] });
  });

  test('a filter, with the reason that it gives', async () => {
    const { config, registry } = await load(configOf({ filter: 'labelIs("disk", "ssd")', reason: 'slow disk' }));
    const scheduler = createScheduler({ config, registry });
    scheduler.cluster.addNode(node('b', '8'));
    expect(scheduler.schedule(pod('p')).message).toContain('0/1 nodes are available: 1 slow disk.');
    scheduler.cluster.addNode(node('a', '8', { disk: 'ssd' }));
    expect(scheduler.schedule(pod('q')).node).toBe('a');
  });
});

describe('what answers depend on is read off the expression', () => {
  test.each([
    ['cpuAllocatable * labelNumber("x")', 'node'],
    ['podCpu', 'node'],
    ['cpuAllocatable - cpuRequested', 'usage'],
    ['pods > 3 ? 1 : 2', 'usage'],
  ])('%s: %s', (score, dependency) => {
    expect(expressionPlugin('Expression/x', { score }).dependsOn).toEqual({ score: dependency });
  });

  test('both engines place alike, whatever the expression', async () => {
    const leaf = fc.constantFrom(
      'cpuRequested',
      'cpuAllocatable',
      'pods',
      'podCpu',
      'gpuRequested',
      '3',
      'labelNumber("rank")',
    );
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc
          .tuple(tie('expression'), fc.constantFrom('+', '-', '*', '/', '%', '<', 'and'), tie('expression'))
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc
          .tuple(tie('expression'), tie('expression'), tie('expression'))
          .map(([a, b, c]) => `(${a} > 100 ? ${b} : ${c})`),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(
        expression,
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 20 }),
        async (score, cpus) => {
          const placed = async (engine: EngineName): Promise<Array<string | undefined>> => {
            const scheduler = createScheduler({ ...(await load(configOf({ score }))), engine: ENGINES[engine] });
            for (let i = 0; i < 6; i++)
              scheduler.cluster.addNode(node(`n${i}`, String(4 + (i % 3)), { rank: String(i) }));
            return cpus.map((cpu, i) => scheduler.schedule(pod(`p${i}`, String(cpu), i % 2)).node);
          };
          expect(await placed('fast')).toEqual(await placed('reference'));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('nothing but arithmetic gets through', () => {
  test.each([
    ['import("fs")', 'column 1: "import": there is no such function; there are abs'],
    ['process.exit()', '"(": there is no such function'],
    ['constructor', 'column 1: "constructor": there is no such variable'],
    ['cpuRequested.constructor', 'properties cannot be read'],
    ['a = 3', 'nothing can be assigned'],
    ['f(x) = x', 'no function can be defined'],
    ['[1, 2, 3]', 'there are no matrices'],
    ['{a: 1}', 'there are no objects'],
    ['1:1000000000', 'there are no ranges'],
    ['pods[1]', 'properties cannot be read'],
    ['1; 2', 'one expression is expected'],
    ['"text"', 'a finite number is expected'],
    ['1e400', 'a finite number is expected'],
    ['5!', 'column 2: "!": there is no such operator'],
    ['evaluate("1")', 'there is no such function'],
    ['sqrt(1, 2)', 'sqrt takes 1 argument, and this has 2'],
    ['labelIs("a")', 'write it like labelIs("disk", "ssd")'],
    ['labelIs(pods, "a")', 'write it like'],
    ['2 cm', 'column 3: "cm": there is no such variable'],
    ['cpu +', 'column 6: Unexpected end of expression'],
    ['', 'is not'],
    ['('.repeat(3000), '3000 characters'],
    ['('.repeat(500), 'nested deeper than 50'],
    ['-'.repeat(500), 'nested deeper than 50'],
    ['__proto__', 'there is no such variable'],
    ['toString', 'there is no such variable'],
    ['hasOwnProperty(1)', 'there is no such function'],
  ])('%s', (text, message) => {
    if (text === '') expect(() => parseExpression(text)).toThrow(ExpressionError);
    else expect(() => parseExpression(text)).toThrow(message);
  });

  test('any text at all is either arithmetic or an ExpressionError', () => {
    const words = [
      'cpuRequested',
      'import',
      '(',
      ')',
      '.',
      '=',
      '[',
      ']',
      '{',
      '}',
      '"',
      'eval',
      '+',
      '^',
      '1e9',
      ',',
      ';',
      '?',
      ':',
      '!',
      "'",
      '\\',
      '`',
      '$',
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((list) => list.join(' ')),
        ),
        (text) => {
          try {
            parseExpression(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('arguments', () => {
  test.each([
    [undefined, 'Expression/x: arguments are missing'],
    [{}, 'neither args.score nor args.filter is there'],
    [{ scor: '1' }, 'args.scor: there is no such argument; there are score'],
    [{ score: ['1'] }, 'args.score: a text is expected'],
    [{ score: '1', normalize: 'sum' }, 'args.normalize: "sum" is not one of none, max'],
    [
      { score: 'cpu' },
      'Expression/x: args.score: column 1: "cpu": there is no such variable; there are cpuAllocatable',
    ],
  ])('%j', (args, message) => {
    expect(() => expressionPlugin('Expression/x', args)).toThrow(message);
  });

  test('the place in the configuration is named', async () => {
    await expect(load(configOf({ score: 'cpu' }))).rejects.toThrow(
      /profiles\[0\]\.pluginConfig\[0\]\.name: .*column 1/,
    );
  });
});
