/**
 * Roles and bindings that are there from the start: for administrators, for whoever only looks, and for the components.
 * Source: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy` (`policy.go`, `controller_policy.go`), v1.37.2, as far as it
 * speaks of what is served here.
 *
 * A role per paragraph: its name, `<` labels that aggregated roles select it by, then a rule per line: verbs, and groups
 * with their resources; `=` limits to names, a path is no resource. `core` is the group without a name.
 */
import type { KubeObject } from '../../../../api/index.ts';
import { MASTERS, type PolicyRule, type Subject } from './rbac.ts';

const READ = 'get,list,watch';
const WRITE = 'create,delete,deletecollection,patch,update';
const EVENTS = 'create,patch,update core:events events.k8s.io:events';

const ROLES = `
cluster-admin
 * *:*
 * /*
system:discovery
 get /api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/
system:public-info-viewer
 get /healthz /livez /readyz /version /version/
system:monitoring
 get /healthz /healthz/* /livez /livez/* /metrics /readyz /readyz/*
system:basic-user
 create authorization.k8s.io:selfsubjectaccessreviews,selfsubjectrulesreviews authentication.k8s.io:selfsubjectreviews
system:auth-delegator
 create authentication.k8s.io:tokenreviews authorization.k8s.io:subjectaccessreviews
system:service-account-issuer-discovery
 get /.well-known/openid-configuration /openid/v1/jwks
system:aggregate-to-view < view
 ${READ} core:configmaps,endpoints,events,limitranges,namespaces,persistentvolumeclaims,persistentvolumeclaims/status,pods,pods/log,pods/status,replicationcontrollers,replicationcontrollers/scale,replicationcontrollers/status,resourcequotas,resourcequotas/status,serviceaccounts,services,services/status,bindings
 ${READ} apps:controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status
 ${READ} batch:cronjobs,cronjobs/status,jobs,jobs/status policy:poddisruptionbudgets,poddisruptionbudgets/status discovery.k8s.io:endpointslices
 ${READ} resource.k8s.io:resourceclaims,resourceclaims/status,resourceclaimtemplates
system:aggregate-to-edit < edit
 ${READ} core:secrets
 impersonate core:serviceaccounts
 ${WRITE} core:pods,configmaps,endpoints,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,events
 create core:pods/eviction,serviceaccounts/token
 ${WRITE} apps:daemonsets,deployments,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale
 ${WRITE} batch:cronjobs,jobs policy:poddisruptionbudgets resource.k8s.io:resourceclaims,resourceclaimtemplates
 ${READ},${WRITE} coordination.k8s.io:leases
system:aggregate-to-admin < admin
 create authorization.k8s.io:localsubjectaccessreviews
 ${READ},${WRITE} rbac.authorization.k8s.io:roles,rolebindings
view + view
edit < admin + edit view
admin + admin edit view
system:kube-scheduler
 ${EVENTS}
 create coordination.k8s.io:leases
 get,list,watch,update coordination.k8s.io:leases=kube-scheduler
 ${READ} core:nodes,namespaces,replicationcontrollers,services
 delete,get,list,watch core:pods
 create core:bindings,pods/binding
 patch,update core:pods/status
 ${READ} apps:replicasets,statefulsets policy:poddisruptionbudgets
 ${READ} core:persistentvolumeclaims,persistentvolumes
 ${READ} storage.k8s.io:csidrivers,csinodes,csistoragecapacities,storageclasses,volumeattachments
 create authentication.k8s.io:tokenreviews authorization.k8s.io:subjectaccessreviews
 ${READ} resource.k8s.io:deviceclasses,resourceclaims,resourceslices,devicetaintrules
 update,patch resource.k8s.io:resourceclaims,resourceclaims/status,resourceclaims/binding
 ${READ} scheduling.k8s.io:workloads,podgroups,compositepodgroups,priorityclasses
 patch,update scheduling.k8s.io:podgroups/status
system:volume-scheduler
 get,list,patch,update,watch core:persistentvolumes,persistentvolumeclaims
 ${READ} storage.k8s.io:storageclasses
system:node
 create authentication.k8s.io:tokenreviews authorization.k8s.io:localsubjectaccessreviews,subjectaccessreviews
 ${READ} core:services
 create,get,list,watch core:nodes
 patch,update core:nodes,nodes/status
 delete core:nodes
 ${EVENTS}
 get,list,watch core:pods
 create,delete core:pods
 patch,update core:pods/status
 create core:pods/eviction
 ${READ} core:configmaps,secrets,serviceaccounts,persistentvolumeclaims,persistentvolumes
 create core:serviceaccounts/token
 get,patch,update core:persistentvolumeclaims/status
 create,delete,get,patch,update coordination.k8s.io:leases
 ${READ} storage.k8s.io:csidrivers,volumeattachments node.k8s.io:runtimeclasses
 create,delete,get,patch,update storage.k8s.io:csinodes
 get resource.k8s.io:resourceclaims
 create,delete,deletecollection,get,list,patch,update,watch resource.k8s.io:resourceslices
system:node-proxier
 list,watch core:endpoints,services
 get,list,watch core:nodes
 ${EVENTS}
 list,watch discovery.k8s.io:endpointslices
system:kube-controller-manager
 ${EVENTS}
 create coordination.k8s.io:leases
 get,list,update,watch coordination.k8s.io:leases
 create core:secrets,serviceaccounts,serviceaccounts/token
 delete core:secrets
 get core:configmaps,namespaces,secrets,serviceaccounts
 update core:secrets,serviceaccounts
 create authentication.k8s.io:tokenreviews authorization.k8s.io:subjectaccessreviews
 ${READ} *:*
system:controller:deployment-controller
 get,list,update,watch apps:deployments
 update apps:deployments/finalizers,deployments/status
 create,delete,get,list,patch,update,watch apps:replicasets
 get,list,update,watch core:pods
 ${EVENTS}
system:controller:replicaset-controller
 get,list,update,watch apps:replicasets
 update apps:replicasets/finalizers,replicasets/status
 create,delete,list,patch,watch core:pods
 ${EVENTS}
system:controller:replication-controller
 get,list,update,watch core:replicationcontrollers
 update core:replicationcontrollers/finalizers,replicationcontrollers/status
 create,delete,list,patch,watch core:pods
 ${EVENTS}
system:controller:statefulset-controller
 list,watch core:pods
 get,list,watch apps:statefulsets
 update apps:statefulsets/finalizers,statefulsets/status
 create,delete,get,patch,update core:pods
 create,delete,get,list,patch,update,watch apps:controllerrevisions
 create,delete,get,list,update,watch core:persistentvolumeclaims
 ${EVENTS}
system:controller:daemon-set-controller
 get,list,watch apps:daemonsets
 update apps:daemonsets/finalizers,daemonsets/status
 list,watch core:nodes
 create,delete,list,patch,watch core:pods
 create,delete,get,list,patch,update,watch apps:controllerrevisions
 ${EVENTS}
system:controller:job-controller
 get,list,patch,update,watch batch:jobs
 update batch:jobs/finalizers,jobs/status
 create,delete,list,patch,watch core:pods
 ${EVENTS}
system:controller:cronjob-controller
 get,list,update,watch batch:cronjobs
 create,delete,get,list,patch,update,watch batch:jobs
 update batch:cronjobs/finalizers,cronjobs/status
 delete,list core:pods
 ${EVENTS}
system:controller:disruption-controller
 get,list,watch apps:deployments,replicasets,statefulsets core:replicationcontrollers policy:poddisruptionbudgets
 update policy:poddisruptionbudgets/status
 patch,update core:pods/status
 get,list,watch core:pods
 get *:*/scale
 ${EVENTS}
system:controller:endpointslice-controller
 get,list,watch core:nodes,pods,services
 update core:services/finalizers
 create,delete,get,list,update discovery.k8s.io:endpointslices
 ${EVENTS}
system:controller:endpoint-controller
 get,list,watch core:pods,services
 create,delete,get,list,update core:endpoints
 ${EVENTS}
system:controller:namespace-controller
 delete,get,list,watch core:namespaces
 update core:namespaces/finalize,namespaces/status
 delete,deletecollection,get,list *:*
system:controller:generic-garbage-collector
 delete,get,list,patch,update,watch *:*
 ${EVENTS}
system:controller:node-controller
 delete,get,list,patch,update core:nodes
 patch,update core:nodes/status
 patch,update core:pods/status
 delete,list,get core:pods
 ${READ} coordination.k8s.io:leases
 ${EVENTS}
system:controller:pod-garbage-collector
 delete,list,watch core:pods
 get,list core:nodes
 patch core:pods/status
system:controller:resourcequota-controller
 list,watch *:*
 update core:resourcequotas/status
 ${EVENTS}
system:controller:resource-claim-controller
 ${READ} core:pods
 update core:pods/finalizers
 create,delete,get,list,watch resource.k8s.io:resourceclaims
 update,patch resource.k8s.io:resourceclaims,resourceclaims/status
 ${EVENTS}
system:controller:service-account-controller
 create core:serviceaccounts
 ${EVENTS}
system:controller:persistent-volume-binder
 get,list,update,watch,create,delete core:persistentvolumes
 update core:persistentvolumes/status
 get,list,update,watch core:persistentvolumeclaims
 update core:persistentvolumeclaims/status
 create,delete,get,list,watch core:pods
 ${READ} storage.k8s.io:storageclasses core:nodes
 ${EVENTS}
system:controller:ttl-after-finished-controller
 get,list,watch batch:jobs
 delete batch:jobs
 ${EVENTS}
`;

const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-';
const BOOTSTRAP = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const RBAC_VERSION = 'rbac.authorization.k8s.io/v1';
const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function defaultRoles(): KubeObject[] {
  const roles: KubeObject[] = [];
  let rules: PolicyRule[] = [];
  for (const line of ROLES.split('\n')) {
    if (line.startsWith(' ')) rules.push(...rulesOf(line.slice(1)));
    else if (line !== '') {
      const [, name = '', labels = '', aggregated = ''] = /^(\S+)(?: < ([^+]+?))?(?: \+ (.+))?$/.exec(line)!;
      rules = [];
      roles.push(roleOf(name, words(labels), words(aggregated), rules));
    }
  }
  return roles;
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

function roleOf(
  name: string,
  labels: readonly string[],
  aggregated: readonly string[],
  rules: readonly PolicyRule[],
): KubeObject {
  return {
    apiVersion: RBAC_VERSION,
    kind: 'ClusterRole',
    metadata: {
      name,
      labels: { ...BOOTSTRAP, ...Object.fromEntries(labels.map((label) => [AGGREGATE + label, 'true'])) },
    },
    rules,
    ...(aggregated.length === 0
      ? {}
      : {
          aggregationRule: {
            clusterRoleSelectors: aggregated.map((label) => ({ matchLabels: { [AGGREGATE + label]: 'true' } })),
          },
        }),
  } as KubeObject;
}

function rulesOf(line: string): PolicyRule[] {
  const [verbs = '', ...things] = line.split(' ');
  const paths = things.filter((thing) => thing.startsWith('/'));
  if (paths.length > 0)
    return [{ verbs: verbs.split(','), nonResourceURLs: paths.map((path) => (path === '/*' ? '*' : path)) }];
  return things.map((thing) => {
    const [group = '', rest = ''] = thing.split(':');
    const [resources = '', names] = rest.split('=');
    return {
      verbs: verbs.split(','),
      apiGroups: [group === 'core' ? '' : group],
      resources: resources.split(','),
      ...(names === undefined ? {} : { resourceNames: names.split(',') }),
    };
  });
}

const group = (name: string): Subject => ({ kind: 'Group', name, apiGroup: RBAC_GROUP });
const user = (name: string): Subject => ({ kind: 'User', name, apiGroup: RBAC_GROUP });

/** Role → who has it. Controllers run under a service account of their name. */
const BINDINGS: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group(MASTERS)],
  'system:discovery': [group('system:authenticated')],
  'system:basic-user': [group('system:authenticated')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:monitoring': [group('system:monitoring')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:node': [group('system:nodes')],
};

export function defaultBindings(): KubeObject[] {
  const controllers = defaultRoles()
    .map(({ metadata }) => metadata!.name!)
    .filter((name) => name.startsWith('system:controller:'))
    .map((name): [string, Subject[]] => [
      name,
      [{ kind: 'ServiceAccount', name: name.slice('system:controller:'.length), namespace: 'kube-system' }],
    ]);
  return [...Object.entries(BINDINGS), ...controllers].map(
    ([name, subjects]) =>
      ({
        apiVersion: RBAC_VERSION,
        kind: 'ClusterRoleBinding',
        metadata: { name, labels: BOOTSTRAP },
        roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name },
        subjects,
      }) as KubeObject,
  );
}
