/** The shape of what scheduling reads, kind by kind. Source: `k8s.io/api`, v0.37.2. */
import { deviceShapes } from './device-shapes.ts';
import { type Fields, fields, list, map, type Shape } from './shape.ts';

const strings = list('string');
const labels = map('string');
const quantities = map('quantity');

const metadata = fields({
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  uid: 'string',
  resourceVersion: 'string',
  labels,
  annotations: labels,
  creationTimestamp: 'time',
  deletionTimestamp: 'time',
  ownerReferences: list(
    fields({ apiVersion: 'string', kind: 'string', name: 'string', uid: 'string', controller: 'boolean' }),
  ),
  finalizers: strings,
});

const object = (more: Fields) => fields({ apiVersion: 'string', kind: 'string', metadata, ...more });

const labelSelector = fields({
  matchLabels: labels,
  matchExpressions: list(fields({ key: 'string', operator: 'string', values: strings })),
});

const requirement = fields({ key: 'string', operator: 'string', values: strings });
const nodeSelectorTerm = fields({ matchExpressions: list(requirement), matchFields: list(requirement) });
const nodeSelector = fields({ nodeSelectorTerms: list(nodeSelectorTerm) });
const topologySelectorTerms = list(fields({ matchLabelExpressions: list(fields({ key: 'string', values: strings })) }));

const podAffinityTerm = fields({
  labelSelector,
  namespaceSelector: labelSelector,
  namespaces: strings,
  topologyKey: 'string',
  matchLabelKeys: strings,
  mismatchLabelKeys: strings,
});
const podAffinity = fields({
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(fields({ weight: 'integer', podAffinityTerm })),
});
const affinity = fields({
  nodeAffinity: fields({
    requiredDuringSchedulingIgnoredDuringExecution: nodeSelector,
    preferredDuringSchedulingIgnoredDuringExecution: list(fields({ weight: 'integer', preference: nodeSelectorTerm })),
  }),
  podAffinity,
  podAntiAffinity: podAffinity,
});

const resources = fields({
  requests: quantities,
  limits: quantities,
  claims: list(fields({ name: 'string', request: 'string' })),
});
const containers = list(
  fields({
    name: 'string',
    image: 'string',
    resources,
    restartPolicy: 'string',
    ports: list(
      fields({
        name: 'string',
        containerPort: 'integer',
        hostPort: 'integer',
        hostIP: 'string',
        protocol: 'string',
      }),
    ),
  }),
);

const claimSpec = fields({
  accessModes: strings,
  selector: labelSelector,
  resources: fields({ requests: quantities, limits: quantities }),
  volumeName: 'string',
  storageClassName: 'string',
  volumeMode: 'string',
  volumeAttributesClassName: 'string',
});

const volumes = list(
  fields({
    name: 'string',
    persistentVolumeClaim: fields({ claimName: 'string', readOnly: 'boolean' }),
    ephemeral: fields({ volumeClaimTemplate: fields({ metadata, spec: claimSpec }) }),
    awsElasticBlockStore: fields({ volumeID: 'string', readOnly: 'boolean' }),
    azureDisk: fields({ diskName: 'string', readOnly: 'boolean' }),
    cinder: fields({ volumeID: 'string', readOnly: 'boolean' }),
    csi: fields({ driver: 'string' }),
    gcePersistentDisk: fields({ pdName: 'string', readOnly: 'boolean' }),
    image: fields({ reference: 'string', pullPolicy: 'string' }),
    iscsi: fields({ targetPortal: 'string', iqn: 'string', lun: 'integer', readOnly: 'boolean' }),
    rbd: fields({ monitors: strings, image: 'string', pool: 'string', readOnly: 'boolean' }),
  }),
);

const tolerations = list(
  fields({ key: 'string', operator: 'string', value: 'string', effect: 'string', tolerationSeconds: 'integer' }),
);

const spreadConstraints = list(
  fields({
    maxSkew: 'integer',
    topologyKey: 'string',
    whenUnsatisfiable: 'string',
    labelSelector,
    minDomains: 'integer',
    nodeAffinityPolicy: 'string',
    nodeTaintsPolicy: 'string',
    matchLabelKeys: strings,
  }),
);

const podSpec = fields({
  nodeName: 'string',
  schedulerName: 'string',
  priority: 'integer',
  priorityClassName: 'string',
  preemptionPolicy: 'string',
  hostNetwork: 'boolean',
  nodeSelector: labels,
  affinity,
  containers,
  initContainers: containers,
  overhead: quantities,
  resources,
  resourceClaims: list(fields({ name: 'string', resourceClaimName: 'string', resourceClaimTemplateName: 'string' })),
  schedulingGates: list(fields({ name: 'string' })),
  schedulingGroup: fields({ podGroupName: 'string' }),
  tolerations,
  topologySpreadConstraints: spreadConstraints,
  volumes,
});

const containerStatuses = list(fields({ name: 'string', allocatedResources: quantities, resources }));
const conditions = list(fields({ type: 'string', status: 'string', reason: 'string' }));

const pod = object({
  spec: podSpec,
  status: fields({
    phase: 'string',
    startTime: 'time',
    nominatedNodeName: 'string',
    conditions,
    containerStatuses,
    initContainerStatuses: containerStatuses,
    resources,
    allocatedResources: quantities,
    resourceClaimStatuses: list(fields({ name: 'string', resourceClaimName: 'string' })),
    extendedResourceClaimStatus: fields({ resourceClaimName: 'string' }),
  }),
});

const node = object({
  spec: fields({
    unschedulable: 'boolean',
    taints: list(fields({ key: 'string', value: 'string', effect: 'string' })),
  }),
  status: fields({
    capacity: quantities,
    allocatable: quantities,
    images: list(fields({ names: strings, sizeBytes: 'integer' })),
    declaredFeatures: strings,
    conditions,
  }),
});

const template = fields({ metadata, spec: podSpec });

const persistentVolume = fields({
  accessModes: strings,
  capacity: quantities,
  claimRef: fields({ namespace: 'string', name: 'string', uid: 'string' }),
  storageClassName: 'string',
  volumeMode: 'string',
  volumeAttributesClassName: 'string',
  nodeAffinity: fields({ required: nodeSelector }),
  csi: fields({ driver: 'string', volumeHandle: 'string' }),
  local: fields({ path: 'string' }),
});

const nothing = fields({});
const group = (policy: Fields) =>
  ({
    parentCompositePodGroupName: 'string',
    workloadRef: fields({ workloadName: 'string', templateName: 'string' }),
    schedulingPolicy: fields({ basic: nothing, gang: fields(policy) }),
    schedulingConstraints: fields({ topology: list(fields({ key: 'string' })) }),
    disruptionMode: fields({ single: nothing, all: nothing }),
    priorityClassName: 'string',
    priority: 'integer',
    preemptionPolicy: 'string',
  }) satisfies Fields;
const groupStatus = fields({
  conditions: list(fields({ type: 'string', status: 'string', reason: 'string', observedGeneration: 'integer' })),
});
/** Those of the coscheduling plugin (`older-groups.ts`) come last. */
const podGroupSpec = fields({
  ...group({ minCount: 'integer' }),
  minMember: 'integer',
  scheduleTimeoutSeconds: 'integer',
});

export const SHAPES: ReadonlyMap<string, { readonly fields: Fields }> = new Map([
  ['Pod', pod],
  ['Node', node],
  ['Namespace', object({})],
  ['PriorityClass', object({ value: 'integer', globalDefault: 'boolean', preemptionPolicy: 'string' })],
  [
    'PodDisruptionBudget',
    object({
      spec: fields({ minAvailable: 'integerOrString', maxUnavailable: 'integerOrString', selector: labelSelector }),
      status: fields({ disruptionsAllowed: 'integer', disruptedPods: map('time') }),
    }),
  ],
  ['Service', object({ spec: fields({ selector: labels, type: 'string' }) })],
  ['ReplicationController', object({ spec: fields({ replicas: 'integer', selector: labels, template }) })],
  ['ReplicaSet', object({ spec: fields({ replicas: 'integer', selector: labelSelector, template }) })],
  ['StatefulSet', object({ spec: fields({ replicas: 'integer', selector: labelSelector, template }) })],
  ['PersistentVolume', object({ spec: persistentVolume })],
  ['PersistentVolumeClaim', object({ spec: claimSpec, status: fields({ phase: 'string', capacity: quantities }) })],
  [
    'StorageClass',
    object({
      provisioner: 'string',
      parameters: labels,
      reclaimPolicy: 'string',
      volumeBindingMode: 'string',
      allowedTopologies: topologySelectorTerms,
    }),
  ],
  [
    'CSINode',
    object({
      spec: fields({
        drivers: list(
          fields({
            name: 'string',
            nodeID: 'string',
            topologyKeys: strings,
            allocatable: fields({ count: 'integer' }),
          }),
        ),
      }),
    }),
  ],
  [
    'CSIDriver',
    object({
      spec: fields({
        attachRequired: 'boolean',
        podInfoOnMount: 'boolean',
        storageCapacity: 'boolean',
        volumeLifecycleModes: strings,
        preventPodSchedulingIfMissing: 'boolean',
      }),
    }),
  ],
  [
    'CSIStorageCapacity',
    object({
      storageClassName: 'string',
      capacity: 'quantity',
      maximumVolumeSize: 'quantity',
      nodeTopology: labelSelector,
    }),
  ],
  [
    'VolumeAttachment',
    object({
      spec: fields({
        attacher: 'string',
        nodeName: 'string',
        source: fields({ persistentVolumeName: 'string', inlineVolumeSpec: persistentVolume }),
      }),
    }),
  ],
  ['PodGroup', object({ spec: podGroupSpec, status: groupStatus })],
  ['CompositePodGroup', object({ spec: fields(group({ minGroupCount: 'integer' })), status: groupStatus })],
  ...deviceShapes({ metadata, nodeSelector }).map(([kind, own]) => [kind, object(own)] as [string, Shape & object]),
] satisfies Array<[string, Shape & object]> as Array<[string, { readonly fields: Fields }]>);
