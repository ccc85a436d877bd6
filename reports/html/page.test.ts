import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseHTML } from 'linkedom';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportHtml } from './page.ts';
import { HOSTILE, HOSTILE_REPORT } from './report-data.fixture.ts';

const text = reportHtml(HOSTILE_REPORT);

describe('a report', () => {
  const { document } = parseHTML(text);

  test('says what came out, in words', () => {
    const [verdict] = document.querySelectorAll('ul.verdicts li');
    expect(verdict?.textContent).toBe(`${HOSTILE} is clearly better than default in placed: +5 % (+3 … +7 %).`);
  });

  test('has a figure with a description for everything that it was given', () => {
    const labels = [...document.querySelectorAll('svg[role=img]')].map((svg) => svg.getAttribute('aria-label') ?? '');
    for (const start of [
      'Change of every metric',
      'GPUs allocated, % against decisions per second',
      'GPUs allocated, % against nodes used',
      'running pods over time',
      'Pods placed on groups of 4 nodes over time',
      'GPUs that are free but of no use',
      'Waiting times',
      'Share of decisions that each plugin decided',
    ]) {
      expect(
        labels.some((label) => label.startsWith(start)),
        start,
      ).toBe(true);
    }
  });

  test('names are text wherever they stand: no script, no image, no handler', () => {
    expect(document.querySelectorAll('script, img, iframe, object, embed')).toHaveLength(0);
    expect(text).not.toMatch(/<script|<img/i);
    const handlers = [...document.querySelectorAll('*')].flatMap((element) =>
      element.getAttributeNames().filter((name: string) => name.startsWith('on')),
    );
    expect(handlers).toEqual([]);
    expect(text).not.toMatch(/(src|href)="(?!#|data:,)/);
  });
});

const BROWSER = '/usr/bin/chromium';

describe.skipIf(!existsSync(BROWSER))('in Chromium', () => {
  let browser: Browser;
  let page: Page;
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-report-'));
  const problems: string[] = [];
  const requests: string[] = [];
  const file = path.join(dir, 'report.html');

  beforeAll(async () => {
    writeFileSync(file, text);
    browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 320, height: 700 } });
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('dialog', (dialog) => problems.push(dialog.message()));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true });
  });

  test('no message on the console, no dialog, no request leaves the file', () => {
    expect(problems).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
  });

  test('fits a screen of 320 pixels', async () => {
    // As text: the page's own types are not those of this program.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  });

  test('tables open by keyboard', async () => {
    const first = page.locator('details').first();
    await first.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await first.getAttribute('open')).not.toBeNull();
    expect(await first.locator('table').isVisible()).toBe(true);
  });

  test('dark and light differ, and both can be read', async () => {
    const colours = async (colorScheme: 'dark' | 'light') => {
      await page.emulateMedia({ colorScheme });
      return page.evaluate(
        '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color].join()',
      );
    };
    expect(await colours('dark')).toBe('rgb(20, 23, 26),rgb(230, 232, 234)');
    expect(await colours('light')).toBe('rgb(255, 255, 255),rgb(27, 31, 36)');
  });
});
