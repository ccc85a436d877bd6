/** Differences for people. */
import type { LocatedDifference } from './check.ts';
import type { Path } from './compare.ts';

const WIDTH = 200;

export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^\w+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Three or four lines, without indentation. */
export function differenceLines(difference: LocatedDifference): string[] {
  const { kind, path, where, expected, got } = difference;
  const field = pathText(path);
  const head = where === '' ? field : `${where}: ${field}`;
  if (kind === 'unknown') return [head, `not compared: berth does not know this field (${cut(expected)})`];
  if (kind === 'inexact') return [head, `not compared: ${expected} is too large to be read exactly`];
  const [expectedText, gotText] = pair(expected, got);
  return [
    head,
    `expected ${kind === 'extra' ? 'nothing' : expectedText}`,
    `got      ${kind === 'missing' ? 'nothing' : gotText}`,
  ];
}

/** Long values are cut to the part around the first place where they differ. */
function pair(expected: unknown, got: unknown): [string, string] {
  const [a, b] = [textOf(expected), textOf(got)];
  if (a.length <= WIDTH && b.length <= WIDTH) return [a, b];
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  const start = Math.max(0, same - WIDTH / 4);
  const window = (text: string) =>
    `${start > 0 ? '…' : ''}${text.slice(start, start + WIDTH)}${text.length > start + WIDTH ? '…' : ''}`;
  return [window(a), window(b)];
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

const cut = (value: unknown): string => {
  const text = textOf(value);
  return text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text;
};
