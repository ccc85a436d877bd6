/** The other kinds of the core group. Source: `k8s.io/api`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const CORE = `
## core
AttachedVolume
 name string/v1.UniqueVolumeName #1 !
 devicePath string #2 !
Binding
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 target .ObjectReference #2 !
ClientIPConfig
 timeoutSeconds int32 #1 *
ComponentCondition
 type string/v1.ComponentConditionType #1 !
 status string/v1.ConditionStatus #2 !
 message string #3
 error string #4
ComponentStatus
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 conditions [].ComponentCondition #2 =type @type
ConfigMap
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 immutable bool #4 *
 data {}string #2
 binaryData {}bytes #3
ConfigMapNodeConfigSource
 namespace string #1 !
 name string #2 !
 uid string/types.UID #3
 resourceVersion string #4
 kubeletConfigKey string #5 !
ContainerImage
 names []string #1 !
 sizeBytes int64 #2
DaemonEndpoint
 Port int32 #1 !
EndpointAddress
 ip string #1 !
 hostname string #3
 nodeName string #4 *
 targetRef .ObjectReference #2 *
EndpointPort
 name string #1
 port int32 #2 !
 protocol string/v1.Protocol #3
 appProtocol string #4 *
EndpointSubset
 addresses [].EndpointAddress #1
 notReadyAddresses [].EndpointAddress #2
 ports [].EndpointPort #3
Endpoints
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 subsets [].EndpointSubset #2
Event
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 involvedObject .ObjectReference #2 !
 reason string #3
 message string #4
 source .EventSource #5 !
 firstTimestamp time #6 !
 lastTimestamp time #7 !
 count int32 #8
 type string #9
 eventTime microTime #10 !
 series .EventSeries #11 *
 action string #12
 related .ObjectReference #13 *
 reportingComponent string #14 !
 reportingInstance string #15 !
EventSeries
 count int32 #1
 lastObservedTime microTime #2 !
EventSource
 component string #1
 host string #2
LimitRange
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .LimitRangeSpec #2 !
LimitRangeItem
 type string/v1.LimitType #1 !
 max {}quantity #2
 min {}quantity #3
 default {}quantity #4
 defaultRequest {}quantity #5
 maxLimitRequestRatio {}quantity #6
LimitRangeSpec
 limits [].LimitRangeItem #1 !
LoadBalancerIngress
 ip string #1
 hostname string #2
 ipMode string/v1.LoadBalancerIPMode #3 *
 ports [].PortStatus #4
LoadBalancerStatus
 ingress [].LoadBalancerIngress #1
Namespace
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .NamespaceSpec #2 !
 status .NamespaceStatus #3 !
NamespaceCondition
 type string/v1.NamespaceConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastTransitionTime time #4 !
 reason string #5
 message string #6
NamespaceSpec
 finalizers []string/v1.FinalizerName #1
NamespaceStatus
 phase string/v1.NamespacePhase #1
 conditions [].NamespaceCondition #2 =type @type
Node
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .NodeSpec #2 !
 status .NodeStatus #3 !
NodeAddress
 type string/v1.NodeAddressType #1 !
 address string #2 !
NodeCondition
 type string/v1.NodeConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastHeartbeatTime time #3 !
 lastTransitionTime time #4 !
 reason string #5
 message string #6
NodeConfigSource
 configMap .ConfigMapNodeConfigSource #2 *
NodeConfigStatus
 assigned .NodeConfigSource #1 *
 active .NodeConfigSource #2 *
 lastKnownGood .NodeConfigSource #3 *
 error string #4
NodeDaemonEndpoints
 kubeletEndpoint .DaemonEndpoint #1 !
NodeFeatures
 supplementalGroupsPolicy bool #1 *
NodePodPreemptionPolicy
 disableResizePreemption []string #1 @set
NodeRuntimeHandler
 name string #1 !
 features .NodeRuntimeHandlerFeatures #2 *
NodeRuntimeHandlerFeatures
 recursiveReadOnlyMounts bool #1 *
 userNamespaces bool #2 *
NodeSpec
 podCIDR string #1
 podCIDRs []string #7 = @set
 providerID string #3
 unschedulable bool #4
 taints [].Taint #5
 configSource .NodeConfigSource #6 *
 externalID string #2
 podPreemptionPolicy .NodePodPreemptionPolicy #8 *
NodeStatus
 capacity {}quantity #1
 allocatable {}quantity #2
 phase string/v1.NodePhase #3
 conditions [].NodeCondition #4 =type @type
 addresses [].NodeAddress #5 =type @type
 daemonEndpoints .NodeDaemonEndpoints #6 !
 nodeInfo .NodeSystemInfo #7 !
 images [].ContainerImage #8
 volumesInUse []string/v1.UniqueVolumeName #9
 volumesAttached [].AttachedVolume #10
 config .NodeConfigStatus #11 *
 runtimeHandlers [].NodeRuntimeHandler #12
 features .NodeFeatures #13 *
 declaredFeatures []string #14
NodeSwapStatus
 capacity int64 #1 *
NodeSystemInfo
 machineID string #1 !
 systemUUID string #2 !
 bootID string #3 !
 kernelVersion string #4 !
 osImage string #5 !
 containerRuntimeVersion string #6 !
 kubeletVersion string #7 !
 kubeProxyVersion string #8 !
 operatingSystem string #9 !
 architecture string #10 !
 swap .NodeSwapStatus #11 *
 runningInUserNamespace bool #12 *
PodTemplate
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 template .PodTemplateSpec #2 !
PodTemplateSpec
 metadata meta.ObjectMeta #1 !
 spec .PodSpec #2 !
PortStatus
 port int32 #1 !
 protocol string/v1.Protocol #2 !
 error string #3 *
ReplicationController
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .ReplicationControllerSpec #2 !
 status .ReplicationControllerStatus #3 !
ReplicationControllerCondition
 type string/v1.ReplicationControllerConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastTransitionTime time #3 !
 reason string #4
 message string #5
ReplicationControllerSpec
 replicas int32 #1 *
 minReadySeconds int32 #4
 selector {}string #2 @atomic
 template .PodTemplateSpec #3 *
ReplicationControllerStatus
 replicas int32 #1 !
 fullyLabeledReplicas int32 #2
 readyReplicas int32 #4
 availableReplicas int32 #5
 observedGeneration int64 #3
 conditions [].ReplicationControllerCondition #6 =type @type
ResourceQuota
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .ResourceQuotaSpec #2 !
 status .ResourceQuotaStatus #3 !
ResourceQuotaSpec
 hard {}quantity #1
 scopes []string/v1.ResourceQuotaScope #2
 scopeSelector .ScopeSelector #3 *
ResourceQuotaStatus
 hard {}quantity #1
 used {}quantity #2
ScopeSelector
 matchExpressions [].ScopedResourceSelectorRequirement #1
ScopedResourceSelectorRequirement
 scopeName string/v1.ResourceQuotaScope #1 !
 operator string/v1.ScopeSelectorOperator #2 !
 values []string #3
Secret
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 immutable bool #5 *
 data {}bytes #2
 stringData {}string #4
 type string/v1.SecretType #3
Service
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .ServiceSpec #2 !
 status .ServiceStatus #3 !
ServiceAccount
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 secrets [].ObjectReference #2 =name @name
 imagePullSecrets [].LocalObjectReference #3
 automountServiceAccountToken bool #4 *
ServicePort
 name string #1
 protocol string/v1.Protocol #2
 appProtocol string #6 *
 port int32 #3 !
 targetPort intOrString #4
 nodePort int32 #5
ServiceSpec
 ports [].ServicePort #1 =port @port,protocol
 selector {}string #2 @atomic
 clusterIP string #3
 clusterIPs []string #18
 type string/v1.ServiceType #4
 externalIPs []string #5
 sessionAffinity string/v1.ServiceAffinity #7
 loadBalancerIP string #8
 loadBalancerSourceRanges []string #9
 externalName string #10
 externalTrafficPolicy string/v1.ServiceExternalTrafficPolicy #11
 healthCheckNodePort int32 #12
 publishNotReadyAddresses bool #13
 sessionAffinityConfig .SessionAffinityConfig #14 *
 ipFamilies []string/v1.IPFamily #19
 ipFamilyPolicy string/v1.IPFamilyPolicy #17 *
 allocateLoadBalancerNodePorts bool #20 *
 loadBalancerClass string #21 *
 internalTrafficPolicy string/v1.ServiceInternalTrafficPolicy #22 *
 trafficDistribution string #23 *
ServiceStatus
 loadBalancer .LoadBalancerStatus #1 !
 conditions []meta.Condition #2 =type @type
SessionAffinityConfig
 clientIP .ClientIPConfig #1 *
Taint
 key string #1 !
 value string #2
 effect string/v1.TaintEffect #3 !
 timeAdded time #4 *
TopologySelectorLabelRequirement
 key string #1 !
 values []string #2 !
TopologySelectorTerm
 matchLabelExpressions [].TopologySelectorLabelRequirement #1
`;
