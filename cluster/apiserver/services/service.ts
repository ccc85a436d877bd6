/** Services as their rules and their addresses see them. Source: `pkg/registry/core/service/strategy.go`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import { isSame } from '../../../api/validation/same.ts';

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly appProtocol?: string;
  readonly port?: number;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

export interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly ServicePort[];
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly ipFamilies?: readonly string[];
  readonly ipFamilyPolicy?: string;
  readonly externalName?: string;
  readonly externalIPs?: readonly string[];
  readonly sessionAffinity?: string;
  readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } };
  readonly loadBalancerClass?: string;
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly allocateLoadBalancerNodePorts?: boolean;
  readonly externalTrafficPolicy?: string;
  readonly internalTrafficPolicy?: string;
  readonly trafficDistribution?: string;
  readonly healthCheckNodePort?: number;
}

export interface ServiceObject extends KubeObject {
  readonly spec?: ServiceSpec;
  readonly status?: unknown;
}

export const specOf = (service: KubeObject): ServiceSpec => (service as ServiceObject).spec ?? {};

export const NONE = 'None';
export const isHeadless = ({ clusterIPs = [] }: ServiceSpec): boolean =>
  clusterIPs.length === 1 && clusterIPs[0] === NONE;
export const needsClusterIp = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';
export const needsNodePort = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
export const isReachedFromOutside = (spec: ServiceSpec): boolean =>
  needsNodePort(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);

export const sameClusterIps = (a: ServiceSpec, b: ServiceSpec): boolean =>
  (a.clusterIP ?? '') === (b.clusterIP ?? '') && isSame(a.clusterIPs, b.clusterIPs);

export const nodePortsOf = ({ ports = [] }: ServiceSpec): number[] =>
  ports.flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));

/** A type that does without a field loses it, unless the client has set it anew (`dropTypeDependentFields`). */
export function withoutOtherTypesFields(object: KubeObject, current: KubeObject): KubeObject {
  const old = specOf(current);
  const spec: { -readonly [K in keyof ServiceSpec]: ServiceSpec[K] } = { ...specOf(object) };
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    if (sameClusterIps(old, spec)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (isSame(old.ipFamilies, spec.ipFamilies)) delete spec.ipFamilies;
    if (old.ipFamilyPolicy === spec.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  const known = new Set(nodePortsOf(old));
  if (needsNodePort(old) && !needsNodePort(spec) && nodePortsOf(spec).every((port) => known.has(port))) {
    spec.ports = spec.ports?.map(({ nodePort: _, ...port }) => port);
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec) && old.healthCheckNodePort === spec.healthCheckNodePort) {
    delete spec.healthCheckNodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (old.allocateLoadBalancerNodePorts === spec.allocateLoadBalancerNodePorts) {
      delete spec.allocateLoadBalancerNodePorts;
    }
    if (old.loadBalancerClass === spec.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isReachedFromOutside(old) && !isReachedFromOutside(spec)) {
    if (old.externalTrafficPolicy === spec.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  }
  const { status } = current as ServiceObject;
  return { ...object, spec, status: spec.type === 'LoadBalancer' ? status : { loadBalancer: {} } } as KubeObject;
}
