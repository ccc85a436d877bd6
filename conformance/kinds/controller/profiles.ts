/** The flags of the controller manager that was recorded. */
import type { ControllersOptions } from '../../../cluster/controllers/index.ts';
import type { Scenario } from './scenario.ts';

type Flags = Pick<ControllersOptions, 'nodeLifecycle' | 'terminatedPodThreshold'>;

export const FLAGS: Readonly<Record<Scenario['profile'], Flags>> = {
  default: {},
  'fast-nodes': {
    nodeLifecycle: {
      monitorPeriodMs: 1000,
      monitorGraceMs: 6000,
      startupGraceMs: 8000,
      evictionRate: 0.5,
      secondaryEvictionRate: 0.1,
      largeZoneNodes: 4,
    },
    terminatedPodThreshold: 5,
  },
};
