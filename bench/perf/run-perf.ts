/** Runs planned workloads one after another, and writes what upstream would write. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import {
  type DataItem,
  dataItemsFile,
  dataItemsJson,
  dataItemsTimestamp,
  type PerfResult,
  progressFile,
  progressText,
} from '../../reports/index.ts';
import type { EngineName, TieBreak } from '../../scheduler/index.ts';
import type { Reported } from './data-items.ts';
import type { PlannedSuite, PlannedWorkload } from './plan.ts';
import { WorkloadThread } from './workload-thread.ts';

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
  /** With the stack where a workload has failed. */
  readonly onResult?: (result: PerfResult, stack?: string) => void;
}

export interface PerfOutcome {
  readonly results: readonly PerfResult[];
  readonly files: readonly string[];
}

export async function runPerf(suites: readonly PlannedSuite[], options: PerfOptions): Promise<PerfOutcome> {
  const timestamp = dataItemsTimestamp(new Date());
  const results: PerfResult[] = [];
  const files: string[] = [];
  const thread = new WorkloadThread();
  for (const suite of suites) {
    if (suite.workloads.length === 0 || options.signal?.aborted) continue;
    const items: DataItem[] = [];
    let hasRun = false;
    for (const planned of suite.workloads) {
      if (options.signal?.aborted) break;
      options.onStart?.(planned);
      const { result, reported, stack } = await runPlanned(planned, thread, options);
      hasRun ||= result.state === 'ran';
      items.push(...reported.flatMap((one) => one.items));
      files.push(...writeProgress(planned, reported, options.outDir, timestamp));
      results.push(result);
      options.onResult?.(result, stack);
    }
    if (hasRun) files.push(write(options.outDir, dataItemsFile(suite.topic, timestamp), dataItemsJson(items)));
  }
  await thread.end();
  return { results, files };
}

interface Ran {
  readonly result: PerfResult;
  readonly reported: readonly Reported[];
  readonly stack?: string;
}

async function runPlanned(planned: PlannedWorkload, thread: WorkloadThread, options: PerfOptions): Promise<Ran> {
  const { suite, testCase, workload, index, resolved, error, lacking } = planned;
  const result = (state: PerfResult['state'], reason?: string, reported: readonly Reported[] = []): PerfResult => ({
    topic: suite.topic,
    testCase: testCase.name,
    workload: workload.name,
    state,
    reason,
    figures: reported.map(({ figure }) => figure),
  });
  if (resolved === undefined) return { result: result('invalid', error!.message), reported: [], stack: error!.stack };
  if (lacking !== undefined) return { result: result('unsupported', lacking), reported: [] };
  const { engine, tieBreak, outDir, intervalMs, signal } = options;
  const { file, topic } = suite;
  try {
    const answer = await thread.run({ file, topic, index, engine, tieBreak, outDir, intervalMs }, signal);
    if ('reason' in answer) return { result: result('failed', answer.reason), reported: [], stack: answer.stack };
    return { result: result('ran', undefined, answer.reported), reported: answer.reported };
  } catch (cause) {
    if (signal?.aborted) return { result: result('failed', 'interrupted'), reported: [] };
    throw cause;
  }
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
