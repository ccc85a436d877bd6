/** Priority classes and groups of pods. Source: `k8s.io/api`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const SCHEDULING = `
## scheduling
PriorityClass
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 value int32 #2 !
 globalDefault bool #3
 description string #4
 preemptionPolicy string/v1.PreemptionPolicy #5 *
## schedulingv1beta1
AllCompositeDisruptionMode
AllDisruptionMode
BasicSchedulingPolicy
CompositeBasicSchedulingPolicy
CompositeDisruptionMode
 single .SingleCompositeDisruptionMode #1 *
 all .AllCompositeDisruptionMode #2 *
CompositeGangSchedulingPolicy
 minGroupCount int32 #1 !
CompositePodGroupSchedulingConstraints
 topology [].TopologyConstraint #1
CompositePodGroupSchedulingPolicy
 basic .CompositeBasicSchedulingPolicy #1 *
 gang .CompositeGangSchedulingPolicy #2 *
CompositePodGroupTemplate
 name string #1 !
 schedulingPolicy .CompositePodGroupSchedulingPolicy #2 !
 schedulingConstraints .CompositePodGroupSchedulingConstraints #3 *
 disruptionMode .CompositeDisruptionMode #4 *
 priorityClassName string #5
 priority int32 #6 *
 preemptionPolicy string/v1beta1.PreemptionPolicy #7 *
 podGroupTemplates [].PodGroupTemplate #8 @name
 compositePodGroupTemplates [].CompositePodGroupTemplate #9 @name
DisruptionMode
 single .SingleDisruptionMode #1 *
 all .AllDisruptionMode #2 *
GangSchedulingPolicy
 minCount int32 #1 !
PodGroup
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .PodGroupSpec #2 !
 status .PodGroupStatus #3 !
PodGroupResourceClaim
 name string #1 !
 resourceClaimName string #2 *
 resourceClaimTemplateName string #3 *
PodGroupResourceClaimStatus
 name string #1 !
 resourceClaimName string #2 *
PodGroupSchedulingConstraints
 topology [].TopologyConstraint #1
PodGroupSchedulingPolicy
 basic .BasicSchedulingPolicy #1 *
 gang .GangSchedulingPolicy #2 *
PodGroupSpec
 parentCompositePodGroupName string #1 *
 workloadRef .WorkloadReference #2 *
 schedulingPolicy .PodGroupSchedulingPolicy #3 !
 schedulingConstraints .PodGroupSchedulingConstraints #4 *
 resourceClaims [].PodGroupResourceClaim #5 =name ~ @name
 disruptionMode .DisruptionMode #6 *
 priorityClassName string #7
 priority int32 #8 *
 preemptionPolicy string/v1beta1.PreemptionPolicy #9 *
PodGroupStatus
 conditions []meta.Condition #1 =type @type
 resourceClaimStatuses [].PodGroupResourceClaimStatus #2 =name ~ @name
PodGroupTemplate
 name string #1 !
 schedulingPolicy .PodGroupSchedulingPolicy #2 !
 schedulingConstraints .PodGroupSchedulingConstraints #3 * !
 resourceClaims [].PodGroupResourceClaim #4 =name ~ @name
 disruptionMode .DisruptionMode #5 *
 priorityClassName string #6
 priority int32 #7 *
 preemptionPolicy string/v1beta1.PreemptionPolicy #8 *
SingleCompositeDisruptionMode
SingleDisruptionMode
TopologyConstraint
 key string #1 !
TypedLocalObjectReference
 apiGroup string #1
 kind string #2 !
 name string #3 !
Workload
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .WorkloadSpec #2 !
WorkloadReference
 workloadName string #1 !
 templateName string #2 !
WorkloadSpec
 controllerRef .TypedLocalObjectReference #1 *
 podGroupTemplates [].PodGroupTemplate #2 ! @name
 compositePodGroupTemplates [].CompositePodGroupTemplate #3 @name
## schedulingv1alpha3
AllCompositeDisruptionMode
AllDisruptionMode
BasicSchedulingPolicy
CompositeBasicSchedulingPolicy
CompositeDisruptionMode
 single .SingleCompositeDisruptionMode #1 *
 all .AllCompositeDisruptionMode #2 *
CompositeGangSchedulingPolicy
 minGroupCount int32 #1 !
CompositePodGroup
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .CompositePodGroupSpec #2 !
 status .CompositePodGroupStatus #3 !
CompositePodGroupSchedulingConstraints
 topology [].TopologyConstraint #1
CompositePodGroupSchedulingPolicy
 basic .CompositeBasicSchedulingPolicy #1 *
 gang .CompositeGangSchedulingPolicy #2 *
CompositePodGroupSpec
 parentCompositePodGroupName string #1 *
 workloadRef .WorkloadReference #2 * !
 schedulingPolicy .CompositePodGroupSchedulingPolicy #3 !
 schedulingConstraints .CompositePodGroupSchedulingConstraints #4 *
 disruptionMode .CompositeDisruptionMode #5 *
 priorityClassName string #6
 priority int32 #7 *
 preemptionPolicy string/v1alpha3.PreemptionPolicy #8 *
CompositePodGroupStatus
 conditions []meta.Condition #1 =type @type
CompositePodGroupTemplate
 name string #1 !
 schedulingPolicy .CompositePodGroupSchedulingPolicy #2 !
 schedulingConstraints .CompositePodGroupSchedulingConstraints #3 *
 disruptionMode .CompositeDisruptionMode #4 *
 priorityClassName string #5
 priority int32 #6 *
 preemptionPolicy string/v1alpha3.PreemptionPolicy #7 *
 podGroupTemplates [].PodGroupTemplate #8 @name
 compositePodGroupTemplates [].CompositePodGroupTemplate #9 @name
DisruptionMode
 single .SingleDisruptionMode #1 *
 all .AllDisruptionMode #2 *
GangSchedulingPolicy
 minCount int32 #1 !
PodGroup
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .PodGroupSpec #2 !
 status .PodGroupStatus #3 !
PodGroupResourceClaim
 name string #1 !
 resourceClaimName string #2 *
 resourceClaimTemplateName string #3 *
PodGroupResourceClaimStatus
 name string #1 !
 resourceClaimName string #2 *
PodGroupSchedulingConstraints
 topology [].TopologyConstraint #1
PodGroupSchedulingPolicy
 basic .BasicSchedulingPolicy #1 *
 gang .GangSchedulingPolicy #2 *
PodGroupSpec
 parentCompositePodGroupName string #1 *
 workloadRef .WorkloadReference #2 *
 schedulingPolicy .PodGroupSchedulingPolicy #3 !
 schedulingConstraints .PodGroupSchedulingConstraints #4 *
 resourceClaims [].PodGroupResourceClaim #5 =name ~ @name
 disruptionMode .DisruptionMode #6 *
 priorityClassName string #7
 priority int32 #8 *
 preemptionPolicy string/v1alpha3.PreemptionPolicy #9 *
PodGroupStatus
 conditions []meta.Condition #1 =type @type
 resourceClaimStatuses [].PodGroupResourceClaimStatus #2 =name ~ @name
PodGroupTemplate
 name string #1 !
 schedulingPolicy .PodGroupSchedulingPolicy #2 !
 schedulingConstraints .PodGroupSchedulingConstraints #3 * !
 resourceClaims [].PodGroupResourceClaim #4 =name ~ @name
 disruptionMode .DisruptionMode #5 *
 priorityClassName string #6
 priority int32 #7 *
 preemptionPolicy string/v1alpha3.PreemptionPolicy #8 *
SingleCompositeDisruptionMode
SingleDisruptionMode
TopologyConstraint
 key string #1 !
TypedLocalObjectReference
 apiGroup string #1
 kind string #2 !
 name string #3 !
Workload
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .WorkloadSpec #2 !
WorkloadPodGroupAllDisruptionMode
WorkloadPodGroupBasicSchedulingPolicy
WorkloadPodGroupDisruptionMode
 single .WorkloadPodGroupSingleDisruptionMode #1 *
 all .WorkloadPodGroupAllDisruptionMode #2 *
WorkloadPodGroupGangSchedulingPolicy
 minCount int32 #1 *
WorkloadPodGroupResourceClaim
 name string #1 !
 resourceClaimName string #2 *
 resourceClaimTemplateName string #3 *
WorkloadPodGroupSchedulingConstraints
 topology [].TopologyConstraint #1
WorkloadPodGroupSchedulingPolicy
 basic .WorkloadPodGroupBasicSchedulingPolicy #1 *
 gang .WorkloadPodGroupGangSchedulingPolicy #2 *
WorkloadPodGroupSingleDisruptionMode
WorkloadReference
 workloadName string #1 !
 templateName string #2 !
WorkloadSpec
 controllerRef .TypedLocalObjectReference #1 *
 podGroupTemplates [].PodGroupTemplate #2 ! @name
 compositePodGroupTemplates [].CompositePodGroupTemplate #3 @name
`;
