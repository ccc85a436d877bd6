import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../../api/index.ts';
import { VirtualClock } from '../../clock.ts';
import { MemoryStore } from '../../store/index.ts';
import type { ApiAnswer, Target } from '../client.ts';
import { ApiServer, InProcessClient, seededIds } from '../index.ts';
import type { Status } from '../status.ts';

const inDefault = (resource: string): Target => ({ group: '', version: 'v1', resource, namespace: 'default' });
const PODS = inDefault('pods');

function start() {
  const clock = new VirtualClock(0);
  const server = new ApiServer({ store: new MemoryStore({ clock }), clock, ids: seededIds(1) });
  server.start(() => {});
  return new InProcessClient(server);
}

function answerOf<T>(call: (answer: ApiAnswer<T>) => void): { error?: Status; result: T } {
  let answer: { error?: Status; result: T } | undefined;
  call((error, result) => {
    answer = { error, result };
  });
  return answer!;
}

const make = (client: InProcessClient, target: Target, object: object): KubeObject => {
  const { error, result } = answerOf<KubeObject>((answer) => client.create(target, object as KubeObject, {}, answer));
  if (error !== undefined) throw new Error(error.message);
  return result;
};
const refused = (client: InProcessClient, target: Target, object: object): string | undefined =>
  answerOf<KubeObject>((answer) => client.create(target, object as KubeObject, {}, answer)).error?.message;

const pod = (name: string, resources: object = {}, more: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources }], ...more },
});

describe('priority', () => {
  const CLASSES: Target = { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' };
  const priorityClass = (name: string, value: number, more: object = {}): object => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    ...more,
  });

  it('comes from the class, from the global default, or is 0, as classes come and go', () => {
    const client = start();
    const priorityOf = (name: string, more: object = {}) =>
      (make(client, PODS, pod(name, {}, more)) as Pod).spec?.priority;
    expect(priorityOf('a')).toBe(0);
    make(client, CLASSES, priorityClass('low', 7, { globalDefault: true }));
    make(client, CLASSES, priorityClass('hi', 1000));
    expect([priorityOf('b'), priorityOf('c', { priorityClassName: 'hi' })]).toEqual([7, 1000]);
    expect(priorityOf('d', { priorityClassName: 'system-node-critical' })).toBe(2_000_001_000);
  });

  it('is not for clients to state', () => {
    expect(refused(start(), PODS, pod('p', {}, { priority: 5 }))).toBe(
      'pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    );
  });
});

describe('limit ranges', () => {
  const range = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'r' },
    spec: { limits: [{ type: 'Container', min: { cpu: '100m' }, max: { cpu: '1' }, defaultRequest: { cpu: '200m' } }] },
  };

  it('fill in what pods leave open, and hold them within bounds', () => {
    const client = start();
    make(client, inDefault('limitranges'), range);
    const filled = make(client, PODS, pod('p')) as Pod;
    expect(filled.spec?.containers[0]?.resources).toEqual({ requests: { cpu: '200m' }, limits: { cpu: '1' } });
    expect(filled.metadata?.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    });
    expect(refused(client, PODS, pod('q', { requests: { cpu: '50m' } }))).toBe(
      'pods "q" is forbidden: minimum cpu usage per Container is 100m, but request is 50m',
    );
  });
});

describe('quotas', () => {
  it('are charged by what is made, up to what is hard', () => {
    const client = start();
    const hard = { pods: '2', 'requests.cpu': '1' };
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard } };
    make(client, inDefault('resourcequotas'), quota);
    const one = { ...inDefault('resourcequotas'), name: 'q' };
    const status = { status: { hard, used: { pods: '0', 'requests.cpu': '0' } } };
    answerOf<KubeObject>((answer) => client.patch({ ...one, subresource: 'status' }, 'merge', status, {}, answer));
    make(client, PODS, pod('a', { requests: { cpu: '600m' } }));
    expect(refused(client, PODS, pod('b', { requests: { cpu: '600m' } }))).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    const { result } = answerOf<KubeObject>((answer) => client.get(one, answer));
    expect(result).toMatchObject({ status: { used: { pods: '1', 'requests.cpu': '600m' } } });
  });
});

describe('pods of one spec', () => {
  it('share what is made of it, and are told apart by the least difference', () => {
    const client = start();
    const specOf = (name: string, image: string) => {
      const { metadata } = pod(name);
      const given = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'c', image }] } };
      return (make(client, PODS, given) as Pod).spec;
    };
    expect(specOf('a', 'i:1')).toBe(specOf('b', 'i:1'));
    expect(specOf('c', 'i:2')).not.toBe(specOf('d', 'i:1'));
    expect(specOf('e', 'i:2')?.containers[0]?.image).toBe('i:2');
  });
});
