/** What kube-proxy's own code made of services is made by berth, rule by rule, and every packet goes where it went. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkDocument, checkFile, differenceLines, findGoldenFiles, readDocument } from './index.ts';

const files = findGoldenFiles(fileURLToPath(new URL('./golden-proxy', import.meta.url)));

describe('golden proxy cases', () => {
  test.each(files)('$name', (file) => {
    const { passed, problem, differences } = checkFile(file, { engine: 'fast' }, 3);
    const text = differences.flatMap((difference) => differenceLines(difference));
    expect({ problem, text }).toEqual({ problem: undefined, text: [] });
    expect(passed).toBe(true);
  });

  test.each([
    ['an answer', '"action":"dnat"', '"action":"drop"'],
    ['a rule', 'goto service-', 'goto local-'],
    ['a probability', '--probability 0.5', '--probability 0.4'],
    ['an endpoint', '10.244.0.2', '10.244.0.3'],
  ])('a case where %s has been changed does not pass', (_, from, to) => {
    const changed = files
      .map(({ path }) => readDocument(path))
      .filter(({ result }) => JSON.stringify(result).includes(from))
      .slice(0, 3);
    expect(changed).toHaveLength(3);
    for (const { result, ...rest } of changed) {
      const document = { ...rest, result: JSON.parse(JSON.stringify(result).replaceAll(from, to)) as unknown };
      expect(checkDocument(document, { engine: 'fast' })?.passed).toBe(false);
    }
  });
});
