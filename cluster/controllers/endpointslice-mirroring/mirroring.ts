/** Slices of `Endpoints` that somebody made by hand for a Service without selector. Source: `pkg/controller/endpointslicemirroring`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import { familyOf, ipText, parseIp } from '../../proxy/ip-address.ts';
import type { ControllerContext } from '../context.ts';
import { ENDPOINTS, LEADER } from '../endpoints/endpoints.ts';
import { type EndpointAddress, type Endpoints, repacked, type SubsetPort } from '../endpoints/subsets.ts';
import { OwnSlices } from '../endpointslice/own-slices.ts';
import {
  type AddressType,
  type Draft,
  ENDPOINT_SLICES,
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  endpointKey,
  endpointsOf,
  isSameState,
  MANAGED_BY,
  nameOf,
  portsKey,
  SERVICE_NAME,
  sortedPorts,
  written,
} from '../endpointslice/slice.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Informer } from '../informer.ts';
import { controllerReference, isTerminating, keyOf, splitKey } from '../owners.ts';
import { isNamespaceGoing } from '../pod-control.ts';
import { LAST_CHANGE, namePrefix, SERVICES, type Service } from '../services/service.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { WorkQueue } from '../work-queue.ts';

const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const BACKOFF = { baseMs: 1000, maxMs: 100_000 };
const MAX_RETRIES = 15;
const MAX_ENDPOINTS = 1000;
const TYPES: readonly AddressType[] = ['IPv4', 'IPv6'];

interface Desired {
  readonly type: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

export class EndpointSliceMirroringController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly endpoints: Informer<Endpoints>;
  private readonly services: Informer<Service>;
  private readonly own: OwnSlices;

  constructor(context: ControllerContext) {
    this.context = context;
    const { clock } = context;
    this.events = context.recorder('endpoint-slice-mirroring-controller');
    this.queue = new WorkQueue({ clock, backoff: BACKOFF, maxRetries: MAX_RETRIES, sync: (key) => this.sync(key) });
    this.endpoints = context.informer(ENDPOINTS);
    this.services = context.informer(SERVICES);
    this.own = new OwnSlices(MANAGER, context.informer<EndpointSlice>(ENDPOINT_SLICES), (key) => this.queue.add(key));
    this.endpoints.onChange((before, now) => {
      if ((before && isMirrored(before)) || (now && isMirrored(now))) this.queue.add(keyOf((now ?? before)!));
    });
    this.services.onChange((before, now) => {
      const [was, is] = [before, now].map((service) => service && !service.spec?.selector);
      const isNews = before === undefined || now === undefined ? (was ?? is) === true : was !== is;
      if (isNews) this.queue.add(keyOf((now ?? before)!));
    });
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const endpoints = this.endpoints.get(namespace, name);
    const service = this.services.get(namespace, name);
    const existing = this.own.of(namespace, name);
    const isWanted =
      endpoints !== undefined && isMirrored(endpoints) && service !== undefined && !service.spec?.selector;
    if (isWanted) yield* this.mirror(key, endpoints, existing);
    else for (const slice of existing) yield* this.remove(slice);
  }

  private *mirror(key: string, endpoints: Endpoints, existing: readonly EndpointSlice[]): Steps {
    const create: Draft[] = [];
    const update: Draft[] = [];
    const remove: EndpointSlice[] = [];
    const desired = this.desired(endpoints);
    const keyFor = (type: AddressType, ports: readonly EndpointPort[]): string => `${type} ${portsKey(ports)}`;
    const byKey = new Map<string, EndpointSlice[]>();
    for (const slice of existing) {
      const group = keyFor(slice.addressType, slice.ports ?? []);
      byKey.set(group, [...(byKey.get(group) ?? []), slice]);
    }
    for (const each of desired.values()) {
      const [first, ...others] = byKey.get(keyFor(each.type, each.ports)) ?? [];
      if (each.endpoints.size === 0) {
        remove.push(...(first === undefined ? [] : [first, ...others]));
        continue;
      }
      remove.push(...others);
      if (first !== undefined && isRight(first, each, endpoints)) continue;
      const draft = newDraft(endpoints, each, first && nameOf(first));
      if (first === undefined) create.push(draft);
      else update.push(draft);
    }
    for (const [group, slices] of byKey) if (!desired.has(group)) remove.push(...slices);
    yield* this.write(key, endpoints, create, update, remove);
  }

  private desired(endpoints: Endpoints): Map<string, Desired> {
    const desired = new Map<string, Desired>();
    let invalid = 0;
    let skipped = 0;
    for (const { addresses = [], notReadyAddresses = [], ports = [] } of repacked(endpoints.subsets ?? [])) {
      const mirrored = sortedPorts(ports.map(mirroredPort));
      const byType = TYPES.map((type): Desired => {
        const key = `${type} ${portsKey(mirrored)}`;
        const known = desired.get(key) ?? { type, ports: mirrored, endpoints: new Map<string, Endpoint>() };
        desired.set(key, known);
        return known;
      });
      let added = 0;
      const all = [...addresses.map((address) => ({ address, ready: true }))];
      all.push(...notReadyAddresses.map((address) => ({ address, ready: false })));
      for (const { address, ready } of all) {
        if (added >= MAX_ENDPOINTS) break;
        const bytes = parseIp(address.ip);
        if (bytes === undefined) {
          invalid++;
          continue;
        }
        const endpoint = mirroredEndpoint(address, ipText(bytes), ready);
        byType[TYPES.indexOf(familyOf(bytes))]!.endpoints.set(endpointKey(endpoint), endpoint);
        added++;
      }
      skipped += all.length - added;
    }
    if (invalid > 0) {
      const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`;
      this.events.record(endpoints, 'Warning', 'InvalidIPAddress', message);
    }
    if (skipped > invalid) {
      const message = `A max of ${MAX_ENDPOINTS} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
      this.events.record(endpoints, 'Warning', 'TooManyAddressesToMirror', message);
    }
    return desired;
  }

  private *write(
    key: string,
    endpoints: Endpoints,
    create: readonly Draft[],
    update: readonly Draft[],
    remove: readonly EndpointSlice[],
  ): Steps {
    const { client } = this.context;
    const target = { ...ENDPOINT_SLICES, namespace: endpoints.metadata?.namespace };
    const left = [...remove];
    const updates = [...update];
    const creates = create.filter((draft) => {
      const index = left.findIndex(({ addressType }) => addressType === draft.slice.addressType);
      if (index < 0) return true;
      const [reused] = left.splice(index, 1);
      const metadata = { ...draft.slice.metadata, name: nameOf(reused!) };
      updates.push({ ...draft, slice: { ...draft.slice, metadata } });
      return false;
    });
    if (!isTerminating(endpoints)) {
      for (const draft of creates) {
        try {
          const created = yield* call<KubeObject>((answer) => client.create(target, written(draft), {}, answer));
          this.own.wrote(key, created);
        } catch (error) {
          if (error instanceof Refusal && isNamespaceGoing(error)) return;
          throw error;
        }
      }
    }
    for (const draft of updates) {
      const named = { ...target, name: nameOf(draft.slice) };
      this.own.wrote(key, yield* call<KubeObject>((answer) => client.update(named, written(draft), {}, answer)));
    }
    for (const slice of left) yield* this.remove(slice);
  }

  private *remove(slice: EndpointSlice): Steps {
    const target = { ...ENDPOINT_SLICES, namespace: slice.metadata?.namespace, name: nameOf(slice) };
    try {
      yield* call((answer) => this.context.client.delete(target, {}, answer));
    } catch (error) {
      if (!(error instanceof Refusal && error.isNotFound)) throw error;
    }
    this.own.removed(slice);
  }
}

const isMirrored = ({ metadata }: Endpoints): boolean =>
  metadata?.labels?.[SKIP] !== 'true' && metadata?.annotations?.[LEADER] === undefined;

const mirroredPort = ({ name = '', port, protocol = 'TCP', appProtocol }: SubsetPort): EndpointPort => ({
  name,
  port,
  protocol,
  ...(appProtocol === undefined ? {} : { appProtocol }),
});

const mirroredEndpoint = (
  { targetRef, nodeName, hostname }: EndpointAddress,
  ip: string,
  ready: boolean,
): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(targetRef === undefined ? {} : { targetRef }),
  ...(nodeName ? { nodeName } : {}),
  ...(hostname ? { hostname } : {}),
});

function newDraft(endpoints: Endpoints, { type, ports, endpoints: all }: Desired, name: string | undefined): Draft {
  const { namespace, labels, annotations } = endpoints.metadata ?? {};
  const service = nameOf(endpoints);
  const metadata = {
    ...(name === undefined ? { generateName: namePrefix(service) } : { name }),
    namespace,
    labels: { ...labels, [SERVICE_NAME]: service, [MANAGED_BY]: MANAGER },
    annotations: copiedAnnotations(annotations),
    ownerReferences: [controllerReference({ ...endpoints, apiVersion: 'v1', kind: 'Endpoints' })],
  };
  const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType: type, ports };
  return { slice: slice as EndpointSlice, endpoints: [...all.values()].slice(0, MAX_ENDPOINTS) };
}

function copiedAnnotations(annotations: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { [LAST_CHANGE]: _, [APPLIED]: __, ...copied } = annotations;
  return copied;
}

/** Nothing that is mirrored has changed. */
function isRight(slice: EndpointSlice, { endpoints: desired }: Desired, endpoints: Endpoints): boolean {
  const existing = endpointsOf(slice);
  const isSame =
    existing.length === desired.size &&
    existing.every((endpoint) => {
      const wanted = desired.get(endpointKey(endpoint));
      return wanted !== undefined && isSameState(wanted, endpoint);
    });
  const { [MANAGED_BY]: _, [SERVICE_NAME]: __, ...labels } = slice.metadata?.labels ?? {};
  const owner = slice.metadata?.ownerReferences?.find(({ kind }) => kind === 'Endpoints');
  return (
    isSame &&
    sortedText(labels) === sortedText(endpoints.metadata?.labels) &&
    sortedText(slice.metadata?.annotations) === sortedText(copiedAnnotations(endpoints.metadata?.annotations)) &&
    (owner?.name !== nameOf(endpoints) || owner.uid === endpoints.metadata?.uid)
  );
}

const sortedText = (texts: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify(Object.entries(texts).sort());
