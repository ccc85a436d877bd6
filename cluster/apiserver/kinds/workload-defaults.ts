/** Defaults of workloads. Source: `pkg/apis/{apps,batch,core}/v1/defaults.go`, v1.37.2. */
import type { KubeObject, LimitRangeItem, PodSpec } from '../../../api/index.ts';
import { defaultPodSpec } from './pods/template-defaults.ts';

type Fields = Record<string, unknown>;

interface WithSpec extends KubeObject {
  readonly spec?: Fields;
}

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: PodSpec;
}

const specOf = (object: KubeObject): Fields => (object as WithSpec).spec ?? {};

function withTemplate(spec: Fields): Fields {
  const template = spec.template as Template | undefined;
  if (template?.spec === undefined) return spec;
  const podSpec = defaultPodSpec(template.spec);
  return podSpec === template.spec ? spec : { ...spec, template: { ...template, spec: podSpec } };
}

/** Fields that are absent take the given values. */
function fill(given: Fields, defaults: Fields): Fields {
  let filled: Fields | undefined;
  for (const key in defaults) {
    if (given[key] !== undefined) continue;
    filled ??= { ...given };
    filled[key] = defaults[key];
  }
  return filled ?? given;
}

const withSpec = (object: KubeObject, spec: Fields): KubeObject =>
  spec === (object as WithSpec).spec ? object : ({ ...object, spec } as KubeObject);

const QUARTER = { maxSurge: '25%', maxUnavailable: '25%' };

function strategyOf(given: unknown, rolling: Fields, onDelete: boolean): Fields {
  const strategy = fill((given ?? {}) as Fields, { type: 'RollingUpdate' });
  if (strategy.type !== 'RollingUpdate' || onDelete) return strategy;
  return { ...strategy, rollingUpdate: fill((strategy.rollingUpdate ?? {}) as Fields, rolling) };
}

export function defaultDeployment(object: KubeObject): KubeObject {
  const spec = fill(withTemplate(specOf(object)), {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  return withSpec(object, { ...spec, strategy: strategyOf(spec.strategy, QUARTER, false) });
}

export const defaultReplicaSet = (object: KubeObject): KubeObject =>
  withSpec(object, fill(withTemplate(specOf(object)), { replicas: 1 }));

export function defaultStatefulSet(object: KubeObject): KubeObject {
  const spec = fill(withTemplate(specOf(object)), {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    persistentVolumeClaimRetentionPolicy: {},
  });
  const retention = fill(spec.persistentVolumeClaimRetentionPolicy as Fields, {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  const claims = (spec.volumeClaimTemplates as KubeObject[] | undefined)?.map((claim) => ({
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    ...defaultClaim(claim),
  }));
  return withSpec(object, {
    ...spec,
    ...(claims && { volumeClaimTemplates: claims }),
    persistentVolumeClaimRetentionPolicy: retention,
    updateStrategy: statefulStrategy(spec.updateStrategy as Fields | undefined),
  });
}

/** Who names the type says all of it. */
function statefulStrategy(given: Fields = {}): Fields {
  if (given.type !== undefined && given.rollingUpdate === undefined) return given;
  return strategyOf(given, { partition: 0, maxUnavailable: 1 }, false);
}

export function defaultDaemonSet(object: KubeObject): KubeObject {
  const spec = fill(withTemplate(specOf(object)), { revisionHistoryLimit: 10 });
  const rolling = { maxUnavailable: 1, maxSurge: 0 };
  return withSpec(object, { ...spec, updateStrategy: strategyOf(spec.updateStrategy, rolling, false) });
}

export function defaultReplicationController(object: KubeObject): KubeObject {
  const spec = fill(withTemplate(specOf(object)), { replicas: 1 });
  const labels = (spec.template as Template | undefined)?.metadata?.labels;
  const selector = spec.selector ?? labels;
  return withSpec(labelled(object), selector === spec.selector ? spec : { ...spec, selector });
}

/** Without labels of its own it has those of its pods. */
function labelled(object: KubeObject): KubeObject {
  const labels = (specOf(object).template as Template | undefined)?.metadata?.labels;
  if (labels === undefined || Object.keys(object.metadata?.labels ?? {}).length > 0) return object;
  return { ...object, metadata: { ...object.metadata, labels } };
}

export function defaultJob(object: KubeObject): KubeObject {
  const given = withTemplate(specOf(object));
  const single = given.completions === undefined && given.parallelism === undefined;
  const spec = fill(given, {
    ...(single ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: given.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: given.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
  });
  return withSpec(labelled(object), spec);
}

const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';
const JOB_NAME = 'batch.kubernetes.io/job-name';

/** A new job finds its pods by its own UID, unless it says how (`generateSelector` of `pkg/registry/batch/job`). */
export function withJobSelector(object: KubeObject): KubeObject {
  const spec = specOf(object);
  if (spec.manualSelector === true) return object;
  const { uid = '', name = '' } = object.metadata ?? {};
  const template = (spec.template ?? {}) as Template;
  const labels = {
    ...template.metadata?.labels,
    [CONTROLLER_UID]: uid,
    [JOB_NAME]: name,
    'controller-uid': uid,
    'job-name': name,
  };
  const selector = { matchLabels: { [CONTROLLER_UID]: uid } };
  const selecting = { ...spec, selector, template: { ...template, metadata: { ...template.metadata, labels } } };
  // Labels that were taken from the template are the same map upstream, so that they get these as well; what is read from
  // the store gets its defaults again, the labels of the template by now among them.
  const isTaken = object.metadata?.labels === template.metadata?.labels;
  const own = isTaken ? { ...object, metadata: { ...object.metadata, labels } } : object;
  return labelled(withSpec(own, selecting));
}

export function defaultCronJob(object: KubeObject): KubeObject {
  const spec = fill(specOf(object), {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  const job = spec.jobTemplate as { spec?: Fields } | undefined;
  if (job?.spec === undefined) return withSpec(object, spec);
  return withSpec(object, { ...spec, jobTemplate: { ...job, spec: withTemplate(job.spec) } });
}

export function defaultClaim(object: KubeObject): KubeObject {
  const { status } = object as { status?: Fields };
  const claim = withSpec(object, fill(specOf(object), { volumeMode: 'Filesystem' }));
  return status?.phase === undefined ? ({ ...claim, status: { ...status, phase: 'Pending' } } as KubeObject) : claim;
}

export function defaultVolume(object: KubeObject): KubeObject {
  const { status } = object as { status?: Fields };
  const spec = fill(specOf(object), { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
  const volume = withSpec(object, spec);
  return status?.phase === undefined ? ({ ...volume, status: { ...status, phase: 'Pending' } } as KubeObject) : volume;
}

const CLIENT_IP = { clientIP: { timeoutSeconds: 10_800 } };

const hasExternalIps = (type: unknown, { externalIPs }: Fields): boolean =>
  type === 'ClusterIP' && Array.isArray(externalIPs) && externalIPs.length > 0;

export function defaultService(object: KubeObject): KubeObject {
  const given = specOf(object);
  const type = given.type ?? 'ClusterIP';
  const isOutside = type === 'NodePort' || type === 'LoadBalancer' || hasExternalIps(type, given);
  const ports = (given.ports as Fields[] | undefined)?.map((port) =>
    fill(port, { protocol: 'TCP', targetPort: port.port }),
  );
  const spec = fill(given, {
    type,
    sessionAffinity: 'None',
    ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
    ...(isOutside ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    ...(given.sessionAffinity === 'ClientIP' ? { sessionAffinityConfig: CLIENT_IP } : {}),
  });
  return withSpec(object, ports === undefined ? spec : { ...spec, ports });
}

/** What a limit range of containers leaves open follows from what it says. */
export function defaultLimitRange(object: KubeObject): KubeObject {
  const limits = specOf(object).limits as readonly LimitRangeItem[] | undefined;
  if (limits === undefined) return object;
  const filled = limits.map((item) => {
    if (item.type !== 'Container') return item;
    const byDefault = { ...item.max, ...item.default };
    const request = { ...item.min, ...byDefault, ...item.defaultRequest };
    return {
      ...item,
      ...(Object.keys(byDefault).length > 0 ? { default: byDefault } : {}),
      ...(Object.keys(request).length > 0 ? { defaultRequest: request } : {}),
    };
  });
  return withSpec(object, { ...specOf(object), limits: filled });
}

/** Ports of endpoint slices have a name and a protocol. */
export function defaultEndpoints(object: KubeObject): KubeObject {
  const { subsets } = object as { subsets?: ReadonlyArray<{ ports?: Fields[] }> };
  const filledIn = subsets?.map((subset) =>
    subset.ports ? { ...subset, ports: subset.ports.map((port) => fill(port, { protocol: 'TCP' })) } : subset,
  );
  return filledIn === undefined ? object : ({ ...object, subsets: filledIn } as KubeObject);
}

export function defaultEndpointSlice(object: KubeObject): KubeObject {
  const { ports } = object as { ports?: Fields[] | null };
  if (!ports) return object;
  return { ...object, ports: ports.map((port) => fill(port, { name: '', protocol: 'TCP' })) } as KubeObject;
}

/** Fields outside `spec` that are absent take the given values. */
export const filled =
  (defaults: Fields) =>
  (object: KubeObject): KubeObject =>
    fill(object as Fields, defaults) as KubeObject;
