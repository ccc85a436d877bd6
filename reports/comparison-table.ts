/** A comparison as a table for the terminal and for Markdown. */
import type { ComparedProfile, Comparison, Metric } from './comparison.ts';

const GAP = '  ';
const NAME_LENGTH_MAX = 32;

/** `98.1 ±0.2`; without a spread when there is one run only, and `–` when there is none. */
function cell(profile: ComparedProfile, { name, scale, digits }: Metric): string {
  const estimate = profile.estimates.get(name);
  if (estimate === undefined) return '–';
  const number = (value: number) =>
    (value * scale).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const { mean, standardDeviation } = estimate;
  return standardDeviation === undefined ? number(mean) : `${number(mean)} ±${number(standardDeviation)}`;
}

/** Cut to a length that leaves room for figures, unless two names would then read alike. */
function shortened(names: readonly string[]): readonly string[] {
  const short = names.map((name) => (name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX - 1)}…` : name));
  return new Set(short).size === new Set(names).size ? short : names;
}

interface TextColumn {
  readonly title: string;
  readonly lines: readonly string[];
  readonly width: number;
}

/** Titles with units in two lines, a line per configuration, and notes. Metrics that do not fit the width are left out and named. */
export function comparisonTable(comparison: Comparison, widthMax: number): string {
  const { metrics, profiles } = comparison;
  const names = ['', '', ...shortened(profiles.map(({ profile }) => profile))];
  const nameWidth = Math.max(...names.map((name) => name.length));
  const columns: TextColumn[] = metrics.map((metric) => {
    const [first = '', ...rest] = metric.title.split(' ');
    const lines = [first, [...rest, metric.unit].join(' ').trim(), ...profiles.map((profile) => cell(profile, metric))];
    return { title: metric.title, lines, width: Math.max(...lines.map((line) => line.length)) };
  });
  const shown: TextColumn[] = [];
  let width = nameWidth;
  for (const column of columns) {
    width += GAP.length + column.width;
    if (width > widthMax && shown.length > 0) break;
    shown.push(column);
  }
  const table = names.map((name, line) =>
    [name.padEnd(nameWidth), ...shown.map((column) => column.lines[line]!.padStart(column.width))].join(GAP).trimEnd(),
  );
  const hidden = columns.slice(shown.length).map(({ title }) => title);
  const notes = comparisonNotes(comparison);
  if (hidden.length > 0) notes.push(`too narrow for ${hidden.join(', ')}: see summary.csv`);
  return `${[...table, '', ...notes].join('\n')}\n`;
}

/** What the spread is, over how many runs, and which configurations made no difference. */
export function comparisonNotes({ profiles, equalDecisions }: Comparison): string[] {
  const runs = profiles.map((profile) => profile.runs);
  const least = Math.min(...runs);
  const most = Math.max(...runs);
  const count = least === most ? `${most}` : `${least} to ${most}`;
  const notes = [most > 1 ? `mean ± standard deviation over ${count} runs` : 'one run: no spread known'];
  for (const { profile, as } of equalDecisions) {
    notes.push(`${profile} put every pod where ${as} did: nothing in this workload asks for what differs`);
  }
  return notes;
}

export function comparisonMarkdown(comparison: Comparison): string {
  const { metrics, profiles } = comparison;
  const titles = metrics.map(({ title, unit }) => (unit === '' ? title : `${title} (${unit})`));
  const rows = profiles.map((profile) => [escaped(profile.profile), ...metrics.map((metric) => cell(profile, metric))]);
  const lines = [['configuration', ...titles], ['---', ...titles.map(() => '---:')], ...rows];
  const table = lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
  return `${table}\n\n${comparisonNotes(comparison).map(escaped).join('; ')}\n`;
}

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
