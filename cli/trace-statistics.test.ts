/** The figures of `berth trace stats` against those that others computed from the same files, where BERTH_DATA names them. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ColumnSink, familyOf, importTrace } from '../workloads/index.ts';
import { type TraceStatistics, traceStatistics, type Unit } from './trace-statistics.ts';
import { statisticsLines } from './trace-stats-lines.ts';

async function statisticsOf(family: string, files: readonly string[], unit: Unit = 'gang'): Promise<TraceStatistics> {
  const sink = new ColumnSink();
  const report = await importTrace(
    familyOf(family),
    files.map((file) => path.join(data!, file)),
    sink,
    { onError: 'skip' },
  );
  return traceStatistics(sink.columns(), unit, (report.startUnixSeconds ?? 0) % 86_400);
}

const data = process.env.BERTH_DATA;
const digits = (number: number): number => Number(number.toPrecision(4));

describe.skipIf(data === undefined)('against independent figures (needs BERTH_DATA)', () => {
  interface Case {
    readonly family: string;
    readonly file: string;
    readonly unit?: Unit;
    readonly arrivals: readonly [count: number, perHour: number, scv: number, zero: number, p99: number];
    /** Index of dispersion at 1 min, 10 min, 1 h. */
    readonly idc: readonly [number, number, number];
    readonly lag1: readonly [number, number, number];
    readonly life?: {
      readonly count: number;
      readonly mean: number;
      readonly scv: number;
      readonly p: readonly [p10: number, p50: number, p90: number, p99: number];
      readonly lognormal: readonly [mu: number, sigma: number, ks: number];
      readonly weibull: readonly [shape: number, ks: number];
      readonly exponential: number;
      readonly hill: number;
      readonly top: number;
    };
  }
  const CASES: readonly Case[] = [
    {
      family: 'openb',
      file: 'openb/openb_pod_list_default.csv',
      arrivals: [8152, 2.275, 442.7, 0.024, 3422],
      idc: [1.484, 3.467, 13.46],
      lag1: [0.185, 0.594, 0.839],
    },
    {
      family: 'alibaba-dlrm-2025',
      file: 'alibaba-dlrm-2025/disaggregated_DLRM_trace.csv.gz',
      arrivals: [16591, 22.32, 5.664, 0.391, 1890],
      idc: [12.65, 20.73, 50.48],
      lag1: [0.073, 0.351, 0.414],
      life: {
        count: 12375,
        mean: 102700,
        scv: 6.414,
        p: [128, 8432, 287800, 1379000],
        lognormal: [8.978, 2.783, 0.072],
        weibull: [0.408, 0.071],
        exponential: 0.464,
        hill: 1.235,
        top: 0.167,
      },
    },
    {
      family: 'swf',
      file: 'swf/NASA-iPSC-1993-3.1-cln.swf.gz',
      arrivals: [18239, 8.26, 89.58, 0, 8938],
      idc: [1.567, 4.592, 16.57],
      lag1: [0.254, 0.591, 0.74],
      life: {
        count: 18066,
        mean: 772.2,
        scv: 11.98,
        p: [15, 88, 1520, 10930],
        lognormal: [4.682, 1.822, 0.054],
        weibull: [0.497, 0.12],
        exponential: 0.458,
        hill: 0.908,
        top: 0.254,
      },
    },
    {
      family: 'opendc',
      file: 'surf-lisa/surf_month.tasks.csv.gz',
      arrivals: [68648, 95.23, 86.25, 0.44, 579],
      idc: [25.01, 165.9, 584],
      lag1: [0.737, 0.728, 0.492],
      life: {
        count: 68648,
        mean: 4524,
        scv: 41.8,
        p: [23, 69, 3611, 129000],
        lognormal: [5.041, 2.135, 0.152],
        weibull: [0.387, 0.169],
        exponential: 0.651,
        hill: 0.709,
        top: 0.577,
      },
    },
    {
      family: 'philly',
      file: 'philly-derived/ee9e8c.trace.gz',
      arrivals: [2000, 1.597, 19.99, 0.005, 24840],
      idc: [2.074, 6.302, 11.05],
      // biome-ignore lint/suspicious/noApproximativeNumericConstant: a figure, not a constant of nature
      lag1: [0.434, 0.263, 0.171],
    },
    {
      family: 'alibaba-2017',
      file: 'alibaba-batch-2017/jobs.csv.gz',
      unit: 'owner',
      arrivals: [5216, 313.9, 3.634, 0.074, 95.86],
      idc: [4.042, 14.31, 54.65],
      lag1: [0.488, 0.613, 0.797],
    },
  ];

  test.each(CASES)('$file', async ({ family, file, unit, arrivals, idc, lag1, life }) => {
    const found = await statisticsOf(family, [file], unit);
    const came = found.arrivals!;
    const [count, perHour, scv, zero, p99] = arrivals;
    expect([came.count, digits(came.perHour), digits(came.gapScv), digits(came.gapQuantiles.p99)]).toEqual([
      count,
      perHour,
      scv,
      p99,
    ]);
    expect(Math.abs(came.zeroGapShare - zero)).toBeLessThan(0.001);
    expect(came.windows.slice(0, 3).map((window) => digits(window.idc))).toEqual(idc);
    expect(came.windows.slice(0, 3).map(({ autocorrelation }) => Number(autocorrelation.toFixed(3)))).toEqual(lag1);
    if (life === undefined) return;
    const lived = found.lifetimes!;
    const at = (p: number) => digits(lived.quantiles.find((quantile) => quantile.p === p)!.value);
    expect([lived.count, digits(lived.mean), digits(lived.scv)]).toEqual([life.count, life.mean, life.scv]);
    expect([at(0.1), at(0.5), at(0.9), at(0.99)]).toEqual(life.p);
    const three = (number: number) => Number(number.toFixed(3));
    expect([three(lived.lognormal.mu), three(lived.lognormal.sigma), three(lived.lognormal.ks)]).toEqual(
      life.lognormal,
    );
    expect(lived.weibull.shape).toBeCloseTo(life.weibull[0], 2);
    expect(lived.weibull.ks).toBeCloseTo(life.weibull[1], 2);
    expect(three(lived.exponential.ks)).toBe(life.exponential);
    expect([three(lived.hillTenth), three(lived.topShare)]).toEqual([life.hill, life.top]);
  });

  test('openb: shapes, correlation', async () => {
    const found = await statisticsOf('openb', ['openb/openb_pod_list_default.csv']);
    const { spearman } = found.correlations.find(({ of, and }) => of === 'cpu' && and === 'memory')!;
    expect(Math.abs(spearman - 0.847)).toBeLessThan(0.001);
    const share = found.shapes.find(
      ({ cpuMilli, gpus, priority }) => cpuMilli === 12_500 && gpus === 0 && priority === 1000,
    )!;
    expect(share.share).toBeCloseTo(0.0447, 3);
  });

  test('DLRM: three phases as others fitted them', async () => {
    const found = await statisticsOf('alibaba-dlrm-2025', ['alibaba-dlrm-2025/disaggregated_DLRM_trace.csv.gz']);
    expect([
      found.initial,
      found.lifetimes!.hyperExponential[1]!.weights.map((weight) => Number(weight.toFixed(2))),
    ]).toEqual([7280, [0.15, 0.51, 0.34]]);
    expect(found.lifetimes!.hyperExponential[1]!.ks).toBeCloseTo(0.059, 3);
  });
});

test('what is printed says so where nothing can be said', async () => {
  const sink = new ColumnSink();
  const shape = sink.shape({
    name: 's',
    spec: { containers: [{ name: 'main', resources: { requests: { cpu: '500m', memory: '1Gi' } } }] },
  });
  sink.pod('a', shape, 5, Number.POSITIVE_INFINITY, '', 0);
  const text = statisticsLines('t', traceStatistics(sink.columns(), 'gang')).join('\n');
  expect(text).toContain('t · 0 nodes · 1 pods · 1 jobs');
  expect(text).toContain('arrivals: all at one instant');
  expect(text).toContain('lifetimes: too few to fit; 1 (100.0 %) outlive the trace or have no known end');
});

test('a gang counts once, an owner once, a pod by itself', () => {
  const sink = new ColumnSink();
  const shape = sink.shape({ name: 's', spec: { containers: [{ name: 'main' }] } });
  for (const [owner, gang] of [
    ['a', 2],
    ['a', 2],
    ['b', 0],
    ['b', 0],
    ['', 0],
  ] as const)
    sink.pod('p', shape, 1, 2, owner, gang);
  const columns = sink.columns();
  expect((['gang', 'pod', 'owner'] as const).map((unit) => traceStatistics(columns, unit).units)).toEqual([4, 5, 3]);
});
