import { InvalidArgumentError } from 'commander';

const SEED_MAX = 2 ** 32 - 1;

/** Throws commander's InvalidArgumentError. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= SEED_MAX) return seed;
  throw new InvalidArgumentError(`a whole number between 0 and ${SEED_MAX} is expected.`);
}
