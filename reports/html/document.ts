/** The frame of every page: one file that opens offline and may neither fetch nor run anything. */
import { escapeHtml, type Html } from './markup.ts';
import { STYLE } from './style.ts';

/** Policies that keep even a mistake of ours from fetching or running anything. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function documentHtml(title: string, body: Html): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(title)} · berth</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body>${body.text}</body></html>
`;
}
