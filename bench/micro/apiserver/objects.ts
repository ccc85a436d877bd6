/** Objects of the control plane's benchmarks: as a client writes them, a fresh one for every call. */
import type { KubeObject } from '../../../api/index.ts';
import type { Target } from '../../../cluster/apiserver/client.ts';

export const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
export const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };

const CONTAINERS = [
  {
    name: 'app',
    image: 'registry.example/app:1.0',
    resources: { requests: { cpu: '100m', memory: '128Mi' } },
  },
];

/** Pods of one Deployment: they share their spec. */
const SPEC = { containers: CONTAINERS };

export const podNamed = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'bench' } },
    spec: SPEC,
  }) as KubeObject;

export const podTarget = (name: string, subresource?: string): Target => ({ ...PODS, name, subresource });

export const bindingOf = (name: string, node: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace: 'default' },
    target: { kind: 'Node', name: node },
  }) as KubeObject;

const ROOM = { cpu: '32', memory: '128Gi', pods: '110' };

export const nodeNamed = (name: string, zone: number): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${zone}` },
    },
    status: { capacity: ROOM, allocatable: ROOM },
  }) as KubeObject;
