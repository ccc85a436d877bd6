/** The figures of a report, one function each. */

import type { Html } from './markup.ts';
import { figure, Plot } from './plot.ts';
import type { WorkloadReport } from './report-data.ts';

/** Distinct for most eyes, on light and on dark. */
const COLOURS = [
  '#4269d0',
  '#d97706',
  '#0f9d76',
  '#c2410c',
  '#8b5cf6',
  '#0891b2',
  '#be185d',
  '#6b7280',
  '#65a30d',
  '#a16207',
];

const colour = (profiles: readonly string[]) => ({
  legend: true,
  domain: [...profiles],
  range: profiles.map((_, i) => COLOURS[i % COLOURS.length]!),
});

/** Change against the base, in percent, with its interval: a dot that is right of zero is better. */
export function effects({ workload, verdicts }: WorkloadReport): Html | undefined {
  const shown = verdicts.filter(({ unit, low, high }) => unit === '%' && low !== undefined && high !== undefined);
  if (shown.length === 0) return undefined;
  const rows = shown.map((row) => ({
    metric: row.isPrimary ? `${row.title} *` : row.title,
    other: row.other,
    effect: clamp(row.effect),
    low: clamp(row.low!),
    high: clamp(row.high!),
    threshold: row.threshold,
  }));
  const others = [...new Set(rows.map(({ other }) => other))];
  const metrics = new Set(rows.map(({ metric }) => metric)).size;
  return figure(`Change of every metric against the base on ${workload}, with intervals`, {
    height: 40 + metrics * Math.max(26, others.length * 12) + 40,
    marginLeft: 150,
    color: colour(others),
    x: { label: 'change in % (right is better)', grid: true },
    y: { axis: null },
    fy: { label: null, domain: [...new Set(rows.map(({ metric }) => metric))] },
    facet: { marginLeft: 150 },
    marks: [
      Plot.ruleX([0]),
      Plot.link(rows, {
        fy: 'metric',
        y1: 'other',
        y2: 'other',
        x1: 'low',
        x2: 'high',
        stroke: 'other',
        strokeWidth: 2,
      }),
      Plot.dot(rows, { fy: 'metric', y: 'other', x: 'effect', fill: 'other', r: 4 }),
      Plot.axisFy({ anchor: 'left', label: null, textAnchor: 'end', dx: -4 }),
    ],
  });
}

/** Effects of hundreds of percent would press all others together. */
const EFFECT_SHOWN_MAX = 100;
const clamp = (value: number): number => Math.max(-EFFECT_SHOWN_MAX, Math.min(EFFECT_SHOWN_MAX, value));

export interface Axis {
  readonly metric: string;
  readonly title: string;
  /** What values are multiplied with for people. */
  readonly scale: number;
}

/** Every cell as a dot: quality against something that it costs. */
export function scatter({ workload, cells, profiles }: WorkloadReport, x: Axis, y: Axis): Html | undefined {
  const byCell = new Map<string, { profile: string; seed: string; x?: number; y?: number }>();
  for (const { profile, seed, metric, value } of cells) {
    const key = JSON.stringify([profile, seed]);
    const cell = byCell.get(key) ?? { profile, seed };
    if (metric === x.metric) cell.x = value * x.scale;
    if (metric === y.metric) cell.y = value * y.scale;
    byCell.set(key, cell);
  }
  const rows = [...byCell.values()].filter((cell) => cell.x !== undefined && cell.y !== undefined);
  if (rows.length === 0) return undefined;
  return figure(`${y.title} against ${x.title} on ${workload}, a dot per run`, {
    color: colour(profiles),
    x: { label: x.title, grid: true, nice: true },
    y: { label: y.title, grid: true, nice: true },
    marks: [Plot.dot(rows, { x: 'x', y: 'y', stroke: 'profile', fill: 'profile', fillOpacity: 0.35, r: 4 })],
  });
}

/** One quantity over time, a line per configuration. */
export function timeSeries(
  { workload, series, profiles }: WorkloadReport,
  { metric, title, scale }: Axis,
): Html | undefined {
  const { divisor, unit } = timeUnit(Math.max(...series.map(({ timeSeconds }) => timeSeconds)));
  const rows = series.flatMap(({ profile, timeSeconds, values }) => {
    const value = values[metric];
    return value === undefined ? [] : [{ profile, time: timeSeconds / divisor, value: value * scale }];
  });
  if (rows.length === 0) return undefined;
  return figure(`${title} over time on ${workload}`, {
    height: 240,
    color: colour(profiles),
    x: { label: `time in ${unit}` },
    y: { label: title, grid: true, zero: metric.endsWith('_share') },
    marks: [Plot.lineY(rows, { x: 'time', y: 'value', stroke: 'profile', strokeWidth: 1.5 })],
  });
}

export function timeUnit(longestSeconds: number): { readonly divisor: number; readonly unit: string } {
  if (longestSeconds >= 4 * 86_400) return { divisor: 86_400, unit: 'days' };
  if (longestSeconds >= 4 * 3600) return { divisor: 3600, unit: 'hours' };
  if (longestSeconds >= 240) return { divisor: 60, unit: 'minutes' };
  return { divisor: 1, unit: 'seconds' };
}

/** Useless free GPUs against allocation: fragmentation as the cluster fills. */
export function fragmentation({ workload, series, profiles }: WorkloadReport): Html | undefined {
  const rows = series.flatMap(({ profile, timeSeconds, values }) => {
    const { gpu_allocated_share: x, gpu_unusable_share: y } = values;
    return x === undefined || y === undefined ? [] : [{ profile, timeSeconds, x: x * 100, y: y * 100 }];
  });
  if (rows.length === 0) return undefined;
  return figure(`GPUs that are free but of no use against allocation, on ${workload}`, {
    height: 260,
    color: colour(profiles),
    x: { label: 'GPUs allocated in %', grid: true },
    y: { label: 'free but of no use, % of all GPUs', grid: true, zero: true },
    marks: [Plot.line(rows, { x: 'x', y: 'y', z: 'profile', stroke: 'profile', sort: 'timeSeconds' })],
  });
}

/** Which share of the pods waited at most so long. */
export function waits({ workload, waits: rows, profiles }: WorkloadReport): Html | undefined {
  const shown = rows.filter(({ seconds }) => seconds > 0).map((row) => ({ ...row, percent: row.share * 100 }));
  if (shown.length === 0) return undefined;
  return figure(`Waiting times on ${workload}: share of pods that waited at most so long`, {
    height: 260,
    color: colour(profiles),
    x: { label: 'waited at most, seconds', type: 'log', grid: true },
    y: { label: 'pods in %', grid: true, domain: [0, 100] },
    marks: [Plot.line(shown, { x: 'seconds', y: 'percent', z: 'profile', stroke: 'profile', curve: 'step-after' })],
  });
}

/** Nodes × time: where pods went, a panel per configuration. */
export function heatMap({ workload, bins, profiles, nodesPerGroup }: WorkloadReport): Html | undefined {
  if (bins.length === 0) return undefined;
  const { divisor, unit } = timeUnit(Math.max(...bins.map(({ timeSeconds }) => timeSeconds)));
  const rows = bins.map((bin) => ({ ...bin, time: bin.timeSeconds / divisor }));
  const group = nodesPerGroup > 1 ? `groups of ${nodesPerGroup} nodes` : 'nodes';
  return figure(`Pods placed on ${group} over time, on ${workload}`, {
    height: Math.min(1400, 60 + 150 * new Set(rows.map(({ profile }) => profile)).size),
    marginLeft: 50,
    marginRight: 150,
    color: { scheme: 'viridis', zero: true },
    x: {
      label: `time in ${unit}`,
      type: 'band',
      ticks: 6,
      tickFormat: (time: number) => String(Number(time.toPrecision(3))),
      interval: undefined,
      axis: null,
    },
    y: { label: group, axis: null },
    fy: { label: null, domain: profiles.filter((profile) => rows.some((row) => row.profile === profile)) },
    marks: [Plot.cell(rows, { fy: 'profile', x: 'time', y: 'nodeGroup', fill: 'pods', inset: 0 })],
  });
}

/** In which share of the decisions a plugin made the difference. */
export function pluginShares({ workload, plugins, profiles }: WorkloadReport): Html | undefined {
  const rows = plugins
    .filter(({ decidedShare }) => decidedShare > 0)
    .map((row) => ({ ...row, percent: row.decidedShare * 100 }));
  if (rows.length === 0) return undefined;
  const names = new Set(rows.map(({ plugin }) => plugin)).size;
  return figure(`Share of decisions that each plugin decided, on ${workload}`, {
    height: 50 + names * Math.max(22, 10 * profiles.length),
    marginLeft: 190,
    color: colour(profiles),
    x: { label: 'decisions decided in %', grid: true },
    y: { axis: null, domain: [...profiles] },
    fy: { label: null },
    facet: { marginLeft: 190 },
    marks: [
      Plot.barX(rows, { fy: 'plugin', y: 'profile', x: 'percent', fill: 'profile' }),
      Plot.axisFy({ anchor: 'left', label: null, textAnchor: 'end', dx: -4 }),
    ],
  });
}
