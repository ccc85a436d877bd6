/** Files for timing how fast they are read: objects as kubectl writes them, and a trace. Same numbers, same files. */
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { KubeObject } from '../../api/index.ts';
import { type NodePool, writeTraceFolder } from '../../workloads/trace-folder.ts';

const TIME = '2026-01-01T00:00:00Z';
const TEXT_PER_WRITE = 1 << 22;
const APPS = 50;

const uid = (index: number, of: string): string => `00000000-0000-4000-${of}-${String(index).padStart(12, '0')}`;

const AMOUNTS = { cpu: '32', memory: '128Gi', pods: '110' };

/** Keys in the order in which the API server writes them. */
export const listedNode = (index: number): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      creationTimestamp: TIME,
      labels: {
        'kubernetes.io/hostname': `node-${index}`,
        'node.kubernetes.io/instance-type': 'm5.8xlarge',
        'topology.kubernetes.io/zone': `zone-${index % 10}`,
      },
      name: `node-${index}`,
      resourceVersion: String(1000 + index),
      uid: uid(index, '8000'),
    },
    spec: { podCIDR: `10.${(index >> 8) & 255}.${index & 255}.0/24`, providerID: `fake://node-${index}` },
    status: {
      allocatable: AMOUNTS,
      capacity: AMOUNTS,
      conditions: [
        {
          lastTransitionTime: TIME,
          message: 'kubelet is posting ready status',
          reason: 'KubeletReady',
          status: 'True',
          type: 'Ready',
        },
      ],
      nodeInfo: { architecture: 'amd64', kubeletVersion: 'v1.37.2', operatingSystem: 'linux' },
    },
  }) as KubeObject;

export const listedPod = (index: number): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      creationTimestamp: TIME,
      labels: { app: `app-${index % APPS}` },
      name: `pod-${index}`,
      namespace: 'default',
      resourceVersion: String(200_000 + index),
      uid: uid(index, '9000'),
    },
    spec: {
      containers: [
        {
          image: 'app:1',
          name: 'main',
          resources: { requests: { cpu: `${100 + 10 * (index % 20)}m`, memory: '256Mi' } },
        },
      ],
      priority: 0,
      schedulerName: 'default-scheduler',
    },
    status: { phase: 'Pending' },
  }) as KubeObject;

/** As `kubectl get -o json`: a List, four spaces a level. */
export function writeList(file: string, count: number, object: (index: number) => KubeObject): void {
  writeText(file, function* () {
    yield '{\n    "apiVersion": "v1",\n    "items": [\n';
    for (let i = 0; i < count; i++) {
      const text = JSON.stringify(object(i), null, 4).replaceAll('\n', '\n        ');
      yield `        ${text}${i + 1 < count ? ',' : ''}\n`;
    }
    yield '    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n';
  });
}

export function writeLines(file: string, count: number, object: (index: number) => KubeObject): void {
  writeText(file, function* () {
    for (let i = 0; i < count; i++) yield `${JSON.stringify(object(i))}\n`;
  });
}

/** A CSV file that anybody might have. */
export function writeUserCsv(file: string, count: number): void {
  writeText(file, function* () {
    yield 'name,cpu_milli,memory_mib,arrival_seconds\n';
    for (let i = 0; i < count; i++) yield `"pod-${i}",${100 + 10 * (i % 20)},256,${i}\n`;
  });
}

const POOL: NodePool = {
  name: 'all',
  labels: { 'node.kubernetes.io/instance-type': 'm5.8xlarge' },
  allocatable: AMOUNTS,
};

/** Identical pods, on nodes of one pool. */
export function writeTrace(dir: string, nodeCount: number, podCount: number): void {
  const numbers = Float64Array.from({ length: podCount }, (_, i) => i);
  writeTraceFolder(dir, {
    pools: [POOL],
    nodes: { names: Array.from({ length: nodeCount }, (_, i) => `node-${i}`), pool: new Int32Array(nodeCount) },
    shapes: [
      {
        name: 'web',
        labels: { app: 'web' },
        spec: {
          containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu: '100m', memory: '500Mi' } } }],
        },
      },
    ],
    pods: {
      count: podCount,
      names: Array.from({ length: podCount }, (_, i) => `pod-${i}`),
      shape: new Int32Array(podCount),
      arrivalSeconds: numbers,
      lifetimeSeconds: new Float64Array(podCount).fill(3600),
    },
  });
}

function writeText(file: string, parts: () => Iterable<string>): void {
  const descriptor = openSync(path.resolve(file), 'w');
  let text = '';
  for (const part of parts()) {
    text += part;
    if (text.length < TEXT_PER_WRITE) continue;
    writeSync(descriptor, text);
    text = '';
  }
  writeSync(descriptor, text);
  closeSync(descriptor);
}
