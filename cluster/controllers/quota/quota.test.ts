/** What is used is what is there: it goes down again when something ends or goes. */
import { describe, expect, it } from 'vitest';
import { smallCluster } from '../controllers.fixture.ts';
import { PODS } from '../types.ts';

const QUOTAS = { group: '', version: 'v1', resource: 'resourcequotas' };
const MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const quota = (hard: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q' },
  spec: { hard, ...more },
});
const pod = (name: string, cpu?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    nodeName: 'n',
    containers: [{ name: 'c', image: 'i', resources: cpu === undefined ? {} : { requests: { cpu } } }],
  },
});

describe('resource quota', () => {
  it('counts what is there, and what ends no more', () => {
    const each = smallCluster();
    each.create(PODS, pod('a', '500m'));
    each.create(PODS, pod('b', '1500m'));
    each.create(QUOTAS, quota({ pods: '5', 'requests.cpu': '4', 'count/configmaps': '3' }));
    const used = (): object => each.get('ResourceQuota', 'q').status.used;
    expect(used()).toEqual({ pods: '2', 'requests.cpu': '2', 'count/configmaps': '0' });
    each.create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } });
    each.patch(PODS, 'b', { status: { phase: 'Succeeded' } }, 'status');
    expect(used()).toEqual({ pods: '1', 'requests.cpu': '500m', 'count/configmaps': '1' });
    each.remove(MAPS, 'm');
    each.remove(PODS, 'a');
    expect(used()).toEqual({ pods: '0', 'requests.cpu': '0', 'count/configmaps': '0' });
  });

  it('holds for changes as well: only what they add counts', () => {
    const each = smallCluster();
    const services = { group: '', version: 'v1', resource: 'services' };
    const ports = [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ];
    each.create(services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports } });
    each.create(QUOTAS, quota({ services: '1', 'services.nodeports': '1' }));
    const change = (spec: object): void => each.patch(services, 's', { spec });
    expect(() => change({ type: 'NodePort' })).toThrow('exceeded quota: q, requested: services.nodeports=2');
    change({ ports: [ports[0]] });
    change({ type: 'NodePort' });
    expect(each.get('ResourceQuota', 'q').status.used).toEqual({ services: '1', 'services.nodeports': '1' });
    change({ type: 'ClusterIP' });
    expect(each.get('ResourceQuota', 'q').status.used).toEqual({ services: '1', 'services.nodeports': '0' });
  });

  it('counts only what is in its scope, and follows when it is changed', () => {
    const each = smallCluster();
    each.create(PODS, pod('a', '1'));
    each.create(PODS, pod('effortless'));
    each.create(QUOTAS, quota({ pods: '5' }, { scopes: ['BestEffort'] }));
    expect(each.get('ResourceQuota', 'q').status).toEqual({ hard: { pods: '5' }, used: { pods: '1' } });
    each.patch(QUOTAS, 'q', { spec: { hard: { pods: '9' } } });
    expect(each.get('ResourceQuota', 'q').status.hard).toEqual({ pods: '9' });
  });
});
