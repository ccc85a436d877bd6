export { type CellDiff, type DivergingPod, diffCells } from './diff.ts';
export { type Decision, readDecisions } from './read-decisions.ts';
export { Replay } from './replay.ts';
