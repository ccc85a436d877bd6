/** Highly available control planes: what they outlive, and real ones on loopback. */
export {
  availability,
  type ControlPlaneShape,
  type FailureUnit,
  isUp,
  machinesOf,
  processesOf,
  quorum,
  type Survival,
  survivals,
  TOPOLOGIES,
  type TopologyName,
} from './availability.ts';
export type { Child } from './child.ts';
export { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
export { explain } from './explain.ts';
