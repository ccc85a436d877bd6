/** The availability model as a text for people. */
import {
  availability,
  type ControlPlaneShape,
  type FailureUnit,
  machinesOf,
  processesOf,
  quorum,
  survivals,
} from './availability.ts';

const MACHINE_AVAILABILITIES = [0.99, 0.999] as const;

export function explain(shape: ControlPlaneShape): string {
  const { topology, replicas } = shape;
  const machines = machinesOf(shape);
  const where =
    topology === 'stacked'
      ? `${replicas} machines with an etcd member and an API server each, which asks the member beside it`
      : `${replicas} machines with an etcd member, ${replicas} with an API server, which asks all members`;
  const lines = [
    `${topology}: ${where}`,
    `writes need ${quorum(replicas)} of ${replicas} etcd members, and an API server that reaches them`,
    '',
    ...rows('machines', shape, machines),
    ...rows('API server processes', shape, processesOf(shape, 'API server')),
    ...rows('etcd processes', shape, processesOf(shape, 'etcd member')),
    '',
    ...MACHINE_AVAILABILITIES.map(
      (each) => `machines that are up ${percent(each)} of the time: writes ${percent(availability(shape, each))}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** Up to the first number that nothing survives. */
function rows(name: string, shape: ControlPlaneShape, units: readonly FailureUnit[]): string[] {
  const told: string[] = [];
  for (const { failed, ways, survived } of survivals(shape, units).slice(1)) {
    const answer = survived === ways ? 'survived' : survived === 0 ? 'down' : `survived in ${survived} of ${ways} ways`;
    told.push(`${String(failed).padStart(2)} ${name.padEnd(20)} failed: ${answer}`);
    if (survived === 0) break;
  }
  return told;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(5))} %`;
