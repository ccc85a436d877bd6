/**
 * Files that were damaged at random: whatever is in them, an import ends with a sentence for the user or with a trace that makes sense,
 * and never with an error of the program.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError, subdomainErrors } from '../../api/index.ts';
import { TRACE_FAMILIES } from './families.ts';
import { type Files, type Imported, imported } from './import.fixture.ts';
import { SAMPLES } from './samples.fixture.ts';

/** The same damages every time, unless FUZZ_RUNS asks for that many others. */
const LONGER = process.env.FUZZ_RUNS;
const OPTIONS = LONGER === undefined ? { numRuns: 40, seed: 20261125 } : { numRuns: Number(LONGER) };

test('every family has a sample, but the one of binary files', () => {
  const missing = TRACE_FAMILIES.map(({ name }) => name).filter((name) => SAMPLES[name] === undefined);
  expect(missing).toEqual(['azure-packing']);
});

/** Texts that commonly stand where they should not. */
const INTRUDERS = [
  '',
  '-1',
  '0',
  '101',
  'NaN',
  'null',
  '1e400',
  '-',
  '"',
  ',',
  '\t',
  '{',
  '}',
  '[]',
  '\u0000',
  'é',
  '99999999999999999999',
  '0.5',
  ' ',
  '\n',
  'a',
];

const damage = fc.record({
  file: fc.nat(),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat({ max: 12 }),
  by: fc.constantFrom(...INTRUDERS),
});
const token = fc.record({ file: fc.nat(), which: fc.nat(), by: fc.constantFrom(...INTRUDERS) });

function replaced(files: Files, file: number, change: (text: string) => string): Files {
  const names = Object.keys(files);
  const name = names[file % names.length]!;
  return { ...files, [name]: change(files[name] as string) };
}

/** Replaces the n-th run of letters, digits and dots: a field, a key or a value. */
function withToken(text: string, which: number, by: string): string {
  const tokens = [...text.matchAll(/[\w.>-]+/g)];
  const found = tokens[which % tokens.length]!;
  return text.slice(0, found.index) + by + text.slice(found.index + found[0].length);
}

function check({ list }: Imported): void {
  const names = new Set<string>();
  for (const { name, arrival, lifetime, gang, owner, shape } of list.pods) {
    expect(subdomainErrors(name)).toEqual([]);
    expect(arrival).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(arrival)).toBe(true);
    expect(lifetime).toBeGreaterThanOrEqual(0);
    expect(Number.isInteger(gang)).toBe(true);
    expect(owner).not.toMatch(/[,\n]/);
    for (const amount of Object.values(shape.spec.containers[0]?.resources?.requests ?? {}))
      expect(String(amount)).not.toMatch(/NaN|Infinity|undefined|e[+-]/);
    names.add(name);
  }
}

describe.each(Object.keys(SAMPLES))('%s', (family) => {
  const files = SAMPLES[family]!;

  async function attempt(damaged: Files, onError: 'stop' | 'skip'): Promise<void> {
    try {
      check(await imported(family, damaged, { onError }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      expect(error.message.length).toBeGreaterThan(10);
    }
  }

  test('the sample itself is good', async () => {
    const whole = await imported(family, files);
    check(whole);
    expect(whole.pods).toBeGreaterThan(0);
    expect(new Set(whole.list.pods.map(({ name }) => name)).size).toBe(whole.pods);
  });

  test('bytes cut out or put in', async () => {
    await fc.assert(
      fc.asyncProperty(
        damage,
        fc.constantFrom('stop' as const, 'skip' as const),
        async ({ file, at, length, by }, onError) => {
          await attempt(
            replaced(files, file, (text) => {
              const from = Math.floor(at * text.length);
              return text.slice(0, from) + by + text.slice(from + length);
            }),
            onError,
          );
        },
      ),
      OPTIONS,
    );
  });

  test('a field, a key or a value that is something else', async () => {
    await fc.assert(
      fc.asyncProperty(
        token,
        fc.constantFrom('stop' as const, 'skip' as const),
        async ({ file, which, by }, onError) => {
          await attempt(
            replaced(files, file, (text) => withToken(text, which, by)),
            onError,
          );
        },
      ),
      OPTIONS,
    );
  });
});
