/**
 * Cells of a sweep, each in a process of its own: compiled code of one does not help another, and one that runs out of memory
 * takes nobody with it.
 */
import { fork } from 'node:child_process';
import { freemem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { EngineName } from '../../scheduler/index.ts';
import type { Measurement, MeasureProgress } from './measure.ts';

export interface CellTask {
  readonly workload: string;
  readonly nodes: number;
  readonly engine: EngineName;
  /** CPU seconds. */
  readonly budgetSeconds: number;
}

export type CellMessage =
  | { readonly progress: MeasureProgress }
  | { readonly measurement: Measurement }
  | { readonly failure: string; readonly isMemory: boolean };

/** The cell gave no figures; the message is for people. */
export class CellFailure extends Error {
  override readonly name = 'CellFailure';
}

export interface CellLimits {
  /** Heap of each cell. @default three quarters of what the machine has to spare */
  readonly heapMb?: number;
  readonly signal?: AbortSignal;
}

const SPARE_SHARE = 0.75;
/** What V8 says before it gives up. */
const OUT_OF_HEAP = /heap out of memory|Reached heap limit/;

const spareHeapMb = (): number => Math.floor((freemem() * SPARE_SHARE) / 2 ** 20);

/** Throws CellFailure; the signal's reason when it has been stopped. */
export function runCellProcess(task: CellTask, { heapMb = spareHeapMb(), signal }: CellLimits): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./cell-process.js', import.meta.url)), [JSON.stringify(task)], {
      execArgv: ['--expose-gc', `--max-old-space-size=${heapMb}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    let progress: MeasureProgress | undefined;
    let answer: CellMessage | undefined;
    let stderr = '';
    const stop = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', stop);
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('message', (message: CellMessage) => {
      if ('progress' in message) progress = message.progress;
      else answer = message;
    });
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(signal.reason as Error);
      else if (answer !== undefined && 'measurement' in answer) resolve(answer.measurement);
      else reject(new CellFailure(failureOf(task, { answer, stderr, code, killedBy, progress, heapMb })));
    });
  });
}

interface Ending {
  readonly answer: CellMessage | undefined;
  readonly stderr: string;
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly progress: MeasureProgress | undefined;
  readonly heapMb: number;
}

export function failureOf(task: CellTask, { answer, stderr, code, killedBy, progress, heapMb }: Ending): string {
  const failure = answer !== undefined && 'failure' in answer ? answer : undefined;
  // A kernel that is short of memory kills.
  if (failure?.isMemory === true || OUT_OF_HEAP.test(stderr) || killedBy === 'SIGKILL') {
    return outOfMemory(task, progress, heapMb);
  }
  const why = failure?.failure ?? (stderr.trim().split('\n').at(-1) || `exit code ${code ?? killedBy}`);
  return `the cell ended: ${why}`;
}

function outOfMemory({ nodes, workload }: CellTask, progress: MeasureProgress | undefined, heapMb: number): string {
  const where = `out of memory (a heap of ${heapMb.toLocaleString('en-US')} MB)`;
  if (progress === undefined || progress.phase === 'nodes') {
    const reached = Math.max(1, progress?.nodes ?? nodes / 4);
    return `${where} before all nodes were in; about ${roundedDown(reached)} would fit: --max-nodes ${roundedDown(reached)}`;
  }
  return `${where} with all nodes in, while the pod classes of "${workload}" were made; fewer classes would fit (--workload identical), or about half the nodes: --max-nodes ${roundedDown(nodes / 2)}`;
}

/** To one digit. */
function roundedDown(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return Math.floor(value / unit) * unit;
}
