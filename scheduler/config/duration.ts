/** Go durations, exact in nanoseconds. Source: `time.ParseDuration` and `Duration.String` of Go 1.26. */

/** A text is no duration; the message is Go's. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const LIMIT = 2n ** 63n;
const TERM = /^(\d*)(?:\.(\d*))?([^.\d]*)/;

export const SECOND = UNITS.s!;

/** Nanoseconds of a text such as `1h30m` or `-1.5s`. Throws DurationError. */
export function parseDuration(text: string): bigint {
  const invalid = (what = 'invalid duration'): DurationError => new DurationError(`time: ${what} ${quote(text)}`);
  const negative = text.startsWith('-');
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const [term, whole = '', fraction = '', unitName = ''] = TERM.exec(rest)!;
    if (whole === '' && fraction === '') throw invalid();
    if (unitName === '') throw invalid('missing unit in duration');
    const unit = Object.hasOwn(UNITS, unitName) ? UNITS[unitName]! : undefined;
    if (unit === undefined) throw invalid(`unknown unit ${quote(unitName)} in duration`);
    total += BigInt(whole || '0') * unit + fractionOf(fraction, unit);
    if (total > LIMIT) throw invalid();
    rest = rest.slice(term.length);
  }
  if (negative) return -total;
  if (total === LIMIT) throw invalid();
  return total;
}

/** Digits after the point, in nanoseconds, rounded as Go does it: in doubles, towards zero. */
function fractionOf(digits: string, unit: bigint): bigint {
  if (digits === '') return 0n;
  const counted = digits.slice(0, 18);
  return BigInt(Math.trunc(Number(counted) * (Number(unit) / 10 ** counted.length)));
}

/** `1h0m0s`, `1.5s`, `300ms`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const amount = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (amount < 1_000n) return `${sign}${amount}ns`;
  if (amount < 1_000_000n) return `${sign}${decimal(amount, 1_000n)}µs`;
  if (amount < SECOND) return `${sign}${decimal(amount, 1_000_000n)}ms`;
  const seconds = `${decimal(amount % (60n * SECOND), SECOND)}s`;
  const minutes = amount / (60n * SECOND);
  if (minutes === 0n) return `${sign}${seconds}`;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`;
}

function decimal(amount: bigint, unit: bigint): string {
  const fraction = String(unit + (amount % unit))
    .slice(1)
    .replace(/0+$/, '');
  return fraction === '' ? String(amount / unit) : `${amount / unit}.${fraction}`;
}

/** Package time has its own quoting: bytes outside printable ASCII as `\x..`. */
function quote(text: string): string {
  let quoted = '"';
  for (const character of text) {
    if (character >= ' ' && character < '\u0080') {
      quoted += character === '"' || character === '\\' ? `\\${character}` : character;
    } else {
      for (const byte of new TextEncoder().encode(character)) quoted += `\\x${byte.toString(16).padStart(2, '0')}`;
    }
  }
  return `${quoted}"`;
}
