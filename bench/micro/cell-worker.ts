/** One cell of a sweep, on a thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { measure } from './measure.ts';
import type { CellTask } from './sweep.ts';
import { MICRO_WORKLOADS } from './workloads.ts';

const { workload: name, nodes, engine, budgetSeconds } = workerData as CellTask;
const workload = MICRO_WORKLOADS.find((one) => one.name === name)!;
parentPort!.postMessage(measure({ workload, nodes, engine, budgetSeconds }));
