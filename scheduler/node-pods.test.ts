import { describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import type { PodInfo } from './plugin.ts';

const NODES = 5;

function clusterWithNodes(): Cluster {
  const cluster = new Cluster();
  for (let i = 0; i < NODES; i++) {
    cluster.addNode({ metadata: { name: `n${i}` }, status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } } });
  }
  return cluster;
}

const info = (cluster: Cluster, name: string): PodInfo =>
  cluster.classes.info({
    metadata: { name, uid: name },
    spec: { containers: [{ name: 'main', resources: { requests: { cpu: '10m', memory: '1Mi' } } }] },
  });

const namesOn = (cluster: Cluster, row: number) => cluster.pods(row).map(({ name }) => name);

describe('pods on nodes', () => {
  it('share the list of nodes that hold so many times the same pod, until one of them changes', () => {
    const cluster = clusterWithNodes();
    const pod = info(cluster, 'web');
    const other = info(cluster, 'db');
    for (let round = 0; round < 3; round++) for (let row = 0; row < NODES; row++) cluster.place(pod, row);
    expect(cluster.pods(2)).toBe(cluster.pods(3));
    cluster.place(other, 2);
    cluster.displace(pod, 3);
    expect(namesOn(cluster, 2)).toEqual(['web', 'web', 'web', 'db']);
    expect(namesOn(cluster, 3)).toEqual(['web', 'web']);
    expect(namesOn(cluster, 4)).toEqual(['web', 'web', 'web']);
    cluster.check();
  });

  it('keep their order through what-ifs on shared lists', () => {
    const cluster = clusterWithNodes();
    const pod = info(cluster, 'web');
    for (let round = 0; round < 2; round++) for (let row = 0; row < NODES; row++) cluster.place(pod, row);
    const saved = cluster.saveRow(1);
    cluster.place(info(cluster, 'db'), 1);
    cluster.displace(pod, 1);
    cluster.restoreRow(saved);
    for (let row = 0; row < NODES; row++) expect(namesOn(cluster, row)).toEqual(['web', 'web']);
  });

  it('tell requests with defaults apart once a class of pods leaves some out', () => {
    const cluster = clusterWithNodes();
    cluster.place(info(cluster, 'web'), 0);
    expect(cluster.nonZeroRequestedCpuMilli).toBe(cluster.requestedCpuMilli);
    const { nodeGeneration } = cluster;
    const bare = cluster.classes.info({ metadata: { name: 'bare' }, spec: { containers: [{ name: 'main' }] } });
    expect(cluster.nodeGeneration).toBeGreaterThan(nodeGeneration);
    cluster.place(bare, 0);
    expect([cluster.requestedCpuMilli[0], cluster.nonZeroRequestedCpuMilli[0]]).toEqual([10, 110]);
    cluster.check();
  });
});
