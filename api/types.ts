/**
 * Kubernetes objects as plain immutable data: the types of `kubernetes-types`, extended where v1.37 has what those lack.
 * Only what scheduling reads is spelled out; everything else passes through untouched.
 */
import type { ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.d.ts';
import type * as core from 'kubernetes-types/core/v1.d.ts';
import type { LabelSelector, LabelSelectorRequirement, ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1.d.ts';
import type * as storage from 'kubernetes-types/storage/v1.d.ts';

export type {
  LabelSelector,
  LabelSelectorRequirement,
  ObjectMeta,
  PodDisruptionBudget,
  PriorityClass,
  ReplicaSet,
  StatefulSet,
};
export type Affinity = core.Affinity;
export type Namespace = core.Namespace;
export type NodeAffinity = core.NodeAffinity;
export type NodeSelector = core.NodeSelector;
export type NodeSelectorRequirement = core.NodeSelectorRequirement;
export type NodeSelectorTerm = core.NodeSelectorTerm;
export type PodAffinityTerm = core.PodAffinityTerm;
export type PreferredSchedulingTerm = core.PreferredSchedulingTerm;
export type ReplicationController = core.ReplicationController;
export type Service = core.Service;
export type Taint = core.Taint;
export type Toleration = core.Toleration;
export type TopologySpreadConstraint = core.TopologySpreadConstraint;
export type CSINode = storage.CSINode;
export type CSIStorageCapacity = storage.CSIStorageCapacity;
export type StorageClass = storage.StorageClass;
export type VolumeAttachment = storage.VolumeAttachment;

/** Resource name → quantity as written. */
export type ResourceList = Readonly<Record<string, string>>;

export interface ResourceRequirements {
  readonly requests?: ResourceList;
  readonly limits?: ResourceList;
  readonly claims?: ReadonlyArray<{ readonly name: string; readonly request?: string }>;
}

export interface Container extends Omit<core.Container, 'resources' | 'restartPolicy'> {
  resources?: ResourceRequirements;
  /** `Always` on an init container makes it a sidecar. */
  restartPolicy?: string;
  restartPolicyRules?: Array<{ action: string; exitCodes?: { operator: string; values?: number[] } }>;
}

export interface Volume extends core.Volume {
  /** An OCI image as a volume. */
  image?: { reference?: string; pullPolicy?: string };
}

export interface PodResourceClaim {
  readonly name: string;
  readonly resourceClaimName?: string;
  readonly resourceClaimTemplateName?: string;
}

export interface PodSpec extends Omit<core.PodSpec, 'containers' | 'initContainers' | 'volumes' | 'resourceClaims'> {
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  /** Pod-level resources (v1.34). */
  resources?: ResourceRequirements;
  resourceClaims?: PodResourceClaim[];
  /** Membership in a PodGroup (v1.37, gate GenericWorkload). */
  schedulingGroup?: { podGroupName?: string };
}

export interface ContainerStatus extends Omit<core.ContainerStatus, 'resources' | 'allocatedResources'> {
  allocatedResources?: ResourceList;
  resources?: ResourceRequirements;
}

export interface PodStatus extends Omit<core.PodStatus, 'containerStatuses' | 'initContainerStatuses'> {
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  /** Pod-level, as the kubelet last reported them (v1.37). */
  resources?: ResourceRequirements;
  allocatedResources?: ResourceList;
}

export interface Pod extends Omit<core.Pod, 'spec' | 'status'> {
  spec?: PodSpec;
  status?: PodStatus;
}

export interface NodeStatus extends Omit<core.NodeStatus, 'allocatable' | 'capacity'> {
  allocatable?: ResourceList;
  capacity?: ResourceList;
  /** Features the kubelet declares (v1.37). */
  declaredFeatures?: string[];
}

export interface Node extends Omit<core.Node, 'status'> {
  status?: NodeStatus;
}

export interface PersistentVolume extends Omit<core.PersistentVolume, 'spec'> {
  spec?: core.PersistentVolumeSpec & { volumeAttributesClassName?: string };
}

export interface PersistentVolumeClaim extends Omit<core.PersistentVolumeClaim, 'spec'> {
  spec?: core.PersistentVolumeClaimSpec & { volumeAttributesClassName?: string };
}

export interface CSIDriver extends Omit<storage.CSIDriver, 'spec'> {
  spec: storage.CSIDriverSpec & { preventPodSchedulingIfMissing?: boolean };
}

export interface ResourceClaim {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
  spec?: Readonly<Record<string, unknown>>;
  status?: Readonly<Record<string, unknown>>;
}

/** Any object with a kind and a name. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}
