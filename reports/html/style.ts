/** The style sheet of reports: light and dark, printable, readable on a narrow screen. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --soft: #f3f5f7;
  --good: #0a6b2d; --bad: #b42318; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --text: #e6e8ea; --dim: #9aa4ae; --line: #363c43;
  --soft: #1d2126; --good: #5cd68a; --bad: #ff8a7a; --link: #8ab4f8; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0; } h2 { font-size: 1.3rem; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 1.05rem; margin: 1.75rem 0 0.25rem; } p { margin: 0.25rem 0 0.75rem; } .dim { color: var(--dim); }
a { color: var(--link); } code, pre { font: 0.85em/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; background: var(--soft); padding: 0.75rem; border-radius: 6px; }
figure { margin: 0.5rem 0; } svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; } .scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--dim); padding-bottom: 0.25rem; }
th, td { padding: 0.2rem 0.7rem 0.2rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th.text, td.text { text-align: left; white-space: normal; } thead th { color: var(--dim); font-weight: 600; }
tbody th { font-weight: 500; } .good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
details { margin: 0.5rem 0; } summary { cursor: pointer; color: var(--link); } ul.verdicts { padding-left: 1.2rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; list-style: none; padding: 0; margin: 0.5rem 0; }
@media print { body { max-width: none; font-size: 11pt; } nav, summary { display: none; }
  section, figure { break-inside: avoid; } details > * { display: block; } }
`;
