/** The engines that can be put to the test, by the name that `--engine` takes. */
import {
  createScheduler,
  type EngineName,
  ENGINES as MAKE,
  type Scheduler,
  type SchedulerOptions,
} from '../scheduler/index.ts';

export type { EngineName };

export const ENGINES = Object.keys(MAKE) as readonly EngineName[];

export const schedulerWith = (engine: EngineName, options: SchedulerOptions): Scheduler =>
  createScheduler({ ...options, engine: MAKE[engine] });
