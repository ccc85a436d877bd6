/**
 * Feeds the proxies of a cluster from its API server: one list and watch of Services, EndpointSlices and Nodes for all of
 * them. Objects that name another proxy, and slices of headless services, are left out as kube-proxy leaves them out.
 * Source: `cmd/kube-proxy/app/server.go`, v1.37.2.
 */
import type { KubeObject, Node, Service } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { Reflector, type ReflectorOptions } from '../scheduler-client/reflector.ts';
import type { EndpointSlice } from './endpoints.ts';
import type { KubeProxy } from './kube-proxy.ts';
import type { ProxyState } from './proxy-state.ts';
import { objectKey } from './service-port.ts';

export interface ProxyInformersOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly state: ProxyState;
  readonly failed?: ReflectorOptions['failed'];
}

const SERVICES: Target = { group: '', version: 'v1', resource: 'services' };
const SLICES: Target = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };
const OTHER_PROXY_LABEL = 'service.kubernetes.io/service-proxy-name';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const ZONE_LABEL = 'topology.kubernetes.io/zone';

type WatchType = 'added' | 'modified' | 'deleted';

export class ProxyInformers {
  private readonly state: ProxyState;
  private readonly proxies = new Map<string, KubeProxy>();
  private readonly zones = new Map<string, string | undefined>();
  private readonly reflectors: readonly Reflector[];
  private unsynced = 3;

  constructor({ client, clock, state, failed }: ProxyInformersOptions) {
    this.state = state;
    const follow = (target: Target, take: (type: WatchType, object: KubeObject) => boolean): Reflector =>
      new Reflector({
        client,
        clock,
        target,
        event: ({ type, object }) => {
          if (take(type as WatchType, object)) for (const proxy of this.proxies.values()) proxy.changed();
        },
        synced: () => {
          if (--this.unsynced === 0) for (const proxy of this.proxies.values()) proxy.synced();
        },
        failed,
      });
    this.reflectors = [
      follow(SERVICES, (type, object) => this.takeService(type, object as Service)),
      follow(SLICES, (type, object) => this.takeSlice(type, object as EndpointSlice)),
      follow(NODES, (type, object) => this.takeNode(type, object as Node)),
    ];
  }

  start(): void {
    for (const reflector of this.reflectors) reflector.start();
  }

  stop(): void {
    for (const reflector of this.reflectors) reflector.stop();
    for (const proxy of this.proxies.values()) proxy.stop();
  }

  /** Before or after `start`. */
  add(nodeName: string, proxy: KubeProxy): void {
    this.proxies.set(nodeName, proxy);
    if (this.zones.has(nodeName)) proxy.setZone(this.zones.get(nodeName));
    if (this.unsynced === 0) proxy.synced();
  }

  remove(nodeName: string): void {
    this.proxies.get(nodeName)?.stop();
    this.proxies.delete(nodeName);
  }

  private takeService(type: WatchType, service: Service): boolean {
    const isOurs = type !== 'deleted' && service.metadata?.labels?.[OTHER_PROXY_LABEL] === undefined;
    return isOurs ? this.state.setService(service) : this.state.deleteService(objectKey(service));
  }

  private takeSlice(type: WatchType, slice: EndpointSlice): boolean {
    const labels = slice.metadata?.labels ?? {};
    const isOurs =
      type !== 'deleted' && labels[OTHER_PROXY_LABEL] === undefined && labels[HEADLESS_LABEL] === undefined;
    return isOurs ? this.state.setSlice(slice) : this.state.deleteSlice(objectKey(slice));
  }

  /** Concerns the node's own proxy alone. */
  private takeNode(type: WatchType, { metadata }: Node): boolean {
    const name = metadata?.name ?? '';
    if (type === 'deleted') {
      this.zones.delete(name);
      return false;
    }
    const zone = metadata?.labels?.[ZONE_LABEL];
    this.zones.set(name, zone);
    this.proxies.get(name)?.setZone(zone);
    return false;
  }
}
