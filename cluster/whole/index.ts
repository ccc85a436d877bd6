/** A whole cluster in virtual time, what goes wrong in it, and what must hold nevertheless. */
export {
  CLUSTER_FAULTS,
  checkFaults,
  type Fault,
  FaultPlan,
  isNodeFault,
  lastFaultMs,
  NODE_FAULTS,
} from './faults.ts';
export { Invariants } from './invariants.ts';
export { WholeCluster, type WholeClusterOptions } from './whole-cluster.ts';
