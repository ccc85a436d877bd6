/** KWOK's Stage files, played on an API server. */
export { readStages, type Stage } from './stage.ts';
export { StageRunner, type StagesOptions } from './stage-runner.ts';
