/** Durations as Go writes them, such as `1h30m` or `1.5s`. Source: Go `time.ParseDuration`. */
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds; a text says what is wrong. */
export function parseGoDuration(text: string): number | string {
  const quoted = JSON.stringify(text);
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (rest === '') return `time: invalid duration ${quoted}`;
  let sumMs = 0;
  while (rest !== '') {
    const found = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (found === null) return `time: invalid duration ${quoted}`;
    const [whole, number, unit] = found as unknown as [string, string, string];
    if (unit === '') return `time: missing unit in duration ${quoted}`;
    const unitMs = UNIT_MS[unit];
    if (unitMs === undefined) return `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
    sumMs += Number(number) * unitMs;
    rest = rest.slice(whole.length);
  }
  return sign * sumMs;
}
