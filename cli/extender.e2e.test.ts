/** Commands with a configuration that names an extender, and the extender of docs/extenders.md. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltCli } from './built-cli.fixture.ts';

const example = (file: string): string => fileURLToPath(new URL(`../docs/examples/extender/${file}`, import.meta.url));
const HEADER = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

/** Lets no pod on the nodes n-4 and up, and binds what it is given. */
const FIRST_FOUR = `import { createServer } from 'node:http';
createServer(async (request, response) => {
  const { NodeNames } = JSON.parse(Buffer.concat(await request.toArray()).toString());
  const kept = NodeNames?.filter((name) => name < 'n-4');
  response.end(JSON.stringify({ NodeNames: kept }));
}).listen(0, '127.0.0.1', function () { console.log('listening on port ' + this.address().port); });
`;

let cli: BuiltCli;
const children: ChildProcess[] = [];
const at = (...parts: string[]): string => path.join(cli.cwd, ...parts);

/** The port that the program says it listens on. */
function startExtender(file: string): Promise<number> {
  const child = spawn(process.execPath, [file, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${file} ended`)));
    child.stdout.once('data', (chunk) => resolve(Number(/port (\d+)/.exec(String(chunk))![1])));
  });
}

beforeAll(async () => {
  cli = new BuiltCli();
  const port = await startExtender(example('power.mjs'));
  writeFileSync(at('config.yaml'), readFileSync(example('config.yaml'), 'utf8').replace('8889', String(port)));
  writeFileSync(at('first-four.mjs'), FIRST_FOUR);
});
afterAll(() => {
  for (const child of children) child.removeAllListeners('exit').kill();
  cli.remove();
});

describe('berth schedule', () => {
  const files = ['--nodes', example('nodes.yaml'), '--pods', example('pods.yaml'), '--config', 'config.yaml'];

  test('asks it about every pod', async () => {
    const { code, stdout, stderr } = await cli.run('schedule', ...files, '-o', 'csv');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = parse(stdout, { columns: true }) as unknown as Array<Record<string, string>>;
    expect(rows.map(({ pod, node, message }) => [pod, node, message])).toEqual([
      ['default/train', 'b', ''],
      [
        'default/huge',
        '',
        '0/3 nodes are available: 3 too little power. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
      ],
      ['default/web', 'b', ''],
    ]);
  });

  test('--explain shows its scores and whom it turned away', async () => {
    const web = await cli.run('schedule', ...files, '--explain', 'web');
    expect(web.stdout).toMatch(/Extende\S+ ×50\n/);
    const huge = await cli.run('schedule', ...files, '--explain', 'huge');
    expect(huge.stdout).toContain('rejected 3 of 3 looked at: 3 too little power (Extender)');
  });

  test('a certificate that cannot be read is an error of the input', async () => {
    writeFileSync(
      at('tls.yaml'),
      `${HEADER}extenders: [{urlPrefix: 'https://x', enableHTTPS: true, tlsConfig: {caFile: no.pem}}]\n`,
    );
    const { code, stdout, stderr } = await cli.run('schedule', ...files.slice(0, 4), '--config', 'tls.yaml');
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: couldn't build extenders: open no.pem: no such file or directory\n",
    });
  });
});

describe('berth simulate', () => {
  const files = ['--nodes', example('nodes.yaml'), '--events', example('events.yaml'), '--config', 'config.yaml'];

  test('tries what it turned away again when something happens', async () => {
    const { code, stdout } = await cli.run('simulate', ...files, '--explain', 'huge');
    expect(code).toBe(0);
    expect(stdout).toContain('unschedulable, waits for an event that Extender may care for');
    expect(stdout).toMatch(/woken by NodeAdd.*, which Extender asked for\n/);
    expect(stdout).toMatch(/00:00:30\.000 +bound to d\n/);
  });

  test('takes its bindings', async () => {
    const port = await startExtender(at('first-four.mjs'));
    const urlPrefix = `http://127.0.0.1:${port}`;
    writeFileSync(at('binds.yaml'), `${HEADER}extenders: [{urlPrefix: '${urlPrefix}', bindVerb: bind}]\n`);
    const { stdout } = await cli.run('simulate', ...files.slice(0, 4), '--config', 'binds.yaml', '-o', 'json');
    const { attempts, summary } = JSON.parse(stdout);
    expect(summary).toMatchObject({ bound: 1, pending: 0 });
    expect(attempts.at(-1)).toMatchObject({ pod: 'default/huge', outcome: 'scheduled' });
  });
});

describe('berth run', () => {
  const run = ['run', '--trace', 'openb', '--data', 'trace', '-q'];
  beforeAll(() => {
    mkdirSync(at('trace'));
    const lines = (header: string, count: number, line: (i: number) => string): string =>
      `${[header, ...Array.from({ length: count }, (_, i) => line(i))].join('\n')}\n`;
    const nodes = lines('sn,cpu_milli,memory_mib,gpu,model', 8, (i) => `n-${i},64000,262144,0,`);
    writeFileSync(at('trace', 'openb_node_list_all_node.csv'), nodes);
    const columns =
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time';
    const pods = lines(columns, 40, (i) => `p-${i},1000,2048,0,0,,LS,Running,${i},${i + 100},${i}`);
    writeFileSync(at('trace', 'openb_pod_list_default.csv'), pods);
  });

  test('asks it from its worker threads', async () => {
    const port = await startExtender(at('first-four.mjs'));
    const extender = `{urlPrefix: 'http://127.0.0.1:${port}', filterVerb: filter, nodeCacheCapable: true}`;
    writeFileSync(at('first-four.yaml'), `${HEADER}extenders: [${extender}]\n`);
    const { code, stderr } = await cli.run(...run, '--config', 'first-four.yaml', '--seeds', '1,2', '--out', 'asked');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = parse(readFileSync(at('asked', 'placements.csv')), { columns: true }) as unknown as Array<
      Record<string, string>
    >;
    expect(rows).toHaveLength(80);
    expect([...new Set(rows.map(({ node }) => node))].sort()).toEqual(['n-0', 'n-1', 'n-2', 'n-3']);
  });

  test('a cell whose extender is not there has failed', async () => {
    writeFileSync(at('nobody.yaml'), `${HEADER}extenders: [{urlPrefix: 'http://127.0.0.1:1', filterVerb: filter}]\n`);
    const { code, stderr } = await cli.run(...run, '--config', 'nobody.yaml', '--out', 'failed');
    expect(code).toBe(1);
    expect(stderr).toContain('Post "http://127.0.0.1:1/filter": dial tcp 127.0.0.1:1: connect: connection refused');
  });
});
