/** Ranges of seeds and of values, as people write them. */
import { InputError } from '../../api/index.ts';

const SEEDS_MAX = 100_000;
const SEED_MAX = 2 ** 32 - 1;
const VALUES_MAX = 10_000;

/** `1..10`, `7`, `1,4,7` and mixtures, in the order given. Throws InputError. */
export function seedsOf(given: number | string | readonly number[]): number[] {
  if (typeof given === 'number') return [given];
  if (typeof given !== 'string') return [...given];
  const seeds: number[] = [];
  for (const part of given.split(',')) {
    const match = /^\s*(\d+)(?:\.\.(\d+))?\s*$/.exec(part);
    if (match === null) throw new InputError(`"${part}" is neither a seed like 7 nor a range like 1..10.`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    if (last < first) throw new InputError(`"${part}" runs backwards; write ${last}..${first}.`);
    if (last > SEED_MAX) throw new InputError(`a seed is a whole number between 0 and ${SEED_MAX}.`);
    if (seeds.length + last - first >= SEEDS_MAX) throw new InputError(`more than ${SEEDS_MAX} seeds.`);
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (twice !== undefined) throw new InputError(`seed ${twice} stands there twice.`);
  return seeds;
}

/** A list as it is, or the numbers of `0..100 step 25`. Throws InputError. */
export function valuesOf(given: readonly unknown[] | string): readonly unknown[] {
  if (typeof given !== 'string') return given;
  const match = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?: step (\d+(?:\.\d+)?))?$/.exec(given);
  if (match === null) throw new InputError(`"${given}" is not a range like 0..100 step 25`);
  const [from, to, step] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 1)];
  if (to < from) throw new InputError(`"${given}" runs backwards; write ${to}..${from}`);
  if (step === 0) throw new InputError(`"${given}": a step is more than 0`);
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > VALUES_MAX) throw new InputError(`"${given}" has ${count} values, and at most ${VALUES_MAX} make sense`);
  // Decimal steps must not show what binary fractions make of them.
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toPrecision(12)));
}

/** `path=a,b,c` of the command line: values are YAML scalars, a range may stand for all of them. */
export function parseSet(text: string): { readonly path: string; readonly values: readonly unknown[] } {
  const cut = text.indexOf('=');
  if (cut <= 0 || cut === text.length - 1) throw new InputError(`--set ${text}: write PATH=VALUE or PATH=A,B,C`);
  const [path, right] = [text.slice(0, cut), text.slice(cut + 1)];
  if (/^-?\d+(\.\d+)?\.\.-?\d/.test(right)) return { path, values: valuesOf(right) };
  return { path, values: right.split(',').map(scalarOf) };
}

function scalarOf(text: string): unknown {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text;
}
