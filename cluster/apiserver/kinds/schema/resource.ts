/** Dynamic resources. Source: `k8s.io/api`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const RESOURCE = `
## resource
AllocatedDeviceStatus
 driver string #1 !
 pool string #2 !
 device string #3 !
 shareID string #7 *
 conditions []meta.Condition #4 ! @type
 data raw #5 *
 networkData .NetworkDeviceData #6 *
AllocationResult
 devices .DeviceAllocationResult #1 !
 nodeSelector core.NodeSelector #3 *
 allocationTimestamp time #5 *
CELDeviceSelector
 expression string #1 !
CapacityRequestPolicy
 default quantity #1 * !
 validValues []quantity #3
 validRange .CapacityRequestPolicyRange #4 *
CapacityRequestPolicyRange
 min quantity #1 *
 max quantity #2 *
 step quantity #3 *
CapacityRequirements
 requests {}quantity #1
Counter
 value quantity #1 !
CounterSet
 name string #1 !
 counters {}.Counter #2
Device
 name string #1 !
 attributes {}.DeviceAttribute #2
 capacity {}.DeviceCapacity #3
 consumesCounters [].DeviceCounterConsumption #4
 nodeName string #5 *
 nodeSelector core.NodeSelector #6 *
 allNodes bool #7 *
 taints [].DeviceTaint #8
 bindsToNode bool #9 *
 bindingConditions []string #10
 bindingFailureConditions []string #11
 allowMultipleAllocations bool #12 *
 nodeAllocatableResources {}.NodeAllocatableResource #14
DeviceAllocationConfiguration
 source string/v1.AllocationConfigSource #1 !
 requests []string #2
 opaque .OpaqueDeviceConfiguration #1 * ^3
DeviceAllocationResult
 results [].DeviceRequestAllocationResult #1
 config [].DeviceAllocationConfiguration #2
DeviceAttribute
 int int64 #2 *
 bool bool #3 *
 string string #4 *
 version string #5 *
 ints []int64 #6
 bools []bool #7
 strings []string #8
 versions []string #9
DeviceCapacity
 value quantity #1 !
 requestPolicy .CapacityRequestPolicy #2 *
DeviceClaim
 requests [].DeviceRequest #1 !
 constraints [].DeviceConstraint #2
 config [].DeviceClaimConfiguration #3
DeviceClaimConfiguration
 requests []string #1
 opaque .OpaqueDeviceConfiguration #1 * ^2
DeviceClass
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .DeviceClassSpec #2 !
DeviceClassConfiguration
 opaque .OpaqueDeviceConfiguration #1 * ^1
DeviceClassSpec
 selectors [].DeviceSelector #1
 config [].DeviceClassConfiguration #2
 extendedResourceName string #4 *
DeviceConstraint
 requests []string #1
 matchAttribute string/v1.FullyQualifiedName #2 *
 distinctAttribute string/v1.FullyQualifiedName #3 *
DeviceCounterConsumption
 counterSet string #1 !
 counters {}.Counter #2
 compatibilityGroups []string #3
DeviceDerivedAttribute
 name string/v1.FullyQualifiedName #1 !
 expression string #2 !
DeviceRequest
 name string #1 !
 exactly .ExactDeviceRequest #2 *
 firstAvailable [].DeviceSubRequest #3
DeviceRequestAllocationResult
 request string #1 !
 driver string #2 !
 pool string #3 !
 device string #4 !
 adminAccess bool #5 *
 tolerations [].DeviceToleration #6
 bindingConditions []string #7
 bindingFailureConditions []string #8
 shareID string/types.UID #9 *
 consumedCapacity {}quantity #10
 skipNodeOperations []string/v1.SkipNodeOperation #11 @set
DeviceSelector
 cel .CELDeviceSelector #1 *
DeviceSubRequest
 name string #1 !
 deviceClassName string #2 !
 selectors [].DeviceSelector #3
 allocationMode string/v1.DeviceAllocationMode #4
 count int64 #5
 tolerations [].DeviceToleration #6
 capacity .CapacityRequirements #7 *
 derivedAttributes [].DeviceDerivedAttribute #8
DeviceTaint
 key string #1 !
 value string #2
 effect string/v1.DeviceTaintEffect #3 !
 timeAdded time #4 *
DeviceTaintRule
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .DeviceTaintRuleSpec #2 !
 status .DeviceTaintRuleStatus #3 !
DeviceTaintRuleSpec
 deviceSelector .DeviceTaintSelector #1 *
 taint .DeviceTaint #2 !
DeviceTaintRuleStatus
 conditions []meta.Condition #1 =type @type
DeviceTaintSelector
 driver string #2 *
 pool string #3 *
 device string #4 *
DeviceToleration
 key string #1
 operator string/v1.DeviceTolerationOperator #2
 value string #3
 effect string/v1.DeviceTaintEffect #4
 tolerationSeconds int64 #5 *
ExactDeviceRequest
 deviceClassName string #1 !
 selectors [].DeviceSelector #2
 allocationMode string/v1.DeviceAllocationMode #3
 count int64 #4
 adminAccess bool #5 *
 tolerations [].DeviceToleration #6
 capacity .CapacityRequirements #7 *
 derivedAttributes [].DeviceDerivedAttribute #8
NetworkDeviceData
 interfaceName string #1
 ips []string #2
 hardwareAddress string #3
NodeAllocatableMapping
 capacityKey string/v1.QualifiedName #1 *
 capacityMultiplier quantity #2 *
 deviceMultiplier quantity #3 *
NodeAllocatableOverhead
 perPod quantity #1 *
 perContainer quantity #2 *
NodeAllocatableResource
 mapping .NodeAllocatableMapping #3 *
 overhead .NodeAllocatableOverhead #4 *
OpaqueDeviceConfiguration
 driver string #1 !
 parameters raw #2 !
ResourceClaim
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .ResourceClaimSpec #2 !
 status .ResourceClaimStatus #3 !
ResourceClaimConsumerReference
 apiGroup string #1
 resource string #3 !
 name string #4 !
 uid string/types.UID #5 !
ResourceClaimSpec
 devices .DeviceClaim #1 !
ResourceClaimStatus
 allocation .AllocationResult #1 *
 reservedFor [].ResourceClaimConsumerReference #2 =uid @uid
 devices [].AllocatedDeviceStatus #4 @driver,device,pool,shareID
ResourceClaimTemplate
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .ResourceClaimTemplateSpec #2 !
ResourceClaimTemplateSpec
 metadata meta.ObjectMeta #1 !
 spec .ResourceClaimSpec #2 !
ResourcePool
 name string #1 !
 generation int64 #2 !
 resourceSliceCount int64 #3 !
ResourceSlice
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .ResourceSliceSpec #2 !
ResourceSliceSpec
 driver string #1 !
 pool .ResourcePool #2 !
 nodeName string #3 *
 nodeSelector core.NodeSelector #4 *
 allNodes bool #5 *
 devices [].Device #6
 perDeviceNodeSelection bool #7 *
 sharedCounters [].CounterSet #8
 partitionTypeAttribute string/v1.FullyQualifiedName #9 *
 skipNodeOperations []string/v1.SkipNodeOperation #10 @set
`;
