/** `berth serve --store etcd` on a real cluster of three members with TLS, where the machine has etcd. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../api/index.ts';
import type { ApiAnswer, ApiWatchEvent, Status } from '../cluster/apiserver/index.ts';
import { HttpClient, readKubeconfig } from '../cluster/client-http/index.ts';
import {
  type EtcdCluster,
  hasEtcd,
  NO_ETCD,
  startEtcd,
  type TestTls,
} from '../cluster/store/etcd/etcd-process.fixture.ts';
import { makeTls } from '../cluster/store/etcd/test-tls.fixture.ts';
import { BuiltCli } from './built-cli.fixture.ts';

const PODS = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const NODES = { group: '', version: 'v1', resource: 'nodes' };
const SERVICES = { ...PODS, resource: 'services' };
const resources = { cpu: '4', memory: '8Gi', pods: '110' };
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n0' }, status: { allocatable: resources } };
const pod = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] },
  }) as KubeObject;

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

let cli: BuiltCli;
let etcd: EtcdCluster;
let tls: TestTls;

beforeAll(async () => {
  if (!hasEtcd()) {
    process.stderr.write(`${NO_ETCD}\n`);
    return;
  }
  cli = new BuiltCli();
  tls = await makeTls(cli.cwd);
  etcd = await startEtcd(3, tls);
}, 120_000);
afterAll(async () => {
  await etcd?.close();
  cli?.remove();
});

async function serving(name: string) {
  const ready = path.join(cli.cwd, `${name}.ready`);
  const kubeconfig = path.join(cli.cwd, `${name}.kubeconfig`);
  const flags = ['--etcd-cafile', tls.caFile, '--etcd-certfile', tls.certFile, '--etcd-keyfile', tls.keyFile];
  const started = cli.start([
    ...['serve', '--listen', '127.0.0.1:0', '--ready-file', ready, '--kubeconfig', kubeconfig],
    ...['--store', 'etcd', '--etcd-servers', etcd.endpoints.join(','), ...flags],
  ]);
  await until(() => existsSync(ready) || started.child.exitCode !== null);
  const access = readKubeconfig(readFileSync(kubeconfig, 'utf8'), kubeconfig, (file) => readFileSync(file, 'utf8'));
  const client = new HttpClient(access);
  const stop = async () => {
    client.close();
    started.child.kill('SIGTERM');
    const { code } = await started.done;
    rmSync(kubeconfig);
    return code;
  };
  return { client, stop };
}

const boundTo = async (client: HttpClient, name: string): Promise<string | undefined> =>
  ((await promised<KubeObject>((done) => client.get({ ...PODS, name }, done))) as Pod).spec?.nodeName;

/** While the members choose a new leader a write may stay without an answer: it is sent again, and may be there already. */
async function createSurely(client: HttpClient, name: string): Promise<void> {
  for (;;) {
    const error = await new Promise<Status | undefined>((resolve) => {
      client.create(PODS, pod(name), {}, (refused) => resolve(refused));
    });
    if (error === undefined || error.reason === 'AlreadyExists') return;
    expect(error.reason).toBe('ServiceUnavailable');
  }
}

describe('berth serve --store etcd', () => {
  it.runIf(hasEtcd())(
    'binds pods, tells a second server, outlives a member, and finds all again',
    async () => {
      const first = await serving('first');
      await promised((done) => first.client.create(NODES, node as KubeObject, {}, done));
      await promised((done) => first.client.create(PODS, pod('p0'), {}, done));
      await until(async () => (await boundTo(first.client, 'p0')) === 'n0');

      // Another server on the same etcd: it sees what the first one writes.
      const second = await serving('second');
      const told: string[] = [];
      const stopWatch = second.client.watch(
        PODS,
        {},
        {
          event: ({ type, object }: ApiWatchEvent) => told.push(`${type} ${(object as KubeObject).metadata?.name}`),
          ended: () => {},
        },
      );
      await until(() => told.includes('ADDED p0'));
      await promised((done) => first.client.create(PODS, pod('p1'), {}, done));
      await until(() => told.includes('ADDED p1'));
      stopWatch();
      expect(await second.stop()).toBe(0);

      await etcd.members[0]!.kill();
      await createSurely(first.client, 'p2');
      await until(async () => (await boundTo(first.client, 'p2')) === 'n0');
      expect(await first.stop()).toBe(0);

      const again = await serving('again');
      expect(await boundTo(again.client, 'p2')).toBe('n0');
      const service = (await promised<KubeObject>((done) =>
        again.client.get({ ...SERVICES, name: 'kubernetes' }, done),
      )) as { spec?: { clusterIP?: string } };
      expect(service.spec?.clusterIP).toBe('10.96.0.1');
      expect(await again.stop()).toBe(0);
    },
    120_000,
  );
});
