/** One pod's decision for the terminal: who won, by what, who was in the running, who was not and why. */
import type { AttemptRecord, AttemptSummary, PostFilterRecord } from '../scheduler/decision.ts';
import { countReasons, type Duel, duelOf, type RankedNode, type ReasonCount, rankNodes } from './explain-data.ts';
import { scoreTable } from './explain-scores.ts';
import type { Explanation } from './schedule-records.ts';
import { alignRows, counted, shorten, wrap, wrapItems } from './text.ts';

export interface ExplainOptions {
  /** Longest line. */
  readonly width: number;
  /** All nodes rather than the best few. */
  readonly all: boolean;
}

const NODES_SHOWN = 5;
const CANDIDATES_SHOWN = 5;
const NODE_WIDTH_MAX = 40;
const INDENT = 2;

export function explainTable(explanation: Explanation, options: ExplainOptions): string {
  const { outcome } = explanation;
  const lines: string[] = [];
  if (outcome.attempts.length === 0) lines.push(...notTried(explanation, options));
  outcome.attempts.forEach((attempt, i) => {
    if (i > 0) lines.push('');
    lines.push(...attemptLines(explanation, attempt, i, options));
  });
  return `${lines.join('\n')}\n`;
}

function notTried({ outcome }: Explanation, { width }: ExplainOptions): string[] {
  const { plugin, reasons = [] } = outcome.gate ?? {};
  const why = outcome.gate === undefined ? (outcome.message ?? '') : `${plugin}: ${reasons.join(', ')}`;
  return wrap(`${outcome.pod}   ${outcome.outcome}, not tried: ${why}`, width, INDENT);
}

function attemptLines(
  explanation: Explanation,
  attempt: AttemptSummary,
  index: number,
  options: ExplainOptions,
): string[] {
  const { record } = attempt;
  const duel = record && duelOf(record);
  const { width } = options;
  const lines = [...wrap(header(explanation, attempt, index, duel), width, INDENT)];
  if (index === 0) lines.push(...wrap(context(explanation), width, INDENT));
  if (attempt.node === undefined) lines.push('', ...wrap(attempt.message ?? '', width));
  if (record === undefined) return lines;
  lines.push(...feasibleLines(record, options));
  lines.push(...rejectedLines(record, width));
  if (duel !== undefined) lines.push(...wrap(needsLine(duel, explanation), width, INDENT));
  const preemption = record.postFilter === undefined ? [] : preemptionLines(record.postFilter, width);
  if (preemption.length > 0) lines.push('', ...preemption);
  return lines;
}

function header(
  { outcome, firstAttempt = 1 }: Explanation,
  attempt: AttemptSummary,
  index: number,
  duel: Duel | undefined,
): string {
  const where = attempt.node === undefined ? 'not placed' : `→ ${attempt.node}`;
  const parts = [`${outcome.pod} ${where}`, `attempt ${index + firstAttempt}`];
  if (attempt.node !== undefined) parts.push(decidedBy(attempt, duel));
  return parts.join('   ');
}

function decidedBy({ feasibleCount }: AttemptSummary, duel: Duel | undefined): string {
  if (duel === undefined)
    return feasibleCount === 1 ? 'the only node that fits' : 'no plugin scores; first node that fits';
  const among = `of ${counted(feasibleCount, 'feasible node')}`;
  if (duel.margin === 0) return `decided by the tie-break (margin 0, ${among})`;
  const points = counted(duel.margin, 'point');
  return `decided by ${duel.leads[0]?.plugin ?? 'the tie-break'} (margin ${points}, ${among})`;
}

function context({ priority, decidedBefore, tieBreak }: Explanation): string {
  const before = decidedBefore === 0 ? 'the first to be decided' : `after ${counted(decidedBefore, 'other pod')}`;
  return `${before} · priority ${priority} · ties: ${tieBreak}`;
}

function feasibleLines(record: AttemptRecord, { width, all }: ExplainOptions): string[] {
  const ranked = rankNodes(record);
  const shown = all ? ranked : ranked.slice(0, NODES_SHOWN);
  const lines: string[] = [];
  if (shown.length === 0) return lines;
  if (record.nominatedFirst !== undefined) lines.push(`tried first: ${record.nominatedFirst}, promised to the pod`);
  lines.push('');
  if (record.totals === undefined) {
    lines.push(...wrap(`feasible: ${names(shown)}`, width, INDENT));
  } else {
    lines.push(...scoreTable(record, shown, width));
  }
  if (shown.length < ranked.length) {
    lines.push(`… ${(ranked.length - shown.length).toLocaleString('en-US')} more feasible (--all)`);
  }
  return lines;
}

const names = (nodes: readonly RankedNode[]): string => nodes.map(({ node }) => node).join(', ');

function rejectedLines({ rejected = [], feasible = [] }: AttemptRecord, width: number): string[] {
  if (rejected.length === 0) return [];
  const [some, all] = [rejected.length, rejected.length + feasible.length].map((count) =>
    count.toLocaleString('en-US'),
  );
  const reasons = countReasons(rejected).map(reasonText);
  return ['', ...wrapItems(`rejected ${some} of ${all} looked at`, reasons, width, INDENT)];
}

const reasonText = ({ count, reason, plugin }: ReasonCount): string =>
  `${count.toLocaleString('en-US')} ${reason}${plugin === '' ? '' : ` (${plugin})`}`;

/** What the runner-up would need. */
function needsLine({ winner, runnerUp, margin, leads }: Duel, { tieBreak, runnerUpNeeds }: Explanation): string {
  if (margin === 0) {
    const how = tieBreak === 'random' ? 'drawn' : `taken by the rule "${tieBreak}"`;
    return `${runnerUp.node} has as many points: ${winner.node} was ${how}`;
  }
  const behind = leads.filter(({ points }) => points > 0).map(({ plugin, points }) => `${plugin} ${points}`);
  const ahead = leads.filter(({ points }) => points < 0).map(({ plugin, points }) => `${plugin} ${-points}`);
  const where = [`it is behind in ${behind.join(', ')}`, ...(ahead.length > 0 ? [`ahead in ${ahead.join(', ')}`] : [])];
  const needs = `to win, ${runnerUp.node} needs ${counted(margin + 1, 'point')} more (${margin} for a tie)`;
  return `${needs}: ${where.join(', ')}${runnerUpNeeds === undefined ? '' : `; ${runnerUpNeeds}`}`;
}

function preemptionLines(result: PostFilterRecord, width: number): string[] {
  const { candidates = [], dryRunRejected = [], nominatedNode, tiedNodes = [], clearedNominations = [] } = result;
  const lines: string[] = [];
  const shown = candidates.slice(0, CANDIDATES_SHOWN);
  if (shown.length > 0) {
    const rows = shown.map(({ node, victims, pdbViolations }) => [
      `${node === nominatedNode ? '→' : ' '} ${shorten(node, NODE_WIDTH_MAX)}`,
      String(pdbViolations),
      victims.join(', '),
    ]);
    const [title = '', ...table] = alignRows(
      [['  preemption on', 'PDB violations', 'evicts'], ...rows],
      [true, false, true],
    );
    lines.push(title, ...table.flatMap((line) => wrap(line, width, INDENT * 2)));
    if (shown.length < candidates.length) lines.push(`… ${candidates.length - shown.length} more would do (-o json)`);
  }
  if (tiedNodes.length > 1) lines.push(...wrap(`equal on all criteria: ${tiedNodes.join(', ')}`, width, INDENT));
  if (dryRunRejected.length > 0) {
    const title = `evicting does not help on ${dryRunRejected.length.toLocaleString('en-US')}`;
    lines.push(...wrapItems(title, countReasons(dryRunRejected).map(reasonText), width, INDENT));
  }
  if (clearedNominations.length > 0) {
    lines.push(...wrap(`lost their promised node: ${clearedNominations.join(', ')}`, width, INDENT));
  }
  return lines;
}
