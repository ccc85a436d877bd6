/** One port of a Service, in the form that rules are made of. Source: `pkg/proxy/serviceport.go`, `pkg/proxy/util/utils.go`, v1.37.2. */
import type { Service } from '../../api/index.ts';
import { canonicalIp, type IpFamily, type IpRange, parseRange } from './ip-address.ts';

export interface ServicePort {
  readonly namespace: string;
  readonly service: string;
  /** '' for a port without a name. */
  readonly portName: string;
  /** `namespace/service:port name`. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly clusterIP: string;
  readonly port: number;
  /** 0 for none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** Empty for anybody. */
  readonly sourceRanges: readonly IpRange[];
  /** Undefined without session affinity. */
  readonly affinitySeconds: number | undefined;
  readonly isExternalPolicyLocal: boolean;
  readonly isInternalPolicyLocal: boolean;
  /** 0 for none. */
  readonly healthCheckNodePort: number;
}

export type Protocol = 'tcp' | 'udp' | 'sctp';

export const DEFAULT_AFFINITY_SECONDS = 10_800;

export const objectKey = ({ metadata }: { readonly metadata?: { namespace?: string; name?: string } }): string =>
  `${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`;

/** In order of name; none for services that kube-proxy leaves alone or that have no address of this family. */
export function servicePorts(service: Service, family: IpFamily): ServicePort[] {
  const { spec = {}, status, metadata } = service;
  const clusterIP = clusterIpOf(spec, family);
  if (clusterIP === undefined || spec.type === 'ExternalName') return [];
  const namespace = metadata?.namespace ?? 'default';
  const name = metadata?.name ?? '';
  const externalIPs = addresses(spec.externalIPs ?? [], family);
  const isExternal = spec.type === 'LoadBalancer' || spec.type === 'NodePort' || externalIPsOf(spec).length > 0;
  const isExternalPolicyLocal = isExternal && spec.externalTrafficPolicy === 'Local';
  const isSticky = spec.sessionAffinity === 'ClientIP';
  const shared = {
    namespace,
    service: name,
    clusterIP,
    externalIPs,
    loadBalancerIPs: loadBalancerIPs(status, family),
    sourceRanges: sourceRanges(spec.loadBalancerSourceRanges ?? [], family),
    affinitySeconds: isSticky
      ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
      : undefined,
    isExternalPolicyLocal,
    isInternalPolicyLocal: spec.internalTrafficPolicy === 'Local',
    healthCheckNodePort: spec.type === 'LoadBalancer' && isExternalPolicyLocal ? (spec.healthCheckNodePort ?? 0) : 0,
  };
  const ports = new Map<string, ServicePort>();
  for (const { name: portName = '', protocol = 'TCP', port, nodePort = 0 } of spec.ports ?? []) {
    const text = `${namespace}/${name}${portName === '' ? '' : `:${portName}`}`;
    const lower = protocol.toLowerCase() as Protocol;
    ports.set(`${text} ${lower}`, { ...shared, portName, name: text, protocol: lower, port, nodePort });
  }
  return [...ports.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, port]) => port);
}

type Spec = NonNullable<Service['spec']>;

const externalIPsOf = (spec: Spec): readonly string[] => spec.externalIPs ?? [];

function clusterIpOf(spec: Spec, family: IpFamily): string | undefined {
  if (!spec.clusterIP || spec.clusterIP === 'None') return undefined;
  const families = spec.ipFamilies ?? [];
  const index = families.indexOf(family);
  const text = families.length === 0 ? spec.clusterIP : index < 0 ? undefined : spec.clusterIPs?.[index];
  return text === undefined ? undefined : canonicalIp(text, family);
}

const addresses = (texts: readonly string[], family: IpFamily): string[] =>
  texts.map((text) => canonicalIp(text, family)).filter((ip) => ip !== undefined);

/** Addresses that a proxying load balancer answers for itself are none of ours. */
function loadBalancerIPs(status: Service['status'], family: IpFamily): string[] {
  const ingress = (status?.loadBalancer?.ingress ?? []) as ReadonlyArray<{ ip?: string; ipMode?: string }>;
  return addresses(
    ingress.filter(({ ip, ipMode = 'VIP' }) => ip && ipMode === 'VIP').map(({ ip = '' }) => ip),
    family,
  );
}

/** A range of everything allows everybody, as no range does. */
function sourceRanges(texts: readonly string[], family: IpFamily): IpRange[] {
  const bytes = family === 'IPv4' ? 4 : 16;
  const ranges = texts
    .map(parseRange)
    .filter((range) => range !== undefined && range.bytes.length === bytes) as IpRange[];
  return ranges.some(({ prefixLength }) => prefixLength === 0) ? [] : ranges;
}

export const isExternallyAccessible = (port: ServicePort): boolean =>
  port.nodePort !== 0 || port.loadBalancerIPs.length > 0 || port.externalIPs.length > 0;

/** Even with external policy Local: pods and the node itself are sent to any endpoint. */
export const usesClusterEndpoints = (port: ServicePort): boolean =>
  !port.isInternalPolicyLocal || isExternallyAccessible(port);

export const usesLocalEndpoints = (port: ServicePort): boolean =>
  port.isInternalPolicyLocal || (port.isExternalPolicyLocal && isExternallyAccessible(port));
