import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SimulationResult } from '../reports/index.ts';
import { fromOpenb, podOf } from '../workloads/index.ts';
import { writeTraceFolder } from '../workloads/trace-folder.ts';
import { BuiltCli, type Finished } from './built-cli.fixture.ts';

const CSV_FILES = ['summary.csv', 'placements.csv', 'timeseries.csv', 'plugins.csv'];
const HEADER = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const MOST = `${HEADER}profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: MostAllocated}}\n`;

let cli: BuiltCli;
const at = (...parts: string[]) => path.join(cli.cwd, ...parts);
const read = (...parts: string[]) => readFileSync(at(...parts), 'utf8');
const rowsOf = (folder: string, file: string) =>
  parse(read(folder, file), { columns: true }) as unknown as Array<Record<string, string>>;
const without = (rows: Array<Record<string, string>>) =>
  rows.map((row) => Object.entries(row).filter(([name]) => !name.startsWith('wall_')));
const manifestOf = (folder: string) => JSON.parse(read(folder, 'run.json'));

/** A trace in openb's format, small enough to run often and big enough to be stopped in the middle. */
function writeTrace(folder: string, nodes: number, pods: number): void {
  mkdirSync(at(folder));
  const node = (i: number) =>
    i % 3 === 0 ? `n-${i},32000,131072,0,` : `n-${i},64000,262144,${i % 3 === 1 ? 2 : 8},T4`;
  const pod = (i: number) => {
    const gpus = i % 4 === 0 ? 0 : 1 + (i % 2);
    const gpuMilli = gpus === 0 ? 0 : gpus === 1 && i % 5 === 0 ? 500 : 1000;
    return `p-${i},${1000 * (1 + (i % 7))},${2048 * (1 + (i % 5))},${gpus},${gpuMilli},,${i % 3 === 0 ? 'LS' : 'BE'},Running,${7 * i},${7 * i + 100},${7 * i}`;
  };
  const lines = (header: string, count: number, line: (i: number) => string) =>
    `${[header, ...Array.from({ length: count }, (_, i) => line(i))].join('\n')}\n`;
  writeFileSync(at(folder, 'openb_node_list_all_node.csv'), lines('sn,cpu_milli,memory_mib,gpu,model', nodes, node));
  const columns =
    'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time';
  writeFileSync(at(folder, 'openb_pod_list_default.csv'), lines(columns, pods, pod));
}

beforeAll(() => {
  cli = new BuiltCli();
  writeTrace('small', 8, 60);
  writeTrace('medium', 300, 2000);
  writeFileSync(at('default.yaml'), HEADER);
  writeFileSync(at('most.yaml'), MOST);
});
afterAll(() => cli.remove());

const small = (...more: string[]) => ['run', '--trace', 'openb', '--data', 'small', ...more];

describe('berth run', () => {
  const pair = ['--config', 'default.yaml', '--config', 'packed=most.yaml', '--seeds', '1..3'];

  test('prints the comparison and where things are; the folder holds them', async () => {
    const { code, stdout, stderr } = await cli.run(...small(...pair, '--out', 'first'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\n +placed .*\n.*\ndefault .*\npacked .*\n\nmean ± standard deviation over 3 runs\n/);
    expect(stdout).toMatch(
      /\nresults in first {3}\(run\.json, summary\.csv 6 rows, .*\)\nnext: berth compare first .*\n$/,
    );
    expect(stderr).toContain('openb · 8 nodes · 60 pods · 2 configurations × 3 seeds');
    expect(stderr).not.toContain('\r');
    expect(readdirSync(at('first')).sort()).toEqual([...CSV_FILES, 'run.json'].sort());
    expect(manifestOf('first').state).toBe('finished');
    const times = rowsOf('first', 'placements.csv').map((row) => Number(row.time_seconds));
    expect(times.slice(0, 60)).toEqual([...times.slice(0, 60)].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(60);
  });

  test.each([[[]], [['--static']]])(
    '%j: one, two and eight workers leave the same bytes, wall-clock columns apart',
    async (flags) => {
      const folders = ['1', '2', '8'].map((workers) => `workers-${workers}${flags.join('')}`);
      for (const folder of folders) {
        const args = [...pair, ...flags, '--workers', folder.split('-')[1]!, '--tie-break', 'random', '--out', folder];
        expect((await cli.run(...small(...args))).code).toBe(0);
      }
      const [one, ...others] = folders as [string, string, string];
      for (const other of others) {
        for (const file of ['placements.csv', 'timeseries.csv']) expect(read(other, file)).toBe(read(one, file));
        for (const file of CSV_FILES) expect(without(rowsOf(other, file))).toEqual(without(rowsOf(one, file)));
      }
      expect(rowsOf(one, 'summary.csv').map((row) => row.evaluation)).toEqual(
        Array(6).fill(flags.length > 0 ? 'static' : 'timed'),
      );
    },
  );

  test('the default folder is named after date and trace, and never written over', async () => {
    expect((await cli.run(...small('-q'))).code).toBe(0);
    expect((await cli.run(...small('-q'))).code).toBe(0);
    const folders = readdirSync(at('runs')).sort();
    expect(folders).toHaveLength(2);
    expect(folders[0]).toMatch(/^\d{4}-\d\d-\d\d-openb$/);
    expect(folders[1]).toBe(`${folders[0]}-2`);
  });

  test('-q says nothing beside the result; json, csv and markdown are the result alone', async () => {
    const outputs = ['json', 'csv', 'markdown'].map((format) =>
      cli.run(...small(...pair, '-q', '-o', format, '--out', `as-${format}`)),
    );
    const [json, csv, markdown] = (await Promise.all(outputs)) as [Finished, Finished, Finished];
    expect([json.stderr, csv.stderr, markdown.stderr]).toEqual(['', '', '']);
    expect(JSON.parse(json.stdout).profiles.map((profile: any) => [profile.profile, profile.runs])).toEqual([
      ['default', 3],
      ['packed', 3],
    ]);
    const rows = parse(csv.stdout, { columns: true }) as unknown as Array<Record<string, string>>;
    expect(rows.filter((row) => row.metric === 'placed_share')).toHaveLength(2);
    expect(markdown.stdout).toMatch(/^\| configuration \| placed \(%\) \|/);
  });
});

describe("a trace in berth's own format", () => {
  /** A pool per node: theirs are all different here. */
  async function writeOwn(folder: string, from: string): Promise<void> {
    const { nodes, shapes, pods } = await fromOpenb({ dir: at(from) });
    mkdirSync(at(folder));
    writeTraceFolder(at(folder), {
      pools: nodes.map(({ metadata, status }) => ({
        name: `like ${metadata!.name}`,
        labels: metadata!.labels,
        allocatable: status!.allocatable!,
      })),
      nodes: { names: nodes.map(({ metadata }) => metadata!.name!), pool: Int32Array.from(nodes.keys()) },
      shapes,
      pods,
    });
  }

  test.each([
    ['a folder', 'own'],
    ['its pods.csv', 'own/pods.csv'],
  ])('%s: the same placements', async (_, trace) => {
    if (!existsSync(at('own'))) await writeOwn('own', 'small');
    const out = `out-${trace.length}`;
    const { code, stderr } = await cli.run('run', '--trace', trace, '--out', out);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "own · 8 nodes · 60 pods · 1 configuration × 1 seed · 1 worker\ntrace in berth's own format",
    );
    expect((await cli.run(...small('--out', `${out}-openb`))).code).toBe(0);
    const placements = rowsOf(out, 'placements.csv').map((row) => ({ ...row, workload: 'openb' }));
    expect(placements).toEqual(rowsOf(`${out}-openb`, 'placements.csv'));
    expect(manifestOf(out).inputs.workloads[0].files.map((file: { name: string }) => file.name)).toEqual([
      'pools.json',
      'nodes.csv',
      'shapes.json',
      'pods.csv',
    ]);
  });
});

describe('over time', () => {
  /** The workload of a folder as files for `berth simulate`. */
  async function writeObjects(folder: string): Promise<string[]> {
    const workload = await fromOpenb({ dir: at(folder) });
    const { names, arrivalSeconds, lifetimeSeconds } = workload.pods;
    const events = names.map((_, row) => ({
      ms: arrivalSeconds[row]! * 1000,
      op: 'create',
      lifetime: `${lifetimeSeconds[row]}s`,
      object: { apiVersion: 'v1', kind: 'Pod', ...podOf(workload, row) },
    }));
    writeFileSync(
      at(`${folder}-nodes.json`),
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: workload.nodes }),
    );
    writeFileSync(at(`${folder}-events.json`), JSON.stringify(events));
    return ['simulate', '--nodes', `${folder}-nodes.json`, '--events', `${folder}-events.json`];
  }

  test('attempts, nodes and times are those of `berth simulate` on the same objects', async () => {
    writeTrace('full', 3, 60);
    const times = ['--attempt-time', '30ms', '--binding-time', '200ms', '--until', '20m'];
    const args = ['--trace', 'openb', '--data', 'full', '--shuffle', 'none', ...times, '--out', 'as-run'];
    expect((await cli.run('run', ...args)).code).toBe(0);
    const { stdout } = await cli.run(...(await writeObjects('full')), ...times, '-o', 'json');
    const { attempts, summary } = JSON.parse(stdout) as SimulationResult;
    const rows = rowsOf('as-run', 'placements.csv');
    expect(
      rows.map((row) => [Number(row.time_seconds), `default/${row.pod}`, Number(row.attempt), row.node, row.reason]),
    ).toEqual(
      attempts.map(({ ms, pod, podAttempts, node = '', message = '' }) => [ms / 1000, pod, podAttempts, node, message]),
    );
    const [cell] = rowsOf('as-run', 'summary.csv');
    expect([cell!.bound_pods, cell!.evicted_pods, cell!.max_wait_seconds].map(Number)).toEqual([
      summary.bound,
      summary.evictions,
      summary.waitMsMax! / 1000,
    ]);
    // It was worth comparing: some waited.
    expect(Number(cell!.max_wait_seconds)).toBeGreaterThan(10);
  });

  test('--static ignores arrivals and lifetimes', async () => {
    const { code, stderr } = await cli.run(...small('--static', '--out', 'static'));
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('\nstatic evaluation: each pod is tried once, none ends;'),
    ]);
    expect(rowsOf('static', 'summary.csv')[0]).toMatchObject({
      evaluation: 'static',
      mean_wait_seconds: '',
      ended_pods: '',
    });
    expect(manifestOf('static').inputs.variants[0].settings[0].evaluation).toEqual({ kind: 'static' });
  });

  test('--until ends it, and the table shows waiting times', async () => {
    const { code, stdout, stderr } = await cli.run(...small('--until', '2m', '--out', 'until'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\n +placed +wait +wait .*\n +% +p99 s +mean s /);
    expect(stderr).toContain('\nvirtual time: attempts take what upstream measured, bindings 0 ms\n');
    // Pods come every seven seconds and stay for 100 s.
    expect(rowsOf('until', 'summary.csv')[0]).toMatchObject({
      arrived_pods: '18',
      ended_pods: '3',
      simulated_seconds: '120',
    });
    expect(rowsOf('until', 'timeseries.csv').at(-1)).toMatchObject({ time_seconds: '120', running_pods: '15' });
  });

  test('a workload without times is evaluated statically, unless --timed', async () => {
    expect((await cli.run('run', '--trace', 'openb', '--until', '1h')).stderr).toContain(
      'error: --until means nothing to the static evaluation; this workload has no times, and --timed would',
    );
    const { code } = await cli.run(
      'run',
      '--trace',
      'openb',
      '--timed',
      '--until',
      '20s',
      '-q',
      '--out',
      'table-timed',
    );
    expect(code).toBe(0);
    expect(rowsOf('table-timed', 'summary.csv')[0]).toMatchObject({ evaluation: 'timed', arrived_pods: '20' });
  });

  test('killed at once, it goes on to the same bytes', async () => {
    const args = ['run', '--trace', 'openb', '--data', 'medium', '--seeds', '1..4', '--workers', '2', '--until', '1h'];
    expect((await cli.run(...args, '--out', 'whole')).code).toBe(0);
    const { child, done } = cli.start([...args, '--out', 'killed']);
    const finished = () =>
      existsSync(at('killed', 'run.json'))
        ? manifestOf('killed').cells.filter((cell: any) => cell.state === 'finished').length
        : 0;
    while (finished() < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await done;
    expect(manifestOf('killed').state).toBe('running');
    expect((await cli.run(...args, '--resume', 'killed')).code).toBe(0);
    for (const file of ['placements.csv', 'timeseries.csv']) expect(read('killed', file)).toBe(read('whole', file));
    for (const file of CSV_FILES) expect(without(rowsOf('killed', file))).toEqual(without(rowsOf('whole', file)));
    expect(readdirSync(at('killed')).sort()).toEqual([...CSV_FILES, 'run.json'].sort());
  });
});

describe('a signal', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the run within a second and leaves a folder that reads and goes on',
    async (signal) => {
      const folder = `stopped-${signal}`;
      const args = ['run', '--trace', 'openb', '--data', 'medium', '--seeds', '1..500', '--workers', '2'];
      const { child, done } = cli.start([...args, '--out', folder]);
      const finishedCells = () =>
        existsSync(at(folder, 'run.json'))
          ? manifestOf(folder).cells.filter((cell: any) => cell.state === 'finished').length
          : 0;
      while (finishedCells() < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      const startedMs = performance.now();
      child.kill(signal);
      const { code, stdout } = await done;
      // A second, and some for a machine that does other things.
      expect(performance.now() - startedMs).toBeLessThan(3000);
      expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(stdout).toMatch(/interrupted: \d+ of 500 cells are finished\n/);
      expect(stdout).toContain(`--resume ${folder}`);
      const manifest = manifestOf(folder);
      expect(manifest.state).toBe('interrupted');
      const finished = manifest.cells.filter((cell: any) => cell.state === 'finished');
      expect(readdirSync(at(folder)).sort()).toEqual([...CSV_FILES, 'run.json'].sort());
      expect(rowsOf(folder, 'summary.csv').map((row) => Number(row.seed))).toEqual(
        finished.map((cell: any) => cell.seed),
      );
      for (const file of CSV_FILES) {
        const expected = finished.reduce((sum: number, cell: any) => sum + cell.rows[file], 0);
        expect(rowsOf(folder, file)).toHaveLength(expected);
      }
      const other = await cli.run(...small('--resume', folder));
      expect([other.code, other.stderr]).toEqual([
        2,
        expect.stringContaining('that run has other workloads, seeds or cells'),
      ]);
    },
  );

  test('--resume takes finished cells over', async () => {
    const args = small('--seeds', '1..2', '--workers', '1');
    expect((await cli.run(...args, '--out', 'again')).code).toBe(0);
    const before = CSV_FILES.map((file) => read('again', file));
    const { code, stdout } = await cli.run(...args, '--resume', 'again');
    expect([code, CSV_FILES.map((file) => read('again', file))]).toEqual([0, before]);
    expect(stdout).toContain('results in again');
  });
});

describe('a plugin of the user that fails', () => {
  const module = (name: string, body: string) => {
    writeFileSync(
      at(`${name}.mjs`),
      `export default { name: '${name}', points: ['score'], create: () => ({ compileScore: () => ({ score(row) { ${body} } }) }) };\n`,
    );
    writeFileSync(at(`${name}.yaml`), `${HEADER}profiles:\n- plugins: {score: {enabled: [{name: ./${name}.mjs}]}}\n`);
    return `${name}.yaml`;
  };

  test.each([
    ['Throws', "throw new Error('no such thing');", 'plugin "Throws" failed with: no such thing'],
    ['NotANumber', 'return NaN;', 'plugin "NotANumber" returns an invalid score NaN'],
    ['TooMuch', 'return 101;', 'plugin "TooMuch" returns an invalid score 101'],
  ])('%s: its cells fail with plugin, pod and node, the others go on, exit code 1', async (name, body, message) => {
    const args = small(
      '--config',
      module(name, body),
      '--config',
      'default.yaml',
      '--seeds',
      '1..2',
      '--out',
      `with-${name}`,
    );
    const { code, stdout, stderr } = await cli.run(...args);
    expect(code).toBe(1);
    const errors = stderr.split('\n').filter((line) => line.startsWith('error:'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(new RegExp(`^error: ${name} seed 1: pod default/p-\\d+, node n-\\d+: .*`));
    expect(errors[0]).toContain(message);
    expect(errors[0]).toContain('(and 1 more of its cells failed; run.json has all messages)');
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toMatch(/\ndefault /);
    expect(manifestOf(`with-${name}`).cells.map((cell: any) => cell.state)).toEqual([
      'failed',
      'finished',
      'failed',
      'finished',
    ]);
    expect(rowsOf(`with-${name}`, 'summary.csv').map((row) => row.profile)).toEqual(['default', 'default']);
  });

  test('a plugin that ends its thread fails its cells alone', async () => {
    const args = small(
      '--config',
      module('Exits', 'process.exit(3);'),
      '--config',
      'default.yaml',
      '--out',
      'with-exit',
    );
    const { code, stderr } = await cli.run(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: Exits seed 1: the worker thread ended/);
    expect(manifestOf('with-exit').cells.map((cell: any) => cell.state)).toEqual(['failed', 'finished']);
  });

  test('a plugin of the user that works is loaded by the workers', async () => {
    const args = small('--config', module('Rows', 'return row % 7;'), '--config', 'default.yaml', '--out', 'with-rows');
    expect((await cli.run(...args)).code).toBe(0);
    const rows = rowsOf('with-rows', 'plugins.csv').filter((row) => row.plugin === 'Rows');
    expect(rows.map((row) => [row.profile, row.extension_point])).toEqual([['Rows', 'score']]);
    expect(Number(rows[0]!.calls)).toBeGreaterThan(0);
  });
});

describe('bad input: one message, exit code 2, nothing written', () => {
  test.each<[string, string[], string]>([
    [
      'unknown trace',
      ['run', '--trace', 'borg'],
      'error: --trace borg: no such folder; openb is expected, or a folder with a trace',
    ],
    [
      'a file for a trace',
      ['run', '--trace', 'most.yaml'],
      'error: --trace most.yaml: this is a file; openb is expected',
    ],
    ['a folder without a trace', ['run', '--trace', 'small'], 'error: pools.json: no such file'],
    [
      'files of another trace',
      ['run', '--trace', 'small', '--data', 'small'],
      'error: --data belongs to --trace openb',
    ],
    ['no trace', ['run'], 'what to run? Name a suite file, or --trace NAME'],
    [
      'missing folder',
      ['run', '--trace', 'openb', '--data', 'nowhere'],
      'error: there is no folder nowhere; name the folder that holds',
    ],
    [
      'missing list',
      small('--list', 'cpu1'),
      'error: small: found neither openb_pod_list_cpu1.csv nor openb_pod_list_cpu1.csv.gz; the lists there are default',
    ],
    [
      'list without data',
      ['run', '--trace', 'openb', '--list', 'cpu050'],
      'error: --list cpu050: berth ships the default list alone',
    ],
    ['missing configuration', small('--config', 'gone.yaml'), 'error: --config gone.yaml: no such file'],
    [
      'two of one name',
      small('--config', 'default.yaml', '--config', 'default.yaml'),
      'has the name "default" already',
    ],
    [
      'broken configuration',
      small('--config', 'broken.yaml'),
      'error: config broken.yaml: strict decoding error: unknown field "profilez"',
    ],
    ['invalid configuration', small('--config', 'invalid.yaml'), 'error: config invalid.yaml: '],
    ['unknown plugin', small('--config', 'unknown.yaml'), 'NoSuchPlugin'],
    ['bad seeds', small('--seeds', '10..1'), '"10..1" runs backwards; write 1..10.'],
    ['no workers', small('--workers', '0'), 'a whole number between 1 and 1024 is expected.'],
    ['contraries', small('--static', '--timed'), 'error: --static and --timed are contraries; leave out one'],
    ['time in the static evaluation', small('--static', '--until', '1h'), 'error: --until means nothing to the static'],
    ['bad duration', small('--until', 'soon'), 'a duration of 0 or more, such as 90s or 1h30m, is expected.'],
    ['bad attempt time', small('--attempt-time', 'slow'), 'error: attempt time "slow": zero, upstream, or a duration'],
    ['bad format', small('-o', 'xml'), 'Allowed choices are table, json, csv, markdown.'],
    ['folder in use', small('--out', 'small'), 'error: small is not empty; name a new folder'],
    ['folder below a file', small('--out', 'most.yaml/x'), 'error: cannot make the folder most.yaml/x: '],
    [
      'malformed row',
      ['run', '--trace', 'openb', '--data', 'malformed'],
      'error: openb_pod_list_default.csv:3, column gpu_milli: "abc" is not a whole number between 0 and 1000',
    ],
    ['resume without a run', small('--resume', 'nothing'), 'error: there is no run in nothing: run.json is missing'],
  ])('%s', async (_, args, message) => {
    writeFileSync(at('broken.yaml'), `${HEADER}profilez: []\n`);
    writeFileSync(at('invalid.yaml'), `${HEADER}percentageOfNodesToScore: 101\n`);
    writeFileSync(at('unknown.yaml'), `${HEADER}profiles:\n- plugins: {filter: {enabled: [{name: NoSuchPlugin}]}}\n`);
    if (!existsSync(at('malformed'))) {
      writeTrace('malformed', 2, 3);
      const file = at('malformed', 'openb_pod_list_default.csv');
      writeFileSync(file, readFileSync(file, 'utf8').replace('p-1,2000,4096,2,1000', 'p-1,2000,4096,2,abc'));
    }
    const before = readdirSync(cli.cwd).sort();
    const { code, stdout, stderr } = await cli.run(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(readdirSync(cli.cwd).sort()).toEqual(before);
  });
});
