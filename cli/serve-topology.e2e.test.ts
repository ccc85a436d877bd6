/** `berth serve --topology`: real etcd members and API servers in processes of their own, where the machine has etcd. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../api/index.ts';
import type { ApiAnswer, Status } from '../cluster/apiserver/index.ts';
import { HttpClient, readKubeconfig } from '../cluster/client-http/index.ts';
import type { Lease } from '../cluster/leader-election/index.ts';
import { hasEtcd, NO_ETCD } from '../cluster/store/etcd/etcd-process.fixture.ts';
import { BuiltCli } from './built-cli.fixture.ts';

const PODS = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const NODES = { group: '', version: 'v1', resource: 'nodes' };
const LEASE = {
  ...{ group: 'coordination.k8s.io', version: 'v1', resource: 'leases' },
  ...{ namespace: 'kube-system', name: 'kube-scheduler' },
};
const SHORT = [
  '--leader-elect-lease-duration=3s',
  '--leader-elect-renew-deadline=2s',
  '--leader-elect-retry-period=500ms',
];
const allocatable = { cpu: '64', memory: '64Gi', pods: '110' };
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n0' }, status: { allocatable } } as KubeObject;
const pod = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  }) as KubeObject;

let cli: BuiltCli;
beforeAll(() => {
  cli = new BuiltCli();
  if (!hasEtcd()) process.stderr.write(`${NO_ETCD}\n`);
});
/** Those of a test that has failed. */
const children: ChildProcess[] = [];
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null) continue;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
  cli.remove();
});

const answer = <T>(call: (done: ApiAnswer<T>) => void): Promise<{ error?: Status; result: T }> =>
  new Promise((resolve) => call((error, result) => resolve({ error, result })));

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const startMs = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - startMs > 60_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function serving() {
  const files = ['--data', 'replicas', '--kubeconfig', 'kc', '--ready-file', 'ready'];
  const { child, done } = cli.start(['serve', '--topology', 'stacked', '--listen', '127.0.0.1:0', ...files, ...SHORT]);
  children.push(child);
  let said = '';
  child.stderr!.on('data', (text) => {
    said += text;
  });
  await until(() => existsSync(path.join(cli.cwd, 'ready')) || child.exitCode !== null);
  const access = readKubeconfig(readFileSync(path.join(cli.cwd, 'kc'), 'utf8'), 'kc', (file) =>
    readFileSync(file, 'utf8'),
  );
  const client = new HttpClient(access);
  const pids = new Map([...said.matchAll(/^(\S+) +pid (\d+)/gm)].map(([, name, pid]) => [name!, Number(pid)]));
  return {
    client,
    pids,
    /** The server in whose process the holder lives. */
    serverOf: (holder: string) => new RegExp(`^(server-\\d): kube-scheduler: ${holder} leads$`, 'm').exec(said)?.[1],
    create: (name: string) => answer<KubeObject>((done) => client.create(PODS, pod(name), {}, done)),
    holder: async () =>
      ((await answer<KubeObject>((done) => client.get(LEASE, done))).result as Lease | undefined)?.spec
        ?.holderIdentity ?? '',
    nodeOf: async (name: string) =>
      ((await answer<KubeObject>((done) => client.get({ ...PODS, name }, done))).result as Pod | undefined)?.spec
        ?.nodeName,
    stop: async () => {
      client.close();
      child.kill('SIGTERM');
      return (await done).code;
    },
  };
}

/** A create without an answer is sent again, and may have been carried out. */
const isThere = ({ error }: { error?: Status }): boolean => error === undefined || error.reason === 'AlreadyExists';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('berth serve --topology', () => {
  it('--explain says what each topology outlives', async () => {
    const stacked = await cli.run('serve', '--topology', 'stacked', '--explain');
    expect(stacked.stdout).toContain(
      ' 1 machines             failed: survived\n 2 machines             failed: down\n',
    );
    const external = await cli.run('serve', '--topology', 'external', '--replicas', '5', '--explain');
    expect(external.stdout).toContain('writes need 3 of 5 etcd members');
    expect(external.stdout).toContain(' 2 machines             failed: survived\n');
  });

  it('says what is missing where there is no etcd', async () => {
    const { code, stderr } = await cli.run('serve', '--topology', 'stacked', '--etcd-command', 'no-such-etcd');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/there is no no-such-etcd here.*etcd-server/);
  });

  it.runIf(hasEtcd())(
    'one scheduler leads; it is killed and another one binds; without a majority nothing is acknowledged; all is kept',
    async () => {
      const plane = await serving();
      expect([...plane.pids.keys()]).toEqual(['etcd-0', 'etcd-1', 'etcd-2', 'server-0', 'server-1', 'server-2']);
      await answer((done) => plane.client.create(NODES, node, {}, done));
      expect((await plane.create('before')).error).toBeUndefined();
      await until(async () => (await plane.nodeOf('before')) === 'n0');

      const first = await plane.holder();
      process.kill(plane.pids.get(plane.serverOf(first)!)!, 'SIGKILL');
      await until(async () => isThere(await plane.create('after')));
      await until(async () => (await plane.nodeOf('after')) === 'n0');
      const second = await plane.holder();
      expect(second).not.toBe(first);

      for (const name of ['etcd-0', 'etcd-1']) process.kill(plane.pids.get(name)!, 'SIGSTOP');
      expect((await plane.create('without-majority')).error?.code).toBeGreaterThanOrEqual(500);
      for (const name of ['etcd-0', 'etcd-1']) process.kill(plane.pids.get(name)!, 'SIGCONT');
      await until(async () => isThere(await plane.create('again')));
      await until(async () => (await plane.nodeOf('again')) === 'n0');
      expect(await plane.stop()).toBe(0);
      expect([...plane.pids.values()].filter(isAlive)).toEqual([]);

      const anew = await serving();
      for (const name of ['before', 'after', 'again']) expect(await anew.nodeOf(name)).toBe('n0');
      expect(await anew.stop()).toBe(0);
    },
    180_000,
  );
});
