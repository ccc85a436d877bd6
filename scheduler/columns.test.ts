import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../api/index.ts';
import { Cluster } from './cluster.ts';

const node = (i: number): Node => ({
  metadata: { name: `node-${i}`, labels: { zone: 'a' } },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10', 'example.com/gpu': '2' } },
});

const pod: Pod = {
  metadata: { name: 'pod', uid: 'pod' },
  spec: { nodeName: 'node-99', containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] },
};

describe('columns of a cluster', () => {
  it('are seen by other threads as they change, where they are to be shared', () => {
    const cluster = new Cluster({ sharesColumns: true });
    for (let i = 0; i < 100; i++) cluster.addNode(node(i));
    const { port1, port2 } = new MessageChannel();
    const { requestedCpuMilli, podCount, unschedulable, order } = cluster;
    const labels = cluster.labelColumn('zone');
    const gpus = cluster.scalarAllocatable('example.com/gpu');
    port1.postMessage({ requestedCpuMilli, podCount, unschedulable, order, labels, gpus });
    const seen = receiveMessageOnPort(port2)!.message as Record<string, Float64Array>;
    port1.close();
    cluster.addPod(pod);
    expect(seen.requestedCpuMilli![cluster.rowOf('node-99')]).toBe(1000);
    expect(seen.podCount![cluster.rowOf('node-99')]).toBe(1);
    for (const column of Object.values(seen)) expect(column.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('belong to one thread otherwise', () => {
    expect(new Cluster().podCount.buffer).toBeInstanceOf(ArrayBuffer);
  });
});
