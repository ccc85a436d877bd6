/**
 * What would have to be different on the runner-up for it to win, found by trial: a made-up pod takes load from the node
 * (its requests are negative) or puts some on it, and the decision is made again.
 *
 * Cost: some 20 scheduling cycles.
 */
import type { Pod } from '../api/index.ts';
import type { Scheduler } from '../scheduler/index.ts';

interface Load {
  readonly resource: 'cpu' | 'memory';
  /** Per step: 1 milli-core or 1 MiB. */
  readonly unit: string;
  readonly stepsPerShown: number;
  readonly shown: string;
}

const LOADS: readonly Load[] = [
  { resource: 'cpu', unit: 'm', stepsPerShown: 1000, shown: 'cores' },
  { resource: 'memory', unit: 'Mi', stepsPerShown: 1024, shown: 'GiB' },
];
const SHOWN_DIGITS = 2;
const MEBIBYTE = 2 ** 20;

/**
 * `1.2 cores less requested on it would do`; undefined when no such change is enough. The decision must have looked at
 * every node and used no chance, or it could not be repeated. The scheduler comes out as it went in: pod on its node.
 */
export function whatRunnerUpNeeds(scheduler: Scheduler, pod: Pod, runnerUp: string): string | undefined {
  const { cluster } = scheduler;
  const row = cluster.rowOf(runnerUp);
  const used = { cpu: cluster.requestedCpuMilli[row]!, memory: cluster.requestedMemoryBytes[row]! / MEBIBYTE };
  const total = { cpu: cluster.allocatableCpuMilli[row]!, memory: cluster.allocatableMemoryBytes[row]! / MEBIBYTE };
  const { uid, requests } = cluster.classes.info(pod);
  const own = { cpu: requests.cpuMilli, memory: requests.memoryBytes / MEBIBYTE };
  cluster.removePod(uid);
  const wins = (load: Load, steps: number): boolean => {
    const weight = ballast(runnerUp, load, steps);
    const { uid: weightUid } = cluster.addPod(weight);
    const { node } = scheduler.schedule(pod);
    cluster.removePod(uid);
    cluster.removePod(weightUid);
    return node === runnerUp;
  };
  let needed: string | undefined;
  for (const sign of [-1, 1]) {
    for (const load of LOADS) {
      const { resource } = load;
      const most = sign < 0 ? used[resource] : total[resource] - used[resource] - own[resource];
      needed ??= searched(load, sign, Math.floor(most), wins);
    }
  }
  scheduler.schedule(pod);
  return needed;
}

function searched(
  load: Load,
  sign: number,
  most: number,
  wins: (load: Load, steps: number) => boolean,
): string | undefined {
  if (most <= 0 || !wins(load, sign * most)) return undefined;
  let enough = most;
  let tooLittle = 0;
  while (enough - tooLittle > 1) {
    const middle = Math.floor((enough + tooLittle) / 2);
    if (wins(load, sign * middle)) enough = middle;
    else tooLittle = middle;
  }
  const amount = Math.ceil((enough / load.stepsPerShown) * 10 ** SHOWN_DIGITS) / 10 ** SHOWN_DIGITS;
  return `${amount} ${load.shown} ${sign < 0 ? 'less' : 'more'} requested on it would do`;
}

/** Names both resources: what a container leaves out is counted with a default. */
const ballast = (nodeName: string, { resource, unit }: Load, steps: number): Pod => ({
  metadata: { name: 'trial', namespace: 'berth-trial', uid: 'berth-trial' },
  spec: {
    nodeName,
    containers: [{ name: 'trial', resources: { requests: { cpu: '0', memory: '0', [resource]: `${steps}${unit}` } } }],
  },
});
