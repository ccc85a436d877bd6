// tsc copies no YAML: takes the suite of `berth perf` to the folder of what has been built.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const suite = fileURLToPath(new URL('../bench/perf/suite/', import.meta.url));
for (const dist of process.argv.slice(2)) {
  const target = join(dist, 'bench', 'perf', 'suite');
  rmSync(target, { recursive: true, force: true });
  cpSync(suite, target, { recursive: true });
}
