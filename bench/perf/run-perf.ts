/** Runs planned workloads one after another, and writes what upstream would write. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import {
  type DataItem,
  dataItemsFile,
  dataItemsJson,
  dataItemsTimestamp,
  type PerfResult,
  progressFile,
  progressText,
} from '../../reports/index.ts';
import { defaultConfig, loadConfig } from '../../scheduler/config/index.ts';
import type { EngineName, PluginRegistry, ResolvedConfig, TieBreak } from '../../scheduler/index.ts';
import { type Reported, report } from './data-items.ts';
import { PerfCluster } from './perf-cluster.ts';
import type { PlannedSuite, PlannedWorkload } from './plan.ts';
import { runOps } from './run-ops.ts';
import type { ResolvedWorkload } from './schema/test-case.ts';
import { modelledGates } from './supports.ts';
import { WorkloadError, WorkloadRun } from './workload-run.ts';

export interface PerfOptions {
  readonly engine: EngineName;
  readonly tieBreak: TieBreak;
  /** Folder for the files; it must be there. */
  readonly outDir: string;
  /** Between samples of the throughput. @default as long as gives enough samples */
  readonly intervalMs?: number;
  /** Stops the run; what has been measured is written all the same. */
  readonly signal?: AbortSignal;
  readonly onStart?: (planned: PlannedWorkload) => void;
  readonly onResult?: (result: PerfResult, error?: Error) => void;
}

export interface PerfOutcome {
  readonly results: readonly PerfResult[];
  readonly files: readonly string[];
}

export async function runPerf(suites: readonly PlannedSuite[], options: PerfOptions): Promise<PerfOutcome> {
  const timestamp = dataItemsTimestamp(new Date());
  const results: PerfResult[] = [];
  const files: string[] = [];
  for (const suite of suites) {
    if (suite.workloads.length === 0 || options.signal?.aborted) continue;
    const items: DataItem[] = [];
    let hasRun = false;
    for (const planned of suite.workloads) {
      if (options.signal?.aborted) break;
      options.onStart?.(planned);
      const { result, reported, error } = await runPlanned(planned, options);
      hasRun ||= result.state === 'ran';
      items.push(...reported.flatMap((one) => one.items));
      files.push(...writeProgress(planned, reported, options.outDir, timestamp));
      results.push(result);
      options.onResult?.(result, error);
    }
    if (hasRun) files.push(write(options.outDir, dataItemsFile(suite.topic, timestamp), dataItemsJson(items)));
  }
  return { results, files };
}

interface Ran {
  readonly result: PerfResult;
  readonly reported: readonly Reported[];
  readonly error?: Error;
}

async function runPlanned(planned: PlannedWorkload, options: PerfOptions): Promise<Ran> {
  const { suite, testCase, workload, resolved, error, lacking } = planned;
  const result = (state: PerfResult['state'], reason?: string, reported: readonly Reported[] = []): PerfResult => ({
    topic: suite.topic,
    testCase: testCase.name,
    workload: workload.name,
    state,
    reason,
    figures: reported.map(({ figure }) => figure),
  });
  if (resolved === undefined) return { result: result('invalid', error!.message), reported: [], error };
  if (lacking !== undefined) return { result: result('unsupported', lacking), reported: [] };
  try {
    const reported = await runWorkload(planned, resolved, options);
    return { result: result('ran', undefined, reported), reported };
  } catch (cause) {
    if (options.signal?.aborted) return { result: result('failed', 'interrupted'), reported: [] };
    const failure = cause as Error;
    return { result: result('failed', reasonOf(failure)), reported: [], error: failure };
  }
}

/** What the file says of a workload that failed for a reason of its own; anything else is a fault of the program. */
const reasonOf = (error: Error): string =>
  error instanceof WorkloadError || error instanceof InputError ? error.message : `${error.name}: ${error.message}`;

async function runWorkload(
  { suite, hooks }: PlannedWorkload,
  resolved: ResolvedWorkload,
  { engine, tieBreak, outDir, intervalMs, signal }: PerfOptions,
): Promise<Reported[]> {
  const featureGates = modelledGates(resolved.gates);
  const { config, registry } = await configOf(suite, resolved, hooks.plugins(inTreePlugins));
  const cluster = new PerfCluster({ config, registry, engine, tieBreak, featureGates });
  const { templates } = suite;
  const run = new WorkloadRun({ resolved, cluster, templates, podsTimeoutMs: hooks.podsTimeoutMs, outDir, signal });
  await runOps(run, hooks);
  const { attempts } = cluster;
  return run.collected.map((collected) => report(collected, { resolved, topic: suite.topic, attempts, intervalMs }));
}

async function configOf(
  { dir, templates }: PlannedSuite,
  { testCase, gates }: ResolvedWorkload,
  registry: PluginRegistry,
): Promise<{ readonly config: ResolvedConfig; readonly registry: PluginRegistry }> {
  const featureGates = modelledGates(gates);
  const { schedulerConfigPath: file } = testCase;
  const loaded =
    file === undefined
      ? { config: defaultConfig(registry, featureGates), registry }
      : await loadConfig({
          text: templates.read(file),
          file,
          baseDir: path.dirname(path.resolve(dir, file)),
          registry,
          featureGates,
        });
  // With the gate off the plugin is not among the defaults.
  return gates.NodeDeclaredFeatures === false
    ? { ...loaded, config: withoutPlugin(loaded.config, 'NodeDeclaredFeatures') }
    : loaded;
}

function withoutPlugin(config: ResolvedConfig, plugin: string): ResolvedConfig {
  const profiles = config.profiles.map((profile) => ({
    ...profile,
    plugins: Object.fromEntries(
      Object.entries(profile.plugins).map(([point, list]) => [point, list.filter(({ name }) => name !== plugin)]),
    ),
  }));
  return { ...config, profiles };
}

// --- files -----------------------------------------------------------------------------------------------------------

function writeProgress(
  { suite, testCase, workload }: PlannedWorkload,
  reported: readonly Reported[],
  dir: string,
  timestamp: string,
): string[] {
  // Upstream expects one collection per workload to have any; later ones take the place of earlier ones.
  const progress = reported.map((one) => one.progress).filter((rows) => rows.length > 0);
  return progress
    .slice(-1)
    .map((rows) => write(dir, progressFile(testCase.name, workload.name, suite.topic, timestamp), progressText(rows)));
}

function write(dir: string, name: string, text: string): string {
  const file = path.join(dir, name);
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new InputError(`cannot write ${file}: ${(error as Error).message}`);
  }
  return file;
}
