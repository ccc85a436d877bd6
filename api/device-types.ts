/**
 * The objects of dynamic resource allocation (`resource.k8s.io/v1`), as far as scheduling reads or writes them.
 * Source: `staging/src/k8s.io/api/resource/v1/types.go`, v0.37.2.
 */
import type { NodeSelector, ObjectMeta } from './types.ts';

export type DeviceTaintEffect = 'None' | 'NoSchedule' | 'NoExecute';

export interface DeviceToleration {
  readonly key?: string;
  /** @default 'Equal' */
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

export interface DeviceSelector {
  readonly cel?: { readonly expression: string };
}

export interface CapacityRequirements {
  readonly requests?: Readonly<Record<string, string>>;
}

/** What an exact request and an alternative of a prioritized list have in common. */
export interface DeviceDemand {
  readonly deviceClassName?: string;
  readonly selectors?: readonly DeviceSelector[];
  /** @default 'ExactCount' */
  readonly allocationMode?: string;
  /** @default 1, when the mode is ExactCount */
  readonly count?: number;
  readonly tolerations?: readonly DeviceToleration[];
  readonly capacity?: CapacityRequirements;
  /** Gate DRADerivedAttributes, off. */
  readonly derivedAttributes?: readonly unknown[];
}

export interface ExactDeviceRequest extends DeviceDemand {
  readonly adminAccess?: boolean;
}

export interface DeviceSubRequest extends DeviceDemand {
  readonly name: string;
}

export interface DeviceRequest {
  readonly name: string;
  readonly exactly?: ExactDeviceRequest;
  /** The first alternative that can be had is taken. */
  readonly firstAvailable?: readonly DeviceSubRequest[];
}

export interface DeviceConstraint {
  /** Names of requests, or `request/subrequest`; none means all. */
  readonly requests?: readonly string[];
  readonly matchAttribute?: string;
  readonly distinctAttribute?: string;
}

export interface DeviceConfiguration {
  readonly opaque?: { readonly driver: string; readonly parameters: unknown };
}

export interface DeviceClaimConfiguration extends DeviceConfiguration {
  readonly requests?: readonly string[];
}

export interface DeviceRequestResult {
  /** `request`, or `request/subrequest`. */
  readonly request: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly adminAccess?: boolean;
  readonly tolerations?: readonly DeviceToleration[];
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  /** Tells the shares of a device apart that several claims may hold. */
  readonly shareID?: string;
  readonly consumedCapacity?: Readonly<Record<string, string>>;
  /** Gate DRAOptionalNodeOperations, off. */
  readonly skipNodeOperations?: readonly string[];
}

export interface AllocatedConfiguration extends DeviceClaimConfiguration {
  readonly source: 'FromClass' | 'FromClaim';
}

export interface AllocationResult {
  readonly devices: {
    readonly results?: readonly DeviceRequestResult[];
    readonly config?: readonly AllocatedConfiguration[];
  };
  /** Where the devices can be used; absent: everywhere. */
  readonly nodeSelector?: NodeSelector;
  readonly allocationTimestamp?: string;
}

export interface ClaimConsumer {
  readonly apiGroup?: string;
  readonly resource: string;
  readonly name: string;
  readonly uid: string;
}

export interface AllocatedDeviceStatus {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly conditions?: ReadonlyArray<{
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }>;
}

export interface ResourceClaimSpec {
  readonly devices?: {
    readonly requests?: readonly DeviceRequest[];
    readonly constraints?: readonly DeviceConstraint[];
    readonly config?: readonly DeviceClaimConfiguration[];
  };
}

export interface ResourceClaimStatus {
  readonly allocation?: AllocationResult;
  readonly reservedFor?: readonly ClaimConsumer[];
  readonly devices?: readonly AllocatedDeviceStatus[];
}

export interface ResourceClaim {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: ResourceClaimSpec;
  readonly status?: ResourceClaimStatus;
}

export interface ResourceClaimTemplate {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: { readonly metadata?: ObjectMeta; readonly spec?: ResourceClaimSpec };
}

export interface DeviceClass {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: {
    readonly selectors?: readonly DeviceSelector[];
    readonly config?: readonly DeviceConfiguration[];
    /** Pods that request this extended resource are served with devices of the class. */
    readonly extendedResourceName?: string;
  };
}

/** Exactly one field is set. The plural ones belong to gate DRAListTypeAttributes, which is off. */
export interface DeviceAttribute {
  readonly int?: number;
  readonly bool?: boolean;
  readonly string?: string;
  readonly version?: string;
  readonly ints?: readonly number[];
  readonly bools?: readonly boolean[];
  readonly strings?: readonly string[];
  readonly versions?: readonly string[];
}

export interface CapacityPolicy {
  readonly default?: string;
  readonly validValues?: readonly string[];
  readonly validRange?: { readonly min?: string; readonly max?: string; readonly step?: string };
}

export interface DeviceCapacity {
  readonly value: string;
  /** How requests for a share are rounded and limited. */
  readonly requestPolicy?: CapacityPolicy;
}

export interface DeviceTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

export interface Counters {
  readonly [name: string]: { readonly value: string };
}

export interface Device {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, DeviceAttribute>>;
  readonly capacity?: Readonly<Record<string, DeviceCapacity>>;
  readonly consumesCounters?: ReadonlyArray<{
    readonly counterSet: string;
    readonly counters?: Counters;
    /** Gate DRADeviceCompatibilityGroups, off. */
    readonly compatibilityGroups?: readonly string[];
  }>;
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
  readonly taints?: readonly DeviceTaint[];
  readonly bindsToNode?: boolean;
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
  readonly allowMultipleAllocations?: boolean;
}

export interface ResourceSliceSpec {
  readonly driver: string;
  readonly pool: { readonly name: string; readonly generation?: number; readonly resourceSliceCount: number };
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
  /** The devices say themselves where they can be used. */
  readonly perDeviceNodeSelection?: boolean;
  readonly devices?: readonly Device[];
  readonly sharedCounters?: ReadonlyArray<{ readonly name: string; readonly counters?: Counters }>;
}

export interface ResourceSlice {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: ResourceSliceSpec;
}

/** A taint on all devices that the selector matches. */
export interface DeviceTaintRule {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: {
    readonly deviceSelector?: { readonly driver?: string; readonly pool?: string; readonly device?: string };
    readonly taint: DeviceTaint;
  };
}
