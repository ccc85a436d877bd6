/** Our objects in the form of the recording: the fields that it kept, without what differs between runs. */
import type { Names } from './names.ts';
import type { Fields, Projected } from './scenario.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind, as JSON gives them
type Mutable = Record<string, any>;

const DROPPED = new Set(['managedFields', 'resourceVersion', 'creationTimestamp', 'observedGeneration', 'uid']);
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const POD_SPEC = [
  'nodeName affinity tolerations hostname subdomain priority priorityClassName preemptionPolicy schedulingGates',
  'restartPolicy activeDeadlineSeconds serviceAccountName terminationGracePeriodSeconds hostNetwork',
].flatMap((line) => line.split(' '));

export interface ProjectOptions {
  readonly names: Names;
  /** Names of nodes are compared; else the scheduler chose freely. */
  readonly keepNodes: boolean;
}

export function project(object: Fields, options: ProjectOptions): Projected {
  const copy = JSON.parse(JSON.stringify(object)) as Mutable;
  delete copy.apiVersion;
  delete copy.metadata.namespace;
  delete copy.metadata.generateName;
  delete copy.metadata.selfLink;
  if (copy.kind === 'Pod') projectPod(copy);
  if (copy.kind === 'Node') projectNode(copy);
  if (copy.spec?.template) {
    const { metadata, spec } = copy.spec.template;
    const { labels, annotations } = metadata ?? {};
    copy.spec.template = { metadata: { labels, annotations }, image: spec?.containers?.[0]?.image };
  }
  if (copy.spec?.jobTemplate) delete copy.spec.jobTemplate;
  if (copy.kind === 'ControllerRevision') delete copy.data;
  if (copy.kind === 'ConfigMap' && copy.metadata.name === 'kube-root-ca.crt') copy.data = { 'ca.crt': '<pem>' };
  if (copy.status?.conditions && copy.kind !== 'Pod' && copy.kind !== 'Node') {
    for (const condition of copy.status.conditions) {
      for (const field of ['lastTransitionTime', 'lastUpdateTime', 'lastProbeTime']) delete condition[field];
    }
    copy.status.conditions.sort(byType);
  }
  if (copy.metadata.annotations) {
    delete copy.metadata.annotations['endpoints.kubernetes.io/last-change-trigger-time'];
    if (Object.keys(copy.metadata.annotations).length === 0) delete copy.metadata.annotations;
  }
  return JSON.parse(JSON.stringify(rewrite(copy, options))) as Projected;
}

function projectPod(pod: Mutable): void {
  const { spec, status } = pod;
  const kept: Mutable = {};
  for (const field of POD_SPEC) if (spec[field] !== undefined) kept[field] = spec[field];
  kept.containers = spec.containers.map(({ name, image, resources, env, ports }: Mutable) => ({
    name,
    image,
    resources: resources && Object.keys(resources).length > 0 ? resources : undefined,
    env,
    ports,
  }));
  pod.spec = kept;
  if (status === undefined) return;
  for (const field of ['containerStatuses', 'startTime', 'hostIP', 'hostIPs']) delete status[field];
  status.conditions = status.conditions
    ?.map(({ type, status: value, reason }: Mutable) => ({ type, status: value, reason }))
    .sort(byType);
}

function projectNode(node: Mutable): void {
  delete node.metadata.annotations;
  const conditions = (node.status?.conditions ?? []).map(({ type, status, reason, message }: Mutable) => ({
    type,
    status,
    reason,
    message,
  }));
  if (node.status) node.status = { conditions };
  node.spec.taints = node.spec.taints?.map(({ key, value, effect }: Mutable) => ({
    key,
    value: value || undefined,
    effect,
  }));
}

const byType = (a: Mutable, b: Mutable): number => (a.type < b.type ? -1 : 1);

function rewrite(value: unknown, options: ProjectOptions): unknown {
  const { names, keepNodes } = options;
  if (typeof value === 'string') {
    return names.uidOf(value) ?? names.theirs(value).replace(UUID, '<uid>').replace(TIME, '<time>');
  }
  if (Array.isArray(value)) return value.map((entry) => rewrite(entry, options));
  if (typeof value !== 'object' || value === null) return value;
  const written: Mutable = {};
  for (const [key, field] of Object.entries(value)) {
    if (DROPPED.has(key)) continue;
    if (key === 'nodePort' && typeof field === 'number') written[key] = '<nodePort>';
    else if (key === 'clusterIP' && field !== 'None' && field !== '') written[key] = '<clusterIP>';
    else if (key === 'clusterIPs') written[key] = (field as string[]).map(clusterAddress);
    else if (key === 'nodeName' && !keepNodes) written[key] = '<node>';
    else written[names.theirs(key)] = rewrite(field, options);
  }
  return written;
}

const clusterAddress = (address: string): string =>
  address === 'None' ? address : address.includes(':') ? '<clusterIPv6>' : '<clusterIP>';
