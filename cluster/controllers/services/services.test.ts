/** What stands behind a Service, and what is done about hands that meddle. */
import { describe, expect, it } from 'vitest';
import { smallCluster } from '../controllers.fixture.ts';
import { ENDPOINTS } from '../endpoints/endpoints.ts';
import { ENDPOINT_SLICES } from '../endpointslice/slice.ts';
import { NODES, PODS } from '../types.ts';
import { SERVICES } from './service.ts';

type Each = ReturnType<typeof smallCluster>;

const service = (more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...more },
});

function withPods(more?: object) {
  const each = smallCluster(1, { nodeLifecycle: false });
  each.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  each.create(SERVICES, service(more));
  for (const [i, name] of ['a', 'b'].entries()) {
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
    each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'web' } }, spec });
    const podIPs = [{ ip: `10.0.0.${i}` }, { ip: `fd00::${i}` }];
    each.patch(PODS, name, { status: { podIP: podIPs[0]!.ip, podIPs } }, 'status');
    each.ready(each.get('Pod', name));
  }
  return each;
}

const endpoints = (each: Each): string[] =>
  each
    .all('EndpointSlice')
    .flatMap((slice) => (slice.endpoints ?? []).map((one: any) => `${one.addresses} ${one.conditions.ready}`))
    .sort();

describe('Services', () => {
  it('have the addresses of their pods in slices and in Endpoints', () => {
    const each = withPods();
    expect(endpoints(each)).toEqual(['10.0.0.0 true', '10.0.0.1 true']);
    expect(each.get('Endpoints', 'web').subsets).toMatchObject([
      { addresses: [{ ip: '10.0.0.0' }, { ip: '10.0.0.1' }], ports: [{ port: 8080 }] },
    ]);
  });

  it('get back what somebody took from their slices', () => {
    const each = withPods();
    const [slice] = each.all('EndpointSlice');
    each.patch(ENDPOINT_SLICES, slice.metadata.name, { endpoints: [] });
    each.wait();
    expect(endpoints(each)).toHaveLength(2);
    each.remove(ENDPOINT_SLICES, slice.metadata.name);
    each.wait();
    expect(endpoints(each)).toHaveLength(2);
    each.remove(ENDPOINTS, 'web');
    expect(each.get('Endpoints', 'web').subsets).toHaveLength(1);
  });

  it('lose slices and Endpoints with themselves', () => {
    const each = withPods();
    each.remove(SERVICES, 'web');
    expect(each.all('EndpointSlice')).toEqual([]);
    expect(each.all('Endpoints')).toEqual([]);
  });

  it('tell when a pod is on a node that is not there, and try ever more rarely', () => {
    const each = withPods();
    each.remove(NODES, 'n');
    each.patch(PODS, 'a', { metadata: { labels: { app: 'other' } } });
    each.wait(60_000);
    expect(each.all('Event').map(({ message }) => message)).toContain(
      'Error updating Endpoint Slices for Service default/web: skipping Pod b for Service default/web: Node n Not Found',
    );
    // 1 s · 2^n: six tries in a minute.
    expect(each.running.queues.endpointSlice!.syncs).toBeLessThan(25);
  });

  it('without a selector have slices that mirror hand-made Endpoints', () => {
    const each = withPods({ selector: null });
    const subsets = [{ addresses: [{ ip: '9.9.9.9' }, { ip: 'fd00::9' }], ports: [{ port: 80 }] }];
    each.create(ENDPOINTS, {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'web', labels: { x: 'y' } },
      subsets,
    });
    const slices = each.all('EndpointSlice');
    expect(slices.map(({ addressType }) => addressType).sort()).toEqual(['IPv4', 'IPv6']);
    expect(slices[0].metadata.labels.x).toBe('y');
    each.patch(ENDPOINTS, 'web', { metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } });
    expect(each.all('EndpointSlice')).toEqual([]);
  });
});
