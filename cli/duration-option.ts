import { InvalidArgumentError } from 'commander';
import { durationMs } from '../cluster/simulation/index.ts';

/** Milliseconds. Throws commander's InvalidArgumentError. */
export function parseDuration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms < 0)
    throw new InvalidArgumentError('a duration of 0 or more, such as 90s or 1h30m, is expected.');
  return ms;
}
