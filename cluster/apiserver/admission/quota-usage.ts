/** How much of what a quota counts one object is. Source: `pkg/quota/v1/evaluator/core`, v1.37.2. */
import {
  addQuantity,
  formatQuantity,
  type KubeObject,
  type PersistentVolumeClaim,
  type Pod,
  parseQuantity,
  podRequests,
  type ResourceList,
  type Service,
} from '../../../api/index.ts';
import { type Qualified, qualifiedText } from '../failures.ts';
import { qualityOfService } from '../kinds/pods/quality-of-service.ts';
import type { ResourceQuota } from './quota.ts';

/** Resources with a name of their own beside `count/…`. */
const COUNTED = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
]);

export function usageOf(of: Qualified, object: KubeObject): ResourceList {
  const usage: Record<string, string> = { [`count/${qualifiedText(of)}`]: '1' };
  if (of.group === '' && COUNTED.has(of.resource)) usage[of.resource] = '1';
  switch (object.kind) {
    case 'Pod':
      addPod(usage, object as Pod);
      break;
    case 'PersistentVolumeClaim':
      addClaim(usage, object as PersistentVolumeClaim);
      break;
    case 'Service':
      addService(usage, object as Service);
      break;
  }
  return usage;
}

function addPod(usage: Record<string, string>, pod: Pod): void {
  for (const [name, quantity] of podRequests(pod, { podLevel: true })) {
    const text = formatQuantity(quantity);
    usage[`requests.${name}`] = text;
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') usage[name] = text;
  }
  const limits: Record<string, string> = {};
  for (const { resources } of pod.spec?.containers ?? []) {
    for (const [name, text] of Object.entries(resources?.limits ?? {})) {
      const sum = addQuantity(parseQuantity(limits[name] ?? '0'), parseQuantity(text));
      limits[name] = formatQuantity(sum);
    }
  }
  for (const name in limits) usage[`limits.${name}`] = limits[name]!;
}

function addClaim(usage: Record<string, string>, { spec }: PersistentVolumeClaim): void {
  const storage = spec?.resources?.requests?.storage;
  if (storage === undefined) return;
  usage['requests.storage'] = storage;
  const className = spec?.storageClassName;
  if (!className) return;
  usage[`${className}.storageclass.storage.k8s.io/requests.storage`] = storage;
  usage[`${className}.storageclass.storage.k8s.io/persistentvolumeclaims`] = '1';
}

function addService(usage: Record<string, string>, { spec }: Service): void {
  const ports = spec?.ports ?? [];
  const isBalanced = spec?.type === 'LoadBalancer';
  // A load balancer may do without node ports, but for those that are asked for.
  const counted =
    isBalanced && spec.allocateLoadBalancerNodePorts === false ? ports.filter((each) => each.nodePort) : ports;
  if (spec?.type === 'NodePort' || isBalanced) usage['services.nodeports'] = String(counted.length);
  if (isBalanced) usage['services.loadbalancers'] = '1';
}

/** Whether the quota counts such objects: scopes are of pods. */
export function isInScope({ spec }: ResourceQuota, object: KubeObject): boolean {
  const scopes = spec?.scopes ?? [];
  const expressions = spec?.scopeSelector?.matchExpressions ?? [];
  if (scopes.length + expressions.length === 0) return true;
  if (object.kind !== 'Pod') return false;
  const pod = object as Pod;
  return (
    scopes.every((scope) => matchesScope(pod, scope)) &&
    expressions.every(({ scopeName, operator, values = [] }) => {
      if (scopeName !== 'PriorityClass') return matchesScope(pod, scopeName);
      const name = pod.spec?.priorityClassName ?? '';
      if (operator === 'Exists') return name !== '';
      if (operator === 'DoesNotExist') return name === '';
      return values.includes(name) === (operator === 'In');
    })
  );
}

function matchesScope(pod: Pod, scope: string): boolean {
  switch (scope) {
    case 'BestEffort':
    case 'NotBestEffort':
      return (qualityOfService(pod.spec!) === 'BestEffort') === (scope === 'BestEffort');
    case 'Terminating':
    case 'NotTerminating':
      return (pod.spec?.activeDeadlineSeconds !== undefined) === (scope === 'Terminating');
    case 'PriorityClass':
      return Boolean(pod.spec?.priorityClassName);
    default:
      return false;
  }
}
