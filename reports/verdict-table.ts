/** Verdicts as a table for the terminal and for Markdown: a block per configuration, a line per metric. */
import { alignRows } from './text.ts';
import type { VerdictRecord } from './verdict-records.ts';

export interface VerdictTableOptions {
  /** Of the intervals. */
  readonly level: number;
}

const HEAD = ['metric', 'base', 'new', 'change', 'interval', 'p', 'verdict'];
/** Of 2ⁿ sign choices two are the most extreme: from here on they are rarer than 5 %. */
const PAIRS_FOR_P = 6;
const LEFT = [true, false, false, false, false, false, true];

export function verdictTable(records: readonly VerdictRecord[], options: VerdictTableOptions): string {
  const blocks = byConfiguration(records).map(([other, rows]) => {
    const lines = alignRows([HEAD, ...rows.map(cells)], LEFT, 3);
    return [`${other} against ${rows[0]!.base}, ${pairsText(rows)}`, '', ...lines.map((line) => line.trimEnd())].join(
      '\n',
    );
  });
  return `${[...blocks, notes(records, options).join('\n')].join('\n\n')}\n`;
}

export function verdictMarkdown(records: readonly VerdictRecord[], options: VerdictTableOptions): string {
  const blocks = byConfiguration(records).map(([other, rows]) => {
    const lines = [HEAD, HEAD.map((_, column) => (LEFT[column] ? '---' : '---:')), ...rows.map(cells)];
    const table = lines.map((line) => `| ${line.map(escaped).join(' | ')} |`).join('\n');
    return `**${escaped(other)}** against ${escaped(rows[0]!.base)}, ${pairsText(rows)}\n\n${table}`;
  });
  return `${[...blocks, ...notes(records, options).map(escaped)].join('\n\n')}\n`;
}

function byConfiguration(records: readonly VerdictRecord[]): Array<[string, VerdictRecord[]]> {
  const blocks = new Map<string, VerdictRecord[]>();
  for (const record of records) {
    const rows = blocks.get(record.other);
    if (rows === undefined) blocks.set(record.other, [record]);
    else rows.push(record);
  }
  return [...blocks];
}

function pairsText(rows: readonly VerdictRecord[]): string {
  const pairs = Math.max(...rows.map((row) => row.pairs));
  return pairs === 1 ? 'one run each: exact on this input, no interval' : `${pairs} pairs`;
}

function cells(row: VerdictRecord): string[] {
  const { low, high } = row;
  const sign = row.unit === '%' ? ' %' : '';
  const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${figure(Math.abs(value))}`;
  return [
    row.isPrimary ? `${row.title} *` : row.title,
    withDeviation(row.baseMean, row.baseDeviation, row.pairs),
    withDeviation(row.otherMean, row.otherDeviation, row.pairs),
    row.effect === 0 ? '0' : `${signed(row.effect)}${sign}`,
    low === undefined || high === undefined || low === high ? '' : `${signed(low)} … ${signed(high)}${sign}`,
    row.pAdjusted === undefined ? '' : pText(row.pAdjusted),
    verdictText(row),
  ];
}

function verdictText(row: VerdictRecord): string {
  const { verdict } = row;
  if (verdict === 'exact') return row.effect === 0 ? 'equal' : row.effect > 0 ? 'better here' : 'worse here';
  if (verdict === 'same') {
    if (row.low === row.high && row.effect === 0) return 'same (identical)';
    return row.isRealButSmall ? 'same (a real but small difference)' : 'same';
  }
  if (verdict === 'inconclusive') {
    const enough = row.pairsNeeded;
    return enough === undefined || !Number.isFinite(enough)
      ? 'inconclusive'
      : `inconclusive; about ${enough} pairs would tell`;
  }
  return row.isClear ? `clearly ${verdict}` : verdict;
}

const withDeviation = (value: number, deviation: number, pairs: number): string =>
  pairs > 1 && deviation > 0 ? `${figure(value)} ±${figure(deviation)}` : figure(value);

/** Three significant digits, without an exponent where it can be helped. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  if (size < 1e-4) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

const pText = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3));

function notes(records: readonly VerdictRecord[], { level }: VerdictTableOptions): string[] {
  if (records.length === 0) return ['nothing to compare: the runs have no seed in common'];
  const lines = ['change: positive is better; * primary metric'];
  if (records.some(({ low }) => low !== undefined)) {
    const percent = Number((100 * level).toFixed(2));
    lines.push(
      `intervals ${percent} % (t, paired by workload and seed); p adjusted: Holm over primary metrics, Benjamini–Hochberg over the others, which are exploratory`,
      `same: within the threshold (${thresholds(records)}) by two one-sided tests; not significant is never "same"`,
    );
  }
  const fewest = Math.min(...records.map(({ p, pairs }) => (p === undefined ? Number.POSITIVE_INFINITY : pairs)));
  if (fewest < PAIRS_FOR_P) {
    lines.push(`with ${fewest} pairs no exact p is below ${2 ** (1 - fewest)}: go by the intervals, or run more seeds`);
  }
  for (const { title, other, notes: cautions } of records) {
    for (const caution of cautions) lines.push(`${other}, ${title}: ${caution}`);
  }
  return lines;
}

function thresholds(records: readonly VerdictRecord[]): string {
  const texts = records.map(({ threshold, unit }) => `±${figure(threshold)}${unit === '%' ? ' %' : ''}`);
  return [...new Set(texts)].slice(0, 4).join(', ');
}

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
