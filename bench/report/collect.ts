/** Run folders summed up for a report. Files are read as streams: memory goes with nodes and configurations, not with rows. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import type { ReportConfig, ReportData, ReportSource, WorkloadReport } from '../../reports/index.ts';
import {
  COMPARED_METRICS,
  compareRuns,
  parseThreshold,
  type RunColumn,
  readRuns,
  type Threshold,
  verdictRecord,
} from '../compare/index.ts';
import type { Manifest } from '../manifest.ts';
import { readManifest } from '../previous-run.ts';
import { CsvStream } from './csv-stream.ts';
import { PlacementSummary } from './placement-summary.ts';
import { SeriesSummary } from './series-summary.ts';

export interface CollectOptions {
  readonly title?: string;
  /** @default the first configuration of the first folder */
  readonly base?: string;
  readonly primary?: readonly string[];
  readonly thresholds?: ReadonlyMap<string, Threshold>;
}

interface Folder {
  readonly dir: string;
  readonly manifest: Manifest;
  /** Put before names of configurations where several folders are shown. */
  readonly prefix: string;
}

/** Throws InputError where a folder holds no run. */
export async function collectReport(dirs: readonly string[], options: CollectOptions = {}): Promise<ReportData> {
  const folders = dirs.map((dir): Folder => {
    const prefix = dirs.length > 1 ? `${path.basename(path.resolve(dir))}:` : '';
    return { dir, manifest: readManifest(dir), prefix };
  });
  const columns = await readRuns(dirs);
  const asked = { ...suiteOptions(folders[0]!), ...given(options) };
  const base = baseOf(columns, asked.base);
  const names = [...new Set(folders.flatMap(({ manifest }) => manifest.cells.map(({ workload }) => workload)))];
  const collectors = new Map(names.map((name) => [name, new WorkloadCollector(name, folders, base.name)]));
  for (const folder of folders) await readFolder(folder, collectors);
  return {
    title: options.title ?? dirs.map((dir) => path.basename(path.resolve(dir))).join(', '),
    sources: folders.map(sourceOf),
    workloads: names.map((name) => collectors.get(name)!.finish(columns, base, asked)),
    configs: folders.flatMap(configsOf),
    inputs: inputsOf(folders),
  };
}

/** What the suite of the first folder says about comparing. */
function suiteOptions({ manifest }: Folder): CollectOptions {
  const { base, primary, thresholds } = manifest.request?.report ?? {};
  return {
    base,
    primary,
    ...(thresholds === undefined ? {} : { thresholds: new Map(thresholds.map(parseThreshold)) }),
  };
}

const given = (options: CollectOptions): CollectOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

function baseOf(columns: readonly RunColumn[], name: string | undefined): RunColumn {
  const found =
    name === undefined
      ? columns[0]
      : columns.find((column) => column.name === name || column.name.endsWith(`:${name}`));
  if (found !== undefined) return found;
  throw new InputError(
    `base ${name}: there is no such configuration; there are ${columns.map((column) => column.name).join(', ')}`,
  );
}

/** Everything of a workload, over all folders that have it. */
class WorkloadCollector {
  readonly series = new SeriesSummary();
  readonly placements: PlacementSummary;
  readonly cells: Array<WorkloadReport['cells'][number]> = [];
  readonly plugins = new Map<string, { decided: number; calls: number; nanoseconds: number; cells: number }>();
  readonly profiles: string[] = [];
  evaluation = '';
  private readonly workload: string;
  private readonly folders: readonly Folder[];

  constructor(workload: string, folders: readonly Folder[], base: string) {
    this.workload = workload;
    this.folders = folders;
    this.placements = new PlacementSummary(base);
  }

  profile(name: string): string {
    if (!this.profiles.includes(name)) this.profiles.push(name);
    return name;
  }

  finish(columns: readonly RunColumn[], base: RunColumn, options: CollectOptions): WorkloadReport {
    const { workload, profiles } = this;
    const ofThis = columns.map((column) => restricted(column, workload)).filter(({ cells }) => cells.size > 0);
    const own = ofThis.find(({ name }) => name === base.name);
    const others = ofThis.filter(({ name }) => name !== base.name);
    const { primary, thresholds = new Map<string, Threshold>() } = options;
    const comparison = own && others.length > 0 ? compareRuns(own, others, { thresholds, primary }) : undefined;
    const inputs = this.folders
      .flatMap(({ manifest }) => manifest.inputs.workloads)
      .find(({ name }) => name === workload);
    return {
      workload,
      nodes: inputs?.nodes ?? 0,
      pods: inputs?.pods ?? 0,
      evaluation: this.evaluation,
      profiles,
      verdicts: comparison?.values.map(verdictRecord) ?? [],
      level: comparison?.level ?? 0,
      cells: this.cells,
      series: this.series.points(),
      seriesRows: this.series.rows,
      ...this.placements.finish(profiles),
      plugins: [...this.plugins].map(([key, { decided, calls, nanoseconds, cells }]) => {
        const [profile, plugin] = JSON.parse(key) as [string, string];
        const microsecondsPerCall = calls > 0 ? nanoseconds / calls / 1000 : undefined;
        return { profile, plugin, decidedShare: decided / cells, microsecondsPerCall };
      }),
    };
  }
}

function restricted({ name, cells, draws }: RunColumn, workload: string): RunColumn {
  const of = <Value>(map: ReadonlyMap<string, Value>) =>
    new Map([...map].filter(([key]) => key.slice(0, key.lastIndexOf(' seed ')) === workload));
  return { name, cells: of(cells), draws: of(draws) };
}

async function readFolder({ dir, prefix }: Folder, collectors: ReadonlyMap<string, WorkloadCollector>): Promise<void> {
  const place = (row: CsvStream) => {
    const collector = collectors.get(row.text('workload'));
    return collector && { collector, profile: collector.profile(prefix + row.text('profile')), seed: seedOf(row) };
  };
  await eachRow(path.join(dir, 'summary.csv'), (row) => {
    const at = place(row);
    if (at === undefined) return;
    at.collector.evaluation = row.text('evaluation');
    for (const { name } of COMPARED_METRICS) {
      const value = row.number(name);
      if (value !== undefined) at.collector.cells.push({ profile: at.profile, seed: at.seed, metric: name, value });
    }
  });
  await eachRow(path.join(dir, 'timeseries.csv'), (row) => {
    const at = place(row);
    at?.collector.series.add(at.profile, row);
    at?.collector.placements.sawTime(row.number('time_seconds') ?? 0);
  });
  await eachRow(path.join(dir, 'plugins.csv'), (row) => {
    const at = place(row);
    if (at === undefined || row.text('extension_point') !== 'score') return;
    const key = JSON.stringify([at.profile, row.text('plugin')]);
    const known = at.collector.plugins.get(key) ?? { decided: 0, calls: 0, nanoseconds: 0, cells: 0 };
    known.decided += row.number('decided_share') ?? 0;
    known.calls += row.number('timed_calls') ?? 0;
    known.nanoseconds += row.number('wall_nanoseconds') ?? 0;
    known.cells++;
    at.collector.plugins.set(key, known);
  });
  await eachRow(path.join(dir, 'placements.csv'), (row) => {
    const at = place(row);
    at?.collector.placements.add(at.profile, at.seed, row);
  });
}

/** Seed, and the seed of ties and the number of the repeat where they are not as usual. */
function seedOf(row: CsvStream): string {
  const [ties, repeat] = [row.text('tie_seed'), row.text('repeat')];
  return (
    row.text('seed') +
    (ties === '' ? '' : `, ties ${ties}`) +
    (repeat === '' || repeat === '1' ? '' : `, again ${repeat}`)
  );
}

async function eachRow(file: string, take: (row: CsvStream) => void): Promise<void> {
  if (!existsSync(file)) throw new InputError(`${file} is missing; name a folder that berth run has written`);
  await new CsvStream(file).each(take);
}

const sourceOf = ({ dir, manifest }: Folder): ReportSource => ({
  folder: path.basename(path.resolve(dir)),
  startedAt: manifest.startedAt,
  berth: manifest.berth,
  semantics: manifest.semantics,
  host: `${manifest.host.cpu}, ${manifest.host.cores} cores, Node ${manifest.node}`,
});

const configsOf = ({ manifest, prefix }: Folder): ReportConfig[] =>
  manifest.inputs.variants.map(({ name, text, set, tieBreak, engine }) => ({
    name: prefix + name,
    text,
    set: [
      ...Object.entries(set ?? {}).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
      `ties: ${tieBreak}`,
      `engine: ${engine}`,
    ].join(', '),
  }));

function inputsOf(folders: readonly Folder[]): ReportData['inputs'] {
  const byName = new Map<string, ReportData['inputs'][number]>();
  for (const { manifest } of folders) {
    for (const { name, description, files } of manifest.inputs.workloads) {
      const shown = files.map((file) => `${file.name} ${file.bytes} bytes, sha256 ${file.sha256}`);
      byName.set(name, { name, description, files: shown });
    }
  }
  return [...byName.values()];
}
