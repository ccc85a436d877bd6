/** What makes a service valid. Source: `pkg/apis/core/validation/validation.go` (`ValidateService*`), v1.37.2. */
import {
  duplicateValue,
  type FieldError,
  forbiddenValue,
  invalidValue,
  type KubeObject,
  notSupportedValue,
  requiredValue,
} from '../../../api/index.ts';
import { labelKeyErrors } from '../../../api/label-rules.ts';
import { labelsProblems } from '../../../api/validation/labels.ts';
import { metadataProblems } from '../../../api/validation/metadata.ts';
import { metadataUpdateProblems } from '../../../api/validation/metadata-update.ts';
import { isLabel, isPortName, isSubdomain, nameErrors } from '../../../api/validation/names.ts';
import { isSame } from '../../../api/validation/same.ts';
import { parseIp, parseRange } from '../../proxy/ip-address.ts';
import {
  isHeadless,
  isReachedFromOutside,
  NONE,
  needsHealthCheck,
  type ServicePort,
  type ServiceSpec,
  specOf,
} from './service.ts';

export const serviceProblems = (service: KubeObject): FieldError[] => [
  ...metadataProblems(service.metadata, { name: isLabel, namespaced: true }),
  ...specProblems(specOf(service)),
];

export const serviceUpdateProblems = (service: KubeObject, current: KubeObject): FieldError[] => [
  ...metadataUpdateProblems(service, current),
  ...changeProblems(specOf(service), specOf(current)),
  ...specProblems(specOf(service)),
];

function specProblems(spec: ServiceSpec): FieldError[] {
  const { ports = [], selector, type = '' } = spec;
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') errors.push(requiredValue('spec.ports'));
  typeProblems(spec, errors);
  const names = new Set<string>();
  ports.forEach((port, i) => {
    portProblems(port, ports.length > 1, names, `spec.ports[${i}]`, errors);
  });
  errors.push(...labelsProblems('spec.selector', selector));
  affinityProblems(spec, errors);
  errors.push(...clusterIpProblems(spec));
  (spec.externalIPs ?? []).forEach((ip, i) => {
    if (parseIp(ip) === undefined) errors.push(invalidValue(`spec.externalIPs[${i}]`, ip, IP_TEXT));
  });
  oneOf('spec.type', type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'], errors);
  nodePortProblems(spec, errors);
  balancerProblems(spec, errors);
  trafficProblems(spec, errors);
  return errors;
}

function typeProblems(spec: ServiceSpec, errors: FieldError[]): void {
  const { type, clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' } = spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    errors.push(invalidValue('spec.clusterIPs[0]', NONE, `may not be set to 'None' for ${type} services`));
  }
  if (type !== 'ExternalName') return;
  const refuse = (field: string): void =>
    void errors.push(forbiddenValue(`spec.${field}`, 'may not be set for ExternalName services'));
  if (clusterIPs.length > 0) refuse('clusterIPs');
  if (ipFamilies.length > 0) refuse('ipFamilies');
  if (ipFamilyPolicy !== undefined) refuse('ipFamilyPolicy');
  const name = externalName.replace(/\.$/, '');
  if (name === '') errors.push(requiredValue('spec.externalName'));
  else errors.push(...nameErrors('spec.externalName', name, isSubdomain));
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
const PORT_TEXT = 'must be between 1 and 65535, inclusive';
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

function portProblems(
  { name = '', port = 0, protocol = '', targetPort = 0, appProtocol }: ServicePort,
  isNamed: boolean,
  names: Set<string>,
  path: string,
  errors: FieldError[],
): void {
  if (name === '') {
    if (isNamed) errors.push(requiredValue(`${path}.name`));
  } else {
    errors.push(...nameErrors(`${path}.name`, name, isLabel));
    if (names.has(name)) errors.push(duplicateValue(`${path}.name`, name));
    names.add(name);
  }
  if (!isPort(port)) errors.push(invalidValue(`${path}.port`, port, PORT_TEXT));
  oneOf(`${path}.protocol`, protocol, PROTOCOLS, errors);
  if (typeof targetPort === 'string') errors.push(...nameErrors(`${path}.targetPort`, targetPort, isPortName));
  else if (!isPort(targetPort)) errors.push(invalidValue(`${path}.targetPort`, targetPort, PORT_TEXT));
  if (appProtocol !== undefined) {
    for (const detail of labelKeyErrors(appProtocol))
      errors.push(invalidValue(`${path}.appProtocol`, appProtocol, detail));
  }
}

function oneOf(path: string, value: string, supported: readonly string[], errors: FieldError[]): void {
  if (value === '') errors.push(requiredValue(path));
  else if (!supported.includes(value)) errors.push(notSupportedValue(path, value, supported));
}

const DAY_S = 86_400;

function affinityProblems({ sessionAffinity = '', sessionAffinityConfig }: ServiceSpec, errors: FieldError[]): void {
  oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'], errors);
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && sessionAffinityConfig !== undefined) {
    errors.push(forbiddenValue(path, 'must not be set when session affinity is None'));
  }
  if (sessionAffinity !== 'ClientIP') return;
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined) {
    errors.push(requiredValue(`${path}.clientIP.timeoutSeconds`, 'when session affinity type is ClientIP'));
  } else if (seconds <= 0 || seconds > DAY_S) {
    const detail = `must be greater than 0 and less than ${DAY_S}`;
    errors.push(invalidValue(`${path}.clientIP.timeoutSeconds`, seconds, detail));
  }
}

const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** `ValidateServiceClusterIPsRelatedFields`. */
export function clusterIpProblems(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  const errors: FieldError[] = [];
  const refuse = (detail: string): void => void errors.push(invalidValue('spec.clusterIPs', clusterIPs, detail));
  if (clusterIP === '') {
    if (clusterIPs.length > 0) refuse('must be empty when `clusterIP` is not specified');
  } else if (clusterIPs.length === 0) errors.push(requiredValue('spec.clusterIPs'));
  else if (clusterIPs[0] !== clusterIP) refuse('first value must match `clusterIP`');
  ipFamilies.forEach((family, i) => {
    const path = `spec.ipFamilies[${i}]`;
    if (!FAMILIES.includes(family)) errors.push(notSupportedValue(path, family, FAMILIES));
    if (ipFamilies.indexOf(family) < i) errors.push(duplicateValue(path, family));
  });
  if (ipFamilyPolicy !== undefined && !POLICIES.includes(ipFamilyPolicy)) {
    errors.push(notSupportedValue('spec.ipFamilyPolicy', ipFamilyPolicy, POLICIES));
  }
  const known = errors.length;
  clusterIPs.forEach((ip, i) => {
    if (i === 0 && ip === NONE) {
      if (clusterIPs.length > 1) refuse("'None' must be the first and only value");
    } else if (parseIp(ip) === undefined) errors.push(invalidValue(`spec.clusterIPs[${i}]`, ip, IP_TEXT));
  });
  const hasWrongIps = errors.length > known;
  if (clusterIPs.length > 2) refuse('may only hold up to 2 values');
  if (hasWrongIps) return errors;
  const isV6 = (ip: string): boolean => ip.includes(':');
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(isV6)).size < clusterIPs.length) {
    refuse('may specify no more than one IP for each IP family');
  }
  if (isHeadless(spec)) return errors;
  for (let i = 0; i < Math.min(clusterIPs.length, ipFamilies.length); i++) {
    const family = ipFamilies[i]!;
    if (!FAMILIES.includes(family) || isV6(clusterIPs[i]!) === (family === 'IPv6')) continue;
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``;
    errors.push(invalidValue(`spec.clusterIPs[${i}]`, clusterIPs[i], detail));
  }
  return errors;
}

function nodePortProblems({ type, ports = [] }: ServiceSpec, errors: FieldError[]): void {
  if (type === 'ClusterIP') {
    ports.forEach(({ nodePort }, i) => {
      if (nodePort) {
        errors.push(forbiddenValue(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
      }
    });
  }
  const nodePorts = new Set<string>();
  ports.forEach(({ protocol, nodePort }, i) => {
    if (!nodePort) return;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicateValue(`spec.ports[${i}].nodePort`, nodePort));
    nodePorts.add(key);
  });
  const known = new Set<string>();
  ports.forEach(({ protocol, port = 0 }, i) => {
    const key = `${protocol}/${port}`;
    if (known.has(key)) errors.push(duplicateValue(`spec.ports[${i}]`, { protocol, port }));
    known.add(key);
  });
}

const ONLY_BALANCERS = "may only be used when `type` is 'LoadBalancer'";

function balancerProblems(spec: ServiceSpec, errors: FieldError[]): void {
  const { type, loadBalancerSourceRanges = [], allocateLoadBalancerNodePorts, loadBalancerClass } = spec;
  const isBalancer = type === 'LoadBalancer';
  if (loadBalancerSourceRanges.length > 0 && !isBalancer) {
    errors.push(forbiddenValue('spec.LoadBalancerSourceRanges', ONLY_BALANCERS));
  }
  loadBalancerSourceRanges.forEach((range, i) => {
    if (parseRange(range) !== undefined) return;
    const detail = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
    errors.push(invalidValue(`spec.LoadBalancerSourceRanges[${i}]`, range, detail));
  });
  if (allocateLoadBalancerNodePorts !== undefined && !isBalancer) {
    errors.push(forbiddenValue('spec.allocateLoadBalancerNodePorts', ONLY_BALANCERS));
  }
  if (loadBalancerClass === undefined) return;
  if (!isBalancer) errors.push(forbiddenValue('spec.loadBalancerClass', ONLY_BALANCERS));
  else
    for (const detail of labelKeyErrors(loadBalancerClass))
      errors.push(invalidValue('spec.loadBalancerClass', loadBalancerClass, detail));
}

const POLICY_VALUES = ['Cluster', 'Local'];

function trafficProblems(spec: ServiceSpec, errors: FieldError[]): void {
  const { type = '', externalTrafficPolicy = '', internalTrafficPolicy, trafficDistribution } = spec;
  if (isReachedFromOutside(spec)) oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, POLICY_VALUES, errors);
  else if (externalTrafficPolicy !== '') {
    const detail = 'may only be set for externally-accessible services';
    errors.push(invalidValue('spec.externalTrafficPolicy', externalTrafficPolicy, detail));
  }
  const { healthCheckNodePort = 0 } = spec;
  if (!needsHealthCheck(spec)) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    if (healthCheckNodePort !== 0) errors.push(invalidValue('spec.healthCheckNodePort', healthCheckNodePort, detail));
  } else if (healthCheckNodePort === 0) errors.push(requiredValue('spec.healthCheckNodePort'));
  else if (!isPort(healthCheckNodePort)) {
    errors.push(invalidValue('spec.healthCheckNodePort', healthCheckNodePort, PORT_TEXT));
  }
  if (internalTrafficPolicy !== undefined) {
    oneOf('spec.internalTrafficPolicy', internalTrafficPolicy, POLICY_VALUES, errors);
  } else if (['ClusterIP', 'LoadBalancer', 'NodePort'].includes(type)) {
    errors.push(requiredValue('spec.internalTrafficPolicy'));
  }
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution)) {
    errors.push(notSupportedValue('spec.trafficDistribution', trafficDistribution, distributions));
  }
}

// --- updates -----------------------------------------------------------------------------------------------------------

const ONCE = 'may not change once set';

function changeProblems(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const isPlain = spec.type !== 'ExternalName' && old.type !== 'ExternalName';
  if (isPlain && !(isHeadless(old) && isHeadless(spec))) clusterIpChanges(spec, old, errors);
  if (isPlain && !isHeadless(old) && !isHeadless(spec)) familyChanges(spec, old, errors);
  if (spec.type === 'LoadBalancer' && old.type === 'LoadBalancer' && spec.loadBalancerClass !== old.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass ?? null, ONCE));
  }
  if (needsHealthCheck(old) && needsHealthCheck(spec) && old.healthCheckNodePort !== spec.healthCheckNodePort) {
    errors.push(forbiddenValue('spec.healthCheckNodePort', 'field is immutable'));
  }
  return errors;
}

function clusterIpChanges(spec: ServiceSpec, old: ServiceSpec, errors: FieldError[]): void {
  const now = spec.clusterIPs ?? [];
  const before = old.clusterIPs ?? [];
  if (now.length === before.length) {
    before.forEach((ip, i) => {
      if (ip !== now[i]) errors.push(invalidValue(`spec.clusterIPs[${i}]`, now, ONCE));
    });
    return;
  }
  if (now.length === 0) errors.push(invalidValue('spec.clusterIPs[0]', now, 'primary clusterIP can not be unset'));
  else if (before.length > 0 && now[0] !== before[0]) errors.push(invalidValue('spec.clusterIPs[0]', now, ONCE));
  if (now.length < before.length && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const detail = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.push(invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, detail));
  }
}

function familyChanges(spec: ServiceSpec, old: ServiceSpec, errors: FieldError[]): void {
  const now = spec.ipFamilies ?? [];
  const before = old.ipFamilies ?? [];
  if (now.length === before.length) {
    if (!isSame(now, before)) errors.push(invalidValue('spec.ipFamilies[0]', now, ONCE));
    return;
  }
  if (before.length > 0 && now.length > 0 && now[0] !== before[0]) {
    errors.push(invalidValue('spec.ipFamilies[0]', spec.clusterIPs ?? [], ONCE));
  }
  if (now.length < before.length && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const detail = "must be set to 'SingleStack' when releasing the secondary ipFamily";
    errors.push(invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, detail));
  }
}
