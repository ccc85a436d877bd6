/**
 * What is wrong with an object, in the words and with the field paths of the API server, as far as scheduling reads it.
 * Checks that only concern other parts of Kubernetes are left out, so nothing is refused here that a server accepts.
 */
import type { FieldError } from './field-error.ts';
import { kindInfo } from './kinds.ts';
import type * as types from './types.ts';
import * as devices from './validation/devices.ts';
import { compositePodGroupProblems, podGroupProblems } from './validation/groups.ts';
import { metadataProblems } from './validation/metadata.ts';
import { isLabel, isSubdomain } from './validation/names.ts';
import { nodeProblems } from './validation/node.ts';
import { podProblems } from './validation/pod.ts';
import { budgetProblems, priorityClassProblems } from './validation/policy.ts';
import { type DecodedParts, decode } from './validation/shape.ts';
import { SHAPES } from './validation/shapes.ts';
import * as storage from './validation/storage.ts';
import { controllerProblems, replicationControllerProblems, serviceProblems } from './validation/workloads.ts';

export { DecodedParts } from './validation/shape.ts';

/**
 * Everything that Go's decoder would do to an object of a known kind, in place: null fields go, and quantities given as
 * numbers become text. Returns what has the wrong type; such an object must not be used.
 *
 * @param known For many objects that share parts: those looked at before.
 */
export function decodeObject(object: types.KubeObject, known?: DecodedParts): FieldError[] {
  const shape = kindInfo(object.kind ?? '', object.apiVersion ?? '') && SHAPES.get(object.kind!);
  return shape === undefined ? [] : decode(object, shape, known);
}

/** Decodes an object (see `decodeObject`) and checks it. Objects of kinds that scheduling does not read are fine. */
export function validateObject(object: types.KubeObject): FieldError[] {
  const errors = decodeObject(object);
  return errors.length > 0 ? errors : validateKind(object);
}

const clusterWide = { name: isSubdomain, namespaced: false };

const PROBLEMS: Readonly<Record<string, (object: never) => FieldError[]>> = {
  Pod: podProblems,
  Node: nodeProblems,
  Namespace: ({ metadata }: types.Namespace) => metadataProblems(metadata, { ...clusterWide, name: isLabel }),
  PriorityClass: priorityClassProblems,
  PodDisruptionBudget: budgetProblems,
  Service: serviceProblems,
  ReplicationController: replicationControllerProblems,
  ReplicaSet: (set: types.ReplicaSet) => controllerProblems(set, 'deployment'),
  StatefulSet: (set: types.StatefulSet) => controllerProblems(set, 'statefulset'),
  PersistentVolume: storage.volumeProblems,
  PersistentVolumeClaim: storage.claimProblems,
  StorageClass: storage.storageClassProblems,
  CSINode: storage.csiNodeProblems,
  CSIDriver: storage.csiDriverProblems,
  CSIStorageCapacity: storage.storageCapacityProblems,
  VolumeAttachment: storage.attachmentProblems,
  ResourceClaim: devices.resourceClaimProblems,
  ResourceClaimTemplate: devices.claimTemplateProblems,
  ResourceSlice: devices.sliceProblems,
  DeviceClass: devices.deviceClassProblems,
  DeviceTaintRule: devices.taintRuleProblems,
  PodGroup: podGroupProblems,
  CompositePodGroup: compositePodGroupProblems,
};

/** Checks an object that has been decoded. */
export function validateKind(object: types.KubeObject): FieldError[] {
  const { kind = '', apiVersion = '' } = object;
  return kindInfo(kind, apiVersion) === undefined ? [] : (PROBLEMS[kind]?.(object as never) ?? []);
}
