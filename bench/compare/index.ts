export {
  type ComparedValue,
  type CompareOptions,
  compareRuns,
  type Outcome,
  type RunComparison,
  type Threshold,
} from './compare.ts';
export { checkGates, type Gate, type GateResult, parseGate } from './gate.ts';
export { COMPARED_METRICS, type ComparedMetric } from './metrics.ts';
export { type RunColumn, readRuns } from './read-runs.ts';
export { knownMetric, parseThreshold } from './thresholds.ts';
export { verdictRecord } from './verdict-records.ts';
