/** A simulation for the terminal and for spreadsheets. */
import type { AttemptRow, KubeEventRow, LifeRow, SimulationResult } from './simulation-records.ts';
import { alignRows, counted, shorten, wrap } from './text.ts';
import { type Column, csvHeader, csvLines } from './to-csv.ts';

const POD_WIDTH_MAX = 40;
const NODE_WIDTH_MAX = 28;
const INDENT = 4;

/** `1h02m03.500s`, as short as it can be said. */
export function clockText(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = ((ms % 60_000) / 1000).toFixed(3);
  const two = (text: string | number) => String(text).padStart(2, '0');
  return `${two(hours)}:${two(minutes)}:${seconds.padStart(6, '0')}`;
}

/** @param withEvents Also lists the Event objects of all pods. */
export function simulationTable(result: SimulationResult, width: number, withEvents = false): string {
  const { attempts, kubeEvents } = result;
  const hasGroups = attempts.some(({ group }) => group !== undefined);
  const heads = ['time', ...(hasGroups ? ['group'] : []), 'pod', 'try', 'queue', 'outcome', 'node'];
  const rows = [heads, ...attempts.map((attempt) => cells(attempt, hasGroups))];
  const lines = alignRows(
    rows,
    heads.map((head) => head !== 'try'),
  );
  const notes = (i: number): string[] =>
    isSaidBelow(attempts[i]!, attempts[i + 1]) ? [] : noteLines(attempts[i]!, width);
  const body = lines.flatMap((line, i) => (i === 0 ? [line] : [line, ...notes(i - 1)]));
  const timeline = attempts.length > 0 ? [...body, ''] : [];
  const events = withEvents ? ['Events:', ...eventsOf(kubeEvents, width, true), ''] : [];
  return `${[headline(result), '', ...timeline, ...events, summaryLine(result)].join('\n')}\n`;
}

/** Pods of one group often fail for one reason. */
const isSaidBelow = ({ number, message, nominatedNode }: AttemptRow, next: AttemptRow | undefined): boolean =>
  next?.number === number && next.message === message && next.nominatedNode === nominatedNode;

const headline = ({ summary }: SimulationResult): string =>
  `${counted(summary.nodes, 'node')} · ${counted(summary.events, 'event')} · ${counted(summary.pods, 'pod')} · ${clockText(summary.endMs)} simulated`;

const cells = ({ ms, pod, group, podAttempts, queue, outcome, node }: AttemptRow, hasGroups: boolean): string[] => [
  clockText(ms),
  ...(hasGroups ? [shorten(group ?? '–', POD_WIDTH_MAX)] : []),
  shorten(pod, POD_WIDTH_MAX),
  String(podAttempts),
  queue,
  outcome,
  shorten(node ?? '–', NODE_WIDTH_MAX),
];

function noteLines({ message, nominatedNode }: AttemptRow, width: number): string[] {
  const notes = [...(message ? [message] : []), ...(nominatedNode ? [`nominated to ${nominatedNode}`] : [])];
  return notes.flatMap((note) => wrap(note, width - INDENT).map((line) => ' '.repeat(INDENT) + line));
}

function summaryLine({ summary }: SimulationResult): string {
  const { bound, pods, pending, attempts, evictions, waitMsMedian, waitMsMax } = summary;
  const parts = [
    `bound ${bound.toLocaleString('en-US')} of ${pods.toLocaleString('en-US')}`,
    counted(attempts, 'attempt'),
  ];
  if (pending > 0) parts.push(`${pending.toLocaleString('en-US')} pending at the end`);
  if (evictions > 0) parts.push(counted(evictions, 'eviction'));
  if (waitMsMedian !== undefined && waitMsMax !== undefined) {
    parts.push(`waited ${seconds(waitMsMedian)} in the median, ${seconds(waitMsMax)} at most`);
  }
  return parts.join(' · ');
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

/** The life of one pod, and its events as `kubectl describe pod` lists them. */
export function lifeTable(pod: string, { life = [], kubeEvents }: SimulationResult, width: number): string {
  const lines = life.flatMap((row) => lifeLines(row, width));
  const own = kubeEvents.filter((event) => event.pod === pod);
  return `${[pod, '', ...lines, '', 'Events:', ...eventsOf(own, width, false)].join('\n')}\n`;
}

function lifeLines({ ms, what, detail }: LifeRow, width: number): string[] {
  const time = clockText(ms);
  const line = `${time}   ${what}`;
  if (detail === undefined) return [line];
  const indent = ' '.repeat(time.length + 3);
  return [line, ...wrap(detail, width - indent.length).map((part) => indent + part)];
}

/** As `kubectl describe` lists them; those of many pods with the pod, as `kubectl get events` does. */
function eventsOf(events: readonly KubeEventRow[], width: number, withPods: boolean): string[] {
  if (events.length === 0) return ['  <none>'];
  const heads = ['Type', 'Reason', 'Time', 'From', ...(withPods ? ['Pod'] : [])];
  const cells = events.map(({ type, reason, ms, from, pod }) => [
    type,
    reason,
    clockText(ms),
    from,
    ...(withPods ? [shorten(pod, POD_WIDTH_MAX)] : []),
  ]);
  const lines = alignRows(
    [heads, heads.map((head) => '-'.repeat(head.length)), ...cells],
    heads.map(() => true),
  );
  const start = Math.max(...lines.map((line) => line.length)) + 3;
  const messages = ['Message', '-------', ...events.map(({ message }) => message)];
  return lines.flatMap((line, row) =>
    wrap(messages[row]!, Math.max(40, width - start - 2)).map(
      (part, i) => `  ${(i === 0 ? line : '').padEnd(start)}${part}`,
    ),
  );
}

const ATTEMPT_COLUMNS: ReadonlyArray<Column<AttemptRow>> = [
  { name: 'time_ms', value: ({ ms }) => ms },
  { name: 'attempt', value: ({ number }) => number },
  { name: 'pod', value: ({ pod }) => pod },
  { name: 'pod_attempts', value: ({ podAttempts }) => podAttempts },
  { name: 'queue', value: ({ queue }) => queue },
  { name: 'outcome', value: ({ outcome }) => outcome },
  { name: 'node', value: ({ node }) => node },
  { name: 'feasible_nodes', value: ({ feasibleNodes }) => feasibleNodes },
  { name: 'evaluated_nodes', value: ({ evaluatedNodes }) => evaluatedNodes },
  { name: 'nominated_node', value: ({ nominatedNode }) => nominatedNode },
  { name: 'rejecting_plugins', value: ({ rejectors }) => rejectors?.join(' ') },
  { name: 'message', value: ({ message }) => message },
  { name: 'group', value: ({ group }) => group },
];

export const simulationCsv = ({ attempts }: SimulationResult): string =>
  csvHeader(ATTEMPT_COLUMNS) + csvLines(ATTEMPT_COLUMNS, attempts);

const LIFE_COLUMNS: ReadonlyArray<Column<LifeRow>> = [
  { name: 'time_ms', value: ({ ms }) => ms },
  { name: 'what', value: ({ what }) => what },
  { name: 'detail', value: ({ detail }) => detail },
];

export const lifeCsv = ({ life = [] }: SimulationResult): string =>
  csvHeader(LIFE_COLUMNS) + csvLines(LIFE_COLUMNS, life);
