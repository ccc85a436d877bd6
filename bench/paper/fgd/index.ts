export {
  checkRandom,
  type Diff,
  diffWithPublished,
  printedValue,
  type RandomCheck,
  type Row,
  rowsOf,
  type Summary,
  summarise,
  type ValueDifference,
} from './compare.ts';
export { type Curves, LOAD_COLUMNS } from './curves.ts';
export { runEvaluation } from './evaluation.ts';
export { POLICY_NAMES, RANDOM_POLICY } from './policies.ts';
export { MEASURE_NAMES, type PublishedTables, readPublished, tableName } from './published.ts';
export { type SeedResult, type SeedTask, type TieName, TUNING } from './run-seed.ts';
export { writeTables } from './write-tables.ts';
