/** The report of a run for the terminal: a table of families, the first differences, and the count that ends it. */
import type { FileReport } from './check.ts';
import { differenceLines } from './difference-text.ts';

interface FamilyRow {
  readonly family: string;
  files: number;
  pods: number;
  attempts: number;
  passed: number;
  failed: number;
}

export function familyRows(reports: readonly FileReport[]): FamilyRow[] {
  const rows = new Map<string, FamilyRow>();
  for (const report of reports) {
    const { family } = report;
    let row = rows.get(family);
    if (row === undefined) {
      row = { family, files: 0, pods: 0, attempts: 0, passed: 0, failed: 0 };
      rows.set(family, row);
    }
    row.files++;
    row.pods += report.pods;
    row.attempts += report.attempts;
    if (report.passed) row.passed++;
    else row.failed++;
  }
  return [...rows.values()];
}

/** @param show How many differences to print in full. */
export function reportText(reports: readonly FileReport[], show: number): string {
  const parts = [familyTable(reports)];
  const differences = firstDifferences(reports, show);
  if (differences !== '') parts.push(differences);
  const notes = reports.flatMap(({ file, notes }) => notes.map((note) => `  ${file}: ${note}`));
  if (notes.length > 0)
    parts.push(`compared by stage and field, without Go's type and file names:\n${notes.join('\n')}`);
  parts.push(countLine(reports));
  return `${parts.join('\n\n')}\n`;
}

export function countLine(reports: readonly FileReport[]): string {
  const failed = reports.filter((report) => !report.passed).length;
  return `${reports.length - failed} passed, ${failed} failed`;
}

function familyTable(reports: readonly FileReport[]): string {
  const rows = familyRows(reports).map(({ family, ...counts }) => [family, ...Object.values(counts).map(String)]);
  return tableText([['family', 'files', 'pods', 'attempts', 'passed', 'failed'], ...rows]);
}

/** A name on the left, numbers on the right. */
export function tableText(lines: ReadonlyArray<readonly string[]>): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 3))).join(''))
    .join('\n');
}

/** One of every failing file first, so that a single noisy file does not hide the others. */
function firstDifferences(reports: readonly FileReport[], show: number): string {
  const failing = reports.filter((report) => !report.passed);
  const perFile = failing.map(() => 0);
  let left = show;
  for (let round = 0; left > 0 && round < show; round++) {
    failing.forEach(({ differences, problem }, i) => {
      const entries = problem === undefined ? differences.length : 1;
      if (left > 0 && perFile[i] === round && round < entries) {
        perFile[i]!++;
        left--;
      }
    });
  }
  const shown = failing
    .filter((_, i) => perFile[i]! > 0)
    .map((report) => fileText(report, perFile[failing.indexOf(report)]!));
  const hidden = failing.length - shown.length;
  if (hidden > 0 && show > 0)
    shown.push(`… ${hidden} more failing files (--show ${failing.length} for one difference of each)`);
  return shown.join('\n\n');
}

function fileText({ file, problem, differences, differenceCount }: FileReport, count: number): string {
  if (problem !== undefined) return `${file}\n  ${problem}`;
  const shown = differences.slice(0, count).map((difference) => differenceLines(difference).join('\n    '));
  const title = `${file}   ${differenceCount} difference${differenceCount === 1 ? '' : 's'}`;
  return [title, ...shown.map((text) => `  ${text}`)].join('\n');
}
