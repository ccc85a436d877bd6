const MS_OF_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  µs: 1e-3,
  us: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A duration that configuration has checked, as Go writes it: `10m0s`, `1.5s`. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([a-zµ]+)/g)) total += Number(amount) * MS_OF_UNIT[unit!]!;
  return total;
}
