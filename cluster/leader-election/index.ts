/** Replicas of which one acts: election by Lease, and terms that end for sure. */
export { type ElectorOptions, LeaderElector, type Lease, type LeaseSpec } from './elector.ts';
export { checkLeaseTimes, LEASE_TIMES, type LeaseTimes } from './lease-times.ts';
export { type ElectedOptions, runElected } from './run-elected.ts';
export { Term } from './term.ts';
