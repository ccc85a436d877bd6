/** What `berth perf` found out, for people: a line per workload, with threshold, figure and ratio. */
import { alignRows, counted, shorten, wrapItems } from './text.ts';

/** One collection of metrics in a workload. */
export interface PerfFigure {
  readonly name: string;
  /** Pods that were bound while it was on. */
  readonly pods: number;
  /** What the threshold is about: `SchedulingThroughput`, `Average`. */
  readonly metric: string;
  readonly bucket: string;
  /** Undefined when there was too little to measure. */
  readonly value?: number;
  readonly unit: string;
  /** Undefined where the suite names none. */
  readonly threshold?: number;
  readonly expectLower: boolean;
  readonly passed?: boolean;
  /** Between samples of the throughput. */
  readonly intervalMs: number;
  readonly samples: number;
  /** From the start of the collection to the last pod. */
  readonly seconds: number;
  /** Of these, the time in which there was something to do. */
  readonly busySeconds: number;
  readonly cpuSeconds: number;
  readonly podsPerSecond?: number;
  readonly podsPerCpuSecond?: number;
}

export interface PerfResult {
  readonly topic: string;
  readonly testCase: string;
  readonly workload: string;
  /** `invalid`: the suite does not say what to run. */
  readonly state: 'ran' | 'failed' | 'unsupported' | 'invalid';
  /** Why it did not run, or not to its end. */
  readonly reason?: string;
  readonly figures: readonly PerfFigure[];
}

const TITLES = ['', 'pods', 'threshold', 'ours', 'ratio', 'pods/s', 'pods/CPU s', 'sample'];
const LEFT = TITLES.map((_, i) => i === 0);
const NONE = '–';
/** What the columns of figures need. */
const FIGURES_WIDTH = 66;
const NAME_WIDTH_MIN = 16;

export function perfTable(results: readonly PerfResult[], width: number): string {
  const ran = results.filter(({ figures }) => figures.length > 0);
  const lines = ran.length === 0 ? [] : figureLines(ran, width);
  const notRun = reasonLines(
    results.filter(({ state }) => state !== 'ran'),
    width,
  );
  if (notRun.length > 0) lines.push('', ...notRun);
  return `${[...lines, '', summary(results)].join('\n')}\n`;
}

function figureLines(results: readonly PerfResult[], width: number): string[] {
  const nameWidth = Math.max(NAME_WIDTH_MIN, width - FIGURES_WIDTH);
  const rows: string[][] = [TITLES];
  const headings = new Map<number, string>();
  let heading = '';
  for (const result of results) {
    const next = `${result.topic} · ${result.testCase}`;
    if (next !== heading) headings.set(rows.length, next);
    heading = next;
    for (const figure of result.figures) rows.push(figureRow(result, figure, nameWidth));
  }
  return alignRows(rows, LEFT, 2).flatMap((line, i) => {
    const title = headings.get(i);
    return title === undefined ? [line] : [title, line];
  });
}

function figureRow({ workload, figures }: PerfResult, figure: PerfFigure, nameWidth: number): string[] {
  const { value, threshold, expectLower, passed, podsPerSecond, podsPerCpuSecond } = figure;
  const ratio = value === undefined || threshold === undefined ? undefined : ratioOf(value, threshold, expectLower);
  const name = figures.length > 1 ? `${workload} ${figure.name}` : workload;
  return [
    `  ${shorten(name, nameWidth - 2)}`,
    figure.pods.toLocaleString('en-US'),
    threshold === undefined ? NONE : whole(threshold),
    value === undefined ? NONE : whole(value),
    ratio === undefined ? NONE : `${ratio < 10 ? ratio.toFixed(1) : whole(ratio)}x${passed ? '' : ' !'}`,
    podsPerSecond === undefined ? NONE : whole(podsPerSecond),
    podsPerCpuSecond === undefined ? NONE : whole(podsPerCpuSecond),
    figure.samples === 0 ? NONE : `${figure.samples}×${duration(figure.intervalMs)}`,
  ];
}

/** How many times as good. */
const ratioOf = (value: number, threshold: number, expectLower: boolean): number =>
  expectLower ? threshold / value : value / threshold;

const whole = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

const duration = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`);

/** Workloads with the same reason are told together. */
function reasonLines(results: readonly PerfResult[], width: number): string[] {
  const byReason = new Map<string, string[]>();
  for (const { topic, testCase, workload, state, reason = '' } of results) {
    const title = `${state} (${reason})`;
    byReason.set(title, [...(byReason.get(title) ?? []), `${topic} ${testCase}/${workload}`]);
  }
  return [...byReason].flatMap(([title, names]) => wrapItems(title, names, width, 2));
}

function summary(results: readonly PerfResult[]): string {
  const count = (state: PerfResult['state']): number => results.filter((result) => result.state === state).length;
  const judged = results.flatMap(({ figures }) => figures).filter(({ passed }) => passed !== undefined);
  const passed = judged.filter((figure) => figure.passed).length;
  const parts = [`${count('ran')} of ${counted(results.length, 'workload')} ran`];
  for (const state of ['failed', 'unsupported', 'invalid'] as const) {
    if (count(state) > 0) parts.push(`${count(state)} ${state}`);
  }
  if (judged.length > 0) parts.push(`${passed} of ${counted(judged.length, 'threshold')} met`);
  return parts.join(' · ');
}
