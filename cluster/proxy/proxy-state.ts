/**
 * Services and their endpoints as all proxies of a cluster see them, kept once however many nodes there are. Every change
 * has a revision. A proxy that has not synchronised yet still works by its own, older revision, so a node costs one number
 * here and not a copy.
 *
 * Cost: a change is O(ports and endpoints of its service); a lookup O(1); an entry is kept per revision that a node is at.
 */
import type { Service } from '../../api/index.ts';
import { type Endpoint, type EndpointSlice, endpointsByPort } from './endpoints.ts';
import type { IpFamily } from './ip-address.ts';
import { objectKey, type ServicePort, servicePorts } from './service-port.ts';

/** Ports of one service, each with all endpoints that there are. */
export interface ServiceView {
  readonly ports: readonly PortView[];
  readonly endpointCount: number;
}

export interface PortView {
  readonly port: ServicePort;
  readonly endpoints: readonly Endpoint[];
}

export interface Reader {
  /** What it has seen of the changes. */
  readonly revision: number;
}

interface Entry {
  service: Service | undefined;
  readonly slices: Map<string, EndpointSlice>;
  /** Oldest first; the last one is what holds now. */
  versions: Array<{ readonly revision: number; readonly view: ServiceView }>;
}

const EMPTY: ServiceView = { ports: [], endpointCount: 0 };
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Old versions of a service are looked through once there are this many. */
const VERSIONS_BEFORE_PRUNING = 4;
const LOG_BEFORE_PRUNING = 4096;

export class ProxyState {
  readonly family: IpFamily;
  revision = 0;
  private readonly entries = new Map<string, Entry>();
  /** Where a slice has been counted: its label may change. */
  private readonly serviceOfSlice = new Map<string, string>();
  /** Services that have, or had, something at an address. */
  private readonly index = new Map<string, Set<string>>();
  private logLimit = LOG_BEFORE_PRUNING;
  private log: Array<{ readonly revision: number; readonly key: string }> = [];
  private readonly readers = new Set<Reader>();

  constructor(family: IpFamily) {
    this.family = family;
  }

  addReader(reader: Reader): void {
    this.readers.add(reader);
  }

  removeReader(reader: Reader): void {
    this.readers.delete(reader);
  }

  /** False when nothing that rules are made of has changed. */
  setService(service: Service): boolean {
    const entry = this.entry(objectKey(service));
    entry.service = service;
    return this.update(objectKey(service), entry);
  }

  deleteService(key: string): boolean {
    const entry = this.entries.get(key);
    if (entry === undefined) return false;
    entry.service = undefined;
    return this.update(key, entry);
  }

  setSlice(slice: EndpointSlice): boolean {
    const sliceKey = objectKey(slice);
    const service = slice.metadata?.labels?.[SERVICE_NAME_LABEL];
    const key = service ? `${slice.metadata?.namespace ?? 'default'}/${service}` : undefined;
    const before = this.serviceOfSlice.get(sliceKey);
    const moved = before !== undefined && before !== key && this.deleteSlice(sliceKey);
    if (key === undefined) return moved;
    this.serviceOfSlice.set(sliceKey, key);
    const entry = this.entry(key);
    entry.slices.set(sliceKey, slice);
    return this.update(key, entry) || moved;
  }

  deleteSlice(sliceKey: string): boolean {
    const key = this.serviceOfSlice.get(sliceKey);
    const entry = key === undefined ? undefined : this.entries.get(key);
    if (key === undefined || entry === undefined) return false;
    this.serviceOfSlice.delete(sliceKey);
    entry.slices.delete(sliceKey);
    return this.update(key, entry);
  }

  /** The service as it was at a revision. */
  view(key: string, revision = this.revision): ServiceView {
    const versions = this.entries.get(key)?.versions ?? [];
    for (let i = versions.length - 1; i >= 0; i--) {
      if (versions[i]!.revision <= revision) return versions[i]!.view;
    }
    return EMPTY;
  }

  /** All services there are or were lately, sorted. */
  keys(): string[] {
    return [...this.entries.keys()].sort();
  }

  /** Services that changed after the revision, each once, sorted. */
  changedSince(revision: number): string[] {
    const changed = new Set<string>();
    for (let i = this.log.length - 1; i >= 0 && this.log[i]!.revision > revision; i--) changed.add(this.log[i]!.key);
    return [...changed].sort();
  }

  /** The ports with a cluster IP, external IP or load balancer IP there; by `address protocol port`, sorted by name. */
  *portsAt(ip: string, protocol: string, port: number, revision: number): Generator<PortView> {
    yield* this.indexed(`${ip} ${protocol} ${port}`, revision, ({ port: { protocol: p, port: n, ...ips } }) => {
      return p === protocol && n === port && addressesOf(ips).includes(ip);
    });
  }

  *portsAtNodePort(protocol: string, nodePort: number, revision: number): Generator<PortView> {
    yield* this.indexed(`${protocol} ${nodePort}`, revision, ({ port }) => {
      return port.protocol === protocol && port.nodePort === nodePort;
    });
  }

  isClusterIP(ip: string, revision: number): boolean {
    for (const _ of this.indexed(ip, revision, ({ port }) => port.clusterIP === ip)) return true;
    return false;
  }

  private *indexed(at: string, revision: number, isIt: (view: PortView) => boolean): Generator<PortView> {
    const keys = this.index.get(at);
    if (keys === undefined) return;
    for (const key of keys.size === 1 ? keys : [...keys].sort()) {
      for (const view of this.view(key, revision).ports) if (isIt(view)) yield view;
    }
  }

  private entry(key: string): Entry {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { service: undefined, slices: new Map(), versions: [] };
      this.entries.set(key, entry);
    }
    return entry;
  }

  private update(key: string, entry: Entry): boolean {
    const before = entry.versions.at(-1)?.view ?? EMPTY;
    const view = this.viewOf(entry);
    if (isSame(before, view)) {
      this.forget(key, entry);
      return false;
    }
    this.revision++;
    this.log.push({ revision: this.revision, key });
    entry.versions.push({ revision: this.revision, view });
    for (const at of indexKeys(view)) {
      const keys = this.index.get(at);
      if (keys === undefined) this.index.set(at, new Set([key]));
      else keys.add(key);
    }
    if (entry.versions.length >= VERSIONS_BEFORE_PRUNING || view.ports.length === 0) this.prune(key, entry);
    if (this.log.length > this.logLimit) this.pruneLog();
    return true;
  }

  private viewOf({ service, slices }: Entry): ServiceView {
    if (service === undefined) return EMPTY;
    const ports = servicePorts(service, this.family);
    if (ports.length === 0) return EMPTY;
    const endpoints = endpointsByPort(slices.values(), this.family);
    const views = ports.map((port) => ({ port, endpoints: endpoints.get(`${port.portName}/${port.protocol}`) ?? [] }));
    return { ports: views, endpointCount: views.reduce((sum, view) => sum + view.endpoints.length, 0) };
  }

  private get oldestRevision(): number {
    let oldest = this.revision;
    for (const { revision } of this.readers) if (revision < oldest) oldest = revision;
    return oldest;
  }

  /** Forgets versions that no reader is at any more. */
  private prune(key: string, entry: Entry): void {
    const oldest = this.oldestRevision;
    const current = entry.versions.findLastIndex(({ revision }) => revision <= oldest);
    if (current > 0) {
      const stale = new Set(entry.versions.slice(0, current).flatMap(({ view }) => [...indexKeys(view)]));
      entry.versions = entry.versions.slice(current);
      for (const { view } of entry.versions) for (const at of indexKeys(view)) stale.delete(at);
      for (const at of stale) this.removeFromIndex(at, key);
    }
    this.forget(key, entry);
  }

  /** An entry without objects goes once no reader can see it. */
  private forget(key: string, { service, slices, versions }: Entry): void {
    const isEmpty = versions.length === 0 || (versions.length === 1 && versions[0]!.view.ports.length === 0);
    if (service === undefined && slices.size === 0 && isEmpty) this.entries.delete(key);
  }

  private removeFromIndex(at: string, key: string): void {
    const keys = this.index.get(at);
    keys?.delete(key);
    if (keys?.size === 0) this.index.delete(at);
  }

  private pruneLog(): void {
    const oldest = this.oldestRevision;
    this.log = this.log.filter(({ revision }) => revision > oldest);
    // While a reader lags there is nothing to prune; the next look is put off in proportion.
    this.logLimit = Math.max(LOG_BEFORE_PRUNING, 2 * this.log.length);
    for (const [key, entry] of this.entries) if (entry.versions.length > 1) this.prune(key, entry);
  }
}

type Addresses = Pick<ServicePort, 'clusterIP' | 'externalIPs' | 'loadBalancerIPs'>;

export const addressesOf = ({ clusterIP, externalIPs, loadBalancerIPs }: Addresses): readonly string[] => [
  clusterIP,
  ...externalIPs,
  ...loadBalancerIPs,
];

function* indexKeys({ ports }: ServiceView): Generator<string> {
  for (const { port } of ports) {
    yield port.clusterIP;
    for (const ip of addressesOf(port)) yield `${ip} ${port.protocol} ${port.port}`;
    if (port.nodePort !== 0) yield `${port.protocol} ${port.nodePort}`;
  }
}

/** Both are plain data, made by the same code in the same order. */
const isSame = (a: ServiceView, b: ServiceView): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
