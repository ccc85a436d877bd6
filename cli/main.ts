#!/usr/bin/env node
/** `berth`: one command per file, and here what they share: help, `--debug`, and what an error looks like. */
import { Command, CommanderError } from 'commander';
import { benchCommand } from './bench.ts';
import { compareCommand } from './compare.ts';
import { conformanceCommand } from './conformance.ts';
import { demoCommand } from './demo.ts';
import { exitCodeOf, reportError } from './errors.ts';
import { etcdctlCommand } from './etcdctl.ts';
import { paperCommand } from './paper.ts';
import { perfCommand } from './perf.ts';
import { proxyCommand } from './proxy.ts';
import { runCommand } from './run.ts';
import { scheduleCommand } from './schedule.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { VERSION } from './version.ts';

const program = new Command('berth')
  .description('Which kube-scheduler configuration is best for this cluster and this workload, and why.')
  .version(VERSION)
  .option('--debug', 'print stack traces with errors')
  .showHelpAfterError('(berth --help lists the commands)')
  .exitOverride()
  .addCommand(demoCommand())
  .addCommand(runCommand())
  .addCommand(compareCommand())
  .addCommand(scheduleCommand())
  .addCommand(simulateCommand())
  .addCommand(serveCommand())
  .addCommand(etcdctlCommand())
  .addCommand(proxyCommand())
  .addCommand(perfCommand())
  .addCommand(conformanceCommand())
  .addCommand(paperCommand())
  .addCommand(benchCommand());

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
