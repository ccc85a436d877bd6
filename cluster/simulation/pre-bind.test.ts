/** PreBind plugins that allow it work at the same time: a claim is written while a volume is still being provisioned. */
import { expect, test } from 'vitest';
import type { KubeObject, Pod, ResourceClaim } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import type { PluginDefinition } from '../../scheduler/plugin.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

const objects = [
  {
    kind: 'Node',
    metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1' } },
    status: { allocatable: { cpu: '8', memory: '16Gi', pods: '110' } },
  },
  {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: 'slice' },
    spec: {
      driver: 'gpu.example.com',
      nodeName: 'n1',
      pool: { name: 'n1', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0' }],
    },
  },
  {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name: 'gpu' },
    spec: { selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }] },
  },
  {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name: 'one-gpu', namespace: 'default' },
    spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'slow' },
    provisioner: 'disks.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
  {
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'disk', namespace: 'default', uid: 'uid-disk' },
    spec: {
      storageClassName: 'slow',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  },
] as unknown as KubeObject[];

const pod = {
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default' },
  spec: {
    containers: [{ name: 'c', image: 'i' }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'disk' } }],
    resourceClaims: [{ name: 'g', resourceClaimName: 'one-gpu' }],
  },
} as unknown as KubeObject;

function start(changes: Partial<SimulationOptions> = {}): Simulation {
  const simulation = new Simulation({
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    volumeMs: 5000,
    ...changes,
  });
  simulation.load(objects);
  simulation.start([{ ms: 1000, op: 'create', object: pod }]);
  return simulation;
}

const reservedFor = (simulation: Simulation): number =>
  (simulation.api.get('ResourceClaim', 'default/one-gpu') as ResourceClaim).status?.reservedFor?.length ?? 0;
const nodeOf = (simulation: Simulation): string | undefined =>
  (simulation.api.get('Pod', 'default/p') as Pod).spec?.nodeName;

test('the devices are reserved at once, the pod is bound when its volume is there', () => {
  const simulation = start();
  simulation.run(2000);
  expect([reservedFor(simulation), nodeOf(simulation)]).toEqual([1, undefined]);
  simulation.run(5999);
  expect(nodeOf(simulation)).toBeUndefined();
  simulation.run(7000);
  expect(nodeOf(simulation)).toBe('n1');
});

test('a plugin that does not allow it waits for those before it, and the first that fails stops the others', () => {
  const failing = (allowsParallelPreBind: boolean): Partial<SimulationOptions> => {
    const definition = {
      name: 'Fails',
      points: ['preBind'],
      create: () => ({ allowsParallelPreBind, preBind: () => ({ code: 'Error', reasons: ['not today'] }) }),
    } as unknown as PluginDefinition;
    const config = defaultConfig(inTreePlugins);
    const profile = config.profiles[0]!;
    const preBind = [...profile.plugins.preBind!, { name: 'Fails', weight: 0 }];
    return {
      registry: new Map([...inTreePlugins, ['Fails', definition]]),
      config: { ...config, profiles: [{ ...profile, plugins: { ...profile.plugins, preBind } }] },
    };
  };
  const failedAtMs = (allowsParallel: boolean): number => {
    let ms = -1;
    const simulation: Simulation = start({
      ...failing(allowsParallel),
      observer: {
        failed: () => {
          if (ms < 0) ms = simulation.nowMs;
        },
      },
    });
    simulation.run(20_000);
    return ms;
  };
  // The volume is there at 6 s, and its plugin looks once a second.
  expect([failedAtMs(true), failedAtMs(false)]).toEqual([1000, 7000]);
});
