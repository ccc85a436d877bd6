/** What a kubelet may not do. Source: `plugin/pkg/admission/noderestriction/admission_test.go`, v1.37.2. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/index.ts';
import { VirtualClock } from '../../clock.ts';
import { MemoryStore } from '../../store/index.ts';
import type { Target } from '../client.ts';
import { seededIds } from '../ids.ts';
import { InProcessClient } from '../in-process-client.ts';
import { ApiServer } from '../server.ts';

const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };
const LEASES: Target = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  namespace: 'kube-node-lease',
};

const node = (name: string, labels = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
});
const pod = (name: string, nodeName: string, annotations = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations },
    spec: { nodeName, containers: [{ name: 'c', image: 'i' }] },
  }) as KubeObject;
const lease = (name: string): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
});

let kubelet: InProcessClient;
beforeEach(() => {
  const clock = new VirtualClock(0);
  const server = new ApiServer({ store: new MemoryStore({ clock }), clock, ids: seededIds(1) });
  server.start(() => {});
  const admin = new InProcessClient(server);
  for (const name of ['n0', 'n1']) {
    admin.create(NODES, node(name), {}, () => {});
    admin.create(PODS, pod(`on-${name}`, name), {}, () => {});
  }
  kubelet = new InProcessClient(server, { user: { username: 'system:node:n0', groups: ['system:nodes'] } });
});

/** `ok`, or why not. */
function told(call: (done: (error: { readonly message?: string } | undefined) => void) => void): string {
  let text = 'no answer';
  call((error) => {
    text = error?.message ?? 'ok';
  });
  return text;
}

const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
const running = { status: { phase: 'Running' } };

describe('a kubelet', () => {
  it('writes its own node, and no other', () => {
    const patch = (name: string) =>
      told((done) => kubelet.patch({ ...NODES, name, subresource: 'status' }, 'merge', ready, {}, done));
    expect(patch('n0')).toBe('ok');
    expect(patch('n1')).toMatch(/^nodes "n1" is forbidden: node "n0" is not allowed to modify node "n1"/);
    expect(told((done) => kubelet.create(NODES, node('n2'), {}, done))).toMatch(/^nodes "n2" is forbidden: /);
    const labels = { metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } };
    expect(told((done) => kubelet.patch({ ...NODES, name: 'n0' }, 'merge', labels, {}, done))).toMatch(
      /is forbidden: /,
    );
  });

  it('writes the status of pods on its node, and deletes those alone', () => {
    const patch = (name: string) =>
      told((done) => kubelet.patch({ ...PODS, name, subresource: 'status' }, 'merge', running, {}, done));
    expect(patch('on-n0')).toBe('ok');
    expect(patch('on-n1')).toMatch(/^pods "on-n1" is forbidden: /);
    const remove = (name: string) => told((done) => kubelet.delete({ ...PODS, name }, { gracePeriodSeconds: 0 }, done));
    expect(remove('on-n1')).toMatch(/^pods "on-n1" is forbidden: /);
    expect(remove('on-n0')).toBe('ok');
  });

  it('makes mirrors of its static pods, and no other pods', () => {
    expect(told((done) => kubelet.create(PODS, pod('p', 'n0'), {}, done))).toMatch(/is forbidden: /);
    const mirror = { 'kubernetes.io/config.mirror': 'x' };
    expect(told((done) => kubelet.create(PODS, pod('elsewhere', 'n1', mirror), {}, done))).toMatch(/is forbidden: /);
  });

  it('renews its own lease', () => {
    expect(told((done) => kubelet.create(LEASES, lease('n0'), {}, done))).toBe('ok');
    expect(told((done) => kubelet.create(LEASES, lease('n1'), {}, done))).toMatch(/is forbidden: /);
  });
});
