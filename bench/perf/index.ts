export { type PlannedSuite, type PlannedWorkload, planSuites, type Selection } from './plan.ts';
export { type PerfOptions, type PerfOutcome, runPerf } from './run-perf.ts';
export { shippedSuite } from './shipped-suite.ts';
