/** How one node fared in an attempt, and what would have to be otherwise for it to win. */
import type { AttemptRecord } from '../scheduler/decision.ts';
import { rankNodes, scoredPlugins } from './explain-data.ts';
import { alignRows, counted, wrap } from './text.ts';

const INDENT = 2;

/** @param needs What a trial has found, such as `1.2 cores less requested on it would do`. */
export function explainNode(record: AttemptRecord, node: string, needs: string | undefined, width: number): string {
  const rejected = record.rejected?.find((status) => status.node === node);
  if (rejected !== undefined) {
    const { plugin = '', reasons = [], code } = rejected;
    const forGood = code === 'UnschedulableAndUnresolvable' ? '; no eviction would help' : '';
    return `${wrap(`${node}: rejected by ${plugin}: ${reasons.join(', ')}${forGood}`, width, INDENT).join('\n')}\n`;
  }
  const ranked = rankNodes(record);
  const rank = ranked.findIndex((each) => each.node === node);
  if (rank < 0) {
    const looked = counted(record.evaluated, 'node');
    return `${node}: not looked at: ${looked} were, from place ${record.startIndex} on, and that was enough\n`;
  }
  const own = ranked[rank]!;
  const best = ranked[0]!;
  if (record.totals === undefined) return `${node}: fits; nothing was scored\n`;
  const rows = scoredPlugins(record).map(({ name, weight, raw = [], normalized = [], weighted = [] }) => {
    const lead = weighted[own.index]! - weighted[best.index]!;
    const figures = [raw, normalized, weighted].map((list) => String(list[own.index] ?? ''));
    return [name, `×${weight}`, ...figures, lead === 0 ? '' : signed(lead)];
  });
  const against = rank === 0 ? '' : `against ${best.node}`;
  const table = alignRows(
    [['plugin', 'weight', 'raw', 'normalized', 'weighted', against], ...rows],
    [true, false, false, false, false, false],
  );
  const place = rank === 0 ? 'chosen' : `place ${rank + 1} of ${ranked.length.toLocaleString('en-US')}`;
  return [
    `${node}: ${own.total} points, ${place}`,
    '',
    ...table,
    ...neededLines(best.total - own.total, rank, needs),
    '',
  ].join('\n');
}

function neededLines(behind: number, rank: number, needs: string | undefined): string[] {
  if (rank === 0) return [];
  if (behind === 0) return ['', 'it has as many points as the chosen node: the tie-break decided'];
  const text = `to win it needs ${counted(behind + 1, 'point')} more (${behind} for a tie)`;
  return ['', needs === undefined ? text : `${text}; ${needs}`];
}

const signed = (points: number): string => (points > 0 ? `+${points}` : `−${-points}`);
