/** The legacy `Endpoints` of Services with a selector. Source: `pkg/controller/endpoint/endpoints_controller.go`, v1.37.2. */
import type { KubeObject, Pod } from '../../../api/index.ts';
import { canonicalIp } from '../../proxy/ip-address.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Informer } from '../informer.ts';
import { OwnWrites } from '../own-writes.ts';
import { keyOf, splitKey } from '../owners.ts';
import { isNamespaceGoing } from '../pod-control.ts';
import { isReady } from '../pod-state.ts';
import {
  addressesOf,
  HEADLESS,
  hasAddress,
  hasHostname,
  isHeadless,
  isInEndpoints,
  LAST_CHANGE,
  portOf,
  type Service,
} from '../services/service.ts';
import { ServicePods } from '../services/service-pods.ts';
import { TriggerTimes } from '../services/trigger-times.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { WorkQueue } from '../work-queue.ts';
import {
  type EndpointAddress,
  type Endpoints,
  isOverCapacity,
  isSameSubsets,
  repacked,
  type Subset,
  truncated,
} from './subsets.ts';

export const ENDPOINTS = { group: '', version: 'v1', resource: 'endpoints' };
export const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const BACKOFF = { baseMs: 1000, maxMs: 1_000_000 };
const MAX_RETRIES = 15;

export class EndpointsController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly pods: ServicePods;
  private readonly endpoints: Informer<Endpoints>;
  private readonly times = new TriggerTimes();
  private readonly writes = new OwnWrites();

  constructor(context: ControllerContext) {
    this.context = context;
    const { clock } = context;
    this.events = context.recorder('endpoint-controller');
    this.queue = new WorkQueue({ clock, backoff: BACKOFF, maxRetries: MAX_RETRIES, sync: (key) => this.sync(key) });
    this.pods = new ServicePods(context, (key) => this.queue.add(key));
    this.pods.services.onChange((before, now) => this.queue.add(keyOf((now ?? before)!)));
    this.endpoints = context.informer(ENDPOINTS);
    this.endpoints.onChange((before, now) => {
      if (now === undefined && before !== undefined) this.queue.add(keyOf(before));
    });
    // Those of Services that went while nobody looked.
    context.onSynced(() => {
      for (const endpoints of this.endpoints.all()) {
        if (endpoints.metadata?.annotations?.[LEADER] === undefined) this.queue.add(keyOf(endpoints));
      }
    });
  }

  private *sync(key: string): Steps {
    const { client } = this.context;
    const [namespace, name] = splitKey(key);
    const target = { ...ENDPOINTS, namespace, name };
    const service = this.pods.services.get(namespace, name);
    if (service === undefined) {
      this.times.forget(key);
      this.writes.forget(key);
      try {
        yield* call((answer) => client.delete(target, {}, answer));
      } catch (error) {
        if (!(error instanceof Refusal && error.isNotFound)) throw error;
      }
      return;
    }
    if (service.spec?.type === 'ExternalName' || !service.spec?.selector) return;
    this.writes.mustBeSeen(key);
    const pods = this.pods.of(service);
    const time = this.times.next(key, service, pods);
    const subsets = repacked(subsetsOf(service, pods));
    const current = this.endpoints.get(namespace, name);
    if (current !== undefined && isRight(current, subsets, service)) return;
    const next = withSubsets(current, service, subsets, time);
    try {
      const write = current === undefined ? client.create : client.update;
      const object = yield* call<KubeObject>((answer) =>
        write.call(client, current === undefined ? { ...target, name: undefined } : target, next, {}, answer),
      );
      this.writes.wrote(key, this.endpoints, object);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (current === undefined && isNamespaceGoing(error)) return;
      this.tellFailure(next, key, current === undefined, error.message);
      throw error;
    }
  }

  private tellFailure(object: Endpoints, key: string, isNew: boolean, why: string): void {
    const [reason, what] = isNew
      ? ['FailedToCreateEndpoint', `Failed to create endpoint for service ${key}`]
      : ['FailedToUpdateEndpoint', `Failed to update endpoint ${key}`];
    this.events.record(object, 'Warning', reason!, `${what}: ${why}`);
  }
}

function subsetsOf(service: Service, pods: readonly Pod[]): Subset[] {
  const { ports = [], publishNotReadyAddresses = false, ipFamilies } = service.spec ?? {};
  const family = ipFamilies?.[0] === 'IPv6' || service.spec?.clusterIP?.includes(':') ? 'IPv6' : 'IPv4';
  const subsets: Subset[] = [];
  for (const pod of pods) {
    if (!isInEndpoints(pod, publishNotReadyAddresses)) continue;
    const ip = addressesOf(pod).find((address) => canonicalIp(address, family) !== undefined);
    if (ip === undefined) continue;
    const list = [addressOf(pod, ip, service)];
    const addresses: Subset =
      publishNotReadyAddresses || isReady(pod) ? { addresses: list } : { notReadyAddresses: list };
    if (ports.length === 0 && isHeadless(service)) subsets.push(addresses);
    for (const port of ports) {
      const number = portOf(pod, port);
      if (number === undefined) continue;
      const { name, protocol = 'TCP', appProtocol } = port;
      const named = { ...(name ? { name } : {}), port: number, protocol };
      subsets.push({ ...addresses, ports: [appProtocol === undefined ? named : { ...named, appProtocol }] });
    }
  }
  return subsets;
}

function addressOf(pod: Pod, ip: string, service: Service): EndpointAddress {
  const { namespace, name, uid } = pod.metadata ?? {};
  const { nodeName, hostname } = pod.spec ?? {};
  return {
    ip,
    ...(hasHostname(pod, service) ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function isRight(current: Endpoints, subsets: readonly Subset[], service: Service): boolean {
  const existing = current.subsets ?? [];
  if (!isSameSubsets(existing, subsets) && !isSameSubsets(repacked(existing), subsets)) return false;
  const { labels = {}, annotations = {} } = current.metadata ?? {};
  if (isOverCapacity(existing) || OVER_CAPACITY in annotations || labels[MANAGED_BY] !== MANAGER) return false;
  const own = Object.entries(labels).filter(([key]) => key !== HEADLESS && key !== MANAGED_BY);
  const ofService = service.metadata?.labels ?? {};
  return own.length === Object.keys(ofService).length && own.every(([key, value]) => ofService[key] === value);
}

function withSubsets(
  current: Endpoints | undefined,
  service: Service,
  subsets: readonly Subset[],
  time: string | undefined,
): Endpoints {
  const { [LAST_CHANGE]: _, [OVER_CAPACITY]: __, ...others } = current?.metadata?.annotations ?? {};
  const isTooMany = isOverCapacity(subsets);
  const annotations = {
    ...others,
    ...(time === undefined ? {} : { [LAST_CHANGE]: time }),
    ...(isTooMany ? { [OVER_CAPACITY]: 'truncated' } : {}),
  };
  const { [HEADLESS]: ___, ...ofService } = service.metadata?.labels ?? {};
  const labels = { ...ofService, ...(hasAddress(service) ? {} : { [HEADLESS]: '' }), [MANAGED_BY]: MANAGER };
  const { namespace, name } = service.metadata ?? {};
  const metadata = { ...current?.metadata, namespace, name, labels, annotations };
  const kept = isTooMany ? truncated(subsets) : subsets;
  return { apiVersion: 'v1', kind: 'Endpoints', metadata, ...(kept.length > 0 ? { subsets: kept } : {}) } as Endpoints;
}
