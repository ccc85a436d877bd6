/** The statistics of a trace as lines of text. */
import { alignRows, wrap } from '../reports/text.ts';
import type { TraceStatistics } from './trace-statistics.ts';

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;
const WIDTH = 100;

const PER = { gang: 'job', pod: 'pod', owner: 'owner' } as const;

export function statisticsLines(title: string, statistics: TraceStatistics): string[] {
  const { pods, nodes, units, unit, initial } = statistics;
  const noun = PER[unit];
  const head = [`${title} · ${whole(nodes)} nodes · ${whole(pods)} pods · ${whole(units)} ${noun}s`];
  if (initial > 0)
    head.push(`${whole(initial)} ${noun}s were there at second 0: neither their arrival nor their lifetime is known`);
  const lines = [
    ...head,
    ...arrivalLines(statistics, noun),
    ...lifetimeLines(statistics, noun),
    ...gangLines(statistics),
    ...shapeLines(statistics),
    ...correlationLines(statistics),
    ...poolLines(statistics),
  ];
  return lines.flatMap((line) => (line.length > WIDTH ? wrap(line, WIDTH, 4) : [line]));
}

function arrivalLines({ arrivals }: TraceStatistics, noun: string): string[] {
  if (arrivals === undefined) return ['', 'arrivals: all at one instant'];
  const {
    perHour,
    spanSeconds,
    gapScv,
    zeroGapShare,
    gapQuantiles,
    windows,
    busiestHour,
    quietestHour,
    batchMean,
    batchMax,
  } = arrivals;
  const lines = [
    '',
    `arrivals: ${significant(perHour)} ${noun}s per hour over ${duration(spanSeconds)}`,
    `  gaps: SCV ${significant(gapScv)} (1 = Poisson), ${percent(zeroGapShare)} zero, p50 ${duration(gapQuantiles.p50)}, p90 ${duration(gapQuantiles.p90)}, p99 ${duration(gapQuantiles.p99)}, longest ${duration(gapQuantiles.p100)}`,
    `  at one instant: ${significant(batchMean)} on average, ${whole(batchMax)} at most`,
  ];
  const rows = windows.map(({ windowSeconds, windows: count, idc, autocorrelation, peakToMean }) => [
    duration(windowSeconds),
    whole(count),
    significant(idc),
    significant(autocorrelation),
    significant(peakToMean),
  ]);
  lines.push(
    ...alignRows(
      [
        ['  window', 'windows', 'IDC (1 = Poisson)', 'lag 1', 'peak / mean'],
        ...rows.map(([first, ...rest]) => [`  ${first}`, ...rest]),
      ],
      [true, false, false, false, false],
    ),
  );
  if (!Number.isNaN(busiestHour))
    lines.push(
      `  hour of the day: the busiest has ${significant(busiestHour)} × the mean, the quietest ${significant(quietestHour)} ×`,
    );
  return lines;
}

function lifetimeLines({ lifetimes, endless, instant, units }: TraceStatistics, noun: string): string[] {
  const lines = [''];
  const left = [
    ...(endless > 0 ? [`${whole(endless)} (${percent(endless / units)}) outlive the trace or have no known end`] : []),
    ...(instant > 0 ? [`${whole(instant)} of 0 s are left out`] : []),
  ];
  if (lifetimes === undefined)
    return [...lines, `lifetimes: too few to fit${left.length > 0 ? `; ${left.join('; ')}` : ''}`];
  const {
    count,
    mean,
    scv,
    quantiles,
    lognormal,
    weibull,
    exponential,
    hyperExponential,
    hillTenth,
    hillHundredth,
    topShare,
  } = lifetimes;
  const at = (p: number) => duration(quantiles.find((quantile) => quantile.p === p)!.value);
  lines.push(
    `lifetimes: ${whole(count)} ${noun}s that ended, mean ${duration(mean)}, SCV ${significant(scv)}${left.length > 0 ? `; ${left.join('; ')}` : ''}`,
    `  p1 ${at(0.01)}, p10 ${at(0.1)}, p25 ${at(0.25)}, p50 ${at(0.5)}, p75 ${at(0.75)}, p90 ${at(0.9)}, p99 ${at(0.99)}, longest ${at(1)}`,
    `  tail: Hill ${significant(hillTenth)} (top 10 %), ${significant(hillHundredth)} (top 1 %); the longest 1 % hold ${percent(topShare)} of the time`,
  );
  const phases = hyperExponential.map(({ weights, means, ks }): [string, string, number] => [
    `hyper-exponential, ${weights.length} phases`,
    `p ${weights.map((weight) => significant(weight)).join(' / ')}, means ${means.map(duration).join(' / ')}`,
    ks,
  ]);
  const fits: [string, string, number][] = [
    ['lognormal', `mu ${significant(lognormal.mu)}, sigma ${significant(lognormal.sigma)}`, lognormal.ks],
    ['Weibull', `shape ${significant(weibull.shape)}, scale ${duration(weibull.scale)}`, weibull.ks],
    ['exponential', `mean ${duration(exponential.mean)}`, exponential.ks],
    ...phases,
  ];
  const rows = fits
    .sort((a, b) => a[2] - b[2])
    .map(([family, parameters, ks]) => [`  ${family}`, ks.toFixed(3), parameters]);
  return [...lines, ...alignRows([['  family', 'KS distance', 'parameters'], ...rows], [true, false, true])];
}

function gangLines({ gangs, unit }: TraceStatistics): string[] {
  if (unit === 'pod' || gangs.length < 2) return [];
  return [
    '',
    `pods per ${PER[unit]}: ${gangs.map(({ size, share }) => `${whole(size)} ${percent(share)}`).join(', ')}`,
  ];
}

function shapeLines({ shapes, distinctShapes }: TraceStatistics): string[] {
  const rows = shapes.map(({ cpuMilli, memoryMib, gpus, priority, pods, share }) => [
    `  ${significant(cpuMilli / 1000)}`,
    `${significant(memoryMib / 1024)}`,
    whole(gpus),
    whole(priority),
    whole(pods),
    percent(share),
  ]);
  const title =
    distinctShapes > shapes.length
      ? `shapes: the most frequent ${shapes.length} of ${whole(distinctShapes)}`
      : `shapes: ${whole(distinctShapes)}`;
  return [
    '',
    title,
    ...alignRows(
      [['  cores', 'GiB', 'GPUs', 'priority', 'pods', 'share'], ...rows],
      [false, false, false, false, false, false],
    ),
  ];
}

function correlationLines({ correlations }: TraceStatistics): string[] {
  if (correlations.length === 0) return [];
  return [
    '',
    `rank correlation (Spearman): ${correlations.map(({ of, and, spearman }) => `${of}~${and} ${significant(spearman)}`).join(', ')}`,
  ];
}

const POOLS_SHOWN = 8;

function poolLines({ pools }: TraceStatistics): string[] {
  if (pools.length === 0) return [];
  const rows = pools.slice(0, POOLS_SHOWN).map(({ name, nodes }) => [`  ${name}`, whole(nodes)]);
  const title =
    pools.length > POOLS_SHOWN
      ? `node pools: the largest ${POOLS_SHOWN} of ${whole(pools.length)}`
      : `node pools: ${whole(pools.length)}`;
  return ['', title, ...alignRows(rows, [true, false])];
}

const whole = (number: number): string => number.toLocaleString('en-US');
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

/** Four digits, without exponents. */
function significant(number: number): string {
  if (!Number.isFinite(number)) return '–';
  const text = Number(number.toPrecision(4));
  return Math.abs(text) >= 10_000 ? whole(Math.round(text)) : String(text);
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 120) return `${significant(seconds)} s`;
  if (seconds < 2 * HOUR_SECONDS) return `${significant(seconds / 60)} min`;
  if (seconds < 2 * DAY_SECONDS) return `${significant(seconds / HOUR_SECONDS)} h`;
  return `${significant(seconds / DAY_SECONDS)} d`;
}
