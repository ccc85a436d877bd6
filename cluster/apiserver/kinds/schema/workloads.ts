/** Workloads and their budgets. Source: `k8s.io/api`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const WORKLOADS = `
## apps
ControllerRevision
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 data raw #2 !
 revision int64 #3 !
DaemonSet
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .DaemonSetSpec #2 !
 status .DaemonSetStatus #3 !
DaemonSetCondition
 type string/v1.DaemonSetConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastTransitionTime time #3 !
 reason string #4
 message string #5
DaemonSetSpec
 selector meta.LabelSelector #1 * !
 template core.PodTemplateSpec #2 !
 updateStrategy .DaemonSetUpdateStrategy #3 !
 minReadySeconds int32 #4
 revisionHistoryLimit int32 #6 *
DaemonSetStatus
 currentNumberScheduled int32 #1 !
 numberMisscheduled int32 #2 !
 desiredNumberScheduled int32 #3 !
 numberReady int32 #4 !
 observedGeneration int64 #5
 updatedNumberScheduled int32 #6
 numberAvailable int32 #7
 numberUnavailable int32 #8
 collisionCount int32 #9 *
 conditions [].DaemonSetCondition #10 =type @type
DaemonSetUpdateStrategy
 type string/v1.DaemonSetUpdateStrategyType #1
 rollingUpdate .RollingUpdateDaemonSet #2 *
Deployment
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .DeploymentSpec #2 !
 status .DeploymentStatus #3 !
DeploymentCondition
 type string/v1.DeploymentConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastUpdateTime time #6 !
 lastTransitionTime time #7 !
 reason string #4
 message string #5
DeploymentSpec
 replicas int32 #1 *
 selector meta.LabelSelector #2 * !
 template core.PodTemplateSpec #3 !
 strategy .DeploymentStrategy #4 ! ~
 minReadySeconds int32 #5
 revisionHistoryLimit int32 #6 *
 paused bool #7
 progressDeadlineSeconds int32 #9 *
DeploymentStatus
 observedGeneration int64 #1
 replicas int32 #2
 updatedReplicas int32 #3
 readyReplicas int32 #7
 availableReplicas int32 #4
 unavailableReplicas int32 #5
 terminatingReplicas int32 #9 *
 conditions [].DeploymentCondition #6 =type @type
 collisionCount int32 #8 *
DeploymentStrategy
 type string/v1.DeploymentStrategyType #1
 rollingUpdate .RollingUpdateDeployment #2 *
ReplicaSet
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .ReplicaSetSpec #2 !
 status .ReplicaSetStatus #3 !
ReplicaSetCondition
 type string/v1.ReplicaSetConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastTransitionTime time #3 !
 reason string #4
 message string #5
ReplicaSetSpec
 replicas int32 #1 *
 minReadySeconds int32 #4
 selector meta.LabelSelector #2 * !
 template core.PodTemplateSpec #3 !
ReplicaSetStatus
 replicas int32 #1 !
 fullyLabeledReplicas int32 #2
 readyReplicas int32 #4
 availableReplicas int32 #5
 terminatingReplicas int32 #7 *
 observedGeneration int64 #3
 conditions [].ReplicaSetCondition #6 =type @type
RollingUpdateDaemonSet
 maxUnavailable intOrString #1 *
 maxSurge intOrString #2 *
RollingUpdateDeployment
 maxUnavailable intOrString #1 *
 maxSurge intOrString #2 *
RollingUpdateStatefulSetStrategy
 partition int32 #1 *
 maxUnavailable intOrString #2 *
StatefulSet
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .StatefulSetSpec #2 !
 status .StatefulSetStatus #3 !
StatefulSetCondition
 type string/v1.StatefulSetConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastTransitionTime time #3 !
 reason string #4
 message string #5
StatefulSetOrdinals
 start int32 #1 !
StatefulSetPersistentVolumeClaimRetentionPolicy
 whenDeleted string/v1.PersistentVolumeClaimRetentionPolicyType #1
 whenScaled string/v1.PersistentVolumeClaimRetentionPolicyType #2
StatefulSetSpec
 replicas int32 #1 *
 selector meta.LabelSelector #2 * !
 template core.PodTemplateSpec #3 !
 volumeClaimTemplates []core.PersistentVolumeClaim #4
 serviceName string #5 !
 podManagementPolicy string/v1.PodManagementPolicyType #6
 updateStrategy .StatefulSetUpdateStrategy #7 !
 revisionHistoryLimit int32 #8 *
 minReadySeconds int32 #9
 persistentVolumeClaimRetentionPolicy .StatefulSetPersistentVolumeClaimRetentionPolicy #10 *
 ordinals .StatefulSetOrdinals #11 *
StatefulSetStatus
 observedGeneration int64 #1
 replicas int32 #2 !
 readyReplicas int32 #3
 currentReplicas int32 #4
 updatedReplicas int32 #5
 currentRevision string #6
 updateRevision string #7
 collisionCount int32 #9 *
 conditions [].StatefulSetCondition #10 =type @type
 availableReplicas int32 #11 !
StatefulSetUpdateStrategy
 type string/v1.StatefulSetUpdateStrategyType #1
 rollingUpdate .RollingUpdateStatefulSetStrategy #2 *
## batch
CronJob
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .CronJobSpec #2 !
 status .CronJobStatus #3 !
CronJobSpec
 schedule string #1 !
 timeZone string #8 *
 startingDeadlineSeconds int64 #2 *
 concurrencyPolicy string/v1.ConcurrencyPolicy #3
 suspend bool #4 *
 jobTemplate .JobTemplateSpec #5 !
 successfulJobsHistoryLimit int32 #6 *
 failedJobsHistoryLimit int32 #7 *
CronJobStatus
 active []core.ObjectReference #1
 lastScheduleTime time #4 *
 lastSuccessfulTime time #5 *
Job
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .JobSpec #2 !
 status .JobStatus #3 !
JobCondition
 type string/v1.JobConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastProbeTime time #3 !
 lastTransitionTime time #4 !
 reason string #5
 message string #6
JobSchedulingConfiguration
 schedulingPolicy schedulingv1alpha3.WorkloadPodGroupSchedulingPolicy #1 *
 schedulingConstraints schedulingv1alpha3.WorkloadPodGroupSchedulingConstraints #2 *
 disruptionMode schedulingv1alpha3.WorkloadPodGroupDisruptionMode #3 *
 resourceClaims []schedulingv1alpha3.WorkloadPodGroupResourceClaim #4 =name @name
JobSpec
 parallelism int32 #1 *
 completions int32 #2 *
 activeDeadlineSeconds int64 #3 *
 podFailurePolicy .PodFailurePolicy #11 *
 successPolicy .SuccessPolicy #16 *
 backoffLimit int32 #7 *
 backoffLimitPerIndex int32 #12 *
 maxFailedIndexes int32 #13 *
 selector meta.LabelSelector #4 *
 manualSelector bool #5 *
 template core.PodTemplateSpec #6 !
 ttlSecondsAfterFinished int32 #8 *
 completionMode string/v1.CompletionMode #9 *
 suspend bool #10 *
 podReplacementPolicy string/v1.PodReplacementPolicy #14 *
 managedBy string #15 *
 scheduling .JobSchedulingConfiguration #17 *
JobStatus
 conditions [].JobCondition #1 =type
 startTime time #2 *
 completionTime time #3 *
 active int32 #4
 succeeded int32 #5
 failed int32 #6
 terminating int32 #11 *
 completedIndexes string #7
 failedIndexes string #10 *
 uncountedTerminatedPods .UncountedTerminatedPods #8 *
 ready int32 #9 *
JobTemplateSpec
 metadata meta.ObjectMeta #1 !
 spec .JobSpec #2 !
PodFailurePolicy
 rules [].PodFailurePolicyRule #1 !
PodFailurePolicyOnExitCodesRequirement
 containerName string #1 *
 operator string/v1.PodFailurePolicyOnExitCodesOperator #2 !
 values []int32 #3 ! @set
PodFailurePolicyOnPodConditionsPattern
 type string/v1.PodConditionType #1 !
 status string/v1.ConditionStatus #2 !
PodFailurePolicyRule
 action string/v1.PodFailurePolicyAction #1 !
 onExitCodes .PodFailurePolicyOnExitCodesRequirement #2 *
 onPodConditions [].PodFailurePolicyOnPodConditionsPattern #3
SuccessPolicy
 rules [].SuccessPolicyRule #1 !
SuccessPolicyRule
 succeededIndexes string #1 *
 succeededCount int32 #2 *
UncountedTerminatedPods
 succeeded []string/types.UID #1 @set
 failed []string/types.UID #2 @set
## policy
Eviction
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 deleteOptions meta.DeleteOptions #2 *
PodDisruptionBudget
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .PodDisruptionBudgetSpec #2 !
 status .PodDisruptionBudgetStatus #3 !
PodDisruptionBudgetSpec
 minAvailable intOrString #1 *
 selector meta.LabelSelector #2 *
 maxUnavailable intOrString #3 *
 unhealthyPodEvictionPolicy string/v1.UnhealthyPodEvictionPolicyType #4 *
PodDisruptionBudgetStatus
 observedGeneration int64 #1
 disruptedPods {}time #2
 disruptionsAllowed int32 #3 !
 currentHealthy int32 #4 !
 desiredHealthy int32 #5 !
 expectedPods int32 #6 !
 conditions []meta.Condition #7 =type @type
## autoscaling
CrossVersionObjectReference
 kind string #1 !
 name string #2 !
 apiVersion string #3
HorizontalPodAutoscaler
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .HorizontalPodAutoscalerSpec #2 !
 status .HorizontalPodAutoscalerStatus #3 !
HorizontalPodAutoscalerSpec
 scaleTargetRef .CrossVersionObjectReference #1 !
 minReplicas int32 #2 *
 maxReplicas int32 #3 !
 targetCPUUtilizationPercentage int32 #4 *
HorizontalPodAutoscalerStatus
 observedGeneration int64 #1 *
 lastScaleTime time #2 *
 currentReplicas int32 #3 !
 desiredReplicas int32 #4 !
 currentCPUUtilizationPercentage int32 #5 *
Scale
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .ScaleSpec #2 !
 status .ScaleStatus #3 !
ScaleSpec
 replicas int32 #1
ScaleStatus
 replicas int32 #1 !
 selector string #2
`;
