/** `berth init`: files to start from, with comments. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { InputError } from '../api/index.ts';
import { PLUGIN_MODULE, PLUGIN_README, PLUGIN_TEST } from './init-plugin.ts';
import { SUITE_EXAMPLE } from './init-suite.ts';

export function initCommand(): Command {
  const command = new Command('init').description('Write a commented example to start from: a suite, or a plugin');
  command
    .command('suite', { isDefault: true })
    .description('a suite file')
    .argument('[file]', 'where to write it', 'suite.yaml')
    .action((file: string) => {
      write(file, SUITE_EXAMPLE);
      process.stdout.write(`wrote ${file}\nnext: berth run ${file}\n`);
    });
  command
    .command('plugin')
    .description('a scheduler plugin with its test')
    .argument('<name>', 'name of the plugin, such as PreferQuiet')
    .option('--dir <dir>', 'folder to write to (default: the name, in lower case)')
    .action((name: string, { dir }: { dir?: string }) => initPlugin(name, dir));
  return command;
}

function initPlugin(name: string, given: string | undefined): void {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) {
    throw new InputError(`"${name}": a plugin is named with letters and digits, such as PreferQuiet`);
  }
  const base = name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
  const dir = given ?? base;
  const files = [
    [`${base}.mjs`, PLUGIN_MODULE],
    [`${base}.test.mjs`, PLUGIN_TEST],
    ['README.md', PLUGIN_README],
    ['config.yaml', config(base)],
  ] as const;
  const taken = files.map(([file]) => path.join(dir, file)).find((file) => existsSync(file));
  if (taken !== undefined) throw new InputError(`${taken} is there already; name another folder with --dir`);
  for (const [file, text] of files) {
    write(path.join(dir, file), text.replaceAll('NAME', name).replaceAll('BASE', base));
    process.stdout.write(`wrote ${path.join(dir, file)}\n`);
  }
  process.stdout.write(
    `next: node --test ${dir}/ && berth run --trace openb --config ${path.join(dir, 'config.yaml')}\n`,
  );
}

const config = (base: string): string => `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- plugins:
    multiPoint:
      enabled:
      - name: ./${base}.mjs
        weight: 2
`;

function write(file: string, text: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(code === 'EEXIST' ? `${file} is there already; name another file` : `${file}: ${message}`);
  }
}
