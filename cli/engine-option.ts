/** The option that chooses the engine, for every command that schedules. */
import { Option } from 'commander';
import { ENGINES, type EngineName } from '../scheduler/index.ts';

export const DEFAULT_ENGINE: EngineName = 'fast';

/** Both take the same decisions; the reference engine looks at every node for every pod. */
export const engineOption = (): Option =>
  new Option('--engine <name>', 'engine that decides; both decide the same')
    .choices(Object.keys(ENGINES))
    .default(DEFAULT_ENGINE);
