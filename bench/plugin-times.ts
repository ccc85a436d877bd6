import { performance } from 'node:perf_hooks';
import type { EngineName, Meter } from '../scheduler/index.ts';

/**
 * One cycle in so many is timed, with the reference engine as upstream does it. The fast engine has every plugin called for
 * it in these cycles alone, as the reference engine would, so they cost what they cost there; of the others plugins.csv
 * says nothing.
 */
const TIMED_CYCLE_EVERY: Readonly<Record<EngineName, number>> = { reference: 10, fast: 50 };

export const pluginTimes = (engine: EngineName): Meter => ({
  nowNs: () => performance.now() * 1e6,
  sampleEvery: TIMED_CYCLE_EVERY[engine],
});
