/** A trace in numbers as one page that opens offline: arrivals, lifetimes with the families that fit, shapes. */
import { documentHtml } from './document.ts';
import { details, type Html, html, table } from './markup.ts';
import { figure, Plot } from './plot.ts';
import type { TraceArrivals, TraceLifetimes, TraceReport, TraceShape } from './trace-data.ts';

const EMPIRICAL = 'the trace';
const COLOURS = ['#4269d0', '#d97706', '#0f9d76', '#c2410c', '#8b5cf6', '#6b7280'];
const FITS_SHOWN = 3;

export function tracePage(report: TraceReport): string {
  const { title, size, arrivals, lifetimes, shapes, distinctShapes, text, noun } = report;
  const body = html`<header><h1>${title}</h1><p>${size}</p></header>
<main>${arrivals === undefined ? undefined : arrivalSection(arrivals, noun)}
${lifetimes === undefined ? undefined : lifetimeSection(lifetimes, noun)}
${shapes.length === 0 ? undefined : shapeSection(shapes, distinctShapes)}
<section><h2>All figures</h2><pre>${text}</pre></section></main>`;
  return documentHtml(title, body);
}

function arrivalSection({ perHour, gapScv, windows, hourShares, series, binHours }: TraceArrivals, noun: string): Html {
  const mean = perHour * binHours;
  const over = figure(`Arrivals over the whole trace, in bins of ${shown(binHours)} hours`, {
    x: { label: 'hours since the start' },
    y: { label: `${noun}s in ${shown(binHours)} h`, grid: true },
    marks: [
      Plot.ruleY([0]),
      Plot.areaY(series, { x: 'hours', y: 'count', fill: COLOURS[0], fillOpacity: 0.25, curve: 'step-after' }),
      Plot.lineY(series, { x: 'hours', y: 'count', stroke: COLOURS[0], curve: 'step-after' }),
      Plot.ruleY([mean], { stroke: COLOURS[1], strokeDasharray: '4 3' }),
    ],
  });
  const dispersion = figure('Index of dispersion by length of the window, against Poisson arrivals', {
    height: 240,
    x: { type: 'log', label: 'window in seconds', inset: 25 },
    y: { type: 'log', label: 'variance / mean of counts', grid: true },
    marks: [
      Plot.ruleY([1], { stroke: COLOURS[1], strokeDasharray: '4 3' }),
      Plot.lineY(windows, { x: 'windowSeconds', y: 'idc', stroke: COLOURS[0] }),
      Plot.dot(windows, { x: 'windowSeconds', y: 'idc', fill: COLOURS[0], r: 4 }),
      Plot.text(windows, {
        x: 'windowSeconds',
        y: 'idc',
        text: ({ idc }: { idc: number }) => shown(idc),
        dy: -10,
        fill: 'currentColor',
      }),
    ],
  });
  return html`<section><h2>Arrivals</h2>
<p>${shown(perHour)} ${noun}s per hour; the squared variation of the gaps is ${shown(gapScv)}, where Poisson arrivals have 1. Dashed: the mean, and what Poisson arrivals would give.</p>
<figure>${over}</figure><figure>${dispersion}</figure>${hourShares.length === 0 ? undefined : html`<figure>${hoursFigure(hourShares)}</figure>`}
${details(
  'Windows as a table',
  table(
    'Counts in windows',
    [
      { title: 'window s', value: (row: TraceArrivals['windows'][number]) => row.windowSeconds },
      { title: 'variance / mean', value: (row) => shown(row.idc) },
    ],
    windows,
  ),
)}</section>`;
}

function hoursFigure(hourShares: readonly number[]): Html {
  const rows = hourShares.map((share, hour) => ({ hour, times: share * 24 }));
  return figure('Arrivals by hour of the day, times the mean hour', {
    height: 200,
    x: { label: 'hour of the day' },
    y: { label: '× the mean', grid: true },
    marks: [
      Plot.barY(rows, { x: 'hour', y: 'times', fill: COLOURS[0] }),
      Plot.ruleY([1], { stroke: COLOURS[1], strokeDasharray: '4 3' }),
    ],
  });
}

function lifetimeSection({ curve, fits }: TraceLifetimes, noun: string): Html {
  const best = fits.slice(0, FITS_SHOWN);
  const names = [EMPIRICAL, ...best.map(({ family }) => family)];
  const rows = [
    ...curve.map(({ seconds, share }) => ({ seconds, share, family: EMPIRICAL })),
    ...best.flatMap(({ family, shares }) => curve.map(({ seconds }, i) => ({ seconds, share: shares[i]!, family }))),
  ];
  const drawn = figure('Share of lifetimes that are at most so long, with the families that fit best', {
    color: { legend: true, domain: names, range: names.map((_, i) => COLOURS[i]!) },
    x: { type: 'log', label: 'lifetime in seconds' },
    y: { label: `share of ${noun}s`, grid: true, domain: [0, 1] },
    marks: [
      Plot.lineY(rows, {
        x: 'seconds',
        y: 'share',
        stroke: 'family',
        strokeWidth: ({ family }: { family: string }) => (family === EMPIRICAL ? 2.5 : 1.2),
      }),
    ],
  });
  return html`<section><h2>Lifetimes</h2><p>${best[0] === undefined ? '' : `${best[0].family} is closest: nowhere off by more than ${shown(best[0].ks * 100)} % of the ${noun}s.`}</p>
<figure>${drawn}</figure>
${details(
  'Families as a table',
  table(
    'Fitted families, the closest first',
    [
      { title: 'family', isText: true, value: (row: TraceLifetimes['fits'][number]) => row.family },
      { title: 'KS distance', value: (row) => row.ks.toFixed(3) },
    ],
    fits,
  ),
)}</section>`;
}

function shapeSection(shapes: readonly TraceShape[], distinct: number): Html {
  const rows = shapes.map((shape) => ({
    name: `${shown(shape.cores)} cores, ${shown(shape.gib)} GiB${shape.gpus > 0 ? `, ${shape.gpus} GPU` : ''}`,
    percent: shape.share * 100,
  }));
  // Two rows of one name differ in what the name leaves out, such as priority.
  const named = rows.map(({ name, percent }, i) => ({
    name: rows.findIndex((row) => row.name === name) < i ? `${name} (${i + 1})` : name,
    percent,
  }));
  const drawn = figure('The most frequent shapes and their share of all pods', {
    height: 40 + named.length * 22 + 30,
    marginLeft: 200,
    x: { label: '% of the pods', grid: true },
    y: { label: null, domain: named.map(({ name }) => name) },
    marks: [Plot.barX(named, { x: 'percent', y: 'name', fill: COLOURS[0] }), Plot.ruleX([0])],
  });
  return html`<section><h2>Shapes</h2><p>${shapes.length === distinct ? `All ${distinct}.` : `The most frequent ${shapes.length} of ${distinct.toLocaleString('en-US')}.`}</p><figure>${drawn}</figure>
${details(
  'Shapes as a table',
  table(
    'The most frequent shapes',
    [
      { title: 'cores', value: (row: TraceShape) => shown(row.cores) },
      { title: 'GiB', value: (row) => shown(row.gib) },
      { title: 'GPUs', value: (row) => row.gpus },
      { title: 'pods', value: (row) => row.pods.toLocaleString('en-US') },
      { title: '%', value: (row) => shown(row.share * 100) },
    ],
    shapes,
  ),
)}</section>`;
}

/** Four digits, without exponents. */
function shown(number: number): string {
  const rounded = Number(number.toPrecision(4));
  return Math.abs(rounded) >= 10_000 ? Math.round(rounded).toLocaleString('en-US') : String(rounded);
}
