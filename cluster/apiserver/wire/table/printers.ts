/** The printer of every kind. Source: `pkg/printers/internalversion/printers.go`, v1.37.2. */
import type { KubeObject } from '../../../../api/index.ts';
import { since } from './age.ts';
import { condition, count, field, list, size, text, texts } from './fields.ts';
import { accessModes, age, firstOf, formatLabels, name } from './formats.ts';
import { podPrinter } from './pod-printer.ts';
import { type Cell, columns, type Printer } from './printer.ts';
import { WORKLOAD_PRINTERS } from './workload-printers.ts';

const NONE = '<none>';

export const printerOf = (kind: string): Printer => PRINTERS[kind] ?? PLAIN;

/** For kinds that have no printer of their own. Source: `apiserver/pkg/registry/rest/table.go`, v0.37.2. */
const PLAIN: Printer = {
  columns: columns('Name!, Created At').map((column) =>
    column.name === 'Created At' ? { ...column, type: 'date' } : column,
  ),
  cells: (object) => [name(object), text(object, 'metadata', 'creationTimestamp')],
};

/** Name, what stands between, and age. */
const withAge = (line: string, between: (object: KubeObject) => Cell[]): Printer => ({
  columns: columns(line),
  cells: (object, nowMs) => [name(object), ...between(object), age(object, nowMs)],
});

const EVENT_COLUMNS = 'Last Seen, Type, Reason, Object, Subobject+, Source+, Message, First Seen+, Count+, Name!+';

const nameAndAge = withAge('Name!, Age', () => []);
const binding: Printer = {
  columns: columns('Name!, Role, Age, Users+, Groups+, ServiceAccounts+'),
  cells: (object, nowMs) => [
    name(object),
    `${text(object, 'roleRef', 'kind')}/${text(object, 'roleRef', 'name')}`,
    age(object, nowMs),
    subjects(object, 'User'),
    subjects(object, 'Group'),
    subjects(object, 'ServiceAccount'),
  ],
};

const PRINTERS: Readonly<Record<string, Printer>> = {
  ...WORKLOAD_PRINTERS,
  Pod: podPrinter,
  Node: {
    columns: columns(
      'Name!, Status, Roles, Age, Version, Internal-IP+, External-IP+, OS-Image+, Kernel-Version+, Container-Runtime+',
    ),
    cells: nodeCells,
  },
  Namespace: withAge('Name!, Status, Age', (object) => [text(object, 'status', 'phase')]),
  Secret: withAge('Name!, Type, Data, Age', (object) => [text(object, 'type'), size(object, 'data')]),
  ConfigMap: withAge('Name!, Data, Age', (object) => [size(object, 'data') + size(object, 'binaryData')]),
  ServiceAccount: nameAndAge,
  Workload: nameAndAge,
  DeviceClass: nameAndAge,
  ResourceClaimTemplate: nameAndAge,
  Lease: withAge('Name!, Holder, Age', (object) => [text(object, 'spec', 'holderIdentity')]),
  RuntimeClass: withAge('Name!, Handler, Age', (object) => [text(object, 'handler')]),
  CSINode: withAge('Name!, Drivers#, Age', (object) => [list(object, 'spec', 'drivers').length]),
  VolumeAttributesClass: withAge('Name!, DriverName, Age', (object) => [text(object, 'driverName')]),
  ResourceClaim: withAge('Name!, State, Age', (object) => [claimState(object)]),
  ResourceSlice: withAge('Name!, Node, Driver, Pool, Age', (object) => [
    text(object, 'spec', 'nodeName'),
    text(object, 'spec', 'driver'),
    text(object, 'spec', 'pool', 'name'),
  ]),
  DeviceTaintRule: {
    columns: columns('Name!, Key, Value, Effect, TimeAdded, Age'),
    cells: (object, nowMs) => {
      const taint = field(object, 'spec', 'taint');
      const added = since(text(taint, 'timeAdded'), nowMs);
      return [name(object), text(taint, 'key'), text(taint, 'value'), text(taint, 'effect'), added, age(object, nowMs)];
    },
  },
  Endpoints: withAge('Name!, Endpoints, Age', (object) => [endpoints(object)]),
  EndpointSlice: withAge('Name!, AddressType, Ports, Endpoints, Age', (object) => [
    text(object, 'addressType'),
    firstOf(list(object, 'ports').map((port) => text(port, 'port') || text(port, 'name') || '*')),
    firstOf(list(object, 'endpoints').flatMap((endpoint) => texts(endpoint, 'addresses'))),
  ]),
  StorageClass: withAge('Name!, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age', (object) => [
    text(object, 'provisioner'),
    text(object, 'reclaimPolicy') || 'Delete',
    text(object, 'volumeBindingMode') || 'Immediate',
    field(object, 'allowVolumeExpansion') === true,
  ]),
  VolumeAttachment: withAge('Name!, Attacher!, PV, Node, Attached?, Age', (object) => [
    text(object, 'spec', 'attacher'),
    text(object, 'spec', 'source', 'persistentVolumeName'),
    text(object, 'spec', 'nodeName'),
    field(object, 'status', 'attached') === true,
  ]),
  CSIDriver: withAge(
    'Name!, AttachRequired?, PodInfoOnMount?, StorageCapacity?, TokenRequests, RequiresRepublish?, Modes, Age',
    (object) => [
      field(object, 'spec', 'attachRequired') !== false,
      field(object, 'spec', 'podInfoOnMount') === true,
      field(object, 'spec', 'storageCapacity') === true,
      field(object, 'spec', 'tokenRequests') === undefined
        ? '<unset>'
        : list(object, 'spec', 'tokenRequests')
            .map((each) => text(each, 'audience'))
            .join(','),
      field(object, 'spec', 'requiresRepublish') === true,
      texts(object, 'spec', 'volumeLifecycleModes').join(',') || NONE,
    ],
  ),
  CSIStorageCapacity: {
    columns: columns('Name!, StorageClassName, Capacity'),
    cells: (object) => [name(object), text(object, 'storageClassName'), text(object, 'capacity') || '<unset>'],
  },
  PersistentVolume: {
    columns: columns(
      'Name!, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, VolumeMode+',
    ),
    cells: volumeCells,
  },
  PersistentVolumeClaim: {
    columns: columns(
      'Name!, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode+',
    ),
    cells: claimCells,
  },
  PriorityClass: {
    columns: columns('Name!, Value#, Global-Default?, Age, PreemptionPolicy'),
    cells: (object, nowMs) => [
      name(object),
      count(object, 'value'),
      field(object, 'globalDefault') === true,
      age(object, nowMs),
      text(object, 'preemptionPolicy'),
    ],
  },
  ComponentStatus: {
    columns: columns('Name!, Status, Message, Error'),
    cells: (object) => {
      const healthy = list(object, 'conditions').find(({ type }) => type === 'Healthy');
      const status = healthy === undefined ? 'Unknown' : healthy.status === 'True' ? 'Healthy' : 'Unhealthy';
      return [name(object), status, text(healthy, 'message'), text(healthy, 'error')];
    },
  },
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  ResourceQuota: withAge('Name!, Request, Limit, Age', (object) => {
    const hard = (field(object, 'status', 'hard') ?? {}) as Readonly<Record<string, unknown>>;
    const write = (isLimit: boolean): string =>
      Object.keys(hard)
        .filter((resource) => resource.startsWith('limits.') === isLimit)
        .sort()
        .map((resource) => `${resource}: ${text(object, 'status', 'used', resource) || '0'}/${String(hard[resource])}`)
        .join(', ');
    return [write(false), write(true)];
  }),
  Service: {
    columns: columns('Name!, Type, Cluster-IP, External-IP, Port(s), Age, Selector+'),
    cells: (object, nowMs) => [
      name(object),
      text(object, 'spec', 'type'),
      texts(object, 'spec', 'clusterIPs')[0] ?? NONE,
      externalIps(object),
      list(object, 'spec', 'ports').map(portText).join(',') || NONE,
      age(object, nowMs),
      formatLabels(field(object, 'spec', 'selector')),
    ],
  },
  Event: { columns: columns(EVENT_COLUMNS), cells: eventCells },
};

function subjects(object: KubeObject, kind: string): string {
  return list(object, 'subjects')
    .filter((subject) => subject.kind === kind)
    .map((subject) => (kind === 'ServiceAccount' ? `${text(subject, 'namespace')}/` : '') + text(subject, 'name'))
    .join(', ');
}

function nodeCells(node: KubeObject, nowMs: number): Cell[] {
  const ready = condition(node, 'Ready');
  const status = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (field(node, 'spec', 'unschedulable') === true) status.push('SchedulingDisabled');
  const info = field(node, 'status', 'nodeInfo');
  const architecture = text(info, 'architecture');
  return [
    name(node),
    status.join(','),
    nodeRoles(node).join(',') || NONE,
    age(node, nowMs),
    text(info, 'kubeletVersion'),
    nodeAddress(node, 'InternalIP'),
    nodeAddress(node, 'ExternalIP'),
    text(info, 'osImage') || '<unknown>',
    (text(info, 'kernelVersion') || '<unknown>') + (architecture === '' ? '' : ` (${architecture})`),
    text(info, 'containerRuntimeVersion') || '<unknown>',
  ];
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles(node: KubeObject): string[] {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata?.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return [...roles].sort();
}

const nodeAddress = (node: KubeObject, type: string): string =>
  text(
    list(node, 'status', 'addresses').find((address) => address.type === type),
    'address',
  ) || NONE;

const phaseOf = (object: KubeObject): string =>
  field(object, 'metadata', 'deletionTimestamp') === undefined ? text(object, 'status', 'phase') : 'Terminating';

/** From the annotation that was there before the field. */
const storageClassOf = (object: KubeObject): string =>
  object.metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? text(object, 'spec', 'storageClassName');

function volumeCells(volume: KubeObject, nowMs: number): Cell[] {
  const claim = field(volume, 'spec', 'claimRef');
  return [
    name(volume),
    text(volume, 'spec', 'capacity', 'storage') || '0',
    accessModes(texts(volume, 'spec', 'accessModes')),
    text(volume, 'spec', 'persistentVolumeReclaimPolicy'),
    phaseOf(volume),
    claim === undefined ? '' : `${text(claim, 'namespace')}/${text(claim, 'name')}`,
    storageClassOf(volume),
    text(volume, 'spec', 'volumeAttributesClassName') || '<unset>',
    text(volume, 'status', 'reason'),
    age(volume, nowMs),
    text(volume, 'spec', 'volumeMode') || '<unset>',
  ];
}

function claimCells(claim: KubeObject, nowMs: number): Cell[] {
  const volume = text(claim, 'spec', 'volumeName');
  return [
    name(claim),
    phaseOf(claim),
    volume,
    volume === '' ? '' : text(claim, 'status', 'capacity', 'storage') || '0',
    volume === '' ? '' : accessModes(texts(claim, 'status', 'accessModes')),
    storageClassOf(claim),
    text(claim, 'spec', 'volumeAttributesClassName') || '<unset>',
    age(claim, nowMs),
    text(claim, 'spec', 'volumeMode') || '<unset>',
  ];
}

function claimState(claim: KubeObject): string {
  const isDeleted = field(claim, 'metadata', 'deletionTimestamp') !== undefined;
  const states = isDeleted ? ['deleted'] : [];
  if (field(claim, 'status', 'allocation') === undefined) return isDeleted ? 'deleted' : 'pending';
  states.push('allocated');
  if (list(claim, 'status', 'reservedFor').length > 0) states.push('reserved');
  return states.join(',');
}

function portText(port: unknown): string {
  const nodePort = count(port, 'nodePort');
  return `${count(port, 'port')}${nodePort > 0 ? `:${nodePort}` : ''}/${text(port, 'protocol')}`;
}

function externalIps(service: KubeObject): string {
  const external = texts(service, 'spec', 'externalIPs');
  switch (text(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || NONE;
    case 'LoadBalancer': {
      const ingress = list(service, 'status', 'loadBalancer', 'ingress').map(
        (each) => text(each, 'ip') || text(each, 'hostname'),
      );
      const unique = [...new Set(ingress.filter((each) => each !== ''))].sort();
      return [...unique, ...external].join(',') || '<pending>';
    }
    case 'ExternalName':
      return text(service, 'spec', 'externalName');
    default:
      return '<unknown>';
  }
}

function endpoints(object: KubeObject): string {
  const subsets = list(object, 'subsets');
  if (subsets.length === 0) return NONE;
  const join = (ip: string, port: string): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
  const all = subsets.flatMap((subset) => {
    const ips = list(subset, 'addresses').map((address) => text(address, 'ip'));
    const ports = list(subset, 'ports').map((port) => text(port, 'port'));
    return ports.length === 0 ? ips : ports.flatMap((port) => ips.map((ip) => join(ip, port)));
  });
  return all.length === 0 ? '' : firstOf(all);
}

/** Of `v1`, or of `events.k8s.io/v1`, where the fields have other names. */
function eventCells(event: KubeObject, nowMs: number): Cell[] {
  const either = (...names: string[]): unknown =>
    names.map((each) => field(event, each)).find((each) => each !== undefined);
  const first = since(String(either('firstTimestamp', 'deprecatedFirstTimestamp', 'eventTime') ?? ''), nowMs);
  const lastTime = either('lastTimestamp', 'deprecatedLastTimestamp');
  const series = field(event, 'series');
  const last = series === undefined ? lastTime : field(series, 'lastObservedTime');
  const involved = either('involvedObject', 'regarding');
  const kind = text(involved, 'kind').toLowerCase();
  const source = either('source', 'deprecatedSource');
  const component = text(source, 'component') || String(either('reportingComponent', 'reportingController') ?? '');
  const instance = text(source, 'host') || text(event, 'reportingInstance');
  return [
    last === undefined ? first : since(String(last), nowMs),
    text(event, 'type'),
    text(event, 'reason'),
    text(involved, 'name') === '' ? kind : `${kind}/${text(involved, 'name')}`,
    text(involved, 'fieldPath'),
    instance === '' ? component : `${component}, ${instance}`,
    String(either('message', 'note') ?? '').trim(),
    first,
    (series === undefined ? Number(either('count', 'deprecatedCount') ?? 0) : count(series, 'count')) || 1,
    name(event),
  ];
}
