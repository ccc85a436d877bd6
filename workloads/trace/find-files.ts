/** Which files of a folder belong to a family. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import { familiesOf } from './import-trace.ts';
import type { TraceFamily } from './model.ts';

/** The files named, and those in the folders named (one level of table folders deep), in order. Throws InputError. */
export function traceFiles(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (!existsSync(name)) throw new InputError('no such file or folder', { file: name });
    return statSync(name).isDirectory() ? filesIn(name, 1) : [name];
  });
}

function filesIn(dir: string, depth: number): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(dir, entry.name);
      if (entry.isDirectory()) return depth > 0 ? filesIn(file, depth - 1) : [];
      return [file];
    });
}

/** Files that were named must be known; of what lies in a folder, the rest is left alone. Throws InputError when nothing is known. */
export async function knownFiles(
  family: TraceFamily,
  files: readonly string[],
  named: readonly string[],
): Promise<string[]> {
  const known: string[] = [];
  for (const file of files) {
    if (named.includes(file) || (await familiesOf(file, [family])).length > 0) known.push(file);
  }
  if (known.length > 0) return known;
  const looks = family.tables.map(({ name, looks: text }) => `  ${name}: ${text}`).join('\n');
  throw new InputError(`${named.join(', ')}: none of the files that ${family.name} knows is there; it knows\n${looks}`);
}
