export type { ConfigSource } from './config-source.ts';
export { loadSource } from './config-source.ts';
export { CSV_FILE_NAMES } from './csv-files.ts';
export { type Evaluation, STATIC } from './evaluation.ts';
export { type ExplainedAttempt, explainCell } from './explain-cell.ts';
export { loadWorkload } from './load-workload.ts';
export type { CellRecord, Manifest, RunInputs, RunRequest } from './manifest.ts';
export { defaultShuffle, SHUFFLES, type Shuffle } from './order.ts';
export {
  type PerfOptions,
  type PerfOutcome,
  type PlannedSuite,
  type PlannedWorkload,
  planSuites,
  runPerf,
  shippedSuite,
} from './perf/index.ts';
export { evaluationFor, type PlannedCell, planCells, shuffleFor, type Variant } from './plan.ts';
export { PreviousRun } from './previous-run.ts';
export { type Reproduction, reproduction, sameFiles } from './reproduce.ts';
export { type RunOptions, type RunProgress, type RunResult, run, runInputs } from './run.ts';
export { freeFolder, MANIFEST_FILE, makeRunFolder } from './run-folder.ts';
export { DEFAULT_CONFIG, SHIPPED_CONFIGS } from './shipped-configs.ts';
export * from './suite/index.ts';
