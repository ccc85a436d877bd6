/** Proof that berth decides as kube-scheduler does: golden files, and what runs and compares them. */
export { type Check, checkDocument, checkFile, type FileReport, type LocatedDifference } from './check.ts';
export { compareValues, type Difference, type DifferenceKind, type Path } from './compare.ts';
export { differenceLines, pathText } from './difference-text.ts';
export { ENGINES, type EngineName } from './engines.ts';
export { type Document, findGoldenFiles, type GoldenFile, readDocument } from './golden-file.ts';
export { type ConfigResult, runConfig } from './kinds/config.ts';
export { runDecision } from './kinds/decision.ts';
export type { DecisionCase, DecisionResult } from './kinds/decision-types.ts';
export { type Recognised, recognise } from './kinds/index.ts';
export { countLine, familyRows, reportText } from './report-text.ts';
export { type FolderOptions, runFolder } from './run-folder.ts';
