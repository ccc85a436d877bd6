/**
 * Which failures a control plane outlives. Writes need a majority of the etcd members and one API server that reaches it.
 * Stacked: member and API server share a machine, and an API server asks the member beside it alone. External: each has
 * machines of its own, and every API server asks all members. Source: kubernetes.io "Options for Highly Available Topology".
 */
export const TOPOLOGIES = ['stacked', 'external'] as const;
export type TopologyName = (typeof TOPOLOGIES)[number];

export interface ControlPlaneShape {
  readonly topology: TopologyName;
  /** API servers, and etcd members. */
  readonly replicas: number;
}

/** How many members have to agree. */
export const quorum = (members: number): number => Math.floor(members / 2) + 1;

export type Part = 'API server' | 'etcd member';

/** What can fail by itself: a process, or a machine with all that runs on it. */
export interface FailureUnit {
  readonly etcd?: number;
  readonly server?: number;
}

export function machinesOf({ topology, replicas }: ControlPlaneShape): FailureUnit[] {
  const indices = Array.from({ length: replicas }, (_, index) => index);
  if (topology === 'stacked') return indices.map((index) => ({ etcd: index, server: index }));
  return [...indices.map((etcd) => ({ etcd })), ...indices.map((server) => ({ server }))];
}

export const processesOf = ({ replicas }: ControlPlaneShape, part: Part): FailureUnit[] =>
  Array.from({ length: replicas }, (_, index) => (part === 'API server' ? { server: index } : { etcd: index }));

/** Whether writes go on while these have failed. */
export function isUp({ topology, replicas }: ControlPlaneShape, failed: readonly FailureUnit[]): boolean {
  const lostMembers = new Set(failed.flatMap(({ etcd }) => etcd ?? []));
  const lostServers = new Set(failed.flatMap(({ server }) => server ?? []));
  if (replicas - lostMembers.size < quorum(replicas)) return false;
  for (let index = 0; index < replicas; index++) {
    if (!lostServers.has(index) && (topology === 'external' || !lostMembers.has(index))) return true;
  }
  return false;
}

export interface Survival {
  readonly failed: number;
  /** Ways in which so many of the units can have failed. */
  readonly ways: number;
  readonly survived: number;
}

/** For every number of failed units. Cost: 2 to the number of units. */
export function survivals(shape: ControlPlaneShape, units: readonly FailureUnit[]): Survival[] {
  const rows = Array.from({ length: units.length + 1 }, (_, failed) => ({ failed, ways: 0, survived: 0 }));
  for (let chosen = 0; chosen < 2 ** units.length; chosen++) {
    const failed = units.filter((_, index) => (chosen >> index) & 1);
    const row = rows[failed.length]!;
    row.ways++;
    if (isUp(shape, failed)) row.survived++;
  }
  return rows;
}

/** Share of time in which writes go on, when each machine is up for such a share and they fail independently. */
export function availability(shape: ControlPlaneShape, ofMachine: number): number {
  const machines = machinesOf(shape);
  return survivals(shape, machines).reduce(
    (sum, { failed, survived }) => sum + survived * (1 - ofMachine) ** failed * ofMachine ** (machines.length - failed),
    0,
  );
}
