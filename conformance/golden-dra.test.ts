/** Devices: everything that kube-scheduler decided in `golden-dra/` is decided by berth in the same way. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkFile, differenceLines, ENGINES, findGoldenFiles } from './index.ts';

const files = findGoldenFiles(fileURLToPath(new URL('./golden-dra', import.meta.url)));

for (const engine of ENGINES) {
  describe.each([...new Set(files.map((file) => file.family))])(
    `golden files for devices, engine ${engine}, family %s`,
    (family) => {
      test.each(files.filter((file) => file.family === family))('$name', (file) => {
        const { passed, problem, differences } = checkFile(file, { engine }, 3);
        const text = differences.flatMap((difference) => differenceLines(difference));
        expect({ problem, text }).toEqual({ problem: undefined, text: [] });
        expect(passed).toBe(true);
      });
    },
  );
}
