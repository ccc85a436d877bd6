/** Every resource that is served. Source: section by section `pkg/registry/<group>`, v1.37.2. */
import { type KubeObject, validateKind } from '../../../api/index.ts';
import { metadataProblems } from '../../../api/validation/metadata.ts';
import { metadataUpdateProblems } from '../../../api/validation/metadata-update.ts';
import { isLabel, isSubdomain, type NameRule } from '../../../api/validation/names.ts';
import { leaseProblems, limitRangeProblems, quotaProblems } from '../../../api/validation/ranges.ts';
import * as updates from '../../../api/validation/updates.ts';
import { withoutOtherTypesFields } from '../services/service.ts';
import { serviceProblems, serviceUpdateProblems } from '../services/validate.ts';
import { bindingProblems, defaultBinding, roleProblems } from './access.ts';
import { alsoIn, answered, define, SCALE, statusOf } from './define.ts';
import { EVENTS, EVENTS_CONVERSION } from './events.ts';
import { jobUpdateProblems } from './job-rules.ts';
import { NAMESPACES } from './namespaces.ts';
import { NODES } from './nodes.ts';
import { PODS } from './pods/strategy.ts';
import { Registry } from './registry.ts';
import type { Resource, Strategy, SubresourceInfo } from './resource.ts';
import { plain, withStatus } from './strategy.ts';
import { firstTemplateGeneration, nextTemplateGeneration } from './template-generation.ts';
import * as defaults from './workload-defaults.ts';
import * as workloadRules from './workload-rules.ts';

type Problems = Strategy['validate'];
type UpdateProblems = Strategy['validateUpdate'];

/** Rules of a kind that has none of its own but for its metadata. */
const metadataOnly =
  (namespaced: boolean, name: NameRule = isSubdomain): Problems =>
  (object) =>
    metadataProblems(object.metadata, { name, namespaced });

/** On creation as on update, and what an update may not change. */
const rules = (problems: Problems, onUpdate: UpdateProblems = () => []): Partial<Strategy> => ({
  validate: problems,
  validateUpdate: (object, current) => [
    ...metadataUpdateProblems(object, current),
    ...problems(object),
    ...onUpdate(object, current),
  ],
  validateStatusUpdate: (object, current) => metadataUpdateProblems(object, current),
});

const fixed =
  (...paths: string[]): UpdateProblems =>
  (object, current) =>
    updates.immutableProblems(object, current, paths);

const known = rules(validateKind);
const namespaced = rules(metadataOnly(true));
const versioned = { hasGeneration: true };
const guarded = { updatesUnconditionally: false };
const ALL = ['all'];

/** Everything but the metadata. */
const wholeOf = ({ metadata: _, ...rest }: KubeObject): unknown => rest;

const CORE: readonly Resource[] = [
  { ...answered('v1', 'Binding', 'bindings', true), verbs: ['create'] },
  // The components that it told of are no longer looked after so.
  {
    ...define('v1', {
      kind: 'ComponentStatus',
      resource: 'componentstatuses',
      namespaced: false,
      shortNames: ['cs'],
      strategy: plain(rules(metadataOnly(false))),
    }),
    verbs: ['get', 'list'],
  },
  define('v1', {
    kind: 'ConfigMap',
    resource: 'configmaps',
    shortNames: ['cm'],
    strategy: plain(rules(metadataOnly(true), updates.frozenDataProblems)),
  }),
  define('v1', {
    kind: 'Endpoints',
    resource: 'endpoints',
    prefix: 'services/endpoints',
    shortNames: ['ep'],
    strategy: plain({ ...namespaced, createsOnUpdate: true, defaults: defaults.defaultEndpoints }),
  }),
  define('v1', { kind: 'Event', resource: 'events', shortNames: ['ev'], strategy: EVENTS }),
  define('v1', {
    kind: 'LimitRange',
    resource: 'limitranges',
    shortNames: ['limits'],
    strategy: plain({
      ...rules(limitRangeProblems),
      createsOnUpdate: true,
      defaults: defaults.defaultLimitRange,
    }),
  }),
  define('v1', {
    kind: 'Namespace',
    resource: 'namespaces',
    namespaced: false,
    shortNames: ['ns'],
    strategy: NAMESPACES,
    subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }, statusOf('Namespace')],
  }),
  define('v1', {
    kind: 'Node',
    resource: 'nodes',
    prefix: 'minions',
    namespaced: false,
    shortNames: ['no'],
    strategy: NODES,
    subresources: [statusOf('Node')],
  }),
  define('v1', {
    kind: 'PersistentVolumeClaim',
    resource: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    subresources: [statusOf('PersistentVolumeClaim')],
    strategy: withStatus({
      ...known,
      returnsDeleted: true,
      defaults: defaults.defaultClaim,
      prepareForCreate: (object) => ({ ...object, status: { phase: 'Pending' } }) as KubeObject,
      validateUpdate: (object, current) => updates.claimUpdateProblems(object as never, current as never),
    }),
  }),
  define('v1', {
    kind: 'PersistentVolume',
    resource: 'persistentvolumes',
    namespaced: false,
    shortNames: ['pv'],
    subresources: [statusOf('PersistentVolume')],
    strategy: withStatus({
      ...known,
      returnsDeleted: true,
      defaults: defaults.defaultVolume,
      prepareForCreate: (object) => ({ ...object, status: { phase: 'Pending' } }) as KubeObject,
    }),
  }),
  define('v1', {
    kind: 'Pod',
    resource: 'pods',
    shortNames: ['po'],
    categories: ALL,
    strategy: PODS,
    subresources: [
      { name: 'binding', kind: 'Binding', verbs: ['create'] },
      { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
      { name: 'log', kind: 'Pod', verbs: ['get'] },
      statusOf('Pod'),
    ],
  }),
  define('v1', {
    kind: 'PodTemplate',
    resource: 'podtemplates',
    strategy: plain({ ...namespaced, ...versioned, returnsDeleted: true }),
  }),
  define('v1', {
    kind: 'ReplicationController',
    resource: 'replicationcontrollers',
    prefix: 'controllers',
    shortNames: ['rc'],
    categories: ALL,
    subresources: [SCALE, statusOf('ReplicationController')],
    strategy: withStatus({
      ...rules(workloadRules.replicationControllerRules),
      ...versioned,
      dependents: 'orphan',
      defaults: defaults.defaultReplicationController,
      selectableFields: { 'status.replicas': replicasOf },
    }),
  }),
  define('v1', {
    kind: 'ResourceQuota',
    resource: 'resourcequotas',
    shortNames: ['quota'],
    subresources: [statusOf('ResourceQuota')],
    strategy: withStatus({
      ...rules(quotaProblems),
      returnsDeleted: true,
      prepareForCreate: (object) => ({ ...object, status: {} }) as KubeObject,
    }),
  }),
  define('v1', {
    kind: 'Secret',
    resource: 'secrets',
    strategy: plain({
      ...rules(metadataOnly(true), (object, current) => [
        ...fixed('type')(object, current),
        ...updates.frozenDataProblems(object, current),
      ]),
      defaults: (object) => defaults.filled({ type: 'Opaque' })(withStringData(object)),
      selectableFields: { type: (object) => (object as { type?: string }).type ?? '' },
    }),
  }),
  define('v1', {
    kind: 'ServiceAccount',
    resource: 'serviceaccounts',
    shortNames: ['sa'],
    subresources: [tokenOf()],
    strategy: plain({ ...namespaced, returnsDeleted: true }),
  }),
  define('v1', {
    kind: 'Service',
    resource: 'services',
    prefix: 'services/specs',
    shortNames: ['svc'],
    categories: ALL,
    subresources: [statusOf('Service')],
    strategy: withStatus({
      ...known,
      validate: serviceProblems,
      validateUpdate: serviceUpdateProblems,
      createsOnUpdate: true,
      returnsDeleted: true,
      defaults: defaults.defaultService,
      prepareForCreate: (object) => ({ ...object, status: { loadBalancer: {} } }) as KubeObject,
      prepareForUpdate: withoutOtherTypesFields,
      selectableFields: {
        'spec.clusterIP': (object) => (object as { spec?: { clusterIP?: string } }).spec?.clusterIP ?? '',
        'spec.type': (object) => (object as { spec?: { type?: string } }).spec?.type ?? '',
      },
    }),
  }),
];

function tokenOf(): SubresourceInfo {
  return { name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] };
}

function replicasOf(object: KubeObject): string {
  return String((object as { status?: { replicas?: number } }).status?.replicas ?? 0);
}

/** Secrets may be written as text; they are kept in base64. */
function withStringData(object: KubeObject): KubeObject {
  const { stringData, ...secret } = object as KubeObject & { stringData?: Record<string, string>; data?: object };
  if (stringData === undefined) return object;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(encoded) } } as KubeObject;
}

const workload = (problems: Problems, onUpdate: UpdateProblems): Partial<Strategy> => ({
  ...rules(problems, onUpdate),
  ...versioned,
});

const APPS: readonly Resource[] = [
  define('apps/v1', { kind: 'ControllerRevision', resource: 'controllerrevisions', strategy: plain(namespaced) }),
  define('apps/v1', {
    kind: 'DaemonSet',
    resource: 'daemonsets',
    shortNames: ['ds'],
    categories: ALL,
    subresources: [statusOf('DaemonSet')],
    strategy: withStatus({
      ...workload(workloadRules.daemonSetProblems, fixed('spec.selector')),
      defaults: defaults.defaultDaemonSet,
      prepareForCreate: firstTemplateGeneration,
      prepareForUpdate: nextTemplateGeneration,
    }),
  }),
  define('apps/v1', {
    kind: 'Deployment',
    resource: 'deployments',
    shortNames: ['deploy'],
    categories: ALL,
    subresources: [SCALE, statusOf('Deployment')],
    strategy: withStatus({
      ...workload(workloadRules.deploymentProblems, fixed('spec.selector')),
      defaults: defaults.defaultDeployment,
    }),
  }),
  define('apps/v1', {
    kind: 'ReplicaSet',
    resource: 'replicasets',
    shortNames: ['rs'],
    categories: ALL,
    subresources: [SCALE, statusOf('ReplicaSet')],
    strategy: withStatus({
      ...workload(workloadRules.replicaSetProblems, fixed('spec.selector')),
      defaults: defaults.defaultReplicaSet,
      selectableFields: { 'status.replicas': replicasOf },
    }),
  }),
  define('apps/v1', {
    kind: 'StatefulSet',
    resource: 'statefulsets',
    shortNames: ['sts'],
    categories: ALL,
    subresources: [SCALE, statusOf('StatefulSet')],
    strategy: withStatus({
      ...workload(workloadRules.statefulSetProblems, updates.statefulSetUpdateProblems),
      defaults: defaults.defaultStatefulSet,
    }),
  }),
];

const BATCH: readonly Resource[] = [
  define('batch/v1', {
    kind: 'CronJob',
    resource: 'cronjobs',
    shortNames: ['cj'],
    categories: ALL,
    subresources: [statusOf('CronJob')],
    strategy: withStatus({ ...workload(workloadRules.cronJobProblems, () => []), defaults: defaults.defaultCronJob }),
  }),
  define('batch/v1', {
    kind: 'Job',
    resource: 'jobs',
    categories: ALL,
    subresources: [statusOf('Job')],
    strategy: withStatus({
      ...workload(workloadRules.jobProblems, jobUpdateProblems),
      defaults: defaults.defaultJob,
      prepareForCreate: (object) => defaults.withJobSelector({ ...object, status: {} } as KubeObject),
      selectableFields: {
        'status.successful': (object) => String((object as { status?: { succeeded?: number } }).status?.succeeded ?? 0),
      },
    }),
  }),
];

const STORAGE: readonly Resource[] = [
  define('storage.k8s.io/v1', {
    kind: 'CSIDriver',
    resource: 'csidrivers',
    namespaced: false,
    strategy: plain({ ...known, ...guarded, returnsDeleted: true }),
  }),
  define('storage.k8s.io/v1', {
    kind: 'CSINode',
    resource: 'csinodes',
    namespaced: false,
    strategy: plain({ ...known, ...guarded, returnsDeleted: true }),
  }),
  define('storage.k8s.io/v1', {
    kind: 'CSIStorageCapacity',
    resource: 'csistoragecapacities',
    strategy: plain({ ...rules(validateKind, fixed('nodeTopology', 'storageClassName')), ...guarded }),
  }),
  define('storage.k8s.io/v1', {
    kind: 'StorageClass',
    resource: 'storageclasses',
    namespaced: false,
    shortNames: ['sc'],
    strategy: plain({
      ...rules(validateKind, updates.storageClassUpdateProblems),
      returnsDeleted: true,
      defaults: defaults.filled({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
    }),
  }),
  define('storage.k8s.io/v1', {
    kind: 'VolumeAttachment',
    resource: 'volumeattachments',
    namespaced: false,
    subresources: [statusOf('VolumeAttachment')],
    strategy: withStatus({ ...rules(validateKind, fixed('spec')), ...guarded, returnsDeleted: true }),
  }),
  define('storage.k8s.io/v1', {
    kind: 'VolumeAttributesClass',
    resource: 'volumeattributesclasses',
    namespaced: false,
    shortNames: ['vac'],
    strategy: plain({ ...rules(metadataOnly(false), fixed('driverName', 'parameters')), returnsDeleted: true }),
  }),
];

const DEVICES: readonly Resource[] = [
  define('resource.k8s.io/v1', {
    kind: 'DeviceClass',
    resource: 'deviceclasses',
    namespaced: false,
    strategy: plain({ ...known, ...versioned, returnsDeleted: true }),
  }),
  define('resource.k8s.io/v1', {
    kind: 'DeviceTaintRule',
    resource: 'devicetaintrules',
    namespaced: false,
    subresources: [statusOf('DeviceTaintRule')],
    strategy: withStatus({ ...known, ...versioned }),
  }),
  define('resource.k8s.io/v1', {
    kind: 'ResourceClaim',
    resource: 'resourceclaims',
    subresources: [statusOf('ResourceClaim')],
    strategy: withStatus({ ...rules(validateKind, fixed('spec')), returnsDeleted: true }),
  }),
  define('resource.k8s.io/v1', {
    kind: 'ResourceClaimTemplate',
    resource: 'resourceclaimtemplates',
    strategy: plain({ ...rules(validateKind, fixed('spec')), returnsDeleted: true }),
  }),
  define('resource.k8s.io/v1', {
    kind: 'ResourceSlice',
    resource: 'resourceslices',
    namespaced: false,
    strategy: plain({
      ...rules(validateKind, fixed('spec.nodeName', 'spec.driver', 'spec.pool.name')),
      ...versioned,
      returnsDeleted: true,
      selectableFields: {
        'spec.nodeName': (object) => (object as { spec?: { nodeName?: string } }).spec?.nodeName ?? '',
        'spec.driver': (object) => (object as { spec?: { driver?: string } }).spec?.driver ?? '',
      },
    }),
  }),
];

const POD_GROUPS = define('scheduling.k8s.io/v1beta1', {
  kind: 'PodGroup',
  resource: 'podgroups',
  subresources: [statusOf('PodGroup')],
  strategy: withStatus({ ...known, ...guarded }),
});
const WORKLOADS = define('scheduling.k8s.io/v1beta1', {
  kind: 'Workload',
  resource: 'workloads',
  strategy: plain({ ...namespaced, ...guarded }),
});

const SCHEDULING: readonly Resource[] = [
  define('scheduling.k8s.io/v1', {
    kind: 'PriorityClass',
    resource: 'priorityclasses',
    namespaced: false,
    shortNames: ['pc'],
    strategy: plain({
      ...versioned,
      specOf: () => undefined,
      defaults: defaults.filled({ preemptionPolicy: 'PreemptLowerPriority' }),
      validateUpdate: (object, current) => updates.priorityClassUpdateProblems(object as never, current as never),
    }),
  }),
  POD_GROUPS,
  WORKLOADS,
  define('scheduling.k8s.io/v1alpha3', {
    kind: 'CompositePodGroup',
    resource: 'compositepodgroups',
    subresources: [statusOf('CompositePodGroup')],
    strategy: withStatus({ ...known, ...guarded }),
  }),
  alsoIn(POD_GROUPS, 'scheduling.k8s.io/v1alpha3'),
  alsoIn(WORKLOADS, 'scheduling.k8s.io/v1alpha3'),
];

const RBAC = 'rbac.authorization.k8s.io/v1';
const role = (isNamespaced: boolean): Strategy =>
  plain({ ...rules(roleProblems(isNamespaced)), createsOnUpdate: true });
const binding = (isNamespaced: boolean): Strategy =>
  plain({
    ...rules(bindingProblems(isNamespaced), updates.roleRefProblems),
    createsOnUpdate: true,
    defaults: defaultBinding,
  });

const ACCESS: readonly Resource[] = [
  answered('authentication.k8s.io/v1', 'SelfSubjectReview', 'selfsubjectreviews', false),
  answered('authentication.k8s.io/v1', 'TokenReview', 'tokenreviews', false),
  answered('authorization.k8s.io/v1', 'LocalSubjectAccessReview', 'localsubjectaccessreviews', true),
  answered('authorization.k8s.io/v1', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews', false),
  answered('authorization.k8s.io/v1', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews', false),
  answered('authorization.k8s.io/v1', 'SubjectAccessReview', 'subjectaccessreviews', false),
  define(RBAC, {
    kind: 'ClusterRoleBinding',
    resource: 'clusterrolebindings',
    namespaced: false,
    strategy: binding(false),
  }),
  define(RBAC, { kind: 'ClusterRole', resource: 'clusterroles', namespaced: false, strategy: role(false) }),
  define(RBAC, { kind: 'RoleBinding', resource: 'rolebindings', strategy: binding(true) }),
  define(RBAC, { kind: 'Role', resource: 'roles', strategy: role(true) }),
];

const OTHERS: readonly Resource[] = [
  define('autoscaling/v1', {
    kind: 'HorizontalPodAutoscaler',
    resource: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    categories: ALL,
    subresources: [statusOf('HorizontalPodAutoscaler')],
    strategy: withStatus({ ...namespaced, ...versioned }),
  }),
  define('policy/v1', {
    kind: 'PodDisruptionBudget',
    resource: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    subresources: [statusOf('PodDisruptionBudget')],
    strategy: withStatus({ ...known, ...versioned, ...guarded }),
  }),
  define('coordination.k8s.io/v1', {
    kind: 'Lease',
    resource: 'leases',
    strategy: plain({ ...rules(leaseProblems), ...guarded, createsOnUpdate: true }),
  }),
  alsoIn(CORE.find(({ resource }) => resource === 'events')!, 'events.k8s.io/v1', EVENTS_CONVERSION),
  define('discovery.k8s.io/v1', {
    kind: 'EndpointSlice',
    resource: 'endpointslices',
    strategy: plain({
      ...rules(metadataOnly(true), fixed('addressType')),
      ...versioned,
      specOf: wholeOf,
      defaults: defaults.defaultEndpointSlice,
    }),
  }),
  define('node.k8s.io/v1', {
    kind: 'RuntimeClass',
    resource: 'runtimeclasses',
    namespaced: false,
    strategy: plain({ ...rules(metadataOnly(false, isLabel), fixed('handler')), ...guarded, createsOnUpdate: true }),
  }),
];

/** Every resource, group by group. */
export const RESOURCES: readonly Resource[] = [
  ...CORE,
  ...APPS,
  ...BATCH,
  ...STORAGE,
  ...DEVICES,
  ...SCHEDULING,
  ...ACCESS,
  ...OTHERS,
];

export const registry = new Registry(RESOURCES);
