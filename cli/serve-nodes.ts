/** The nodes of `berth serve`: kubelets with modelled runtimes. */
import { type Command, InvalidArgumentError } from 'commander';
import { wholeUnitsOf } from '../api/index.ts';
import type { Wire } from '../cluster/apiserver/wire/index.ts';
import type { RealClock } from '../cluster/clock.ts';
import { DEFAULT_CAPACITY, KubeletPool, modelRuntimes, NodeFaults, nodeSpecs } from '../cluster/kubelet/index.ts';
import { readStages, StageRunner } from '../cluster/kwok/index.ts';
import type { RuntimeName } from '../cluster/runtimes/index.ts';
import { addRuntimeOptions, type RuntimeOptions, readBehaviourFile, readText } from './runtime-options.ts';

export interface NodesOptions extends RuntimeOptions {
  readonly nodes: number;
  readonly nodeCapacity: Readonly<Record<string, string>>;
  readonly zones: number;
  readonly runtime: RuntimeName;
  readonly stages?: string;
}

export function addNodesOptions(command: Command): Command {
  command
    .option('--nodes <count>', 'nodes with a kubelet each, in this process', parseCount, 0)
    .option('--node-capacity <list>', 'what each has, such as cpu=8,memory=32Gi,pods=110', parseCapacity, {})
    .option('--zones <count>', 'zones that the nodes are spread over', parseCount, 0)
    .option('--stages <file>', 'KWOK Stages that play the pods, instead of kubelets');
  return addRuntimeOptions(command);
}

export interface RunningNodes {
  stop(): void;
}

/** Throws InputError. */
export function startNodes(
  wire: Wire,
  clock: RealClock,
  options: NodesOptions,
  say: (text: string) => void,
): RunningNodes | undefined {
  const { nodes: count, zones, runtime, runtimeSet: changes, stages } = options;
  if (count === 0) return undefined;
  const behaviours = options.behaviours === undefined ? [] : readBehaviourFile(options.behaviours);
  const capacity = { ...DEFAULT_CAPACITY, ...options.nodeCapacity };
  const group = 'system:authenticated';
  const played = stages === undefined ? undefined : playStages(stages, wire, clock, say);
  const client = wire.clientAs({ username: 'system:kubelets', groups: ['system:masters', group] });
  const pool = new KubeletPool({
    client,
    clientFor: ({ name }) => wire.clientAs({ username: `system:node:${name}`, groups: ['system:nodes', group] }),
    clock,
    nodes: nodeSpecs({ count, zones, capacity }),
    ...modelRuntimes({ clock, runtime, changes, behaviours }),
    takesPods: stages === undefined,
    failed: ({ resource }, { message }) => say(`kubelets: ${resource}: ${message}`),
  });
  const faults = new NodeFaults(client, clock, pool);
  pool.start();
  faults.start();
  return {
    stop: () => {
      faults.stop();
      pool.stop();
      played?.stop();
    },
  };
}

function playStages(file: string, wire: Wire, clock: RealClock, say: (text: string) => void): StageRunner {
  const runner = new StageRunner({
    client: wire.clientAs({ username: 'system:kwok', groups: ['system:masters', 'system:authenticated'] }),
    clock,
    stages: readStages(readText(file, '--stages'), file),
    failed: (stage, why) => say(`stage ${stage}: ${why}`),
  });
  runner.start();
  return runner;
}

function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('a whole number is expected.');
  return Number(text);
}

function parseCapacity(text: string): Record<string, string> {
  const entries = text.split(',').map((part) => {
    const [, name, quantity] = /^([^=]+)=(.+)$/.exec(part) ?? [];
    if (name === undefined || quantity === undefined || !isQuantity(quantity)) {
      throw new InvalidArgumentError(`${JSON.stringify(part)} is not of the form resource=quantity.`);
    }
    return [name, quantity];
  });
  return Object.fromEntries(entries);
}

function isQuantity(text: string): boolean {
  try {
    return wholeUnitsOf(text) >= 0;
  } catch {
    return false;
  }
}
