/** Makes the slices of a Service what its pods ask for. Source: `endpointslice/reconciler.go`, v0.37.2. */
import type { KubeObject, Node, Pod } from '../../../api/index.ts';
import type { ApiClient } from '../../apiserver/client.ts';
import { canonicalIp, familyOf, parseIp } from '../../proxy/ip-address.ts';
import { failed } from '../failed.ts';
import type { Informer } from '../informer.ts';
import { controllerReference, isTerminating } from '../owners.ts';
import { isNamespaceGoing } from '../pod-control.ts';
import { isReady } from '../pod-state.ts';
import {
  addressesOf,
  HEADLESS,
  hasAddress,
  hasHostname,
  isInEndpoints,
  LAST_CHANGE,
  namePrefix,
  portOf,
  type Service,
} from '../services/service.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import type { OwnSlices } from './own-slices.ts';
import { type Labelled, reconcilePorts } from './reconcile-ports.ts';
import {
  type AddressType,
  type Draft,
  ENDPOINT_SLICES,
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  endpointKey,
  endpointsOf,
  MANAGED_BY,
  nameOf,
  portsKey,
  SERVICE_NAME,
  sortedPorts,
  written,
} from './slice.ts';
import { type HintEvent, type TopologyHints, withoutHints, zoneOf } from './topology-hints.ts';
import { changeEach, isTrafficDistribution, withCloseHints } from './traffic-distribution.ts';

const MAX_ENDPOINTS = 100;
const RESERVED = new Set([SERVICE_NAME, MANAGED_BY, HEADLESS]);

interface Desired {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

interface Changes {
  create: Draft[];
  update: Draft[];
  remove: EndpointSlice[];
}

export interface Reconciliation {
  readonly key: string;
  readonly service: Service;
  readonly pods: readonly Pod[];
  readonly triggerTime: string | undefined;
}

export class SliceReconciler {
  private readonly client: ApiClient;
  private readonly manager: string;
  private readonly nodes: Informer<Node & KubeObject>;
  private readonly own: OwnSlices;
  private readonly hints: TopologyHints;

  constructor(
    client: ApiClient,
    manager: string,
    nodes: Informer<Node & KubeObject>,
    own: OwnSlices,
    hints: TopologyHints,
  ) {
    this.client = client;
    this.manager = manager;
    this.nodes = nodes;
    this.own = own;
    this.hints = hints;
  }

  /** Answers what is to be told about the hints. Throws Refusal. */
  *reconcile(reconciliation: Reconciliation, existing: readonly EndpointSlice[]): Steps<HintEvent[]> {
    const { key, service } = reconciliation;
    const types = addressTypes(service);
    const events: HintEvent[] = [];
    const errors: string[] = [];
    for (const type of types) {
      const ofType = existing.filter(({ addressType }) => addressType === type);
      yield* this.ofType(reconciliation, type, ofType, events, errors);
    }
    for (const slice of existing) {
      if (types.includes(slice.addressType)) continue;
      this.hints.remove(key, slice.addressType);
      yield* this.remove(slice, service);
    }
    if (errors.length > 0) throw failed(errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
    return events;
  }

  private *ofType(
    reconciliation: Reconciliation,
    type: AddressType,
    existing: readonly EndpointSlice[],
    events: HintEvent[],
    errors: string[],
  ): Steps {
    const { key, service, pods } = reconciliation;
    const desired = this.desired(service, pods, type, errors);
    const changes = this.changes(service, type, existing, desired);
    const named = new Set([...changes.update.map(({ slice }) => nameOf(slice)), ...changes.remove.map(nameOf)]);
    const unchanged = existing
      .filter((slice) => !named.has(nameOf(slice)))
      .map((slice) => ({ slice, endpoints: [...endpointsOf(slice)] }));
    changes.update.push(...this.addHints(key, service, type, changes, unchanged, events));
    yield* this.write(reconciliation, changes);
  }

  private desired(service: Service, pods: readonly Pod[], type: AddressType, errors: string[]): Map<string, Desired> {
    const byPorts = new Map<string, Desired>();
    for (const pod of pods) {
      if (!isInEndpoints(pod, true)) continue;
      const ports = endpointPorts(service, pod);
      const key = portsKey(ports);
      const desired = byPorts.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
      byPorts.set(key, desired);
      const nodeName = pod.spec?.nodeName ?? '';
      const node = this.nodes.get('', nodeName);
      if (node === undefined && !service.spec?.publishNotReadyAddresses) {
        const { namespace, name } = service.metadata ?? {};
        errors.push(`skipping Pod ${pod.metadata?.name} for Service ${namespace}/${name}: Node ${nodeName} Not Found`);
        continue;
      }
      const endpoint = endpointOf(pod, node, service, type);
      if (endpoint.addresses.length > 0) desired.endpoints.set(endpointKey(endpoint), endpoint);
    }
    return byPorts;
  }

  private changes(
    service: Service,
    type: AddressType,
    existing: readonly EndpointSlice[],
    desired: ReadonlyMap<string, Desired>,
  ): Changes {
    const changes: Changes = { create: [], update: [], remove: [] };
    const byPorts = new Map<string, EndpointSlice[]>();
    for (const slice of existing) {
      if (!isOwnedBy(slice, service)) {
        changes.remove.push(slice);
        continue;
      }
      const key = portsKey(slice.ports);
      byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
    }
    for (const [key, { ports, endpoints }] of desired) {
      const plan = reconcilePorts({
        existing: byPorts.get(key) ?? [],
        desired: endpoints,
        maxEndpoints: MAX_ENDPOINTS,
        labelsOf: (slice) => labelsFor(service, this.manager, slice),
        newDraft: () => newDraft(service, this.manager, type, ports),
      });
      changes.create.push(...plan.create);
      changes.update.push(...plan.update);
      changes.remove.push(...plan.remove);
    }
    for (const [key, slices] of byPorts) if (!desired.has(key)) changes.remove.push(...slices);
    // A Service always has a slice, so that it is known to have no endpoints.
    if (existing.length === changes.remove.length && changes.create.length === 0) {
      const [only, ...others] = changes.remove;
      const placeholder = newDraft(service, this.manager, type, []);
      if (only !== undefined && others.length === 0 && isPlaceholder(only, placeholder.slice)) changes.remove = [];
      else changes.create.push(placeholder);
    }
    return changes;
  }

  /** The slices that have to be written for their hints alone. */
  private addHints(
    key: string,
    service: Service,
    type: AddressType,
    { create, update }: Changes,
    unchanged: readonly Draft[],
    events: HintEvent[],
  ): Draft[] {
    const toWrite = [...create, ...update];
    if (wantsTopologyHints(service)) {
      const hinted = this.hints.add(key, type, toWrite, unchanged);
      events.push(...hinted.events);
      return hinted.changed;
    }
    if (this.hints.has(key)) {
      const message = `Topology Aware Hints has been disabled, addressType: ${type}`;
      events.push({ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message });
    }
    this.hints.remove(key, type);
    const { trafficDistribution } = service.spec ?? {};
    if (!isTrafficDistribution(trafficDistribution)) return withoutHints(toWrite, unchanged);
    return changeEach(toWrite, unchanged, (endpoint) => withCloseHints(endpoint, trafficDistribution));
  }

  private *write({ key, service, triggerTime }: Reconciliation, { create, update, remove }: Changes): Steps {
    const left: EndpointSlice[] = [];
    const updates = [...update];
    // A slice that goes may as well become one that comes.
    for (const slice of remove) {
      const draft = create.at(-1);
      if (draft === undefined || draft.slice.addressType !== slice.addressType || !isOwnedBy(slice, service)) {
        left.push(slice);
        continue;
      }
      create.pop();
      const metadata = { ...draft.slice.metadata, name: nameOf(slice) };
      updates.push({ slice: { ...draft.slice, metadata }, endpoints: draft.endpoints });
    }
    const target = { ...ENDPOINT_SLICES, namespace: service.metadata?.namespace };
    const of = `for Service ${service.metadata?.namespace}/${nameOf(service)}`;
    if (!isTerminating(service)) {
      for (const draft of create) {
        const object = written(withTime(draft, triggerTime));
        try {
          this.own.wrote(key, yield* call<KubeObject>((answer) => this.client.create(target, object, {}, answer)));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          if (isNamespaceGoing(error)) return;
          throw failed(`failed to create EndpointSlice ${of}: ${error.message}`);
        }
      }
    }
    for (const draft of updates) {
      const object = written(withTime(draft, triggerTime));
      const name = nameOf(object);
      try {
        const update = { ...target, name };
        this.own.wrote(key, yield* call<KubeObject>((answer) => this.client.update(update, object, {}, answer)));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        throw failed(`failed to update ${name} EndpointSlice ${of}: ${error.message}`);
      }
    }
    for (const slice of left) yield* this.remove(slice, service);
  }

  private *remove(slice: EndpointSlice, service: Service): Steps {
    const name = nameOf(slice);
    const target = { ...ENDPOINT_SLICES, namespace: service.metadata?.namespace, name };
    try {
      yield* call((answer) => this.client.delete(target, {}, answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const of = `for Service ${service.metadata?.namespace}/${nameOf(service)}`;
      throw failed(`failed to delete ${name} EndpointSlice ${of}: ${error.message}`);
    }
    this.own.removed(slice);
  }
}

const isOwnedBy = ({ metadata }: EndpointSlice, service: Service): boolean =>
  metadata?.ownerReferences?.some(
    ({ uid, kind, apiVersion }) => uid === service.metadata?.uid && kind === 'Service' && apiVersion === 'v1',
  ) === true;

function addressTypes({ spec }: Service): AddressType[] {
  const families = (spec?.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return [...new Set(families as AddressType[])];
  const bytes = spec?.clusterIP && spec.clusterIP !== 'None' ? parseIp(spec.clusterIP) : undefined;
  return bytes === undefined ? ['IPv4', 'IPv6'] : [familyOf(bytes)];
}

function endpointPorts(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service.spec?.ports ?? []) {
    const number = portOf(pod, port);
    if (number === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = port;
    ports.push({ name, protocol, port: number, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return sortedPorts(ports);
}

function endpointOf(pod: Pod, node: KubeObject | undefined, service: Service, type: AddressType): Endpoint {
  const serving = isReady(pod);
  const terminating = isTerminating(pod);
  const { namespace, name, uid } = pod.metadata ?? {};
  const zone = node === undefined ? '' : zoneOf(node);
  const { nodeName, hostname } = pod.spec ?? {};
  return {
    addresses: addressesOf(pod).flatMap((address) => canonicalIp(address, type) ?? []),
    conditions: {
      ready: service.spec?.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName ? { nodeName } : {}),
    ...(zone === '' ? {} : { zone }),
    ...(hasHostname(pod, service) ? { hostname } : {}),
  };
}

/** The labels of the Service, and what upstream adds; whether that is news. */
function labelsFor(service: Service, manager: string, slice: EndpointSlice | undefined): Labelled {
  const free = (labels: Readonly<Record<string, string>> = {}): Array<[string, string]> =>
    Object.entries(labels)
      .filter(([key]) => !RESERVED.has(key))
      .sort();
  const ofService = free(service.metadata?.labels);
  const isChanged = JSON.stringify(free(slice?.metadata?.labels)) !== JSON.stringify(ofService);
  const labels = {
    ...Object.fromEntries(ofService),
    ...(hasAddress(service) ? {} : { [HEADLESS]: '' }),
    [SERVICE_NAME]: nameOf(service),
    [MANAGED_BY]: manager,
  };
  return { labels, isChanged };
}

function newDraft(service: Service, manager: string, addressType: AddressType, ports: readonly EndpointPort[]): Draft {
  const { labels } = labelsFor(service, manager, undefined);
  const metadata = {
    generateName: namePrefix(nameOf(service)),
    namespace: service.metadata?.namespace,
    labels: { ...labels },
    ownerReferences: [controllerReference({ ...service, apiVersion: 'v1', kind: 'Service' })],
  };
  const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType, ports };
  return { slice: slice as EndpointSlice, endpoints: [] };
}

const isPlaceholder = (slice: EndpointSlice, placeholder: EndpointSlice): boolean =>
  endpointsOf(slice).length === 0 &&
  (slice.ports ?? []).length === 0 &&
  labelText(slice) === labelText(placeholder) &&
  slice.metadata?.ownerReferences?.length === 1;

const labelText = ({ metadata }: KubeObject): string => JSON.stringify(Object.entries(metadata?.labels ?? {}).sort());

function withTime({ slice, endpoints }: Draft, time: string | undefined): Draft {
  const { [LAST_CHANGE]: _, ...others } = slice.metadata?.annotations ?? {};
  const annotations = time === undefined ? others : { ...others, [LAST_CHANGE]: time };
  return { slice: { ...slice, metadata: { ...slice.metadata, annotations } }, endpoints };
}

function wantsTopologyHints({ metadata }: Service): boolean {
  const { annotations = {} } = metadata ?? {};
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode'];
  return mode === 'Auto' || mode === 'auto';
}
