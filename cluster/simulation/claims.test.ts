/** Claims over time: made from templates, allocated and written by the scheduler, freed when pods end. */
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod, ResourceClaim } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { Simulation, type SimulationEvent } from './simulation.ts';

const DRIVER = 'gpu.example.com';
const CLASS_RESOURCE = 'deviceclass.resource.kubernetes.io/gpu';

const node = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    status: { allocatable: { cpu: '8', memory: '16Gi', pods: '110' } },
  }) as KubeObject;

const slice = (nodeName: string, devices: number, more: object = {}): KubeObject =>
  ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: `slice-${nodeName}` },
    spec: {
      driver: DRIVER,
      nodeName,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      devices: Array.from({ length: devices }, (_, i) => ({ name: `gpu-${i}`, ...more })),
    },
  }) as KubeObject;

const deviceClass = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name: 'gpu' },
  spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }] },
} as KubeObject;

const oneGpu = { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } };

const template = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaimTemplate',
  metadata: { name: 'one-gpu', namespace: 'default' },
  spec: { spec: oneGpu },
} as KubeObject;

const sharedClaim = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name: 'shared', namespace: 'default' },
  spec: oneGpu,
} as KubeObject;

const pod = (name: string, spec: object): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  }) as KubeObject;

const withTemplate = (name: string): KubeObject =>
  pod(name, { resourceClaims: [{ name: 'g', resourceClaimTemplateName: 'one-gpu' }] });
const withShared = (name: string): KubeObject =>
  pod(name, { resourceClaims: [{ name: 'g', resourceClaimName: 'shared' }] });
const withExtended = (name: string): KubeObject =>
  pod(name, { containers: [{ name: 'c', image: 'i', resources: { requests: { [CLASS_RESOURCE]: '1' } } }] });

const create = (ms: number, object: KubeObject): SimulationEvent => ({ ms, op: 'create', object });

interface World {
  readonly simulation: Simulation;
  readonly messages: Map<string, string[]>;
  bound(name: string): string | undefined;
  claims(): ResourceClaim[];
}

function run(
  objects: readonly KubeObject[],
  events: readonly SimulationEvent[],
  untilMs: number,
  lifetimes: Readonly<Record<string, number>> = {},
): World {
  const messages = new Map<string, string[]>();
  const simulation = new Simulation({
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
    lifetimeMs: ({ metadata }) => lifetimes[metadata?.name ?? ''],
    observer: {
      failed: ({ name }, { message }) => {
        messages.set(name, [...(messages.get(name) ?? []), message]);
      },
    },
  });
  simulation.load(objects);
  simulation.start(events);
  simulation.run(untilMs);
  return {
    simulation,
    messages,
    bound: (name) => (simulation.api.get('Pod', `default/${name}`) as Pod | undefined)?.spec?.nodeName,
    claims: () => [...simulation.api.list('ResourceClaim')] as ResourceClaim[],
  };
}

const allocated = (claims: readonly ResourceClaim[]): string[] =>
  claims.flatMap(({ status }) =>
    (status?.allocation?.devices.results ?? []).map(({ pool, device }) => `${pool}/${device}`),
  );

describe('claims from templates', () => {
  it('are made for each pod, allocated, and reserved for it', () => {
    const world = run([node('a'), slice('a', 2), deviceClass, template], [create(0, withTemplate('p'))], 1000);
    expect(world.bound('p')).toBe('a');
    const [claim] = world.claims();
    expect(claim!.metadata!.name).toMatch(/^p-g-[a-z0-9]{5}$/);
    expect(claim!.metadata!.finalizers).toEqual(['resource.kubernetes.io/delete-protection']);
    expect(allocated([claim!])).toEqual(['a/gpu-0']);
    expect(claim!.status!.reservedFor).toEqual([{ resource: 'pods', name: 'p', uid: 'uid-p' }]);
  });

  it('keep no more pods on a node than it has devices, and the next pod comes when one ends', () => {
    const pods = ['p0', 'p1', 'p2'].map((name, i) => create(i, withTemplate(name)));
    const world = run([node('a'), slice('a', 2), deviceClass, template], pods, 30_000, { p0: 10_000 });
    expect(world.messages.get('p2')![0]).toBe(
      '0/1 nodes are available: 1 cannot allocate all claims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
    expect(world.bound('p2')).toBe('a');
    expect(allocated(world.claims()).sort()).toEqual(['a/gpu-0', 'a/gpu-1']);
  });

  it('gate the pod until the template is there', () => {
    const events = [create(0, withTemplate('p')), create(5000, template)];
    const world = run([node('a'), slice('a', 1), deviceClass], events, 4000);
    expect(world.bound('p')).toBeUndefined();
    world.simulation.run(6000);
    expect(world.bound('p')).toBe('a');
  });

  it('go with their pod', () => {
    const events: SimulationEvent[] = [
      create(0, withTemplate('p')),
      { ms: 1000, op: 'delete', kind: 'Pod', name: 'p', graceSeconds: 0 },
    ];
    const world = run([node('a'), slice('a', 1), deviceClass, template], events, 2000);
    expect(world.claims()).toEqual([]);
  });
});

describe('a shared claim', () => {
  it('brings all its pods to one node, and is freed with the last of them', () => {
    const pods = ['p0', 'p1', 'p2'].map((name, i) => create(i, withShared(name)));
    const objects = [node('a'), node('b'), slice('a', 1), deviceClass, sharedClaim];
    const world = run(objects, pods, 15_000, { p0: 10_000 });
    expect(['p0', 'p1', 'p2'].map(world.bound)).toEqual(['a', 'a', 'a']);
    expect(world.claims()[0]!.status!.reservedFor!.map(({ name }) => name)).toEqual(['p1', 'p2']);
    for (const name of ['p1', 'p2']) world.simulation.api.remove('Pod', `default/${name}`);
    world.simulation.run(16_000);
    expect(world.claims()[0]!.status).toEqual({});
    expect(world.claims()[0]!.metadata!.finalizers).toEqual([]);
  });
});

describe('extended resources that devices serve', () => {
  it('get a claim of their own, which the status of the pod names', () => {
    const world = run([node('a'), slice('a', 1), deviceClass], [create(0, withExtended('p'))], 1000);
    expect(world.bound('p')).toBe('a');
    const [claim] = world.claims();
    expect(claim!.metadata!.annotations).toEqual({ 'resource.kubernetes.io/extended-resource-claim': 'true' });
    const stored = world.simulation.api.get('Pod', 'default/p') as Pod;
    expect(stored.status!.extendedResourceClaimStatus).toEqual({
      resourceClaimName: claim!.metadata!.name,
      requestMappings: [{ containerName: 'c', resourceName: CLASS_RESOURCE, requestName: 'container-0-request-0' }],
    });
  });

  it('wait for a device class', () => {
    const events = [create(0, withExtended('p')), create(5000, deviceClass)];
    const world = run([node('a'), slice('a', 1)], events, 4000);
    expect(world.bound('p')).toBeUndefined();
    world.simulation.run(20_000);
    expect(world.bound('p')).toBe('a');
  });
});

describe('devices that have to be made ready', () => {
  const conditions = { bindingConditions: ['example.com/Ready'], bindingFailureConditions: ['example.com/Failed'] };
  const report = (ms: number, type: string): SimulationEvent => ({
    ms,
    op: 'patch',
    kind: 'ResourceClaim',
    namespace: 'default',
    name: 'shared',
    patch: {
      status: {
        devices: [{ driver: DRIVER, pool: 'a', device: 'gpu-0', conditions: [{ type, status: 'True', reason: 'R' }] }],
      },
    },
  });
  const objects = [node('a'), slice('a', 1, conditions), deviceClass, sharedClaim];

  it('hold the binding until they are', () => {
    const world = run(objects, [create(0, withShared('p')), report(7000, 'example.com/Ready')], 9999);
    expect(world.bound('p')).toBeUndefined();
    world.simulation.run(10_001);
    expect(world.bound('p')).toBe('a');
  });

  it('fail the binding when they fail, and the claim is tried anew', () => {
    const world = run(objects, [create(0, withShared('p')), report(7000, 'example.com/Failed')], 60_000);
    expect(world.messages.get('p')![0]).toBe(
      'running PreBind plugin "DynamicResources": device binding failed: claim=shared, reason=R, message=""',
    );
    expect(world.messages.get('p')![1]).toContain('deallocation of ResourceClaim completed');
  });

  it('fail the binding when it takes too long', () => {
    const world = run(objects, [create(0, withShared('p'))], 601_000);
    expect(world.messages.get('p')![0]).toBe(
      'running PreBind plugin "DynamicResources": device binding timeout: context deadline exceeded',
    );
  });
});
