/** What an explanation says beyond the records: ranks, margins, histograms; and the whole of it for programs. */
import type { AttemptRecord, ScoreRecord, StatusRecord } from '../scheduler/decision.ts';
import type { Explanation } from './schedule-records.ts';
import { type Column, csvHeader, csvLines } from './to-csv.ts';

/** A feasible node, best first; the chosen one before all others. */
export interface RankedNode {
  readonly node: string;
  /** Place in the record's parallel lists. */
  readonly index: number;
  readonly total: number;
}

export interface Duel {
  readonly winner: RankedNode;
  readonly runnerUp: RankedNode;
  readonly margin: number;
  /** Weighted points by which the winner leads, plugin by plugin, largest first; even plugins left out. */
  readonly leads: ReadonlyArray<{ readonly plugin: string; readonly points: number }>;
}

export function rankNodes({ feasible = [], totals, chosen }: AttemptRecord): RankedNode[] {
  const ranked = feasible.map((node, index) => ({ node, index, total: totals?.[index] ?? 0 }));
  const isChosen = ({ node }: RankedNode): number => (node === chosen ? 1 : 0);
  return ranked.sort((a, b) => isChosen(b) - isChosen(a) || b.total - a.total || a.index - b.index);
}

export const scoredPlugins = ({ scores = [] }: AttemptRecord): ScoreRecord[] =>
  scores.filter((score) => !score.skipped);

/** The chosen node against the next best; undefined when nothing was scored. */
export function duelOf(record: AttemptRecord): Duel | undefined {
  const [winner, runnerUp] = rankNodes(record);
  if (record.totals === undefined || record.chosen === undefined || winner === undefined || runnerUp === undefined) {
    return undefined;
  }
  const leads = scoredPlugins(record)
    .map(({ name, weighted = [] }) => ({ plugin: name, points: weighted[winner.index]! - weighted[runnerUp.index]! }))
    .filter(({ points }) => points !== 0)
    .sort((a, b) => b.points - a.points);
  return { winner, runnerUp, margin: winner.total - runnerUp.total, leads };
}

export interface ReasonCount {
  readonly plugin: string;
  readonly reason: string;
  readonly count: number;
}

/** How many nodes gave each reason, the most frequent first. A node with two reasons counts in both. */
export function countReasons(statuses: readonly StatusRecord[]): ReasonCount[] {
  const counts = new Map<string, ReasonCount>();
  for (const { plugin = '', reasons = [] } of statuses) {
    for (const reason of reasons) {
      const key = `${plugin}\n${reason}`;
      counts.set(key, { plugin, reason, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

export function explanationData({ outcome, ...context }: Explanation): object {
  const attempts = outcome.attempts.map(({ record, ...summary }) => {
    const duel = record && duelOf(record);
    return { ...summary, decidedBy: duel?.leads[0]?.plugin, runnerUp: duel?.runnerUp.node, record };
  });
  return { ...outcome, ...context, attempts };
}

interface NodeRow {
  readonly attempt: number;
  readonly node: string;
  readonly verdict: 'feasible' | 'rejected';
  readonly rank?: number;
  readonly totalPoints?: number;
  readonly plugin?: string;
  readonly score?: ScoreRecord;
  readonly index: number;
  readonly reason?: string;
}

const column = (name: string, value: Column<NodeRow>['value']): Column<NodeRow> => ({ name, value });

export const EXPLAIN_COLUMNS: ReadonlyArray<Column<NodeRow>> = [
  column('attempt', (row) => row.attempt),
  column('node', (row) => row.node),
  column('verdict', (row) => row.verdict),
  column('rank', (row) => row.rank),
  column('total_points', (row) => row.totalPoints),
  column('plugin', (row) => row.plugin),
  column('weight', (row) => row.score?.weight),
  column('raw_points', (row) => row.score?.raw?.[row.index]),
  column('normalized_points', (row) => row.score?.normalized?.[row.index]),
  column('weighted_points', (row) => row.score?.weighted?.[row.index]),
  column('reason', (row) => row.reason),
];

/** A row per attempt, node and plugin that scored it or rejected it. */
export function explanationCsv({ outcome, firstAttempt = 1 }: Explanation): string {
  const rows = outcome.attempts.flatMap(({ record }, i): NodeRow[] =>
    record === undefined ? [] : nodeRows(record, i + firstAttempt),
  );
  return csvHeader(EXPLAIN_COLUMNS) + csvLines(EXPLAIN_COLUMNS, rows);
}

function nodeRows(record: AttemptRecord, attempt: number): NodeRow[] {
  const plugins = scoredPlugins(record);
  const feasible = rankNodes(record).flatMap(({ node, index, total }, rank): NodeRow[] => {
    const row = { attempt, node, index, verdict: 'feasible' as const, rank: rank + 1 };
    const totalPoints = record.totals === undefined ? undefined : total;
    if (plugins.length === 0) return [{ ...row, totalPoints }];
    return plugins.map((score) => ({ ...row, totalPoints, plugin: score.name, score }));
  });
  const rejected = (record.rejected ?? []).map(({ node, plugin, reasons = [] }): NodeRow => {
    return { attempt, node, index: -1, verdict: 'rejected', plugin, reason: reasons.join(', ') };
  });
  return [...feasible, ...rejected];
}
