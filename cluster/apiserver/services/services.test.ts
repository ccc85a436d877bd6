/** Addresses of services. Source: `pkg/registry/core/service/storage/alloc_test.go` and `storage_test.go`, v1.37.2. */
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/index.ts';
import { VirtualClock } from '../../clock.ts';
import { MemoryStore } from '../../store/index.ts';
import { seededIds } from '../ids.ts';
import { InProcessClient } from '../in-process-client.ts';
import { ApiServer } from '../server.ts';
import type { Status } from '../status.ts';
import type { ServiceRanges } from './address-pool.ts';
import { serviceRanges } from './ranges.ts';
import type { ServiceObject, ServiceSpec } from './service.ts';

const SERVICES = { group: '', version: 'v1', resource: 'services', namespace: 'default' };
const PORTS = [{ port: 80 }];

class Cluster {
  readonly clock = new VirtualClock(0);
  readonly store = new MemoryStore({ clock: this.clock });
  private server!: ApiServer;
  private client!: InProcessClient;

  private readonly ranges: ServiceRanges;

  constructor(ranges = serviceRanges('10.0.0.0/24')) {
    this.ranges = ranges;
    this.restart();
  }

  restart(): void {
    this.server?.stop();
    const { store, clock } = this;
    this.server = new ApiServer({ store, clock, ids: seededIds(store.mvcc.revision), serviceRanges: this.ranges });
    this.server.start(() => {});
    this.clock.settle();
    this.client = new InProcessClient(this.server, { decode: true });
  }

  create(name: string, spec: ServiceSpec, dryRun = false): ServiceSpec | string {
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec } as KubeObject;
    return this.answer((done) => this.client.create(SERVICES, structuredClone(object), { dryRun }, done));
  }

  patch(name: string, spec: object): ServiceSpec | string {
    return this.answer((done) => this.client.patch({ ...SERVICES, name }, 'merge', { spec }, {}, done));
  }

  put(name: string, spec: ServiceSpec): ServiceSpec | string {
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec } as KubeObject;
    return this.answer((done) => this.client.update({ ...SERVICES, name }, structuredClone(object), {}, done));
  }

  remove(name: string): void {
    this.client.delete({ ...SERVICES, name }, {}, () => {});
    this.clock.settle();
  }

  private answer(call: (done: (error: Status | undefined, object: KubeObject) => void) => void): ServiceSpec | string {
    let answer: ServiceSpec | string = '';
    call((error, object) => {
      answer = error?.message ?? (object as ServiceObject).spec ?? {};
    });
    this.clock.settle();
    return answer;
  }
}

const invalid = (name: string, why: string): string => `Service "${name}" is invalid: ${why}`;

describe('cluster addresses', () => {
  it('come from the range, above what people choose themselves, and are not given out twice', () => {
    const cluster = new Cluster();
    expect(cluster.create('a', { ports: PORTS })).toMatchObject({
      clusterIP: '10.0.0.17',
      clusterIPs: ['10.0.0.17'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    expect(cluster.create('b', { ports: PORTS })).toMatchObject({ clusterIP: '10.0.0.18' });
    cluster.remove('a');
    expect(cluster.create('c', { ports: PORTS })).toMatchObject({ clusterIP: '10.0.0.19' });
    expect(cluster.create('d', { ports: PORTS, clusterIP: '10.0.0.17' })).toMatchObject({ clusterIPs: ['10.0.0.17'] });
  });

  it.each([
    [
      '10.0.0.17',
      'spec.clusterIPs: Invalid value: ["10.0.0.17"]: failed to allocate IP 10.0.0.17: provided IP is already allocated',
    ],
    [
      '10.9.0.1',
      'spec.clusterIPs: Invalid value: ["10.9.0.1"]: failed to allocate IP 10.9.0.1: the provided IP (10.9.0.1) is not in the valid range. The range of valid IPs is 10.0.0.0/24',
    ],
    ['x', 'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ])('%s is refused', (clusterIP, why) => {
    const cluster = new Cluster();
    cluster.create('a', { ports: PORTS });
    expect(cluster.create('b', { ports: PORTS, clusterIP })).toBe(invalid('b', why));
    // What was held for it is free again.
    expect(cluster.create('c', { ports: PORTS })).toMatchObject({ clusterIP: '10.0.0.18' });
  });

  it('are not taken by a dry run, nor by what is refused afterwards', () => {
    const cluster = new Cluster();
    expect(cluster.create('a', { ports: PORTS, clusterIP: '10.0.0.5' }, true)).toMatchObject({ clusterIP: '10.0.0.5' });
    expect(cluster.create('b', { ports: [], clusterIP: '10.0.0.5' })).toBe(invalid('b', 'spec.ports: Required value'));
    expect(cluster.create('c', { ports: PORTS, clusterIP: '10.0.0.5' })).toMatchObject({ clusterIP: '10.0.0.5' });
  });

  it('are known again by a server that starts on the same store', () => {
    const cluster = new Cluster();
    cluster.create('a', { ports: PORTS, type: 'NodePort' });
    cluster.restart();
    expect(cluster.create('b', { ports: PORTS, clusterIP: '10.0.0.17' })).toMatch(/already allocated/);
    expect(cluster.create('c', { ports: [{ port: 80, nodePort: 30_016 }], type: 'NodePort' })).toBe(
      invalid('c', 'spec.ports[0].nodePort: Invalid value: 30016: provided port is already allocated'),
    );
  });

  it('run out', () => {
    const cluster = new Cluster(serviceRanges('10.0.0.0/29'));
    for (let i = 0; i < 6; i++) expect(cluster.create(`s${i}`, { ports: PORTS })).toHaveProperty('clusterIP');
    expect(cluster.create('s6', { ports: PORTS })).toMatch(
      /failed to allocate a serviceIP for Service "s6": range is full/,
    );
    cluster.remove('s3');
    expect(cluster.create('s6', { ports: PORTS })).toMatchObject({ clusterIP: '10.0.0.4' });
  });

  it('stay when a client leaves them out, and may not change', () => {
    const cluster = new Cluster();
    cluster.create('a', { ports: PORTS, type: 'NodePort' });
    const known = { clusterIP: '10.0.0.17', ports: [{ port: 80, protocol: 'TCP', targetPort: 80, nodePort: 30_016 }] };
    expect(cluster.put('a', { ports: PORTS, type: 'NodePort' })).toMatchObject(known);
    expect(cluster.patch('a', { clusterIP: '10.0.0.9' })).toBe(
      invalid('a', 'spec.clusterIPs[0]: Invalid value: ["10.0.0.9"]: may not change once set'),
    );
  });
});

describe('services without an address', () => {
  it('are headless ones', () => {
    const cluster = new Cluster();
    expect(cluster.create('a', { clusterIP: 'None', selector: { app: 'a' } })).toMatchObject({
      clusterIPs: ['None'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    // Who knows what their endpoints are.
    expect(cluster.create('b', { clusterIP: 'None' })).toMatchObject({
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    });
  });

  it('are names elsewhere; who becomes one gives its address and ports back', () => {
    const cluster = new Cluster();
    cluster.create('a', { ports: PORTS, type: 'NodePort' });
    const moved = cluster.patch('a', { type: 'ExternalName', externalName: 'a.example' });
    expect(moved).toEqual({
      type: 'ExternalName',
      externalName: 'a.example',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    });
    expect(
      cluster.create('b', { ports: [{ port: 80, nodePort: 30_016 }], type: 'NodePort', clusterIP: '10.0.0.17' }),
    ).toHaveProperty('clusterIP', '10.0.0.17');
    expect(cluster.patch('a', { type: 'ClusterIP' })).toMatchObject({ clusterIP: '10.0.0.18' });
  });
});

describe('two families', () => {
  const dual = () => new Cluster(serviceRanges('10.0.0.0/24,fd00::/112'));

  it.each([
    ['SingleStack', { clusterIPs: ['10.0.0.17'], ipFamilies: ['IPv4'] }],
    ['PreferDualStack', { clusterIPs: ['10.0.0.17', 'fd00::101'], ipFamilies: ['IPv4', 'IPv6'] }],
    ['RequireDualStack', { clusterIPs: ['10.0.0.17', 'fd00::101'], ipFamilies: ['IPv4', 'IPv6'] }],
  ])('%s', (ipFamilyPolicy, expected) => {
    expect(dual().create('a', { ports: PORTS, ipFamilyPolicy })).toMatchObject(expected);
  });

  it('may be asked for the other way round', () => {
    const spec = { ports: PORTS, ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] };
    expect(dual().create('a', spec)).toMatchObject({ clusterIP: 'fd00::101', clusterIPs: ['fd00::101', '10.0.0.17'] });
  });

  it('come and go with the policy', () => {
    const cluster = dual();
    cluster.create('a', { ports: PORTS });
    expect(cluster.patch('a', { ipFamilyPolicy: 'RequireDualStack' })).toMatchObject({
      clusterIPs: ['10.0.0.17', 'fd00::101'],
    });
    expect(cluster.patch('a', { ipFamilyPolicy: 'SingleStack' })).toMatchObject({
      clusterIPs: ['10.0.0.17'],
      ipFamilies: ['IPv4'],
    });
    expect(cluster.create('b', { ports: PORTS, clusterIP: 'fd00::101' })).toMatchObject({ ipFamilies: ['IPv6'] });
  });

  it('are refused where there is one', () => {
    expect(new Cluster().create('a', { ports: PORTS, ipFamilyPolicy: 'RequireDualStack' })).toBe(
      invalid(
        'a',
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
      ),
    );
    expect(new Cluster().create('a', { ports: PORTS, ipFamilyPolicy: 'PreferDualStack' })).toMatchObject({
      clusterIPs: ['10.0.0.17'],
    });
  });
});

describe('node ports', () => {
  it('are shared by protocols of one port', () => {
    const ports = [
      { name: 't', port: 53, protocol: 'TCP' },
      { name: 'u', port: 53, protocol: 'UDP' },
      { name: 'x', port: 54 },
    ];
    const spec = new Cluster().create('a', { ports, type: 'NodePort' }) as ServiceSpec;
    expect(spec.ports?.map(({ nodePort }) => nodePort)).toEqual([30_016, 30_016, 30_017]);
  });

  it('are of a load balancer too, with one for its health when traffic stays local', () => {
    const cluster = new Cluster();
    const spec = { ports: PORTS, type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
    expect(cluster.create('a', spec)).toMatchObject({ ports: [{ nodePort: 30_016 }], healthCheckNodePort: 30_017 });
    expect(
      cluster.create('b', { ports: PORTS, type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }),
    ).toMatchObject({
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    });
  });

  it('are refused outside their range, and on services that have none', () => {
    const ports = [{ port: 80, nodePort: 80 }];
    expect(new Cluster().create('a', { ports, type: 'NodePort' })).toBe(
      invalid(
        'a',
        'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
      ),
    );
    expect(new Cluster().create('a', { ports })).toBe(
      invalid('a', "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"),
    );
  });
});

describe('serviceRanges', () => {
  it.each([
    ['10.0.0.0/31', undefined, /10\.0\.0\.0\/31: a range such as 10\.96\.0\.0\/12 with room for 8 addresses/],
    ['x', undefined, /service range x:/],
    ['10.0.0.0/24,10.1.0.0/24', undefined, /one, or one of IPv4 and one of IPv6, is expected/],
    [undefined, '3-2', /node ports 3-2: a range such as 30000-32767 is expected/],
  ])('refuses %s %s', (ips, ports, message) => {
    expect(() => serviceRanges(ips, ports)).toThrow(message);
  });
});
