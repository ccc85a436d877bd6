/** `berth schema`: the JSON Schema of suites, for editors. */
import { Command } from 'commander';
import { SUITE_SCHEMA } from '../bench/index.ts';

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of suite files, for editors that complete and check them')
    .action(() => {
      process.stdout.write(`${JSON.stringify(SUITE_SCHEMA, null, 2)}\n`);
    });
}
