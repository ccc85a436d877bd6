/**
 * How fast objects and traces are read, and a million pods placed on a million nodes with that. Each task runs in a process
 * of its own, so that peak memory is its own, too.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { DecodedParts, decodeObject, type Node, type Pod, streamObjects, validateKind } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import type { FastEngine } from '../../scheduler/fast/engine.ts';
import { Cluster, createScheduler, ENGINES } from '../../scheduler/index.ts';
import { PodClasses } from '../../scheduler/pod-info.ts';
import { type PodShape, readCsv } from '../../workloads/index.ts';
import { type NodePool, nodeMaker, readNodeRows, readPodRows } from '../../workloads/trace-folder.ts';
import { listedNode } from './loading-files.ts';

export interface LoadingStep {
  readonly name: string;
  /** Objects, rows or pods. */
  readonly count: number;
  readonly bytes?: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export interface LoadingResult {
  readonly steps: readonly LoadingStep[];
  readonly peakBytes: number;
}

export type LoadingTask =
  | { readonly kind: 'objects' | 'csv'; readonly name: string; readonly file: string }
  | { readonly kind: 'columns'; readonly count: number }
  | { readonly kind: 'trace' | 'fill'; readonly dir: string };

export async function runLoading(task: LoadingTask): Promise<LoadingResult> {
  const steps = await stepsOf(task);
  return { steps, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

async function stepsOf(task: LoadingTask): Promise<LoadingStep[]> {
  switch (task.kind) {
    case 'objects':
      return objects(task.name, task.file);
    case 'csv':
      return [await csv(task.name, task.file)];
    case 'columns':
      return columns(task.count);
    case 'trace':
      return trace(task.dir);
    case 'fill':
      return fill(task.dir);
  }
}

/** Objects from JSON: read alone; read and checked as commands do; read into the scheduler's columns and classes. */
function objects(name: string, file: string): LoadingStep[] {
  let bytes = 0;
  const read = (take: (object: Node | Pod) => void): number => {
    let count = 0;
    const descriptor = openSync(file, 'r');
    bytes = 0;
    const source = {
      isSeekable: true,
      read: (into: Uint8Array, offset: number) => {
        const length = readSync(descriptor, into, 0, into.length, offset);
        bytes += length;
        return length;
      },
    };
    streamObjects(source, file, (object) => {
      count++;
      take(object as Node | Pod);
    });
    closeSync(descriptor);
    return count;
  };
  const cluster = new Cluster();
  const classes = new PodClasses();
  const alone = timed(`${name}, read`, () => read(() => {}));
  const decoded = new DecodedParts();
  let faulty = 0;
  const checked = timed(
    `${name}, read and checked`,
    () =>
      read((object) => {
        if (decodeObject(object, decoded).length > 0 || validateKind(object).length > 0) faulty++;
      }) - faulty,
  );
  const taken = timed(`${name}, read and taken in`, () =>
    read((object) => {
      if (object.kind === 'Node') cluster.addNode(object as Node);
      else classes.info(object as Pod);
    }),
  );
  return [
    { ...alone, bytes },
    { ...checked, bytes },
    { ...taken, bytes },
  ];
}

async function csv(name: string, file: string): Promise<LoadingStep> {
  const before = now();
  let count = 0;
  let sum = 0;
  const { bytes } = await readCsv(file, ['name', 'cpu_milli'], (row) => {
    count++;
    sum += row.text('name').length + row.whole('cpu_milli', 0, 1e6);
  });
  return { ...since(before, name, sum > 0 ? count : 0), bytes };
}

function columns(count: number): LoadingStep[] {
  const nodes = Array.from({ length: count }, (_, i) => listedNode(i) as Node);
  return [
    timed('node objects into columns', () => {
      const cluster = new Cluster();
      for (const node of nodes) cluster.addNode(node);
      return cluster.nodeCount;
    }),
  ];
}

function trace(dir: string): LoadingStep[] {
  let bytes = 0;
  const step = timed("rows of berth's own trace", () => {
    const { rows, source } = readPodRows(dir, listOf<PodShape>(dir, 'shapes.json').length);
    bytes = source.bytes;
    return rows.count;
  });
  return [{ ...step, bytes }];
}

const listOf = <T>(dir: string, name: string): T[] => JSON.parse(readFileSync(path.join(dir, name), 'utf8')) as T[];

/** Everything from the files on: nodes into columns, pods into rows, one decision per pod. */
function fill(dir: string): LoadingStep[] {
  const scheduler = createScheduler({
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    engine: ENGINES.fast,
    percentageOfNodesToScore: 100,
  });
  const { cluster } = scheduler;
  const nodes = timed('nodes from the trace into columns', () => {
    const pools = listOf<NodePool>(dir, 'pools.json');
    const { rows } = readNodeRows(dir, pools.length);
    const makers = pools.map(nodeMaker);
    rows.names.forEach((name, i) => {
      cluster.addNode(makers[rows.pool[i]!]!(name));
    });
    return cluster.nodeCount;
  });
  const shapes = listOf<PodShape>(dir, 'shapes.json');
  let rows: ReturnType<typeof readPodRows>['rows'] | undefined;
  const pods = timed('pods from the trace into rows', () => {
    rows = readPodRows(dir, shapes.length).rows;
    return rows.count;
  });
  const decisions = timed('pods placed', () => place(scheduler, shapes, rows!.shape));
  return [nodes, pods, decisions];
}

function place(
  { cluster, engine, frameworks }: ReturnType<typeof createScheduler>,
  shapes: readonly PodShape[],
  shapeOfPod: Int32Array,
): number {
  const framework = frameworks.get('default-scheduler')!;
  const infos = shapes.map(({ name, labels, spec }) =>
    cluster.classes.info({ metadata: { name, namespace: 'default', labels }, spec }),
  );
  let placed = 0;
  for (let i = 0; i < shapeOfPod.length; i++) {
    const pod = infos[shapeOfPod[i]!]!;
    let row = (engine as FastEngine).decide(framework, pod);
    if (row < 0) row = engine.schedulePod(framework, pod, '').chosenRow;
    if (row < 0) continue;
    cluster.place(pod, row);
    placed++;
  }
  return placed;
}

interface Instant {
  readonly cpuSeconds: number;
  readonly wallMs: number;
}

function now(): Instant {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, wallMs: performance.now() };
}

const since = ({ cpuSeconds, wallMs }: Instant, name: string, count: number): LoadingStep => ({
  name,
  count,
  cpuSeconds: now().cpuSeconds - cpuSeconds,
  wallSeconds: (performance.now() - wallMs) / 1000,
});

function timed(name: string, work: () => number): LoadingStep {
  const before = now();
  return since(before, name, work());
}
