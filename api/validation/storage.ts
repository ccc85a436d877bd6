/**
 * Volumes, storage classes and CSI objects. Source: `pkg/apis/core/validation/validation.go` and
 * `pkg/apis/storage/validation/validation.go`, v1.37.2.
 */
import {
  duplicateValue,
  enumText,
  type FieldError,
  forbiddenValue,
  goJson,
  invalidValue,
  notSupportedValue,
  Rendered,
  requiredValue,
} from '../field-error.ts';
import { labelKeyErrors } from '../label-rules.ts';
import { formatQuantity, parseQuantity, quantityValue } from '../quantity.ts';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  ResourceList,
  StorageClass,
  VolumeAttachment,
} from '../types.ts';
import { labelSelectorProblems } from './labels.ts';
import { metadataProblems } from './metadata.ts';
import { isSubdomain, nameErrors } from './names.ts';
import { nodeSelectorProblems, topologyTermsProblems } from './node-selector.ts';
import { positiveQuantityProblems } from './resources.ts';
import { accessModesProblems, claimSpecProblems, volumeModeProblems } from './volumes.ts';

const CLUSTER_WIDE = { name: isSubdomain, namespaced: false };
const NAMESPACED = { name: isSubdomain, namespaced: true };
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];
const MAX_DRIVER_NAME = 63;
const MAX_NODE_ID = 256;

export function volumeProblems(volume: PersistentVolume): FieldError[] {
  const { accessModes = [], capacity, nodeAffinity, csi, storageClassName = '', volumeMode } = volume.spec ?? {};
  const errors = metadataProblems(volume.metadata, CLUSTER_WIDE);
  if (accessModes.length === 0) errors.push(requiredValue('spec.accessModes'));
  errors.push(...accessModesProblems('spec.accessModes', accessModes), ...capacityProblems('spec.capacity', capacity));
  if (nodeAffinity?.required) errors.push(...nodeSelectorProblems('spec.nodeAffinity.required', nodeAffinity.required));
  else if (nodeAffinity) {
    errors.push(requiredValue('spec.nodeAffinity.required', 'must specify required node constraints'));
  }
  if (csi) {
    errors.push(...driverNameProblems('spec.csi.driver', csi.driver ?? ''));
    if (!csi.volumeHandle) errors.push(requiredValue('spec.csi.volumeHandle'));
  }
  if (storageClassName !== '') errors.push(...nameErrors('spec.storageClassName', storageClassName, isSubdomain));
  errors.push(...volumeModeProblems('spec.volumeMode', volumeMode));
  return errors;
}

function capacityProblems(path: string, given: ResourceList | undefined): FieldError[] {
  const capacity = given ?? {};
  const names = Object.keys(capacity);
  const errors: FieldError[] = names.length === 0 ? [requiredValue(path)] : [];
  if (names.length !== 1 || names[0] !== 'storage') {
    errors.push(notSupportedValue(path, internalAmounts(given), ['storage']));
  }
  for (const name of names) {
    const value = quantityValue(parseQuantity(capacity[name]!));
    const at = `${path}[${name}]`;
    if (value < 0) errors.push(invalidValue(at, value, 'must be a valid resource quantity'));
    errors.push(...positiveQuantityProblems(at, capacity[name]!));
  }
  return errors;
}

/** Amounts as Go shows the map of them: sorted, in canonical form. */
function internalAmounts(amounts: ResourceList | undefined): Rendered {
  if (amounts === undefined) return new Rendered('null');
  const entries = Object.entries(amounts).map(([name, text]) => [name, formatQuantity(parseQuantity(text))] as const);
  return new Rendered(goJson(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))));
}

export const claimProblems = (claim: PersistentVolumeClaim): FieldError[] => [
  ...metadataProblems(claim.metadata, NAMESPACED),
  ...claimSpecProblems('spec', claim.spec ?? {}),
];

export function storageClassProblems(storageClass: StorageClass): FieldError[] {
  const { provisioner = '', volumeBindingMode: mode = 'Immediate', allowedTopologies = [] } = storageClass;
  const errors = metadataProblems(storageClass.metadata, CLUSTER_WIDE);
  if (provisioner === '') errors.push(requiredValue('provisioner'));
  else {
    const name = provisioner.toLowerCase();
    errors.push(...labelKeyErrors(name).map((detail) => invalidValue('provisioner', name, detail)));
  }
  if (!BINDING_MODES.includes(mode)) errors.push(notSupportedValue('volumeBindingMode', enumText(mode), BINDING_MODES));
  errors.push(...topologyTermsProblems('allowedTopologies', allowedTopologies));
  return errors;
}

export function csiNodeProblems(csiNode: CSINode): FieldError[] {
  const errors = metadataProblems(csiNode.metadata, CLUSTER_WIDE);
  const names = new Set<string>();
  csiNode.spec?.drivers?.forEach(({ name = '', nodeID = '', allocatable, topologyKeys = [] }, i) => {
    const at = `spec.drivers[${i}]`;
    errors.push(...driverNameProblems(`${at}.name`, name));
    if (nodeID === '') errors.push(requiredValue(`${at}.nodeID`));
    if (nodeID.length > MAX_NODE_ID) {
      errors.push(invalidValue(`${at}.nodeID`, nodeID, `must be ${MAX_NODE_ID} characters or less`));
    }
    const count = allocatable?.count ?? 0;
    if (count < 0) {
      errors.push(invalidValue(`${at}.allocatable.count`, count, 'must be greater than or equal to 0'));
    }
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    names.add(name);
    errors.push(...topologyKeysProblems(at, topologyKeys));
  });
  return errors;
}

const topologyKeysProblems = (path: string, keys: readonly string[]): FieldError[] =>
  keys.flatMap((key, i) => [
    ...(key === '' ? [requiredValue(path)] : []),
    ...(keys.indexOf(key) < i ? [duplicateValue(path, key)] : []),
    ...labelKeyErrors(key).map((detail) => invalidValue(path, key, detail)),
  ]);

function driverNameProblems(path: string, name: string): FieldError[] {
  if (name === '') return [requiredValue(path)];
  const errors: FieldError[] = [];
  if (name.length > MAX_DRIVER_NAME) {
    errors.push({ path, text: `${path}: Too long: may not be more than ${MAX_DRIVER_NAME} bytes` });
  }
  errors.push(...isSubdomain(name.toLowerCase()).map((detail) => invalidValue(path, name, detail)));
  return errors;
}

export function csiDriverProblems(driver: CSIDriver): FieldError[] {
  const errors = metadataProblems(driver.metadata, CLUSTER_WIDE);
  for (const mode of driver.spec?.volumeLifecycleModes ?? []) {
    if (LIFECYCLE_MODES.includes(mode)) continue;
    errors.push(notSupportedValue('spec.volumeLifecycleModes', enumText(mode), LIFECYCLE_MODES));
  }
  return errors;
}

export function storageCapacityProblems(object: CSIStorageCapacity): FieldError[] {
  const { storageClassName = '', capacity } = object;
  const errors = [
    ...metadataProblems(object.metadata, NAMESPACED),
    ...labelSelectorProblems('nodeTopology', object.nodeTopology),
    ...nameErrors('storageClassName', storageClassName, isSubdomain),
  ];
  if (capacity !== undefined && parseQuantity(capacity).nano < 0n) {
    const shown = formatQuantity(parseQuantity(capacity));
    errors.push(invalidValue('capacity', shown, 'must be greater than or equal to 0'));
  }
  return errors;
}

export function attachmentProblems(attachment: VolumeAttachment): FieldError[] {
  const { attacher = '', nodeName = '', source } = attachment.spec ?? {};
  const errors = [
    ...metadataProblems(attachment.metadata, CLUSTER_WIDE),
    ...driverNameProblems('spec.attacher', attacher),
  ];
  const volume = source?.persistentVolumeName;
  const sources = Number(volume !== undefined) + Number(source?.inlineVolumeSpec !== undefined);
  if (sources !== 1) {
    const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
    errors.push(sources === 0 ? requiredValue('spec.source', detail) : forbiddenValue('spec.source', detail));
  } else if (volume === '') {
    const detail = 'must specify non empty persistentVolumeName';
    errors.push(requiredValue('spec.source.persistentVolumeName', detail));
  }
  errors.push(...nameErrors('spec.nodeName', nodeName, isSubdomain));
  if (volume !== undefined) errors.push(...nameErrors('spec.source.persistentVolumeName', volume, isSubdomain));
  return errors;
}
