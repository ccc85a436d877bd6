import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../api/index.ts';
import { Cluster } from './cluster.ts';

/** A random history of a small cluster: nodes and pods come, change and go in any order. */
type Step =
  | { op: 'addNode' | 'updateNode'; node: number; zone: number; cpu: number; taint: boolean; image: number }
  | { op: 'removeNode'; node: number }
  | { op: 'addPod'; pod: number; node: number; cpu: number; gpu: number; port: number; anti: boolean }
  | { op: 'removePod'; pod: number };

const index = fc.integer({ min: 0, max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    op: fc.constantFrom('addNode' as const, 'updateNode' as const),
    node: index,
    zone: fc.integer({ min: 0, max: 2 }),
    cpu: fc.integer({ min: 1, max: 64 }),
    taint: fc.boolean(),
    image: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ op: fc.constant('removeNode' as const), node: index }),
  fc.record({
    op: fc.constant('addPod' as const),
    pod: fc.integer({ min: 0, max: 9 }),
    node: index,
    cpu: fc.integer({ min: 0, max: 4000 }),
    gpu: fc.integer({ min: 0, max: 2 }),
    port: fc.integer({ min: 0, max: 3 }),
    anti: fc.boolean(),
  }),
  fc.record({ op: fc.constant('removePod' as const), pod: fc.integer({ min: 0, max: 9 }) }),
);

function nodeOf(s: Extract<Step, { zone: number }>): Node {
  return {
    metadata: { name: `n${s.node}`, labels: { 'topology.kubernetes.io/zone': `z${s.zone}`, disk: `d${s.image}` } },
    spec: s.taint ? { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } : {},
    status: {
      allocatable: { cpu: String(s.cpu), memory: '8Gi', pods: '110', 'example.com/gpu': String(s.image) },
      images: [{ names: [`app:${s.image}`], sizeBytes: 1000 }],
    },
  } as Node;
}

function podOf(s: Extract<Step, { op: 'addPod' }>): Pod {
  return {
    metadata: { name: `p${s.pod}`, namespace: 'default', uid: `u${s.pod}`, labels: { app: 'web' } },
    spec: {
      nodeName: `n${s.node}`,
      containers: [
        {
          name: 'c',
          resources: { requests: { cpu: `${s.cpu}m`, 'example.com/gpu': String(s.gpu) } },
          ports: s.port > 0 ? [{ containerPort: 80, hostPort: 8000 + s.pod }] : [],
        },
      ],
      volumes: s.port === 3 ? [{ name: 'v', persistentVolumeClaim: { claimName: `c${s.node}` } }] : [],
      affinity: s.anti
        ? {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: 'disk', labelSelector: { matchLabels: { app: 'web' } } },
              ],
            },
          }
        : undefined,
    },
  } as Pod;
}

/** Everything a plugin can read, by node name, so that rows may differ. */
function facts(cluster: Cluster): Record<string, unknown> {
  const disk = cluster.labelColumn('disk');
  const byNode: Record<string, unknown> = {};
  for (const name of [...cluster.nodeOrder()].sort()) {
    const row = cluster.rowOf(name);
    byNode[name] = {
      requested: cluster.requestedOf(row),
      nonZero: [cluster.nonZeroRequestedCpuMilli[row], cluster.nonZeroRequestedMemoryBytes[row]],
      allocatable: [
        cluster.allocatableCpuMilli[row],
        cluster.allocatableMemoryBytes[row],
        cluster.allocatablePods[row],
        cluster.scalarAllocatable('example.com/gpu')?.[row],
      ],
      pods: cluster
        .pods(row)
        .map((pod) => pod.key)
        .sort(),
      podCount: cluster.podCount[row],
      anti: cluster.podsWithRequiredAntiAffinity(row).length,
      disk: cluster.labelValue(disk[row]!),
      taints: cluster.taintSets[cluster.taintSetId[row]!],
      images: [0, 1, 2].map((i) => cluster.hasImage(row, `app:${i}`)),
      ports: Array.from({ length: 10 }, (_, i) =>
        cluster.portConflicts(row, { ip: '0.0.0.0', protocol: 'TCP', port: 8000 + i }),
      ),
    };
  }
  return {
    byNode,
    nodeCount: cluster.nodeCount,
    images: [0, 1, 2].map((i) => cluster.image(`app:${i}`)),
    claims: [0, 1, 2, 3, 4, 5].map((i) => cluster.claimUserCount(`default/c${i}`)),
    affinity: [cluster.affinityPodCount, cluster.requiredAntiAffinityPodCount],
  };
}

describe('cluster columns', () => {
  it('after any history equal a cluster built afresh from what is left', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const cluster = new Cluster();
        cluster.labelColumn('disk'); // a column that exists from the start must follow every change
        const nodes = new Map<string, Node>();
        const pods = new Map<string, Pod>();
        for (const s of steps) {
          if (s.op === 'removeNode') {
            cluster.removeNode(`n${s.node}`);
            nodes.delete(`n${s.node}`);
          } else if (s.op === 'addPod') {
            if (pods.has(`u${s.pod}`)) continue;
            const pod = podOf(s);
            cluster.addPod(pod);
            pods.set(`u${s.pod}`, pod);
          } else if (s.op === 'removePod') {
            expect(cluster.removePod(`u${s.pod}`)).toBe(pods.delete(`u${s.pod}`));
          } else {
            const node = nodeOf(s);
            if (s.op === 'addNode') cluster.addNode(node);
            else cluster.updateNode(node);
            nodes.set(node.metadata!.name!, node);
          }
        }
        const fresh = new Cluster();
        for (const node of nodes.values()) fresh.addNode(node);
        for (const pod of pods.values()) fresh.addPod(pod);
        expect(facts(cluster)).toEqual(facts(fresh));
      }),
      { numRuns: 300 },
    );
  });

  it('give back a node exactly as it was after a what-if, list order and shared ports included', () => {
    const cluster = new Cluster();
    cluster.addNode(nodeOf({ op: 'addNode', node: 0, zone: 0, cpu: 8, taint: false, image: 0 }));
    const infos = [1, 2, 3].map((pod) =>
      cluster.addPod(podOf({ op: 'addPod', pod, node: 0, cpu: 100 * pod, gpu: 1, port: 3, anti: pod === 2 })),
    );
    const before = JSON.stringify([facts(cluster), cluster.pods(0).map((pod) => pod.key)]);
    const saved = cluster.saveRow(0);
    cluster.displace(infos[0]!, 0);
    cluster.displace(infos[1]!, 0);
    cluster.place(infos[0]!, 0);
    expect(cluster.podCount[0]).toBe(2);
    cluster.restoreRow(saved);
    expect(JSON.stringify([facts(cluster), cluster.pods(0).map((pod) => pod.key)])).toBe(before);
  });
});

describe('node order', () => {
  const add = (cluster: Cluster, name: string, zone: string, betaZone?: string) =>
    cluster.addNode({
      metadata: {
        name,
        labels: {
          ...(zone === '' ? {} : { 'topology.kubernetes.io/zone': zone }),
          ...(betaZone === undefined ? {} : { 'failure-domain.beta.kubernetes.io/zone': betaZone }),
        },
      },
    } as Node);

  it('interleaves zones, keeps the list through a zone change, and rebuilds when a node comes or goes', () => {
    const cluster = new Cluster();
    for (const [name, zone] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['a3', 'a'],
      ['c1', ''],
      ['b2', 'b'],
    ] as const) {
      add(cluster, name, zone);
    }
    add(cluster, 'x', 'a', 'b'); // the deprecated label wins
    expect(cluster.nodeOrder()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'x']);
    add(cluster, 'a1', 'b'); // moves zone
    expect(cluster.nodeOrder()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'x']);
    add(cluster, 'd1', 'd');
    expect(cluster.nodeOrder()).toEqual(['a2', 'b1', 'c1', 'd1', 'a3', 'b2', 'x', 'a1']);
    cluster.removeNode('c1');
    expect(cluster.nodeOrder()).toEqual(['a2', 'b1', 'd1', 'a3', 'b2', 'x', 'a1']);
  });
});
