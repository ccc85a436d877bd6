/** Figures as SVG text: drawn by Observable Plot on a document that lives in memory, so that reports need no script. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml, Html } from './markup.ts';

const HEIGHT = 300;
const WIDTH = 720;
const LABEL = 'label-of-this-figure';

export { Plot };

export type PlotOptions = NonNullable<Parameters<typeof Plot.plot>[0]>;

/** @param label What the figure shows, for people who cannot see it. */
export function figure(label: string, options: PlotOptions): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const drawn = Plot.plot({
    document: document as never,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 60,
    style: { background: 'transparent' },
    ...options,
  });
  const [svg] = drawn.tagName.toLowerCase() === 'svg' ? [drawn] : drawn.querySelectorAll(':scope > svg');
  svg?.setAttribute('role', 'img');
  svg?.setAttribute('aria-label', LABEL);
  // In attributes linkedom leaves < and > as they are; that is right, and easy to take for a hole.
  return new Html(String(drawn.outerHTML).replace(LABEL, () => escapeHtml(label)));
}
