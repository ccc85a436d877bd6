/** An object of every kind that can be made, as somebody would write it: what is changed from here is nearly right. */
import type { Json } from './odd-values.ts';

const labels = { app: 'a' };
const container = { name: 'c', image: 'nginx:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } };
const podSpec = { containers: [container] };
const template = { metadata: { labels }, spec: podSpec };
const selector = { matchLabels: labels };

const full: Json = {
  nodeSelector: { zone: 'a' },
  tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }],
  priorityClassName: 'system-node-critical',
  initContainers: [{ name: 'i', image: 'busybox', restartPolicy: 'Always' }],
  containers: [
    {
      ...container,
      ports: [{ containerPort: 80, name: 'web', hostPort: 8080 }],
      env: [
        { name: 'A', value: 'b' },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
      readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 5 },
    },
  ],
  volumes: [
    { name: 'v', configMap: { name: 'cm' } },
    { name: 'e', emptyDir: { sizeLimit: '1Gi' } },
  ],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
      },
    },
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, podAffinityTerm: { labelSelector: selector, topologyKey: 'zone' } },
      ],
    },
  },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector },
  ],
  schedulingGates: [{ name: 'g' }],
  securityContext: { runAsUser: 1000, fsGroup: 2000 },
};

/** By resource; name and namespace are put in by whoever sends them. */
export const EXAMPLES: Readonly<Record<string, readonly Json[]>> = {
  pods: [{ spec: podSpec }, { metadata: { labels, annotations: { a: 'b' } }, spec: full }],
  nodes: [
    {
      metadata: { labels: { zone: 'a' } },
      spec: { taints: [{ key: 'k', effect: 'NoSchedule' }], podCIDR: '10.1.0.0/24', providerID: 'x://1' },
      status: { capacity: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
    },
  ],
  namespaces: [{ metadata: { labels } }],
  configmaps: [{ data: { a: '1' }, binaryData: { b: 'AAEC' } }],
  secrets: [{ stringData: { a: 'b' }, type: 'Opaque' }, { data: { a: 'Yg==' } }],
  serviceaccounts: [{ secrets: [{ name: 's' }], automountServiceAccountToken: false }],
  services: [
    { spec: { selector: labels, ports: [{ port: 80, name: 'web', targetPort: 'web' }] } },
    { spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, nodePort: 30_080 }] } },
    { spec: { clusterIP: 'None', selector: labels } },
    { spec: { type: 'ExternalName', externalName: 'a.example' } },
  ],
  endpoints: [{ subsets: [{ addresses: [{ ip: '10.1.0.1' }], ports: [{ port: 80 }] }] }],
  events: [
    {
      involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
      reason: 'R',
      message: 'm',
      type: 'Normal',
      source: { component: 'c' },
      regarding: { kind: 'Pod', name: 'a', namespace: 'default' },
      eventTime: '2026-11-25T00:00:00.000000Z',
      reportingController: 'x.io/y',
      reportingInstance: 'i',
      action: 'A',
    },
  ],
  limitranges: [{ spec: { limits: [{ type: 'Container', default: { cpu: '1' }, max: { cpu: '2' } }] } }],
  resourcequotas: [{ spec: { hard: { pods: '1000', 'requests.cpu': '1000' }, scopes: ['NotBestEffort'] } }],
  persistentvolumeclaims: [
    { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'sc' } },
  ],
  persistentvolumes: [
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/d' },
        claimRef: { name: 'c', namespace: 'default' },
      },
    },
  ],
  podtemplates: [{ template }],
  replicationcontrollers: [{ spec: { replicas: 1, selector: labels, template } }],
  deployments: [
    { spec: { replicas: 2, selector, template } },
    { spec: { selector, template, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '50%' } } } },
  ],
  replicasets: [{ spec: { replicas: 1, selector, template } }],
  statefulsets: [
    {
      spec: {
        serviceName: 's',
        replicas: 1,
        selector,
        template,
        volumeClaimTemplates: [
          {
            metadata: { name: 'd' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    },
  ],
  daemonsets: [{ spec: { selector, template } }],
  controllerrevisions: [{ revision: 1, data: { a: 1 } }],
  jobs: [{ spec: { completions: 2, template: { spec: { ...podSpec, restartPolicy: 'Never' } } } }],
  cronjobs: [
    {
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
      },
    },
  ],
  horizontalpodautoscalers: [
    { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } } },
  ],
  poddisruptionbudgets: [{ spec: { minAvailable: 1, selector } }, { spec: { maxUnavailable: '50%', selector } }],
  leases: [{ spec: { holderIdentity: 'h', leaseDurationSeconds: 15, renewTime: '2026-11-25T00:00:00.000000Z' } }],
  endpointslices: [
    { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.0.1'] }], ports: [{ port: 80, name: 'web' }] },
  ],
  priorityclasses: [{ value: 10, description: 'd' }],
  runtimeclasses: [{ handler: 'runc', overhead: { podFixed: { cpu: '1m' } } }],
  storageclasses: [{ provisioner: 'p', volumeBindingMode: 'WaitForFirstConsumer' }],
  csidrivers: [{ spec: { attachRequired: true } }],
  csinodes: [{ spec: { drivers: [{ name: 'd', nodeID: 'n', allocatable: { count: 1 } }] } }],
  csistoragecapacities: [{ storageClassName: 'sc', capacity: '1Gi', nodeTopology: selector }],
  volumeattachments: [{ spec: { attacher: 'a', nodeName: 'a', source: { persistentVolumeName: 'a' } } }],
  volumeattributesclasses: [{ driverName: 'd', parameters: { a: 'b' } }],
  deviceclasses: [{ spec: { selectors: [{ cel: { expression: 'device.driver == "d"' } }] } }],
  resourceclaims: [{ spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'dc' } }] } } }],
  resourceclaimtemplates: [
    { spec: { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'dc', count: 2 } }] } } } },
  ],
  resourceslices: [
    {
      spec: {
        driver: 'd.example',
        nodeName: 'a',
        pool: { name: 'a', generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'd0', attributes: { a: { int: 1 } }, capacity: { m: { value: '1Gi' } } }],
      },
    },
  ],
  devicetaintrules: [
    { spec: { deviceSelector: { driver: 'd.example' }, taint: { key: 'k', value: 'v', effect: 'NoSchedule' } } },
  ],
  podgroups: [{ spec: { schedulingPolicy: { gang: { minCount: 2 } } } }],
  workloads: [{ spec: { podGroupTemplates: [{ name: 'g', schedulingPolicy: { gang: { minCount: 2 } } }] } }],
  roles: [{ rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] }],
  clusterroles: [{ rules: [{ verbs: ['*'], nonResourceURLs: ['/metrics'] }] }],
  rolebindings: [
    {
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    },
  ],
  clusterrolebindings: [
    {
      subjects: [{ kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    },
  ],
  bindings: [{ target: { kind: 'Node', name: 'a' } }],
  tokenreviews: [{ spec: { token: 't' } }],
  selfsubjectreviews: [{}],
  subjectaccessreviews: [{ spec: { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods' } } }],
  localsubjectaccessreviews: [
    { spec: { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } } },
  ],
  selfsubjectaccessreviews: [{ spec: { nonResourceAttributes: { path: '/metrics', verb: 'get' } } }],
  selfsubjectrulesreviews: [{ spec: { namespace: 'default' } }],
};

/** By subresource. */
export const OF_SUBRESOURCES: Readonly<Record<string, Json>> = {
  binding: { target: { kind: 'Node', name: 'a' } },
  eviction: { deleteOptions: { gracePeriodSeconds: 0 } },
  token: { spec: { audiences: ['a'], expirationSeconds: 3600 } },
  scale: { spec: { replicas: 2 } },
  finalize: { spec: { finalizers: ['kubernetes'] } },
  status: {
    status: {
      phase: 'Running',
      replicas: 1,
      readyReplicas: 1,
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'True' }],
      disruptionsAllowed: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
    },
  },
};
