import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import type { TraceReport } from './trace-data.ts';
import { tracePage } from './trace-page.ts';

const REPORT: TraceReport = {
  title: 'a <b>trace</b>',
  size: '2 nodes, 30 pods, 3 jobs',
  noun: 'job',
  arrivals: {
    perHour: 10.3,
    gapScv: 2.7,
    windows: [
      { windowSeconds: 60, idc: 1.4 },
      { windowSeconds: 3600, idc: 5.8 },
    ],
    hourShares: Array.from({ length: 24 }, (_, hour) => (hour + 1) / 300),
    series: Array.from({ length: 50 }, (_, i) => ({ hours: i, count: i % 7 })),
    binHours: 1,
  },
  lifetimes: {
    curve: [10, 100, 1000].map((seconds, i) => ({ seconds, share: (i + 0.5) / 3 })),
    fits: [
      { family: 'lognormal', ks: 0.05, shares: [0.2, 0.5, 0.8] },
      { family: 'Weibull', ks: 0.1, shares: [0.3, 0.5, 0.7] },
    ],
  },
  shapes: [
    { cores: 0.5, gib: 1, gpus: 0, pods: 20, share: 2 / 3 },
    { cores: 0.5, gib: 1, gpus: 0, pods: 10, share: 1 / 3 },
  ],
  distinctShapes: 2,
  text: 'arrivals: 10.3 jobs per hour & more',
};

const parsed = (report: TraceReport) => parseHTML(tracePage(report)).document;

test('a page of a trace: four parts, five figures with words for those who cannot see them, tables behind a click', () => {
  const document = parsed(REPORT);
  expect([...document.querySelectorAll('h2')].map(({ textContent }) => textContent)).toEqual([
    'Arrivals',
    'Lifetimes',
    'Shapes',
    'All figures',
  ]);
  const labels = [...document.querySelectorAll('svg[role="img"]')].map((svg) => svg.getAttribute('aria-label')!);
  expect(labels).toHaveLength(5);
  for (const label of labels) expect(label.length).toBeGreaterThan(20);
  expect(document.querySelectorAll('details table')).toHaveLength(3);
  expect(document.querySelector('pre')!.textContent).toBe(REPORT.text);
});

test('what comes from outside is text, and nothing can run or be fetched', () => {
  const page = tracePage(REPORT);
  expect(page).toContain('a &lt;b&gt;trace&lt;/b&gt;');
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect(page).toContain("default-src 'none'");
});

test('without times or lifetimes, those parts are left out', () => {
  const document = parsed({ ...REPORT, arrivals: undefined, lifetimes: undefined });
  expect([...document.querySelectorAll('h2')].map(({ textContent }) => textContent)).toEqual(['Shapes', 'All figures']);
});
