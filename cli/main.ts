#!/usr/bin/env node
/** `berth`: one command per file, and here what they share: help, `--debug`, and what an error looks like. */
import { Command, CommanderError } from 'commander';
import { exitCodeOf, reportError } from './errors.ts';
import { VERSION } from './version.ts';

/** In the order of the help. Each is loaded only where it is asked for: what one command needs slows none of the others. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo.ts')).demoCommand(),
  run: async () => (await import('./run.ts')).runCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
  schema: async () => (await import('./schema.ts')).schemaCommand(),
  repro: async () => (await import('./repro.ts')).reproCommand(),
  explain: async () => (await import('./explain.ts')).explainCommand(),
  diff: async () => (await import('./diff.ts')).diffCommand(),
  report: async () => (await import('./report.ts')).reportCommand(),
  compare: async () => (await import('./compare.ts')).compareCommand(),
  plugins: async () => (await import('./plugins.ts')).pluginsCommand(),
  schedule: async () => (await import('./schedule.ts')).scheduleCommand(),
  simulate: async () => (await import('./simulate.ts')).simulateCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  etcdctl: async () => (await import('./etcdctl.ts')).etcdctlCommand(),
  proxy: async () => (await import('./proxy.ts')).proxyCommand(),
  cri: async () => (await import('./cri.ts')).criCommand(),
  perf: async () => (await import('./perf.ts')).perfCommand(),
  trace: async () => (await import('./trace.ts')).traceCommand(),
  conformance: async () => (await import('./conformance.ts')).conformanceCommand(),
  paper: async () => (await import('./paper.ts')).paperCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
};

/** The command that the arguments name, or all of them: for the help, and for what a mistyped name may have meant. */
function commandsFor(args: readonly string[]): string[] {
  const name = args.find((arg) => !arg.startsWith('-')) ?? '';
  return Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
}

const program = new Command('berth')
  .description('Which kube-scheduler configuration is best for this cluster and this workload, and why.')
  .version(VERSION)
  .option('--debug', 'print stack traces with errors')
  .showHelpAfterError('(berth --help lists the commands)')
  .exitOverride();

for (const name of commandsFor(process.argv.slice(2))) program.addCommand(await COMMANDS[name]!());
for (const command of program.commands) {
  // Settings of the program that commander gives to commands made with .command() only.
  command.copyInheritedSettings(program);
}

try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own complaint, or the help that was asked for.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    reportError(error, program.opts<{ debug?: boolean }>().debug === true);
    process.exitCode = exitCodeOf(error);
  }
}
