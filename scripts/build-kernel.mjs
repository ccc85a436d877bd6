// Compiles the AssemblyScript kernel to `scheduler/fast/kernel/scan.wasm`, and copies it to the paths that are named. The
// source does not end in .ts, so that it is not taken for TypeScript; the compiler asks for it under that name all the same.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../scheduler/fast/kernel/', import.meta.url));
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
const { error, stderr } = await asc.main(['scan.ts', '--outFile', 'scan.wasm', ...options], {
  readFile: (name) => {
    const path = `${folder}${name.replace(/\.ts$/, '.as')}`;
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  },
  writeFile: (name, content) => writeFileSync(`${folder}${name}`, content),
});
if (error) {
  process.stderr.write(`${stderr.toString()}\n${error.message}\n`);
  process.exit(1);
}
for (const path of process.argv.slice(2)) {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(`${folder}scan.wasm`, path);
}
