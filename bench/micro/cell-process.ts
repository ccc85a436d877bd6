/** One cell of a sweep, in a process of its own: reads the task from its arguments, answers by messages. */

import type { CellMessage, CellTask } from './cells.ts';
import { measure } from './measure.ts';
import { MICRO_WORKLOADS } from './workloads.ts';

const { workload: name, nodes, engine, budgetSeconds } = JSON.parse(process.argv[2]!) as CellTask;
const send = (message: CellMessage): void => {
  process.send!(message);
};

try {
  const workload = MICRO_WORKLOADS.find((one) => one.name === name)!;
  const options = { workload, nodes, engine, budgetSeconds };
  const measurement = measure(options, (progress) => send({ progress }));
  send({ measurement });
} catch (error) {
  // Typed arrays lie outside of V8's heap and are refused without ending the process.
  const isMemory =
    error instanceof RangeError && /allocation failed|invalid (typed )?array length/i.test(error.message);
  send({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error), isMemory });
}
process.disconnect();
