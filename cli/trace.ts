/** `berth trace`: public traces and one's own, read, looked at, and changed. */
import { Command } from 'commander';
import { convertCommand, sampleCommand, scaleCommand } from './trace-change.ts';
import { generateCommand, presetsCommand } from './trace-generate.ts';
import { importCommand } from './trace-import.ts';
import { headCommand, sourcesCommand, validateCommand } from './trace-look.ts';
import { statsCommand } from './trace-stats.ts';

export function traceCommand(): Command {
  const command = new Command('trace').description('Import traces, generate them, look at them and change them');
  const commands = [
    importCommand(),
    generateCommand(),
    statsCommand(),
    headCommand(),
    sampleCommand(),
    scaleCommand(),
    convertCommand(),
    validateCommand(),
    sourcesCommand(),
    presetsCommand(),
  ];
  for (const child of commands) command.addCommand(child);
  return command;
}
