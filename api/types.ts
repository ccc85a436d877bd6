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

export type * from './device-types.ts';

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

/** Of a LimitRange, as written: nothing of it need be there. */
export interface LimitRangeItem {
  readonly type?: string;
  readonly max?: ResourceList;
  readonly min?: ResourceList;
  readonly default?: ResourceList;
  readonly defaultRequest?: ResourceList;
  readonly maxLimitRequestRatio?: ResourceList;
}

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

/** A device request that serves an extended resource of a container. */
export interface ContainerDeviceMapping {
  readonly containerName: string;
  readonly resourceName: string;
  readonly requestName: string;
}

export interface PodStatus
  extends Omit<core.PodStatus, 'containerStatuses' | 'initContainerStatuses' | 'resourceClaimStatuses'> {
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  /** Pod-level, as the kubelet last reported them (v1.37). */
  resources?: ResourceRequirements;
  allocatedResources?: ResourceList;
  /** Names of the claims made from templates; without a name none is needed. */
  resourceClaimStatuses?: ReadonlyArray<{ readonly name: string; readonly resourceClaimName?: string }>;
  /** The claim made for extended resources that devices serve (v1.37). */
  extendedResourceClaimStatus?: {
    readonly resourceClaimName: string;
    readonly requestMappings: readonly ContainerDeviceMapping[];
  };
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

/** `metav1.Condition`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
}

/** One of the fields is set. */
export interface PodGroupPolicy {
  readonly basic?: object;
  readonly gang?: { readonly minCount: number };
}

/** One of the fields is set. */
export interface CompositePodGroupPolicy {
  readonly basic?: object;
  readonly gang?: { readonly minGroupCount: number };
}

/** What the specs of both kinds of groups, and their templates, have in common. */
interface GroupSpec {
  readonly parentCompositePodGroupName?: string;
  readonly schedulingConstraints?: { readonly topology?: ReadonlyArray<{ readonly key: string }> };
  /** Whether preemption takes pods one by one or all together. */
  readonly disruptionMode?: { readonly single?: object; readonly all?: object };
  readonly priorityClassName?: string;
  readonly priority?: number;
  readonly preemptionPolicy?: string;
}

/** `scheduling.k8s.io/v1beta1`, gate GenericWorkload. */
export interface PodGroup {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: GroupSpec & {
    readonly workloadRef?: { readonly workloadName: string; readonly templateName: string };
    readonly schedulingPolicy?: PodGroupPolicy;
    readonly resourceClaims?: readonly PodResourceClaim[];
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly resourceClaimStatuses?: ReadonlyArray<{ readonly name: string; readonly resourceClaimName?: string }>;
  };
}

/** `scheduling.k8s.io/v1alpha3`, gate CompositePodGroup. */
export interface CompositePodGroup {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: GroupSpec & {
    readonly workloadRef?: { readonly workloadName: string; readonly templateName: string };
    readonly schedulingPolicy?: CompositePodGroupPolicy;
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** `scheduling.k8s.io/v1beta1`: what groups are made from. */
export interface Workload {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Any object with a kind and a name. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}
