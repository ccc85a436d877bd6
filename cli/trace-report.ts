/** The statistics of a trace as the data of its page. */
import type { TraceReport } from '../reports/html/trace-data.ts';
import { normalCdf } from '../statistics/index.ts';
import type { TraceStatistics } from './trace-statistics.ts';
import { statisticsLines } from './trace-stats-lines.ts';

const HOUR_SECONDS = 3600;

export function traceReport(title: string, statistics: TraceStatistics): TraceReport {
  const { arrivals, series, shapes, distinctShapes, pods, nodes } = statistics;
  const text = statisticsLines(title, statistics);
  const noun = { gang: 'job', pod: 'pod', owner: 'owner' }[statistics.unit];
  return {
    title,
    size: `${nodes.toLocaleString('en-US')} nodes, ${pods.toLocaleString('en-US')} pods, ${statistics.units.toLocaleString('en-US')} ${noun}s`,
    noun,
    arrivals:
      arrivals === undefined
        ? undefined
        : {
            perHour: arrivals.perHour,
            gapScv: arrivals.gapScv,
            windows: arrivals.windows.map(({ windowSeconds, idc }) => ({ windowSeconds, idc })),
            hourShares: arrivals.hourShares,
            series: series.counts.map((count, i) => ({ hours: (i * series.binSeconds) / HOUR_SECONDS, count })),
            binHours: series.binSeconds / HOUR_SECONDS,
          },
    lifetimes: lifetimesOf(statistics),
    shapes: shapes.map(({ cpuMilli, memoryMib, gpus, pods: count, share }) => ({
      cores: cpuMilli / 1000,
      gib: memoryMib / 1024,
      gpus,
      pods: count,
      share,
    })),
    distinctShapes,
    text: text.slice(1).join('\n').trim(),
  };
}

function lifetimesOf({ lifetimes, curve }: TraceStatistics): TraceReport['lifetimes'] {
  if (lifetimes === undefined) return undefined;
  const { lognormal, weibull, exponential, hyperExponential } = lifetimes;
  const families: { family: string; ks: number; cdf: (seconds: number) => number }[] = [
    {
      family: 'lognormal',
      ks: lognormal.ks,
      cdf: (seconds) => normalCdf((Math.log(seconds) - lognormal.mu) / lognormal.sigma),
    },
    {
      family: 'Weibull',
      ks: weibull.ks,
      cdf: (seconds) => 1 - Math.exp(-((seconds / weibull.scale) ** weibull.shape)),
    },
    { family: 'exponential', ks: exponential.ks, cdf: (seconds) => 1 - Math.exp(-seconds / exponential.mean) },
    ...hyperExponential.map(({ weights, means, ks }) => ({
      family: `hyper-exponential, ${weights.length} phases`,
      ks,
      cdf: (seconds: number) =>
        1 - weights.reduce((sum, weight, k) => sum + weight * Math.exp(-seconds / means[k]!), 0),
    })),
  ];
  const places = curve.map((seconds, i) => ({ seconds, share: (i + 0.5) / curve.length }));
  return {
    curve: places,
    fits: families
      .sort((a, b) => a.ks - b.ks)
      .map(({ family, ks, cdf }) => ({ family, ks, shares: places.map(({ seconds }) => cdf(seconds)) })),
  };
}
