import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { TieBreak } from '../scheduler/index.ts';
import type { CellPool } from './cell-pool.ts';
import { answerTask, type CellAnswer, type CellContext, type CellTask } from './cell-worker.ts';
import type { ConfigSource } from './config-source.ts';
import { CSV_FILE_NAMES } from './csv-files.ts';
import type { Manifest } from './manifest.ts';
import { planCells } from './plan.ts';
import { PreviousRun } from './previous-run.ts';
import { type RunOptions, type RunResult, run, runInputs } from './run.ts';
import { freeFolder, makeRunFolder } from './run-folder.ts';
import { SHIPPED_CONFIGS } from './shipped-configs.ts';
import { GPU, GPU_PAIR, SMALL, tinyWorkload, URGENT_GPU_PAIR } from './tiny-workload.fixture.ts';

const root = mkdtempSync(path.join(tmpdir(), 'berth-run-'));
afterAll(() => rmSync(root, { recursive: true }));
let dir = '';
let runs = 0;
beforeEach(() => {
  dir = path.join(root, `run-${runs++}`);
});

/** Answers in this thread; `delay` says when, and `answer` can replace what a cell says. */
function inlinePool(
  delayMs: (task: CellTask) => number = () => 0,
  answer: (context: CellContext, task: CellTask) => CellAnswer | Promise<CellAnswer> = answerTask,
) {
  const started: CellTask[] = [];
  const makePool = (context: CellContext): CellPool => ({
    async run(task) {
      await new Promise((resolve) => setTimeout(resolve, delayMs(task)));
      started.push(task);
      return answer(context, task);
    },
    stop: async () => {},
  });
  return { started, makePool };
}

interface Changes extends Partial<RunOptions> {
  readonly configs?: readonly ConfigSource[];
  readonly seeds?: readonly number[];
  readonly tieBreak?: TieBreak;
}

function optionsOf({
  configs = SHIPPED_CONFIGS.slice(0, 2),
  seeds = [1, 2, 3],
  tieBreak = 'heap',
  ...changes
}: Changes = {}): RunOptions {
  const variants = configs.map((config) => ({ ...config, shuffle: 'both' as const, tieBreak, evaluation: {} }));
  return {
    workloads: [tinyWorkload([GPU, GPU_PAIR, SMALL, GPU_PAIR, GPU, URGENT_GPU_PAIR], false)],
    variants,
    cells: planCells({ workloads: 1, variants: variants.length, seeds }),
    workers: 1,
    dir,
    version: '1.2.3',
    ...changes,
  };
}

async function start(changes: Changes = {}, makePool = inlinePool().makePool): Promise<RunResult> {
  const options = optionsOf(changes);
  if (options.previous === undefined) makeRunFolder(options.dir);
  return run(await runInputs(options), options, makePool);
}

const text = (folder: string, file: string) => readFileSync(path.join(folder, file), 'utf8');
const manifestOf = (folder: string) => JSON.parse(text(folder, 'run.json')) as Manifest;

/** Rows without wall-clock columns, as bytes would be compared. */
function comparable(folder: string, file: string): string {
  const [header, ...rows] = parse(text(folder, file)) as unknown as string[][];
  const wall = header!.map((name) => name.startsWith('wall_'));
  return [header!, ...rows].map((row) => row.filter((_, i) => !wall[i]).join('|')).join('\n');
}
const allComparable = (folder: string) => CSV_FILE_NAMES.map((file) => comparable(folder, file));
const cellsIn = (folder: string, file: string) => {
  const rows = parse(text(folder, file), { columns: true }) as unknown as Array<Record<string, string>>;
  return [...new Set(rows.map((row) => `${row.seed} ${row.profile}`))];
};

const ALL_CELLS = [1, 2, 3].flatMap((seed) => [`${seed} default`, `${seed} most-allocated`]);

describe('a run that finishes', () => {
  test('leaves its files and nothing else, rows in the order of the cells', async () => {
    const { manifest, summaries, rows } = await start();
    expect(readdirSync(dir).sort()).toEqual([
      'placements.csv',
      'plugins.csv',
      'run.json',
      'summary.csv',
      'timeseries.csv',
    ]);
    for (const file of CSV_FILE_NAMES) expect(cellsIn(dir, file)).toEqual(ALL_CELLS);
    expect(manifest.state).toBe('finished');
    expect(summaries).toHaveLength(6);
    expect(rows.get('summary.csv')).toBe(6);
    expect(rows.get('timeseries.csv')).toBe(36);
    expect(rows.get('placements.csv')).toBe(text(dir, 'placements.csv').trim().split('\r\n').length - 1);
  });

  test('the manifest holds everything that decides the results, and no path', async () => {
    const configs: ConfigSource[] = [
      { ...SHIPPED_CONFIGS[0]!, file: '/home/somebody/default.yaml', baseDir: '/home/somebody' },
    ];
    await start({ configs, seeds: [5] });
    const manifest = manifestOf(dir);
    expect(manifest).toMatchObject({
      berth: '1.2.3',
      semantics: 'kube-scheduler v1.37.2',
      node: process.version,
      state: 'finished',
      inputs: {
        workloads: [{ name: 'tiny', nodes: 3, pods: 6, files: [] }],
        variants: [
          {
            name: 'default',
            text: SHIPPED_CONFIGS[0]!.text,
            resolved: { profiles: [{ schedulerName: 'default-scheduler' }] },
            engine: 'fast',
            tieBreak: 'heap',
            settings: [{ workload: 'tiny', evaluation: { kind: 'static' }, shuffle: 'both' }],
          },
        ],
        cells: [[0, 0, 5, null, 1]],
      },
      cells: [{ workload: 'tiny', profile: 'default', seed: 5, state: 'finished', rows: { 'summary.csv': 1 } }],
    });
    expect(text(dir, 'run.json')).not.toContain('somebody');
  });

  test('the order in which cells end changes nothing', async () => {
    await start();
    const inOrder = allComparable(dir);
    dir = `${dir}-late`;
    await start({}, inlinePool(({ index }) => (6 - index) * 5).makePool);
    expect(allComparable(dir)).toEqual(inOrder);
  });
});

describe('a cell that fails', () => {
  test('leaves no row, and the others go on', async () => {
    const { makePool } = inlinePool(undefined, (context, task) =>
      task.index === 2 ? { failure: 'pod default/p-0, node gpu-a: plugin "X" is broken' } : answerTask(context, task),
    );
    const { manifest, summaries } = await start({}, makePool);
    expect(manifest.state).toBe('failed');
    expect(manifest.cells[2]).toEqual({
      workload: 'tiny',
      profile: 'default',
      seed: 2,
      repeat: 1,
      state: 'failed',
      error: 'pod default/p-0, node gpu-a: plugin "X" is broken',
    });
    expect(summaries).toHaveLength(5);
    for (const file of CSV_FILE_NAMES)
      expect(cellsIn(dir, file)).toEqual(ALL_CELLS.filter((cell) => cell !== '2 default'));
  });
});

describe('a run that is stopped', () => {
  const stopAfter = async (cells: number, delayMs: (task: CellTask) => number) => {
    const stop = new AbortController();
    let left = cells;
    const onCell = () => {
      if (--left === 0) stop.abort();
    };
    return start({ signal: stop.signal, onCell }, inlinePool(delayMs).makePool);
  };

  test('keeps the finished cells, those that waited for their turn included, in files that read', async () => {
    const { manifest } = await stopAfter(3, ({ index }) => [0, 500, 30, 500, 60, 500][index]!);
    expect(manifest.state).toBe('interrupted');
    expect(manifest.cells.map((cell) => cell.state)).toEqual([
      'finished',
      'pending',
      'finished',
      'pending',
      'finished',
      'pending',
    ]);
    expect(manifestOf(dir).cells).toEqual(manifest.cells);
    for (const file of CSV_FILE_NAMES) expect(cellsIn(dir, file)).toEqual(['1 default', '2 default', '3 default']);
    expect(readdirSync(dir).filter((file) => file.endsWith('.partial'))).toEqual([]);
  });

  test('goes on where it stopped, with the same result to the byte', async () => {
    await start();
    const whole = allComparable(dir);
    dir = `${dir}-resumed`;
    await stopAfter(3, ({ index }) => [0, 500, 30, 500, 60, 500][index]!);
    const kept = text(dir, 'summary.csv').split('\r\n').slice(1, 4);
    const { started, makePool } = inlinePool();
    const { manifest, summaries } = await start({ previous: new PreviousRun(dir) }, makePool);
    expect(started.map((task) => task.index)).toEqual([1, 3, 5]);
    expect(manifest.state).toBe('finished');
    expect(summaries.map((cell) => `${cell.seed} ${cell.profile}`)).toEqual(ALL_CELLS);
    expect(allComparable(dir)).toEqual(whole);
    // Finished cells keep even their wall-clock figures.
    const now = text(dir, 'summary.csv').split('\r\n');
    expect([now[1], now[3], now[5]]).toEqual(kept);
  });

  test('a run that was killed in the middle of a row goes on too', async () => {
    await start();
    const whole = allComparable(dir);
    const manifest = manifestOf(dir);
    writeFileSync(path.join(dir, 'run.json'), JSON.stringify({ ...manifest, state: 'running' }));
    truncateSync(path.join(dir, 'placements.csv'), text(dir, 'placements.csv').length - 20);
    const { started, makePool } = inlinePool();
    await start({ previous: new PreviousRun(dir) }, makePool);
    expect(started.map((task) => task.index)).toEqual([5]);
    expect(allComparable(dir)).toEqual(whole);
  });

  test('cells that were done and waited for their turn when it was killed are taken over', async () => {
    await start();
    const whole = allComparable(dir);
    dir = `${dir}-killed`;
    const stop = new AbortController();
    const late = inlinePool(({ index }) => (index === 0 ? 400 : 0));
    let seen: string[] = [];
    const onCell = ({ seed, profile }: { seed: number; profile: string }) => {
      // What a kill at this moment would leave.
      if (seed !== 3 || profile !== 'default') return;
      cpSync(dir, `${dir}-copy`, { recursive: true });
      seen = readdirSync(path.join(dir, 'cells.partial'));
      stop.abort();
    };
    await start({ signal: stop.signal, onCell }, late.makePool);
    expect(seen).toContain('4-placements.csv');
    dir = `${dir}-copy`;
    const { started, makePool } = inlinePool();
    await start({ previous: new PreviousRun(dir) }, makePool);
    expect(started.map((task) => task.index)).toEqual([0, 5]);
    expect(allComparable(dir)).toEqual(whole);
    expect(readdirSync(dir).filter((file) => file.endsWith('.partial'))).toEqual([]);
  });

  test('resuming from other inputs is refused', async () => {
    await start();
    const previous = new PreviousRun(dir);
    previous.check('1.2.3', await runInputs(optionsOf()));
    expect(() => previous.check('2.0.0', {} as any)).toThrow('made by berth 1.2.3, this is 2.0.0; start a new run');
    const other = await runInputs(optionsOf({ seeds: [1], tieBreak: 'random' }));
    expect(() => previous.check('1.2.3', other)).toThrow(
      'that run has other configurations or settings, seeds or cells; --resume needs the command that started it',
    );
    writeFileSync(path.join(dir, 'run.json'), JSON.stringify({ ...manifestOf(dir), formatVersion: 1 }));
    expect(() => new PreviousRun(dir).check('1.2.3', other)).toThrow('format 1 of run folders, and this is 3');
    expect(() => new PreviousRun(root)).toThrow(`there is no run in ${root}: run.json is missing`);
  });
});

describe('folders', () => {
  test('a folder with something in it is refused', async () => {
    await start();
    expect(() => makeRunFolder(dir)).toThrow(
      `${dir} is not empty; name a new folder, or go on with the run in it by --resume`,
    );
  });

  test('a folder that cannot be made is refused', () => {
    const file = path.join(root, 'a-file');
    writeFileSync(file, '');
    expect(() => makeRunFolder(path.join(file, 'run'))).toThrow(/^cannot make the folder .*a-file.run: /);
  });

  test('a name that is taken gets a number', async () => {
    await start();
    expect(freeFolder(root, path.basename(dir))).toBe(`${dir}-2`);
    makeRunFolder(`${dir}-2`);
    expect(freeFolder(root, path.basename(dir))).toBe(`${dir}-3`);
  });
});

describe('configurations that cannot be used', () => {
  test.each([
    ['kind: KubeSchedulerConfiguration', /^config broken\.yaml: /],
    [
      'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofilez: []\n',
      /^config broken\.yaml: .*profilez/,
    ],
    [
      'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles: [{schedulerName: mine}]\n',
      'config broken.yaml: pods of the workload ask for the scheduler default-scheduler, and the profiles are named mine; give one of them "schedulerName: default-scheduler"',
    ],
  ])('%j', async (source, message) => {
    const configs = [{ name: 'broken', file: 'broken.yaml', text: source }];
    await expect(runInputs(optionsOf({ configs }))).rejects.toThrow(message);
  });
});
