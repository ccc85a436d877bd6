/**
 * Gives a service its families, addresses and ports. Source: `pkg/registry/core/service/storage/{alloc,storage}.go`, v1.37.2.
 */
import { type FieldError, invalidValue, type KubeObject } from '../../../api/index.ts';
import { isSame } from '../../../api/validation/same.ts';
import type { IpFamily } from '../../proxy/ip-address.ts';
import { ApiFailure, internalError, invalid } from '../failures.ts';
import type { AddressPool } from './address-pool.ts';
import {
  NONE,
  needsClusterIp,
  needsHealthCheck,
  needsNodePort,
  nodePortsOf,
  type ServicePort,
  type ServiceSpec,
  sameClusterIps,
  specOf,
} from './service.ts';
import { clusterIpProblems } from './validate.ts';

type Spec = { -readonly [K in keyof ServiceSpec]: ServiceSpec[K] };

const SERVICE = { group: '', resource: 'Service' };
const SINGLE = 'SingleStack';
const REQUIRED_DUAL = 'RequireDualStack';

/** Throws ApiFailure; whatever happens, the pool wants to be told when the write is over (`settle`). */
export function placed(pool: AddressPool, service: KubeObject, current: KubeObject | undefined): KubeObject {
  const placing = new Placing(pool, service, current);
  return { ...service, spec: placing.spec() } as KubeObject;
}

/** What of a service the pool has to know. */
export function addressesOf(service: KubeObject): string[] {
  const spec = specOf(service);
  const ips = (spec.clusterIPs ?? []).filter((ip) => ip !== NONE && ip !== '');
  const ports = spec.healthCheckNodePort ? [...nodePortsOf(spec), spec.healthCheckNodePort] : nodePortsOf(spec);
  return [...ips, ...ports.map((port) => `:${port}`)];
}

class Placing {
  private readonly pool: AddressPool;
  private readonly name: string;
  private readonly owner: string;
  private readonly old: ServiceSpec | undefined;
  private readonly next: Spec;

  constructor(pool: AddressPool, service: KubeObject, current: KubeObject | undefined) {
    this.pool = pool;
    this.name = service.metadata?.name ?? '';
    this.owner = service.metadata?.uid ?? '';
    this.old = current && specOf(current);
    this.next = { ...specOf(service) };
  }

  spec(): ServiceSpec {
    const { old, next } = this;
    if (old !== undefined) keepGiven(next, old);
    normalizeClusterIps(next, old);
    if (!isSamePreferredDual(next, old)) {
      this.families();
      this.clusterIps();
    }
    if (needsNodePort(next)) this.nodePorts();
    if (needsHealthCheck(next) && !(old && needsHealthCheck(old))) this.healthCheckPort();
    return next;
  }

  // --- families (`initIPFamilyFields`) ---

  private families(): void {
    const { old, next, pool } = this;
    if (!needsClusterIp(next)) return;
    next.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (isHeadlessWithoutSelector(next) ? REQUIRED_DUAL : SINGLE);
    this.refuse(clusterIpProblems(next));
    this.refuse([...this.releases(), ...this.countProblems(), ...this.inferFamilies()]);
    const main = pool.families[0]!;
    if (isHeadlessWithoutSelector(next)) {
      next.ipFamilies = next.ipFamilies?.length ? next.ipFamilies : [main];
      if (next.ipFamilies.length < 2 && next.ipFamilyPolicy !== SINGLE) next.ipFamilies = both(next.ipFamilies[0]!);
      return;
    }
    const errors: FieldError[] = [];
    if (next.ipFamilyPolicy === REQUIRED_DUAL && pool.families.length < 2) {
      const detail = 'this cluster is not configured for dual-stack services';
      errors.push(invalidValue('spec.ipFamilyPolicy', next.ipFamilyPolicy, detail));
    }
    (next.ipFamilies ?? []).forEach((family, i) => {
      if (!this.isServed(family)) {
        errors.push(invalidValue(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
      }
    });
    this.refuse(errors);
    if (!next.ipFamilies?.length) next.ipFamilies = [main];
    const isSingle = next.ipFamilyPolicy === SINGLE || next.ipFamilies.length > 1 || pool.families.length < 2;
    if (!isSingle) next.ipFamilies = both(next.ipFamilies[0]!);
  }

  /** On update, one stack is a word; fewer addresses without it are a mistake. */
  private releases(): FieldError[] {
    const { old, next } = this;
    if (old === undefined) return [];
    if (next.ipFamilyPolicy === SINGLE) {
      if (sameClusterIps(old, next)) next.clusterIPs = next.clusterIPs?.slice(0, 1);
      if (isSame(old.ipFamilies, next.ipFamilies)) next.ipFamilies = next.ipFamilies?.slice(0, 1);
      return [];
    }
    const isReduced = (before: readonly string[] = [], after: readonly string[] = []): boolean =>
      after.length > 0 && after.length < before.length;
    const refuse = (what: string): FieldError =>
      invalidValue(
        'spec.ipFamilyPolicy',
        next.ipFamilyPolicy,
        `must be 'SingleStack' to release the secondary ${what}`,
      );
    return [
      ...(isReduced(old.clusterIPs, next.clusterIPs) ? [refuse('cluster IP')] : []),
      ...(isReduced(old.ipFamilies, next.ipFamilies) ? [refuse('IP family')] : []),
    ];
  }

  private countProblems(): FieldError[] {
    const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = this.next;
    if (ipFamilyPolicy !== SINGLE) return [];
    const refuse = (what: string): FieldError =>
      invalidValue(
        'spec.ipFamilyPolicy',
        ipFamilyPolicy,
        `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
      );
    return [
      ...(clusterIPs.length === 2 ? [refuse('cluster IPs')] : []),
      ...(ipFamilies.length === 2 ? [refuse('IP families')] : []),
    ];
  }

  private inferFamilies(): FieldError[] {
    const { next } = this;
    const { clusterIPs = [] } = next;
    const families = [...(next.ipFamilies ?? [])];
    const errors: FieldError[] = [];
    for (let i = families.length; i < clusterIPs.length && clusterIPs[i] !== NONE; i++) {
      const family = familyOfText(clusterIPs[i]!);
      if (this.isServed(family)) families.push(family);
      else
        errors.push(invalidValue(`spec.clusterIPs[${i}]`, clusterIPs, `${family} is not configured on this cluster`));
    }
    if (families.length > 0) next.ipFamilies = families;
    return errors;
  }

  private isServed(family: string): boolean {
    return this.pool.families.some((served) => served === family);
  }

  // --- addresses ---

  private clusterIps(): void {
    const { old, next } = this;
    if (!needsClusterIp(next) || next.clusterIPs?.[0] === NONE) return;
    if (old !== undefined && needsClusterIp(old) && old.clusterIPs?.[0] === NONE) return;
    const { ipFamilies = [] } = next;
    const had = new Set(old === undefined || !needsClusterIp(old) ? [] : (old.clusterIPs ?? []));
    const wanted = next.clusterIPs ?? [];
    const ips = ipFamilies.map((family, i) => {
      const ip = wanted[i] ?? '';
      if (ip === '') return this.nextIp(family as IpFamily);
      if (!had.has(ip)) this.takeIp(ip, wanted);
      return ip;
    });
    next.clusterIPs = ips;
    next.clusterIP = ips[0];
  }

  private nextIp(family: IpFamily): string {
    const ip = this.pool.nextIp(this.owner, family);
    if (ip !== undefined) return ip;
    throw new ApiFailure(
      internalError(`failed to allocate a serviceIP for Service ${JSON.stringify(this.name)}: range is full`),
    );
  }

  private takeIp(ip: string, wanted: readonly string[]): void {
    const why = this.pool.takeIp(this.owner, ip);
    if (why !== undefined)
      this.refuse([invalidValue('spec.clusterIPs', wanted, `failed to allocate IP ${ip}: ${why}`)]);
  }

  // --- ports ---

  /** A port that is asked for under two protocols is one (`initNodePorts`). */
  private nodePorts(): void {
    const { old, next } = this;
    const { ports = [] } = next;
    const had = new Set(old === undefined || !needsNodePort(old) ? [] : nodePortsOf(old));
    const isAllocated = next.type === 'NodePort' || next.allocateLoadBalancerNodePorts !== false;
    const byPort = new Map<number, number>();
    next.ports = ports.map((each, i): ServicePort => {
      const { port = 0, nodePort = 0 } = each;
      if (nodePort === 0 && !isAllocated) return each;
      const shared = old === undefined ? (byPort.get(port) ?? askedFor(port, ports)) : 0;
      const chosen = nodePort || shared || this.nextPort();
      byPort.set(port, chosen);
      if (nodePort !== 0 || shared !== 0) {
        if (!had.has(chosen)) this.takePort(chosen, i);
      }
      return nodePort === chosen ? each : { ...each, nodePort: chosen };
    });
  }

  private nextPort(): number {
    const port = this.pool.nextPort(this.owner);
    if (port === undefined) throw new ApiFailure(internalError('failed to allocate a nodePort: range is full'));
    return port;
  }

  private takePort(port: number, i: number): void {
    const why = this.pool.takePort(this.owner, port);
    if (why !== undefined) this.refuse([invalidValue(`spec.ports[${i}].nodePort`, port, why)]);
  }

  private healthCheckPort(): void {
    const { next } = this;
    if (!next.healthCheckNodePort) {
      next.healthCheckNodePort = this.nextPort();
      return;
    }
    const why = this.pool.takePort(this.owner, next.healthCheckNodePort);
    if (why === undefined) return;
    // A 500 upstream; it is the request that is at fault.
    this.refuse([invalidValue('spec.healthCheckNodePort', next.healthCheckNodePort, why)]);
  }

  /** Throws ApiFailure. */
  private refuse(errors: readonly FieldError[]): void {
    if (errors.length > 0) throw new ApiFailure(invalid(SERVICE, this.name, errors));
  }
}

const isHeadlessWithoutSelector = ({ clusterIP, selector = {} }: ServiceSpec): boolean =>
  clusterIP === NONE && Object.keys(selector).length === 0;

const both = (first: string): string[] => (first === 'IPv4' ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4']);

const familyOfText = (ip: string): IpFamily => (ip.includes(':') ? 'IPv6' : 'IPv4');

const askedFor = (port: number, ports: readonly ServicePort[]): number =>
  ports.find((each) => each.port === port && each.nodePort)?.nodePort ?? 0;

/** What a client has left out of what it had been given stays (`patchAllocatedValues`). */
function keepGiven(next: Spec, old: ServiceSpec): void {
  if (needsClusterIp(old) && needsClusterIp(next)) {
    next.clusterIP ||= old.clusterIP;
    if (!next.clusterIPs?.length && old.clusterIPs?.length) next.clusterIPs = old.clusterIPs;
  }
  if (needsNodePort(old) && needsNodePort(next)) {
    const mine = new Set(nodePortsOf(next));
    const used = new Set(nodePortsOf(old).filter((port) => mine.has(port)));
    const byName = new Map((old.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]));
    next.ports = next.ports?.map((port) => {
      const known = byName.get(port.name ?? '') ?? 0;
      return port.nodePort || known === 0 || used.has(known) ? port : { ...port, nodePort: known };
    });
  }
  if (needsHealthCheck(old) && needsHealthCheck(next)) next.healthCheckNodePort ||= old.healthCheckNodePort;
}

/** Old clients know only one of the two fields (`normalizeClusterIPs`). */
function normalizeClusterIps(next: Spec, old: ServiceSpec | undefined): void {
  if (old === undefined) {
    if (next.clusterIP && !next.clusterIPs?.length) next.clusterIPs = [next.clusterIP];
    return;
  }
  const now = next.clusterIP ?? '';
  const before = old.clusterIP ?? '';
  if (now === before) {
    if (old.clusterIPs?.length && !next.clusterIPs?.length) next.clusterIPs = old.clusterIPs;
  } else if (isSame(old.clusterIPs, next.clusterIPs)) next.clusterIPs = now === '' ? undefined : [now];
}

/** Clusters that become dual-stack do not change services that only prefer it (`isMatchingPreferDualStackClusterIPFields`). */
function isSamePreferredDual(next: ServiceSpec, old: ServiceSpec | undefined): boolean {
  if (old === undefined || next.ipFamilyPolicy !== 'PreferDualStack' || old.type !== next.type) return false;
  return (
    old.ipFamilyPolicy === next.ipFamilyPolicy && sameClusterIps(old, next) && isSame(old.ipFamilies, next.ipFamilies)
  );
}
