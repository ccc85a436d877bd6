/** Real kubectl, whichever is on the path, does what people do with it. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeconfigText } from '../../client-http/index.ts';
import { type Served, serveForTest } from './wire.fixture.ts';

const KUBECTL = process.env.BERTH_KUBECTL ?? 'kubectl';
const version = clientVersion();

function clientVersion(): string | undefined {
  try {
    const text = execFileSync(KUBECTL, ['version', '--client', '-o', 'json'], { stdio: ['ignore', 'pipe', 'ignore'] });
    return (JSON.parse(text.toString()) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
  } catch {
    return undefined;
  }
}

const minor = Number(/v1\.(\d+)/.exec(version ?? '')?.[1] ?? 0);

const NODE = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, 'node-role.kubernetes.io/worker': '' } },
  status: {
    capacity: { cpu: '4', memory: '8Gi', pods: '110' },
    allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    nodeInfo: { kubeletVersion: 'v1.37.0' },
  },
});
const POD = (image: string, name = 'p1', more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image }], ...more },
});
const DEPLOYMENT = (image: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd1' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'd' } },
    template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image }] } },
  },
});

describe.skipIf(version === undefined)(`kubectl ${version ?? '(there is none here)'}`, () => {
  let served: Served;
  let folder: string;
  let config: string;

  beforeAll(async () => {
    served = await serveForTest({ admission: { taintNodesByCondition: false } });
    folder = mkdtempSync(join(tmpdir(), 'berth-kubectl-'));
    config = join(folder, 'kubeconfig');
    const { url, credentials } = served;
    const access = { server: url, authority: credentials.authority, token: credentials.adminToken };
    writeFileSync(config, kubeconfigText(access, 'test', 'admin'), { mode: 0o600 });
    const write = (name: string, ...objects: object[]): void =>
      writeFileSync(join(folder, name), `${objects.map((object) => JSON.stringify(object)).join('\n')}\n`);
    write('nodes.yaml', NODE('n0'), NODE('n1'), NODE('n2'));
    write('pod.yaml', POD('nginx:1'));
    write('pod-changed.yaml', POD('nginx:2'));
    write('pod2.yaml', POD('nginx', 'p2', { nodeName: 'n2' }));
    write('pod-bogus.yaml', POD('nginx', 'p3', { bogus: 1 }));
    write('dep.yaml', DEPLOYMENT('nginx:1'));
    write('dep-changed.yaml', DEPLOYMENT('nginx:2'));
  });
  afterAll(async () => {
    await served?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const env = () => ({ ...process.env, KUBECONFIG: config, HOME: folder });
  const kubectl = (...args: string[]): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      execFile(KUBECTL, args, { cwd: folder, env: env(), timeout: 20_000 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), out: `${stdout}${stderr}` }),
      );
    });
  /** In order: each builds on those before. */
  const cases: readonly [command: string, expected: RegExp, code?: number][] = [
    ['version', /Server Version.*v1\.37/],
    ['create -f nodes.yaml', /node\/n0 created\n.*n1 created\n.*n2 created/],
    ['get nodes', /NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\nn0\s+Ready\s+worker\s+\d+s\s+v1\.37\.0/],
    ['get pods -o wide', /No resources found in default namespace/],
    ['apply -f pod.yaml', /pod\/p1 created/],
    ['apply -f pod.yaml', /pod\/p1 unchanged/],
    ['apply -f pod-changed.yaml', /pod\/p1 configured/],
    ['create -f pod2.yaml', /pod\/p2 created/],
    ['create -f pod2.yaml', /pods "p2" already exists/, 1],
    ['create -f pod-bogus.yaml --validate=true', /unknown field.*bogus/, 1],
    ['apply -f dep.yaml', /deployment.apps\/d1 created/],
    ['apply --server-side -f dep.yaml', /d1 serverside-applied/],
    ['apply --server-side -f dep-changed.yaml', /d1 serverside-applied/],
    [
      'apply --server-side --field-manager=you -f dep.yaml',
      /conflict.*\n?.*\.spec\.template\.spec\.containers\[name="c"\]\.image/,
      1,
    ],
    ['apply --server-side --field-manager=you --force-conflicts -f dep.yaml', /d1 serverside-applied/],
    ['get pods -o wide', /NOMINATED NODE\s+READINESS GATES\np1\s+0\/1\s+Pending\s+0\s+\S+\s+<none>\s+<none>/],
    ['get pods -o yaml', /kind: List/],
    ['get pods -A', /NAMESPACE\s+NAME.*\ndefault\s+p1/],
    ['get pods,nodes', /pod\/p1[\s\S]*node\/n0/],
    ['get pod p1 -o json', /"image": "nginx:2"/],
    ['get pod p1 -o jsonpath={.status.phase}', /^Pending$/],
    ['describe pod p1', /Name:\s+p1[\s\S]*QoS Class:\s+BestEffort/],
    ['describe node n2', /Name:\s+n2[\s\S]*Non-terminated Pods:\s+\(1 in total\)[\s\S]*p2/],
    ['label pod p1 tier=web', /pod\/p1 labeled/],
    ['annotate pod p1 x=y', /pod\/p1 annotated/],
    ['taint nodes n0 k=v:NoSchedule', /node\/n0 tainted/],
    ['taint nodes n0 k=v:NoSchedule-', /node\/n0 untainted/],
    ['cordon n1', /node\/n1 cordoned/],
    ['get nodes', /n1\s+Ready,SchedulingDisabled/],
    ['uncordon n1', /node\/n1 uncordoned/],
    ['scale deployment d1 --replicas=5', /d1 scaled/],
    ['get deployment d1', /d1\s+0\/5\s+0\s+0/],
    ['get deployment d1 -o wide', /c\s+nginx:1\s+app=d/],
    ['rollout status deployment d1 --timeout=1s', /Waiting for deployment|timed out/, 1],
    ['logs p1', /container c of pod p1/],
    ['patch pod p1 -p {"metadata":{"labels":{"z":"1"}}}', /pod\/p1 patched/],
    ['patch pod p1 --type=json -p [{"op":"remove","path":"/metadata/labels/z"}]', /pod\/p1 patched/],
    ['patch pod p1 --type=merge -p {"spec":{"nodeName":"n9"}}', /pod updates may not change fields/, 1],
    ['api-resources', /deployments\s+deploy\s+apps\/v1\s+true\s+Deployment/],
    ['api-versions', /apps\/v1[\s\S]*\nv1\n/],
    ['auth can-i create pods', /^yes/],
    ['auth can-i create pods --as-nothing', /unknown flag/, 1],
    ['get events', /No resources found|LAST SEEN/],
    ['get --raw /readyz', /^ok$/],
    ['get --raw /readyz?verbose', /\[\+\]ping ok/],
    ['get --raw /metrics', /apiserver_request_total\{verb="LIST"/],
    ['wait --for=delete pod/none --timeout=1s', /^$|no\w* (matching resources )?found/, minor >= 22 ? 0 : 1],
    ['run r1 --image=nginx', /pod\/r1 created/],
    ['get pods --chunk-size=1', /p1[\s\S]*p2[\s\S]*r1/],
    ['get pods -l app=a --field-selector spec.nodeName=n2', /NAME[^\n]*\np2[^\n]*\n$/],
    ['get pods --sort-by=.metadata.name', /p1[\s\S]*p2[\s\S]*r1/],
    ['replace -f pod-changed.yaml', /pod\/p1 replaced/],
    ['create configmap c1 --from-literal=a=1', /configmap\/c1 created/],
    ['create namespace other', /namespace\/other created/],
    ['create serviceaccount robot', /serviceaccount\/robot created/],
    ['create token robot', minor >= 24 ? /^eyJ/ : /./, minor >= 24 ? 0 : 1],
    ['get clusterroles cluster-admin', /CREATED AT\ncluster-admin/],
    ['get cm,sa,pc -A', /configmap\/c1[\s\S]*serviceaccount\/robot[\s\S]*system-cluster-critical\s+2000000000\s+false/],
    ['get cs', /No resources found/],
    ['get widgets', /doesn't have a resource type "widgets"/, 1],
    ['cluster-info', /control plane|master/],
    ['top nodes', /Metrics API not available/, 1],
    ['delete pod p1', /pod "p1" deleted/],
    ['delete pod p1', /pods "p1" not found/, 1],
    ['delete -f dep.yaml', /"d1" deleted/],
    ['delete pod r1 --force --grace-period=0', /pod "r1" force deleted/],
    ['delete node n1', /node "n1" deleted/],
    ['delete ns other --wait=false', /namespace "other" deleted/],
  ];
  it.each(cases)('%s', async (command, expected, code = 0) => {
    const { code: actual, out } = await kubectl(...command.split(' '));
    expect({ actual, out }).toMatchObject({ actual: code, out: expect.stringMatching(expected) });
  });

  it('explain pod.spec.nodeName', async () => {
    expect((await kubectl('explain', 'pod.spec.nodeName')).out).toMatch(/FIELD: +nodeName <string>/);
  });

  it('get pods -w prints what comes', async () => {
    await kubectl('run', 'w0', '--image=nginx');
    const child = spawn(KUBECTL, ['get', 'pods', '-w'], { cwd: folder, env: env() });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    await until(() => out.includes('w0'));
    await kubectl('run', 'w1', '--image=nginx');
    await until(() => out.includes('w1'));
    child.kill();
    expect(out).toMatch(/^NAME\s+READY[\s\S]*w0[\s\S]*w1\s+0\/1\s+Pending/);
  });

  it('drain evicts, and waits until the pods are gone', async () => {
    const draining = kubectl('drain', 'n2', '--force', '--ignore-daemonsets', '--timeout=15s');
    // There is no kubelet to end the pod: it is done here in its place.
    const target = { group: '', version: 'v1', resource: 'pods', namespace: 'default', name: 'p2' };
    await until(
      () =>
        (served.api.core.cached('Pod', 'default', 'p2')?.metadata as { deletionTimestamp?: string } | undefined)
          ?.deletionTimestamp !== undefined,
    );
    await new Promise<void>((resolve) => served.client.delete(target, { gracePeriodSeconds: 0 }, () => resolve()));
    expect((await draining).out).toMatch(/node\/n2 (already )?cordoned[\s\S]*evict[\s\S]*node\/n2 (drained|evicted)/);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 20) {
    if (waited > 15_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
