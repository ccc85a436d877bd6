/** A what-if run for the terminal: a line per pod, the reason for those still pending, and the sum of it. */
import type { PlacementRecord, ScheduleResult } from './schedule-records.ts';
import { alignRows, counted, shorten, wrap } from './text.ts';

const POD_WIDTH_MAX = 44;
const NODE_WIDTH_MAX = 32;
/** Where less room is left for a note, it goes below its line. */
const NOTE_WIDTH_MIN = 40;
const NOTE_INDENT = 4;
const GAP = 3;

export function scheduleTable(result: ScheduleResult, width: number): string {
  const { placements } = result;
  if (placements.length === 0) {
    return `no pending pods: ${counted(result.boundPods, 'pod')} on ${counted(result.nodes, 'node')}, nothing to decide\n`;
  }
  const rows = [['pod', 'node', 'points', 'margin'], ...placements.map(cells)];
  const lines = alignRows(rows, [true, true, false, false], GAP);
  const table = lines.flatMap((line, i) =>
    i === 0 ? [line] : withNote(line, noteOf(placements[i - 1]!), width, lines),
  );
  return `${[headline(result), '', ...table, '', summaryLine(placements)].join('\n')}\n`;
}

const headline = ({ placements, nodes, boundPods, tieBreak }: ScheduleResult): string =>
  `${counted(placements.length, 'pending pod')} · ${counted(nodes, 'node')} with ${counted(boundPods, 'pod')} · ties: ${tieBreak}`;

function cells({ pod, node, totalPoints, marginPoints }: PlacementRecord): string[] {
  const points = (value: number | undefined): string =>
    node === undefined ? '–' : (value?.toLocaleString('en-US') ?? '–');
  return [shorten(pod, POD_WIDTH_MAX), shorten(node ?? '–', NODE_WIDTH_MAX), points(totalPoints), points(marginPoints)];
}

function noteOf(placement: PlacementRecord): string {
  const { outcome, message = '', victims, evictedBy, feasibleNodes } = placement;
  const notes: string[] = [];
  if (outcome !== 'scheduled') notes.push(message === '' ? outcome : `${outcome}: ${message}`);
  else if (feasibleNodes === 1 && victims.length === 0) notes.push('the only node that fits');
  if (victims.length > 0) notes.push(`evicts ${victims.join(', ')}`);
  if (evictedBy !== undefined) notes.push(`then evicted by ${evictedBy}`);
  return notes.join('; ');
}

function withNote(line: string, note: string, width: number, lines: readonly string[]): string[] {
  if (note === '') return [line];
  const start = Math.max(...lines.map((other) => other.length)) + GAP;
  if (width - start >= NOTE_WIDTH_MIN) {
    const [first, ...rest] = wrap(note, width - start);
    return [`${line.padEnd(start)}${first}`, ...rest.map((part) => ' '.repeat(start) + part)];
  }
  return [line, ...wrap(note, width - NOTE_INDENT).map((part) => ' '.repeat(NOTE_INDENT) + part)];
}

function summaryLine(placements: readonly PlacementRecord[]): string {
  const count = (outcome: string): number => placements.filter((placement) => placement.outcome === outcome).length;
  const evicted = placements.reduce((sum, { victims }) => sum + victims.length, 0);
  const parts = [
    `placed ${count('scheduled').toLocaleString('en-US')} of ${placements.length.toLocaleString('en-US')}`,
  ];
  for (const outcome of ['unschedulable', 'gated', 'ignored', 'error']) {
    if (count(outcome) > 0) parts.push(`${count(outcome).toLocaleString('en-US')} ${outcome}`);
  }
  if (evicted > 0) parts.push(`${counted(evicted, 'pod')} evicted`);
  return parts.join(' · ');
}

/** The pod whose explanation tells most: the first that stays pending, else the closest decision. */
export function mostTelling(placements: readonly PlacementRecord[]): PlacementRecord | undefined {
  const pending = placements.find(({ outcome }) => outcome !== 'scheduled');
  if (pending !== undefined) return pending;
  const margin = ({ marginPoints = Number.POSITIVE_INFINITY }: PlacementRecord): number => marginPoints;
  return placements.reduce<PlacementRecord | undefined>(
    (closest, next) => (closest === undefined || margin(next) < margin(closest) ? next : closest),
    undefined,
  );
}
