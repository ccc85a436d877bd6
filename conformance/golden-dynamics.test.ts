/** Everything that kube-scheduler did over time in `golden-dynamics/` is done by berth in the same way, step by step. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkFile, differenceLines, ENGINES, findGoldenFiles } from './index.ts';

const files = findGoldenFiles(fileURLToPath(new URL('./golden-dynamics', import.meta.url)));

for (const engine of ENGINES) {
  describe.each([...new Set(files.map((file) => file.family))])(
    `golden timelines, engine ${engine}, family %s`,
    (family) => {
      test.each(files.filter((file) => file.family === family))('$name', (file) => {
        const { passed, problem, differences } = checkFile(file, { engine }, 1);
        const text = differences.flatMap((difference) => differenceLines(difference));
        expect({ problem, text }).toEqual({ problem: undefined, text: [] });
        expect(passed).toBe(true);
      });
    },
  );
}
