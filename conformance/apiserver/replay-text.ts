/** A replay for people: how many in each group, and what differed. */
import type { ReplayResult } from './replay.ts';

export function replayText(results: readonly ReplayResult[], shown: number): string {
  const groups = new Map<string, { passed: number; failed: number }>();
  for (const { group, difference } of results) {
    const row = groups.get(group) ?? { passed: 0, failed: 0 };
    if (difference === undefined) row.passed++;
    else row.failed++;
    groups.set(group, row);
  }
  const width = Math.max(...[...groups.keys()].map((group) => group.length));
  const rows = [...groups].map(
    ([group, { passed, failed }]) =>
      `${group.padEnd(width)}  ${String(passed).padStart(5)} passed  ${String(failed).padStart(4)} failed`,
  );
  const failures = results.filter(({ difference }) => difference !== undefined);
  const told = failures.slice(0, shown).map(({ group, name, difference }) => `${group}: ${name}\n  ${difference}`);
  const total = `${results.length - failures.length} passed, ${failures.length} failed`;
  return `${[...rows, ...(told.length === 0 ? [] : ['', ...told]), '', total].join('\n')}\n`;
}
