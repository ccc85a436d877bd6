import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject, Pod } from '../api/index.ts';
import type { ApiAnswer } from '../cluster/apiserver/index.ts';
import { type Access, HttpClient, readKubeconfig } from '../cluster/client-http/index.ts';
import { BuiltCli } from './built-cli.fixture.ts';

let cli: BuiltCli;
beforeAll(() => {
  cli = new BuiltCli();
});
afterAll(() => cli.remove());

const PODS = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const NODES = { group: '', version: 'v1', resource: 'nodes' };
const resources = { cpu: '4', memory: '8Gi', pods: '110' };
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n0' }, status: { allocatable: resources } };
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] },
};

const promised = <T>(call: (answer: ApiAnswer<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error === undefined ? resolve(result) : reject(new Error(error.message))));
  });

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isTrue()); waited += 20) {
    if (waited > 20_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts it, and hands over what its kubeconfig says. */
async function serving(...flags: string[]) {
  const started = cli.start(['serve', '--listen', '127.0.0.1:0', '--ready-file', 'ready', ...flags]);
  await until(() => existsSync(path.join(cli.cwd, 'ready')) || started.child.exitCode !== null);
  const at = (name: string): string => path.join(cli.cwd, name);
  const access = (file: string): Access =>
    readKubeconfig(readFileSync(at(file), 'utf8'), file, (name) => readFileSync(name, 'utf8'));
  const stop = async () => {
    started.child.kill('SIGTERM');
    return await started.done;
  };
  return { access, at, stop };
}

describe('berth serve', () => {
  test('binds pods, keeps what it knows, and ends cleanly', async () => {
    const first = await serving('--store', 'embedded', '--data', 'data');
    expect(statSync(first.at('data/admin.kubeconfig')).mode & 0o777).toBe(0o600);
    const access = first.access('data/admin.kubeconfig');
    let client = new HttpClient(access);
    await promised((done) => client.create(NODES, node as KubeObject, {}, done));
    await promised((done) => client.create(PODS, pod as KubeObject, {}, done));
    const get = () => promised<KubeObject>((done) => client.get({ ...PODS, name: 'p' }, done)) as Promise<Pod>;
    await until(async () => (await get()).spec?.nodeName === 'n0');
    const { metadata } = await get();
    client.close();
    const { code, stdout } = await first.stop();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\n$/) });
    expect(existsSync(first.at('ready'))).toBe(false);

    const second = await serving('--store', 'embedded', '--data', 'data');
    const again = second.access('data/admin.kubeconfig');
    expect({ ...again, server: '' }).toEqual({ ...access, server: '' });
    client = new HttpClient(again);
    expect((await get()).metadata).toEqual(metadata);
    client.close();
    expect((await second.stop()).code).toBe(0);
  }, 60_000);

  test.each([
    [['--listen', 'nonsense'], /an address such as 127\.0\.0\.1:6443 is expected/],
    [['--store', 'etcd'], /--store etcd: --etcd-servers must say where it is/],
    [['--service-cluster-ip-range', '10.0.0.0/31'], /service range 10\.0\.0\.0\/31: a range such as/],
    [['--store', 'memory', '--token-auth-file', 'none.csv'], /--token-auth-file none\.csv: the file cannot be read/],
  ])('refuses %j', async (flags, message) => {
    const { code, stderr } = await cli.run('serve', ...flags);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});
