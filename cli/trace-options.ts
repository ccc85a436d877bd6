/** Options that the commands of `berth trace` and `berth run` share, and how their texts are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseQuantity } from '../api/index.ts';
import type { ImportOptions, NodeGroup, OnError } from '../workloads/index.ts';

export interface TraceReadOptions {
  readonly onError: OnError;
  readonly machineCpu?: number;
  readonly machineMemory?: number;
  readonly nodes?: readonly NodeGroup[];
}

const NODES_MAX = 1_000_000;
const BYTES_PER_MIB = 2n ** 20n;
const NANO = 1_000_000_000n;
const NANO_PER_MILLI = 1_000_000n;

const collect = (text: string, earlier: readonly NodeGroup[] = []): NodeGroup[] => [
  ...earlier,
  parseNodes(text, earlier.length),
];

export function addTraceReadOptions(command: Command): Command {
  return command
    .addOption(new Option('--on-error <rule>', 'what to do with a bad row').choices(['stop', 'skip']).default('stop'))
    .option('--machine-cpu <quantity>', 'CPU of one machine, where a trace gives fractions of it', parseMilli)
    .option('--machine-memory <quantity>', 'memory of one machine, where a trace gives fractions of it', parseMib)
    .option('--nodes <kind>', 'nodes to add, such as 100*cpu=64,memory=256Gi,nvidia.com/gpu=8; repeatable', collect);
}

export function importOptions({ onError, machineCpu, machineMemory, nodes }: TraceReadOptions): ImportOptions {
  return { onError, machineCpuMilli: machineCpu, machineMemoryMib: machineMemory, nodes };
}

/** `100*cpu=64,memory=256Gi,nvidia.com/gpu=8,label:zone=a`: a count, amounts, and labels. */
export function parseNodes(text: string, index = 0): NodeGroup {
  const match = /^(\d+)\*(.+)$/s.exec(text);
  const count = Number(match?.[1]);
  if (match === null || count < 1 || count > NODES_MAX) {
    throw new InvalidArgumentError(`"${text}" does not begin with a count such as 100* (at most ${NODES_MAX}).`);
  }
  const allocatable: Record<string, string> = { pods: '110' };
  const labels: Record<string, string> = {};
  for (const part of match[2]!.split(',')) {
    const [name, ...rest] = part.split('=');
    const value = rest.join('=');
    if (name === undefined || name === '' || value === '')
      throw new InvalidArgumentError(`"${part}" is not an amount such as cpu=64.`);
    if (name.startsWith('label:')) labels[name.slice('label:'.length)] = value;
    else {
      quantity(value);
      allocatable[name] = value;
    }
  }
  return { count, pool: { name: `added-${index}`, labels, allocatable } };
}

const parseMilli = (text: string): number => Number(quantity(text) / NANO_PER_MILLI);
const parseMib = (text: string): number => Number(quantity(text) / NANO / BYTES_PER_MIB);

function quantity(text: string): bigint {
  try {
    const { nano } = parseQuantity(text);
    if (nano > 0n) return nano;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError(`"${text}" is not a Kubernetes quantity above 0, such as 64 or 256Gi.`);
}
