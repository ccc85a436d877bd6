/** The thread of `workload-thread.ts`: plans what it is told to run, and runs it. */
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig, loadConfig } from '../../scheduler/config/index.ts';
import type { PluginRegistry, ResolvedConfig } from '../../scheduler/index.ts';
import { type Reported, report } from './data-items.ts';
import { PerfCluster } from './perf-cluster.ts';
import { type PlannedSuite, type PlannedWorkload, planSuites } from './plan.ts';
import { runOps } from './run-ops.ts';
import type { ResolvedWorkload } from './schema/test-case.ts';
import { modelledGates } from './supports.ts';
import { WorkloadError, WorkloadRun } from './workload-run.ts';
import type { WorkloadAnswer, WorkloadTask } from './workload-thread.ts';

const suites = new Map<string, PlannedSuite>();

export default async function runTask(task: WorkloadTask): Promise<WorkloadAnswer> {
  try {
    return { reported: await runWorkload(planned(task), task) };
  } catch (cause) {
    const error = cause as Error;
    return { reason: reasonOf(error), stack: error.stack };
  }
}

function planned({ file, topic, index }: WorkloadTask): PlannedWorkload {
  const key = JSON.stringify([file, topic]);
  let suite = suites.get(key);
  if (suite === undefined) {
    [suite] = planSuites([file], { labels: '', topic });
    suites.set(key, suite!);
  }
  return suite!.workloads[index]!;
}

/** What the file says of a workload that failed for a reason of its own; anything else is a fault of the program. */
const reasonOf = (error: Error): string =>
  error instanceof WorkloadError || error instanceof InputError ? error.message : `${error.name}: ${error.message}`;

async function runWorkload(
  { suite, hooks, resolved: given }: PlannedWorkload,
  { engine, tieBreak, outDir, intervalMs }: WorkloadTask,
): Promise<Reported[]> {
  const resolved = given!;
  const featureGates = modelledGates(resolved.gates);
  const { config, registry } = await configOf(suite, resolved, hooks.plugins(inTreePlugins));
  const cluster = new PerfCluster({ config, registry, engine, tieBreak, featureGates });
  const { templates } = suite;
  const run = new WorkloadRun({ resolved, cluster, templates, podsTimeoutMs: hooks.podsTimeoutMs, outDir });
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
