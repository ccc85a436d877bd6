/** What a pod is made of, its volumes apart. Source: `k8s.io/api`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const CORE_POD = `
## core
Affinity
 nodeAffinity .NodeAffinity #1 *
 podAffinity .PodAffinity #2 *
 podAntiAffinity .PodAntiAffinity #3 *
AppArmorProfile
 type string/v1.AppArmorProfileType #1 !
 localhostProfile string #2 *
Capabilities
 add []string/v1.Capability #1
 drop []string/v1.Capability #2
ConfigMapEnvSource
 name string #1 ^1
 optional bool #2 *
ConfigMapKeySelector
 name string #1 ^1
 key string #2 !
 optional bool #3 *
Container
 name string #1 !
 image string #2
 command []string #3
 args []string #4
 workingDir string #5
 ports [].ContainerPort #6 =containerPort @containerPort,protocol
 envFrom [].EnvFromSource #19
 env [].EnvVar #7 =name @name
 resources .ResourceRequirements #8 !
 resizePolicy [].ContainerResizePolicy #23
 restartPolicy string/v1.ContainerRestartPolicy #24 *
 restartPolicyRules [].ContainerRestartRule #25
 volumeMounts [].VolumeMount #9 =mountPath @mountPath
 volumeDevices [].VolumeDevice #21 =devicePath @devicePath
 livenessProbe .Probe #10 *
 readinessProbe .Probe #11 *
 startupProbe .Probe #22 *
 lifecycle .Lifecycle #12 *
 terminationMessagePath string #13
 terminationMessagePolicy string/v1.TerminationMessagePolicy #20
 imagePullPolicy string/v1.PullPolicy #14
 securityContext .SecurityContext #15 *
 stdin bool #16
 stdinOnce bool #17
 tty bool #18
ContainerExtendedResourceRequest
 containerName string #1 !
 resourceName string #2 !
 requestName string #3 !
ContainerPort
 name string #1
 hostPort int32 #2
 containerPort int32 #3 !
 protocol string/v1.Protocol #4
 hostIP string #5
ContainerResizePolicy
 resourceName string/v1.ResourceName #1 !
 restartPolicy string/v1.ResourceResizeRestartPolicy #2 !
ContainerRestartRule
 action string/v1.ContainerRestartRuleAction #1
 exitCodes .ContainerRestartRuleOnExitCodes #2 *
ContainerRestartRuleOnExitCodes
 operator string/v1.ContainerRestartRuleOnExitCodesOperator #1
 values []int32 #2 @set
ContainerState
 waiting .ContainerStateWaiting #1 *
 running .ContainerStateRunning #2 *
 terminated .ContainerStateTerminated #3 *
ContainerStateRunning
 startedAt time #1 !
ContainerStateTerminated
 exitCode int32 #1 !
 signal int32 #2
 reason string #3
 message string #4
 startedAt time #5 !
 finishedAt time #6 !
 containerID string #7
ContainerStateWaiting
 reason string #1
 message string #2
ContainerStatus
 name string #1 !
 state .ContainerState #2 !
 lastState .ContainerState #3 !
 ready bool #4 !
 restartCount int32 #5 !
 image string #6 !
 imageID string #7 !
 containerID string #8
 started bool #9 *
 allocatedResources {}quantity #10
 resources .ResourceRequirements #11 *
 volumeMounts [].VolumeMountStatus #12 =mountPath @mountPath
 user .ContainerUser #13 *
 allocatedResourcesStatus [].ResourceStatus #14 =name @name
 stopSignal string/v1.Signal #15 *
ContainerUser
 linux .LinuxContainerUser #1 *
EnvFromSource
 prefix string #1
 configMapRef .ConfigMapEnvSource #2 *
 secretRef .SecretEnvSource #3 *
EnvVar
 name string #1 !
 value string #2
 valueFrom .EnvVarSource #3 *
EnvVarSource
 fieldRef .ObjectFieldSelector #1 *
 resourceFieldRef .ResourceFieldSelector #2 *
 configMapKeyRef .ConfigMapKeySelector #3 *
 secretKeyRef .SecretKeySelector #4 *
 fileKeyRef .FileKeySelector #5 *
EphemeralContainer
 name string #1 ! ^1
 image string #2 ^1
 command []string #3 ^1
 args []string #4 ^1
 workingDir string #5 ^1
 ports [].ContainerPort #6 =containerPort @containerPort,protocol ^1
 envFrom [].EnvFromSource #19 ^1
 env [].EnvVar #7 =name @name ^1
 resources .ResourceRequirements #8 ! ^1
 resizePolicy [].ContainerResizePolicy #23 ^1
 restartPolicy string/v1.ContainerRestartPolicy #24 * ^1
 restartPolicyRules [].ContainerRestartRule #25 ^1
 volumeMounts [].VolumeMount #9 =mountPath @mountPath ^1
 volumeDevices [].VolumeDevice #21 =devicePath @devicePath ^1
 livenessProbe .Probe #10 * ^1
 readinessProbe .Probe #11 * ^1
 startupProbe .Probe #22 * ^1
 lifecycle .Lifecycle #12 * ^1
 terminationMessagePath string #13 ^1
 terminationMessagePolicy string/v1.TerminationMessagePolicy #20 ^1
 imagePullPolicy string/v1.PullPolicy #14 ^1
 securityContext .SecurityContext #15 * ^1
 stdin bool #16 ^1
 stdinOnce bool #17 ^1
 tty bool #18 ^1
 targetContainerName string #2
EvictionResponder
 name string #1 !
 priority int32 #2 * !
ExecAction
 command []string #1
FileKeySelector
 volumeName string #1 !
 path string #2 !
 key string #3 !
 optional bool #4 *
GRPCAction
 port int32 #1 !
 service string #2 * !
 mode string/v1.GRPCProbeMode #3 *
HTTPGetAction
 path string #1
 port intOrString #2 !
 host string #3
 scheme string/v1.URIScheme #4
 httpHeaders [].HTTPHeader #5
 protocol string/v1.HTTPProtocol #6 *
HTTPHeader
 name string #1 !
 value string #2 !
HostAlias
 ip string #1 !
 hostnames []string #2
HostIP
 ip string #1 !
ImageVolumeStatus
 imageRef string #1
Lifecycle
 postStart .LifecycleHandler #1 *
 preStop .LifecycleHandler #2 *
 stopSignal string/v1.Signal #3 *
LifecycleHandler
 exec .ExecAction #1 *
 httpGet .HTTPGetAction #2 *
 tcpSocket .TCPSocketAction #3 *
 sleep .SleepAction #4 *
LinuxContainerUser
 uid int64 #1 !
 gid int64 #2 !
 supplementalGroups []int64 #3
NodeAffinity
 requiredDuringSchedulingIgnoredDuringExecution .NodeSelector #1 *
 preferredDuringSchedulingIgnoredDuringExecution [].PreferredSchedulingTerm #2
NodeAllocatableMappedResources
 name string/v1.ResourceName #1 !
 quantity quantity #2 * !
NodeAllocatableOverheadResources
 name string/v1.ResourceName #1 !
 perPod quantity #2 *
 perContainer quantity #3 *
NodeAllocatableResourceClaimStatus
 resourceClaimName string #1 !
 containers []string #2 @set
 mapping [].NodeAllocatableMappedResources #4 =name @name
 overhead [].NodeAllocatableOverheadResources #5 =name @name
Pod
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .PodSpec #2 !
 status .PodStatus #3 !
PodAffinity
 requiredDuringSchedulingIgnoredDuringExecution [].PodAffinityTerm #1
 preferredDuringSchedulingIgnoredDuringExecution [].WeightedPodAffinityTerm #2
PodAffinityTerm
 labelSelector meta.LabelSelector #1 *
 namespaces []string #2
 topologyKey string #3 !
 namespaceSelector meta.LabelSelector #4 *
 matchLabelKeys []string #5
 mismatchLabelKeys []string #6
PodAntiAffinity
 requiredDuringSchedulingIgnoredDuringExecution [].PodAffinityTerm #1
 preferredDuringSchedulingIgnoredDuringExecution [].WeightedPodAffinityTerm #2
PodCondition
 type string/v1.PodConditionType #1 !
 observedGeneration int64 #7
 status string/v1.ConditionStatus #2 !
 lastProbeTime time #3 !
 lastTransitionTime time #4 !
 reason string #5
 message string #6
PodDNSConfig
 nameservers []string #1
 searches []string #2
 options [].PodDNSConfigOption #3
PodDNSConfigOption
 name string #1
 value string #2 *
PodExtendedResourceClaimStatus
 requestMappings [].ContainerExtendedResourceRequest #1 !
 resourceClaimName string #2 !
PodIP
 ip string #1 !
PodOS
 name string/v1.OSName #1 !
PodReadinessGate
 conditionType string/v1.PodConditionType #1 !
PodResourceClaim
 name string #1 !
 resourceClaimName string #3 *
 resourceClaimTemplateName string #4 *
PodResourceClaimStatus
 name string #1 !
 resourceClaimName string #2 *
PodSchedulingGate
 name string #1 !
PodSchedulingGroup
 podGroupName string #1 *
PodSecurityContext
 seLinuxOptions .SELinuxOptions #1 *
 windowsOptions .WindowsSecurityContextOptions #8 *
 runAsUser int64 #2 *
 runAsGroup int64 #6 *
 runAsNonRoot bool #3 *
 supplementalGroups []int64 #4
 supplementalGroupsPolicy string/v1.SupplementalGroupsPolicy #12 *
 fsGroup int64 #5 *
 sysctls [].Sysctl #7
 fsGroupChangePolicy string/v1.PodFSGroupChangePolicy #9 *
 seccompProfile .SeccompProfile #10 *
 appArmorProfile .AppArmorProfile #11 *
 seLinuxChangePolicy string/v1.PodSELinuxChangePolicy #13 *
PodSpec
 volumes [].Volume #1 =name ~ @name
 initContainers [].Container #20 =name @name
 containers [].Container #2 ! =name @name
 ephemeralContainers [].EphemeralContainer #34 =name @name
 restartPolicy string/v1.RestartPolicy #3
 terminationGracePeriodSeconds int64 #4 *
 activeDeadlineSeconds int64 #5 *
 dnsPolicy string/v1.DNSPolicy #6
 nodeSelector {}string #7 @atomic
 serviceAccountName string #8
 serviceAccount string #9
 automountServiceAccountToken bool #21 *
 nodeName string #10
 hostNetwork bool #11
 hostPID bool #12
 hostIPC bool #13
 shareProcessNamespace bool #27 *
 securityContext .PodSecurityContext #14 *
 imagePullSecrets [].LocalObjectReference #15 =name @name
 hostname string #16
 subdomain string #17
 affinity .Affinity #18 *
 schedulerName string #19
 tolerations [].Toleration #22
 hostAliases [].HostAlias #23 =ip @ip
 priorityClassName string #24
 priority int32 #25 *
 dnsConfig .PodDNSConfig #26 *
 readinessGates [].PodReadinessGate #28
 runtimeClassName string #29 *
 enableServiceLinks bool #30 *
 preemptionPolicy string/v1.PreemptionPolicy #31 *
 overhead {}quantity #32
 topologySpreadConstraints [].TopologySpreadConstraint #33 =topologyKey @topologyKey,whenUnsatisfiable
 setHostnameAsFQDN bool #35 *
 os .PodOS #36 *
 hostUsers bool #37 *
 schedulingGates [].PodSchedulingGate #38 =name @name
 resourceClaims [].PodResourceClaim #39 =name ~ @name
 resources .ResourceRequirements #40 *
 hostnameOverride string #41 *
 schedulingGroup .PodSchedulingGroup #43 *
 evictionResponders [].EvictionResponder #44 =name @name
PodStatus
 observedGeneration int64 #17
 phase string/v1.PodPhase #1
 conditions [].PodCondition #2 =type @type
 message string #3
 reason string #4
 nominatedNodeName string #11
 hostIP string #5
 hostIPs [].HostIP #16 =ip
 podIP string #6
 podIPs [].PodIP #12 =ip @ip
 startTime time #7 *
 initContainerStatuses [].ContainerStatus #10
 containerStatuses [].ContainerStatus #8
 qosClass string/v1.PodQOSClass #9
 ephemeralContainerStatuses [].ContainerStatus #13
 resize string/v1.PodResizeStatus #14
 resourceClaimStatuses [].PodResourceClaimStatus #15 =name ~ @name
 extendedResourceClaimStatus .PodExtendedResourceClaimStatus #18 *
 allocatedResources {}quantity #19
 resources .ResourceRequirements #20 *
 nodeAllocatableResourceClaimStatuses [].NodeAllocatableResourceClaimStatus #21 =resourceClaimName @resourceClaimName
 volumeHealth [].PodVolumeHealth #22 @name
PodVolumeHealth
 name string #1 !
 healthConditions [].VolumeHealthCondition #2 =status @status,reason
 lastTransitionTime time #3 !
PreferredSchedulingTerm
 weight int32 #1 !
 preference .NodeSelectorTerm #2 !
Probe
 exec .ExecAction #1 * ^1
 httpGet .HTTPGetAction #2 * ^1
 tcpSocket .TCPSocketAction #3 * ^1
 grpc .GRPCAction #4 * ^1
 initialDelaySeconds int32 #2
 timeoutSeconds int32 #3
 periodSeconds int32 #4
 successThreshold int32 #5
 failureThreshold int32 #6
 terminationGracePeriodSeconds int64 #7 *
ResourceClaim
 name string #1 !
 request string #2
ResourceHealth
 resourceID string/v1.ResourceID #1 !
 health string/v1.ResourceHealthStatus #2
 message string #6 *
ResourceRequirements
 limits {}quantity #1
 requests {}quantity #2
 claims [].ResourceClaim #3 @name
ResourceStatus
 name string/v1.ResourceName #1 !
 resources [].ResourceHealth #2 @resourceID
SELinuxOptions
 user string #1
 role string #2
 type string #3
 level string #4
SeccompProfile
 type string/v1.SeccompProfileType #1 !
 localhostProfile string #2 *
SecretEnvSource
 name string #1 ^1
 optional bool #2 *
SecretKeySelector
 name string #1 ^1
 key string #2 !
 optional bool #3 *
SecurityContext
 capabilities .Capabilities #1 *
 privileged bool #2 *
 seLinuxOptions .SELinuxOptions #3 *
 windowsOptions .WindowsSecurityContextOptions #10 *
 runAsUser int64 #4 *
 runAsGroup int64 #8 *
 runAsNonRoot bool #5 *
 readOnlyRootFilesystem bool #6 *
 allowPrivilegeEscalation bool #7 *
 procMount string/v1.ProcMountType #9 *
 seccompProfile .SeccompProfile #11 *
 appArmorProfile .AppArmorProfile #12 *
SleepAction
 seconds int64 #1 !
Sysctl
 name string #1 !
 value string #2 !
TCPSocketAction
 port intOrString #1 !
 host string #2
Toleration
 key string #1
 operator string/v1.TolerationOperator #2
 value string #3
 effect string/v1.TaintEffect #4
 tolerationSeconds int64 #5 *
TopologySpreadConstraint
 maxSkew int32 #1 !
 topologyKey string #2 !
 whenUnsatisfiable string/v1.UnsatisfiableConstraintAction #3 !
 labelSelector meta.LabelSelector #4 *
 minDomains int32 #5 *
 nodeAffinityPolicy string/v1.NodeInclusionPolicy #6 *
 nodeTaintsPolicy string/v1.NodeInclusionPolicy #7 *
 matchLabelKeys []string #8
VolumeDevice
 name string #1 !
 devicePath string #2 !
VolumeMount
 name string #1 !
 readOnly bool #2
 recursiveReadOnly string/v1.RecursiveReadOnlyMode #7 *
 mountPath string #3 !
 subPath string #4
 mountPropagation string/v1.MountPropagationMode #5 *
 subPathExpr string #6
 bindMountOptions []string #8 @set
VolumeMountStatus
 name string #1 !
 mountPath string #2 !
 readOnly bool #3
 recursiveReadOnly string/v1.RecursiveReadOnlyMode #4 *
 volumeStatus .VolumeStatus #5 *
VolumeStatus
 image .ImageVolumeStatus #1 *
WeightedPodAffinityTerm
 weight int32 #1 !
 podAffinityTerm .PodAffinityTerm #2 !
WindowsSecurityContextOptions
 gmsaCredentialSpecName string #1 *
 gmsaCredentialSpec string #2 *
 runAsUserName string #3 *
 hostProcess bool #4 *
`;
