import { describe, expect, it } from 'vitest';
import type { KubeObject } from './types.ts';
import { decodeObject, validateObject } from './validate-object.ts';

type Fields = Readonly<Record<string, unknown>>;

const object = (kind: string, apiVersion: string, fields: Fields): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x' },
  ...structuredClone(fields),
});
const pod = (spec: Fields, metadata: Fields = { name: 'web' }): KubeObject =>
  object('Pod', 'v1', { metadata, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });
const withResources = (resources: Fields): KubeObject => pod({ containers: [{ name: 'c', image: 'i', resources }] });
const node = (fields: Fields): KubeObject => object('Node', 'v1', fields);

/** Messages without the long explanations of name rules. */
const textsOf = (given: KubeObject): string[] =>
  validateObject(given).map(({ text }) => text.replace(/: [^:]*\(e\.g\. .*regex used for validation is .*$/s, ': …'));

/** Object and messages, checked against the API server's own validation of v1.37.2. */
type Case = readonly [title: string, given: KubeObject, messages: readonly string[]];

const check = (cases: readonly Case[]): void => {
  it.each(cases)('%s', (_, given, messages) => {
    expect(textsOf(given)).toEqual(messages);
  });
};

describe('metadata', () => {
  check([
    ['a good one', pod({}, { name: 'web', namespace: 'prod', labels: { 'app.kubernetes.io/name': 'web', a: '' } }), []],
    ['no name', pod({}, {}), ['metadata.name: Required value: name or generateName is required']],
    ['a bad name', pod({}, { name: 'a_b' }), ['metadata.name: Invalid value: "a_b": …']],
    [
      'a name too long',
      pod({}, { name: 'a'.repeat(254) }),
      [`metadata.name: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`],
    ],
    [
      'dots in a namespace',
      pod({}, { name: 'x', namespace: 'a.b' }),
      ['metadata.namespace: Invalid value: "a.b": must not contain dots'],
    ],
    [
      'a namespace where there is none',
      node({ metadata: { name: 'n', namespace: 'x' } }),
      ['metadata.namespace: Forbidden: not allowed on this type'],
    ],
    ['a bad label key', pod({}, { name: 'x', labels: { '-a': 'b' } }), ['metadata.labels: Invalid value: "-a": …']],
    ['a bad label value', pod({}, { name: 'x', labels: { a: 'b c' } }), ['metadata.labels: Invalid value: "b c": …']],
  ]);
});

describe('requests and limits', () => {
  check([
    [
      'good ones',
      withResources({ requests: { cpu: '1', 'nvidia.com/gpu': '1' }, limits: { cpu: '2', 'nvidia.com/gpu': '1' } }),
      [],
    ],
    ['limits alone', withResources({ limits: { cpu: '2', 'nvidia.com/gpu': '1', 'hugepages-2Mi': '4Mi' } }), []],
    [
      'above the limit',
      withResources({ requests: { cpu: '2' }, limits: { cpu: '1' } }),
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ],
    [
      'not the limit where it must be',
      withResources({ requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '2' } }),
      ['spec.containers[0].resources.requests: Invalid value: "1": must be equal to nvidia.com/gpu limit of 2'],
    ],
    [
      'no limit where there must be one',
      withResources({ requests: { 'nvidia.com/gpu': '1' } }),
      ['spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources'],
    ],
    [
      'half a device',
      withResources({ limits: { 'nvidia.com/gpu': '1500m' } }),
      [
        'spec.containers[0].resources.limits[nvidia.com/gpu]: Invalid value: "1500m": must be an integer',
        'spec.containers[0].resources.requests[nvidia.com/gpu]: Invalid value: "1500m": must be an integer',
      ],
    ],
    [
      'less than nothing',
      withResources({ requests: { memory: '-1Gi' } }),
      ['spec.containers[0].resources.requests[memory]: Invalid value: "-1Gi": must be greater than or equal to 0'],
    ],
    [
      'an unknown name',
      withResources({ requests: { gpu: '1' } }),
      [
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
    [
      'huge pages alone',
      withResources({ limits: { 'hugepages-2Mi': '4Mi' } }),
      ['spec.containers[0].resources: Forbidden: HugePages require cpu or memory'],
    ],
    [
      'huge pages that do not divide',
      withResources({ limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } }),
      [
        'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
        'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      ],
    ],
    [
      "the pod's own less than its containers'",
      pod({
        containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '2' } } }],
        resources: { requests: { cpu: '1' } },
      }),
      [
        'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      ],
    ],
    [
      "the pod's own of a kind that it cannot have",
      pod({ resources: { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } } }),
      [
        'spec.resources.limits[nvidia.com/gpu]: Unsupported value: "nvidia.com/gpu": supported values: "cpu", "hugepages-", "memory"',
        'spec.resources.requests[nvidia.com/gpu]: Unsupported value: "nvidia.com/gpu": supported values: "cpu", "hugepages-", "memory"',
      ],
    ],
    [
      'a claim that the pod does not have',
      withResources({ claims: [{ name: 'gpu' }] }),
      [
        'spec.containers[0].resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty',
      ],
    ],
  ]);
});

describe('containers and ports', () => {
  const ports = (...list: Fields[]): KubeObject => pod({ containers: [{ name: 'c', image: 'i', ports: list }] });
  check([
    ['none', pod({ containers: [] }), ['spec.containers: Required value']],
    ['no name', pod({ containers: [{ image: 'i' }] }), ['spec.containers[0].name: Required value']],
    [
      'a name twice',
      pod({ containers: [{ name: 'c' }], initContainers: [{ name: 'c' }] }),
      ['spec.initContainers[0].name: Duplicate value: "c"'],
    ],
    [
      'a host port twice',
      ports({ containerPort: 80, hostPort: 80 }, { containerPort: 81, hostPort: 80 }),
      ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
    ],
    [
      'a host port on two addresses',
      ports({ containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' }, { containerPort: 81, hostPort: 80 }),
      [],
    ],
    [
      'a port out of range',
      ports({ containerPort: 80, hostPort: 70000 }),
      ['spec.containers[0].ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [
      'an unknown protocol',
      ports({ containerPort: 80, protocol: 'tcp' }),
      ['spec.containers[0].ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      'another port on the host network',
      pod({ hostNetwork: true, containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 81 }] }] }),
      [
        'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
      ],
    ],
    [
      'an unknown restart policy',
      pod({ initContainers: [{ name: 'i', image: 'i', restartPolicy: 'Sometimes' }] }),
      [
        'spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
      ],
    ],
  ]);
});

describe('affinity', () => {
  const nodeTerms = (...nodeSelectorTerms: Fields[]): KubeObject =>
    pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
  const podTerm = (term: Fields, metadata: Fields = { name: 'x' }): KubeObject =>
    pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }, metadata);
  const required = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const anti = 'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]';
  check([
    [
      'all operators',
      nodeTerms({
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['x'] },
          { key: 'b', operator: 'Gt', values: ['1'] },
          { key: 'c', operator: 'Exists' },
        ],
        matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }],
      }),
      [],
    ],
    ['no term', nodeTerms(), [`${required}: Required value: must have at least one node selector term`]],
    [
      'an unknown operator',
      nodeTerms({ matchExpressions: [{ key: 'a', operator: 'Like' }] }),
      [`${required}[0].matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator`],
    ],
    [
      'In without values',
      nodeTerms({ matchExpressions: [{ key: 'a', operator: 'In' }] }),
      [
        `${required}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      ],
    ],
    [
      'Gt with two',
      nodeTerms({ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1', '2'] }] }),
      [
        `${required}[0].matchExpressions[0].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
      ],
    ],
    [
      'another field',
      nodeTerms({ matchFields: [{ key: 'spec.x', operator: 'In', values: ['y'] }] }),
      [`${required}[0].matchFields[0].key: Invalid value: "spec.x": not a valid field selector key`],
    ],
    [
      'a weight out of range',
      pod({
        affinity: {
          nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }] },
        },
      }),
      [
        'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
      ],
    ],
    [
      'no topology key',
      podTerm({ labelSelector: {} }),
      [
        `${anti}.topologyKey: Required value: can not be empty`,
        `${anti}.topologyKey: Invalid value: "": name part must be non-empty`,
        `${anti}.topologyKey: Invalid value: "": …`,
      ],
    ],
    [
      'label keys without a selector',
      podTerm({ topologyKey: 'zone', matchLabelKeys: ['a'] }),
      [`${anti}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`],
    ],
    [
      'a label key that the selector has, too',
      podTerm(
        { topologyKey: 'zone', matchLabelKeys: ['a'], labelSelector: { matchLabels: { a: '1' } } },
        { name: 'x', labels: { a: '1' } },
      ),
      [`${anti}[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector`],
    ],
    [
      'the same after a server has merged it',
      podTerm(
        {
          topologyKey: 'zone',
          matchLabelKeys: ['a'],
          labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['1'] }] },
        },
        { name: 'x', uid: 'u', labels: { a: '1' } },
      ),
      [],
    ],
    [
      'a label key on both sides',
      podTerm({ topologyKey: 'zone', matchLabelKeys: ['a'], mismatchLabelKeys: ['a'], labelSelector: {} }),
      [`${anti}.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys`],
    ],
  ]);
});

describe('tolerations and taints', () => {
  const tolerations = (toleration: Fields): KubeObject => pod({ tolerations: [toleration] });
  const taints = (...list: Fields[]): KubeObject => node({ spec: { taints: list } });
  check([
    ['good ones', tolerations({ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }), []],
    [
      'no key',
      tolerations({ operator: 'Equal' }),
      [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
    [
      'a value with Exists',
      tolerations({ key: 'a', operator: 'Exists', value: 'x' }),
      ['spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\''],
    ],
    [
      'an unknown operator',
      tolerations({ key: 'a', operator: 'Like' }),
      ['spec.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"'],
    ],
    [
      'an operator behind a gate',
      tolerations({ key: 'a', operator: 'Gt', value: '1' }),
      ['spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"'],
    ],
    [
      'an unknown effect',
      tolerations({ key: 'a', operator: 'Exists', effect: 'Never' }),
      [
        'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    [
      'seconds without NoExecute',
      tolerations({ key: 'a', operator: 'Exists', tolerationSeconds: 5 }),
      ['spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
    ],
    ['a taint without effect', taints({ key: 'a' }), ['spec.taints[0].effect: Required value']],
    [
      'a taint twice',
      taints({ key: 'a', effect: 'NoSchedule' }, { key: 'a', value: 'x', effect: 'NoSchedule' }),
      [
        'spec.taints[1]: Duplicate value: {"Key":"a","Value":"x","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
      ],
    ],
    ['a taint with two effects', taints({ key: 'a', effect: 'NoSchedule' }, { key: 'a', effect: 'NoExecute' }), []],
  ]);
});

describe('topology spread constraints', () => {
  const spread = (...list: Fields[]): KubeObject => pod({ topologySpreadConstraints: list });
  const good = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
  const at = 'spec.topologySpreadConstraints[0]';
  check([
    ['good ones', spread({ ...good, minDomains: 2 }, { ...good, topologyKey: 'host' }), []],
    ['no skew', spread({ ...good, maxSkew: 0 }), [`${at}.maxSkew: Invalid value: 0: must be greater than zero`]],
    ['no key', spread({ ...good, topologyKey: '' }), [`${at}.topologyKey: Required value: can not be empty`]],
    [
      'an unknown action',
      spread({ ...good, whenUnsatisfiable: 'Sometimes' }),
      [`${at}.whenUnsatisfiable: Unsupported value: "Sometimes": supported values: "DoNotSchedule", "ScheduleAnyway"`],
    ],
    [
      'one twice',
      spread(good, { ...good, maxSkew: 2 }),
      [`${at}.{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"`],
    ],
    [
      'domains that are not counted',
      spread({ ...good, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }),
      [
        `${at}.minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway`,
      ],
    ],
    [
      'an unknown policy',
      spread({ ...good, nodeTaintsPolicy: 'honor' }),
      [`${at}.nodeTaintsPolicy: Unsupported value: "honor": supported values: "Honor", "Ignore"`],
    ],
  ]);
});

describe('the rest of a pod', () => {
  check([
    [
      'a gate twice',
      pod({ schedulingGates: [{ name: 'a' }, { name: 'a' }] }),
      ['spec.schedulingGates[1]: Duplicate value: "a"'],
    ],
    [
      'gates on a pod that has a node',
      pod({ schedulingGates: [{ name: 'a' }], nodeName: 'n' }),
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
    ],
    [
      'an unknown preemption policy',
      pod({ preemptionPolicy: 'Always' }),
      ['spec.preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"'],
    ],
    [
      'a claim without a name',
      pod({ volumes: [{ name: 'v', persistentVolumeClaim: {} }] }),
      ['spec.volumes[0].persistentVolumeClaim.claimName: Required value'],
    ],
    [
      'a volume twice',
      pod({
        volumes: [
          { name: 'v', emptyDir: {} },
          { name: 'v', emptyDir: {} },
        ],
      }),
      ['spec.volumes[1].name: Duplicate value: "v"'],
    ],
    [
      'a resource claim from nowhere',
      pod({ resourceClaims: [{ name: 'gpu' }] }),
      [
        'spec.resourceClaims[0]: Invalid value: {"Name":"gpu","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      ],
    ],
  ]);
});

describe('other kinds', () => {
  const budget = (spec: Fields): KubeObject => object('PodDisruptionBudget', 'policy/v1', { spec });
  const volume = (spec: Fields): KubeObject =>
    object('PersistentVolume', 'v1', {
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...spec },
    });
  const priorityClass = (name: string, value: number): KubeObject =>
    object('PriorityClass', 'scheduling.k8s.io/v1', { metadata: { name }, value });
  check([
    [
      'a node with half a pod',
      node({ status: { allocatable: { cpu: '4', pods: '10500m' } } }),
      ['status.allocatable.pods: Invalid value: "10500m": must be an integer'],
    ],
    [
      'a node that only has capacity',
      node({ status: { capacity: { memory: '-1' } } }),
      [
        'status.capacity.memory: Invalid value: "-1": must be greater than or equal to 0',
        'status.allocatable.memory: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    [
      'features out of order',
      node({ status: { declaredFeatures: ['B', 'A'] } }),
      ['status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically'],
    ],
    [
      'a volume without capacity',
      volume({ capacity: undefined }),
      ['spec.capacity: Required value', 'spec.capacity: Unsupported value: null: supported values: "storage"'],
    ],
    [
      'a volume with an unknown access mode',
      volume({ accessModes: ['ReadWrite'] }),
      [
        'spec.accessModes: Unsupported value: "ReadWrite": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    ],
    [
      'a volume bound to no node at all',
      volume({ nodeAffinity: {} }),
      ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
    ],
    [
      'a claim for nothing',
      object('PersistentVolumeClaim', 'v1', { spec: { accessModes: ['ReadWriteOnce'] } }),
      ['spec.resources[storage]: Required value'],
    ],
    [
      'a class with an unknown mode',
      object('StorageClass', 'storage.k8s.io/v1', { provisioner: 'x.y', volumeBindingMode: 'Later' }),
      ['volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"'],
    ],
    [
      'a driver twice',
      object('CSINode', 'storage.k8s.io/v1', {
        spec: {
          drivers: [
            { name: 'a', nodeID: 'n' },
            { name: 'a', nodeID: 'n' },
          ],
        },
      }),
      ['spec.drivers[1].name: Duplicate value: "a"'],
    ],
    [
      'an attachment of nothing',
      object('VolumeAttachment', 'storage.k8s.io/v1', { spec: { attacher: 'a', nodeName: 'n', source: {} } }),
      ['spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
    ],
    [
      'a budget with both bounds',
      budget({ minAvailable: 1, maxUnavailable: '50%' }),
      [
        'spec: Invalid value: {"minAvailable":1,"maxUnavailable":"50%"}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    [
      'a budget of more than all',
      budget({ minAvailable: '101%' }),
      ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      'a class above all users',
      priorityClass('mine', 2_000_000_000),
      ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ],
    [
      'a class that poses as one of the system',
      priorityClass('system-mine', 1),
      [
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
      ],
    ],
    ['a class of the system', priorityClass('system-node-critical', 2_000_001_000), []],
    [
      'a service that selects badly',
      object('Service', 'v1', { spec: { selector: { a: 'b c' } } }),
      ['spec.selector: Invalid value: "b c": …'],
    ],
    ['a set without selector', object('ReplicaSet', 'apps/v1', { spec: {} }), ['spec.selector: Required value']],
    [
      'a set that selects all',
      object('StatefulSet', 'apps/v1', { spec: { selector: {} } }),
      ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
    ],
    ['a kind that scheduling does not read', object('ConfigMap', 'v1', { data: 7 }), []],
    ['a Service of another group', object('Service', 'serving.knative.dev/v1', { spec: { selector: 7 } }), []],
  ]);
});

describe('decoding', () => {
  it.each([
    [
      'a label that is a number',
      pod({}, { name: 'x', labels: { zone: 1 } }),
      'metadata.labels[zone]: Invalid value: 1: must be a string: put it in quotes',
    ],
    [
      'a label that is a list',
      pod({}, { name: 'x', labels: { zone: [] } }),
      'metadata.labels[zone]: Invalid value: []: must be a string',
    ],
    [
      'half a skew',
      pod({ topologySpreadConstraints: [{ maxSkew: 1.5 }] }),
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 1.5: must be a whole number',
    ],
    [
      'a switch in quotes',
      node({ spec: { unschedulable: 'true' } }),
      'spec.unschedulable: Invalid value: "true": must be true or false',
    ],
    [
      'one container',
      object('Pod', 'v1', { spec: { containers: { name: 'c' } } }),
      'spec.containers: Invalid value: {"name":"c"}: must be a list',
    ],
    [
      'a list of labels',
      object('Pod', 'v1', { metadata: { name: 'x', labels: ['a'] } }),
      'metadata.labels: Invalid value: ["a"]: must be a map',
    ],
    [
      'a wrong suffix',
      withResources({ requests: { cpu: '1K' } }),
      'spec.containers[0].resources.requests[cpu]: Invalid value: "1K": unable to parse quantity\'s suffix: the suffixes are n, u, m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei',
    ],
    [
      'words',
      withResources({ requests: { cpu: 'lots' } }),
      'spec.containers[0].resources.requests[cpu]: Invalid value: "lots": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
    ],
    [
      'no time',
      object('Pod', 'v1', { metadata: { name: 'x', creationTimestamp: 'yesterday' } }),
      'metadata.creationTimestamp: Invalid value: "yesterday": must be a time such as 2026-03-04T05:06:07Z',
    ],
  ])('refuses %s', (_, given, message) => {
    expect(validateObject(given).map(({ text }) => text)).toEqual([message]);
  });

  it('takes null for absent, numbers for quantities, and space around them for nothing', () => {
    const given = object('Pod', 'v1', {
      metadata: { name: 'x', labels: null, creationTimestamp: null },
      spec: { affinity: null, containers: [{ name: 'c', resources: { requests: { cpu: 2, memory: ' 1Gi ' } } }] },
      status: null,
    });
    expect(decodeObject(given)).toEqual([]);
    expect(JSON.parse(JSON.stringify(given))).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: { containers: [{ name: 'c', resources: { requests: { cpu: '2', memory: '1Gi' } } }] },
    });
    expect(decodeObject(given)).toEqual([]);
  });
});
