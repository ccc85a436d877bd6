/** What a failed command prints and returns: 2 for usage and input, 1 for a run that failed. */
import { InputError } from '../api/index.ts';
import { ConfigError } from '../scheduler/index.ts';

export const EXIT_FAILED = 1;
export const EXIT_INPUT = 2;

const isInputError = (error: unknown): error is Error => error instanceof InputError || error instanceof ConfigError;

export const exitCodeOf = (error: unknown): number => (isInputError(error) ? EXIT_INPUT : EXIT_FAILED);

export function reportError(error: unknown, debug: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message}\n`);
  if (debug && error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
  else if (!isInputError(error)) process.stderr.write('(run with --debug for the stack trace)\n');
}
