/** A report as one file that opens offline: no script, no request leaves it. */
import { csvNumber } from '../to-csv.ts';
import type { VerdictRecord } from '../verdict-records.ts';
import { figure as figureText } from '../verdict-table.ts';
import { documentHtml } from './document.ts';
import * as figures from './figures.ts';
import { details, type Html, html, table } from './markup.ts';
import type { ReportConfig, ReportData, WorkloadReport } from './report-data.ts';

export function reportHtml(data: ReportData): string {
  const sections = data.workloads.map((workload, index) => workloadSection(workload, index, data.workloads.length > 1));
  const body = html`<header><h1>${data.title}</h1>${question(data)}</header>
<main>${data.workloads.map((workload) => summary(workload, data.workloads.length > 1))}
${navigation(data)}
${sections}
${inputs(data)}</main>`;
  return documentHtml(data.title, body);
}

function question({ workloads }: ReportData): Html {
  const names = [...new Set(workloads.flatMap(({ profiles }) => profiles))];
  const seeds = new Set(workloads.flatMap(({ cells }) => cells.map(({ seed }) => seed))).size;
  const where = workloads
    .map(
      ({ workload, nodes, pods }) =>
        `${workload} (${nodes.toLocaleString('en-US')} nodes, ${pods.toLocaleString('en-US')} pods)`,
    )
    .join(', ');
  const what =
    names.length > 1
      ? `Which of ${names.length} configurations is best for ${where}?`
      : `${names[0] ?? ''} on ${where}.`;
  return html`<p>${what} <span class="dim">${seeds} ${seeds === 1 ? 'seed' : 'seeds'}.</span></p>`;
}

/** The first screen: what came out, and one picture of it. */
function summary(workload: WorkloadReport, isOneOfMany: boolean): Html {
  const { verdicts, profiles } = workload;
  const title = isOneOfMany ? html`<h2>${workload.workload}: verdict</h2>` : html`<h2>Verdict</h2>`;
  if (verdicts.length === 0) {
    const why = profiles.length > 1 ? 'the configurations have no seed in common' : 'there is one configuration';
    return html`<section>${title}<p>Nothing is compared: ${why}.</p>${metricTable(workload)}</section>`;
  }
  const primary = verdicts.filter(({ isPrimary }) => isPrimary);
  const lines = primary.map(
    (row) =>
      html`<li><b>${row.other}</b> is ${verdict(row)} than <b>${row.base}</b> in ${row.title}${amount(row)}.</li>`,
  );
  const effects = figures.effects(workload);
  return html`<section>${title}<ul class="verdicts">${lines}</ul>
${effects === undefined ? undefined : html`<p class="dim">Each dot is a change against ${verdicts[0]!.base} with its ${String(Number((100 * workload.level).toFixed(1)))} % interval; right of zero is better, changes beyond ±100 % are drawn at the edge, * is what decides.</p><figure>${effects}</figure>`}
${details('All verdicts as a table', verdictTable(workload))}</section>`;
}

function verdict({ verdict: text, effect, isClear }: VerdictRecord): Html {
  if (text === 'better' || (text === 'exact' && effect > 0))
    return html`<span class="good">${isClear ? 'clearly ' : ''}better</span>`;
  if (text === 'worse' || (text === 'exact' && effect < 0))
    return html`<span class="bad">${isClear ? 'clearly ' : ''}worse</span>`;
  if (text === 'same' || text === 'exact') return html`<span>no better and no worse</span>`;
  return html`<span>not shown to be better or worse</span>`;
}

function amount({ effect, low, high, unit }: VerdictRecord): string {
  const sign = (value: number): string => `${value >= 0 ? '+' : '−'}${figureText(Math.abs(value))}`;
  const percent = unit === '%' ? ' %' : '';
  const interval =
    low === undefined || high === undefined || low === high ? '' : ` (${sign(low)} … ${sign(high)}${percent})`;
  return effect === 0 ? '' : `: ${sign(effect)}${percent}${interval}`;
}

function verdictTable({ verdicts }: WorkloadReport): Html {
  return table(
    'Every metric of every configuration against the base',
    [
      { title: 'configuration', isText: true, value: (row: VerdictRecord) => row.other },
      { title: 'metric', isText: true, value: (row) => (row.isPrimary ? `${row.title} *` : row.title) },
      { title: 'base', value: (row) => figureText(row.baseMean) },
      { title: 'new', value: (row) => figureText(row.otherMean) },
      { title: 'change', value: (row) => `${figureText(row.effect)}${row.unit === '%' ? ' %' : ''}` },
      { title: 'from', value: (row) => (row.low === undefined ? '' : figureText(row.low)) },
      { title: 'to', value: (row) => (row.high === undefined ? '' : figureText(row.high)) },
      { title: 'p', value: (row) => (row.pAdjusted === undefined ? '' : row.pAdjusted.toFixed(3)) },
      { title: 'pairs', value: (row) => row.pairs },
      { title: 'verdict', isText: true, value: (row) => row.verdict },
    ],
    verdicts,
  );
}

function navigation({ workloads }: ReportData): Html {
  const links = [
    ...workloads.map(({ workload }, i) => html`<li><a href="#workload-${i}">${workload}</a></li>`),
    html`<li><a href="#inputs">Inputs</a></li>`,
  ];
  return html`<nav aria-label="Sections"><ul>${links}</ul></nav>`;
}

function workloadSection(workload: WorkloadReport, index: number, isOneOfMany: boolean): Html {
  const parts = [
    part('Means', 'What each configuration reached, averaged over its runs.', metricTable(workload)),
    quality(workload),
    overTime(workload),
    drawn(
      'Nodes and time',
      `Where pods were placed and when, with the first seed: a column per span of time, a row per ${workload.nodesPerGroup > 1 ? `group of ${workload.nodesPerGroup} nodes` : 'node'}. Dark is few, yellow is most (${Math.max(0, ...workload.bins.map(({ pods }) => pods))} pods), empty is none.`,
      figures.heatMap(workload),
      'placements.csv',
    ),
    drawn(
      'Fragmentation',
      'GPUs that are free but of no use to a pod drawn from the workload, as the cluster fills: lower is better.',
      figures.fragmentation(workload),
      'timeseries.csv',
    ),
    waiting(workload),
    pluginPart(workload),
    divergence(workload),
  ].filter((each) => each !== undefined);
  const title = isOneOfMany ? workload.workload : 'In detail';
  return html`<section id="workload-${index}"><h2>${title}</h2>${parts}</section>`;
}

const part = (title: string, sentence: string, inner: Html): Html =>
  html`<section><h3>${title}</h3><p class="dim">${sentence}</p>${inner}</section>`;

function drawn(title: string, sentence: string, figure: Html | undefined, file: string, more?: Html): Html | undefined {
  if (figure === undefined) return undefined;
  return part(title, sentence, html`<figure>${figure}</figure>${more}<p class="dim">Data: ${file}</p>`);
}

function metricTable({ cells, profiles }: WorkloadReport): Html {
  const metrics = [...new Set(cells.map(({ metric }) => metric))];
  const means = new Map<string, number[]>();
  for (const { profile, metric, value } of cells) {
    const key = JSON.stringify([profile, metric]);
    means.set(key, [...(means.get(key) ?? []), value]);
  }
  const meanOf = (profile: string, metric: string): string => {
    const values = means.get(JSON.stringify([profile, metric]));
    return values === undefined ? '' : figureText(values.reduce((sum, value) => sum + value, 0) / values.length);
  };
  // A column that says the same in every row tells nothing apart.
  const telling = metrics.filter((metric) => new Set(profiles.map((profile) => meanOf(profile, metric))).size > 1);
  const shown = telling.length > 0 ? telling : metrics;
  return table(
    `Means over runs${shown.length < metrics.length ? `; equal for all and left out: ${metrics.filter((m) => !shown.includes(m)).join(', ')}` : ''}`,
    [
      { title: 'configuration', isText: true, value: (profile: string) => profile },
      ...shown.map((metric) => ({ title: metric, value: (profile: string) => meanOf(profile, metric) })),
    ],
    profiles,
  );
}

const SPEED = { metric: 'wall_decisions_per_second', title: 'decisions per second', scale: 1 };
const QUALITIES = [
  { metric: 'gpu_allocated_share', title: 'GPUs allocated, %', scale: 100 },
  { metric: 'placed_share', title: 'pods placed, %', scale: 100 },
  { metric: 'mean_wait_seconds', title: 'mean wait, s', scale: 1 },
];
const NODES_USED = { metric: 'used_nodes', title: 'nodes used', scale: 1 };

function quality(workload: WorkloadReport): Html | undefined {
  const has = (metric: string): boolean => workload.cells.some((cell) => cell.metric === metric);
  const best = QUALITIES.find(({ metric }) => has(metric));
  if (best === undefined) return undefined;
  const pictures = [SPEED, NODES_USED]
    .filter(({ metric }) => has(metric))
    .map((x) => figures.scatter(workload, x, best))
    .filter((each) => each !== undefined)
    .map((each) => html`<figure>${each}</figure>`);
  return part(
    'Quality against speed and cost',
    'A dot per run. A configuration is worth considering when no other has dots above and beside its own on the good side.',
    html`${pictures}<p class="dim">Data: summary.csv</p>`,
  );
}

const SERIES = [
  { metric: 'running_pods', title: 'running pods', scale: 1 },
  { metric: 'pending_pods', title: 'pending pods', scale: 1 },
  { metric: 'cpu_allocated_share', title: 'CPU allocated, %', scale: 100 },
  { metric: 'memory_allocated_share', title: 'memory allocated, %', scale: 100 },
  { metric: 'gpu_allocated_share', title: 'GPUs allocated, %', scale: 100 },
  { metric: 'cpu_imbalance_stddev', title: 'CPU imbalance, % points', scale: 100 },
  { metric: 'used_nodes', title: 'nodes used', scale: 1 },
];

function overTime(workload: WorkloadReport): Html | undefined {
  if (workload.series.length === 0) return undefined;
  const pictures = SERIES.map((axis) => figures.timeSeries(workload, axis))
    .filter((each) => each !== undefined)
    .map((each) => html`<figure>${each}</figure>`);
  const thinned = `Means over the seeds of each configuration; ${workload.series.length.toLocaleString('en-US')} points from ${workload.seriesRows.toLocaleString('en-US')} rows.`;
  return part('Over time', thinned, html`${pictures}<p class="dim">Data: timeseries.csv</p>`);
}

function waiting(workload: WorkloadReport): Html | undefined {
  const shares = [0.5, 0.9, 0.99, 1];
  const rows = workload.profiles.map((profile) => ({
    profile,
    quantiles: shares.map(
      (share) => workload.waits.find((wait) => wait.profile === profile && wait.share >= share)?.seconds,
    ),
  }));
  const inner = table(
    'Waiting times in seconds',
    [
      { title: 'configuration', isText: true, value: (row: (typeof rows)[number]) => row.profile },
      ...['p50', 'p90', 'p99', 'max'].map((title, i) => ({
        title,
        value: (row: (typeof rows)[number]) => (row.quantiles[i] === undefined ? '' : csvNumber(row.quantiles[i]!)),
      })),
    ],
    rows,
  );
  return drawn(
    'Waiting times',
    'From arrival to binding, of the pods that were bound: a line further left is better. Pods that did not wait at all are not drawn.',
    figures.waits(workload),
    'placements.csv',
    details('As a table', inner),
  );
}

function pluginPart(workload: WorkloadReport): Html | undefined {
  const inner = table(
    'Plugins that score',
    [
      { title: 'configuration', isText: true, value: (row: WorkloadReport['plugins'][number]) => row.profile },
      { title: 'plugin', isText: true, value: (row) => row.plugin },
      { title: 'decided, %', value: (row) => figureText(row.decidedShare * 100) },
      {
        title: 'µs per call',
        value: (row) => (row.microsecondsPerCall === undefined ? '' : figureText(row.microsecondsPerCall)),
      },
    ],
    workload.plugins,
  );
  return drawn(
    'Which plugins decide',
    'In how many decisions the best node would have been another without the plugin.',
    figures.pluginShares(workload),
    'plugins.csv',
    details('As a table', inner),
  );
}

function divergence({ divergences, verdicts }: WorkloadReport): Html | undefined {
  if (divergences.length === 0) return undefined;
  const base = verdicts[0]?.base ?? 'the base';
  return part(
    'Where decisions part',
    `The first pod that went elsewhere than with ${base} and the same seed, and how many did in all; most of these only follow from earlier ones.`,
    table(
      'First different decision by configuration and seed',
      [
        { title: 'configuration', isText: true, value: (row: (typeof divergences)[number]) => row.profile },
        { title: 'seed', isText: true, value: (row) => row.seed },
        { title: 'first pod', isText: true, value: (row) => row.firstPod },
        { title: 'at, s', value: (row) => row.firstTimeSeconds },
        { title: base, isText: true, value: (row) => row.baseNode || '(none)' },
        { title: 'here', isText: true, value: (row) => row.node || '(none)' },
        { title: 'different', value: (row) => row.different.toLocaleString('en-US') },
        { title: 'of', value: (row) => row.decisions.toLocaleString('en-US') },
      ],
      divergences,
    ),
  );
}

function inputs({ configs, inputs: workloads, sources }: ReportData): Html {
  const config = ({ name, text, set }: ReportConfig): Html =>
    details(set === '' ? name : `${name} (${set})`, html`<pre tabindex="0">${text}</pre>`);
  const described = workloads.map(
    ({ name, description, files }) =>
      html`<li><b>${name}</b>: ${description}${files.length > 0 ? html`<ul>${files.map((file) => html`<li><code>${file}</code></li>`)}</ul>` : undefined}</li>`,
  );
  const made = sources.map(
    ({ folder, startedAt, berth, semantics, host }) =>
      html`<li>${folder}: ${startedAt}, berth ${berth} (${semantics}), ${host}</li>`,
  );
  return html`<section id="inputs"><h2>Inputs</h2><p class="dim">All that decides the results; with them the run gives the same rows again.</p>
<ul>${described}</ul><h3>Configurations</h3>${configs.map(config)}<h3>Runs</h3><ul>${made}</ul></section>`;
}
