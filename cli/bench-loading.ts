/** `berth bench --loading` and `berth bench --million`. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadingResult, LoadingTask } from '../bench/micro/loading.ts';
import {
  listedNode,
  listedPod,
  writeLines,
  writeList,
  writeTrace,
  writeUserCsv,
} from '../bench/micro/loading-files.ts';
import { EXIT_FAILED } from './errors.ts';

export interface LoadingOptions {
  readonly nodes: number;
  readonly pods: number;
}

/** Times how fast objects and traces are read, from files that are made up for it. */
export const benchLoading = (options: LoadingOptions): Promise<void> =>
  inTemporaryFolder((dir) => loading(dir, options));

/** Identical pods onto equal nodes, from the files of a trace to the last decision. */
export const benchMillion = (options: LoadingOptions): Promise<void> =>
  inTemporaryFolder((dir) => million(dir, options));

async function inTemporaryFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-bench-'));
  const stop = () => {
    rmSync(dir, { recursive: true, force: true });
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

async function loading(dir: string, { nodes, pods }: LoadingOptions): Promise<void> {
  const file = (name: string) => path.join(dir, name);
  print(HEAD);
  writeList(file('nodes.json'), nodes, listedNode);
  await report({ kind: 'objects', name: 'nodes, List as kubectl writes it', file: file('nodes.json') });
  writeList(file('pods.json'), pods, listedPod);
  await report({ kind: 'objects', name: 'pods, List as kubectl writes it', file: file('pods.json') });
  rmSync(file('pods.json'));
  writeLines(file('pods.jsonl'), pods, listedPod);
  await report({ kind: 'objects', name: 'pods, JSON lines', file: file('pods.jsonl') });
  rmSync(file('pods.jsonl'));
  await report({ kind: 'columns', count: nodes });
  writeTrace(dir, 1, pods);
  await report({ kind: 'trace', dir });
  writeUserCsv(file('user.csv'), pods);
  await report({ kind: 'csv', name: 'rows of any other CSV (csv-parse)', file: file('user.csv') });
}

async function million(dir: string, { nodes, pods }: LoadingOptions): Promise<void> {
  writeTrace(dir, nodes, pods);
  print(HEAD);
  const { steps, peakBytes } = await report({ kind: 'fill', dir });
  const sum = (of: (step: LoadingResult['steps'][number]) => number) => steps.reduce((all, step) => all + of(step), 0);
  const placed = steps.at(-1)!.count;
  print(
    `\n${whole(placed)} of ${whole(pods)} pods on ${whole(nodes)} nodes, from files to the last decision: ${sum((step) => step.cpuSeconds).toFixed(2)} s of CPU time, ${sum((step) => step.wallSeconds).toFixed(2)} s, at most ${megabytes(peakBytes)} MB`,
  );
  if (placed < pods) process.exitCode = EXIT_FAILED;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const megabytes = (bytes: number): string => whole(bytes / 1e6);
const print = (line: string) => process.stdout.write(`${line}\n`);

const COLUMNS = [9, 11, 7, 7, 7, 8] as const;
const line = (name: string, cells: readonly string[]): string =>
  `${name.padEnd(52)} ${cells.map((cell, i) => cell.padStart(COLUMNS[i]!)).join(' ')}`;
const HEAD = line('', ['count', '/CPU s', 'CPU s', 'wall s', 'MB/s', 'peak MB']);

async function report(task: LoadingTask): Promise<LoadingResult> {
  const result = await inProcess(task);
  for (const { name, count: objects, bytes, cpuSeconds, wallSeconds } of result.steps) {
    const rate = bytes === undefined ? '-' : whole(bytes / cpuSeconds / 1e6);
    print(
      line(name, [
        whole(objects),
        whole(objects / cpuSeconds),
        cpuSeconds.toFixed(2),
        wallSeconds.toFixed(2),
        rate,
        megabytes(result.peakBytes),
      ]),
    );
  }
  return result;
}

function inProcess(task: LoadingTask): Promise<LoadingResult> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL('../bench/micro/loading-process.js', import.meta.url));
    const child = fork(file, [JSON.stringify(task)], { execArgv: ['--max-old-space-size=6000'] });
    let result: LoadingResult | undefined;
    child.on('message', (message) => {
      result = message as LoadingResult;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (result === undefined) reject(new Error(`the measuring process ended: ${signal ?? `exit code ${code}`}`));
      else resolve(result);
    });
  });
}
