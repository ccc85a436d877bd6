/** Types that all groups share. Source: `k8s.io/apimachinery/pkg/apis/meta/v1`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const META = `
## meta
Condition
 type string #1 !
 status string/v1.ConditionStatus #2 !
 observedGeneration int64 #3
 lastTransitionTime time #4 !
 reason string #5 !
 message string #6 !
DeleteOptions
 kind string
 apiVersion string
 gracePeriodSeconds int64 #1 *
 preconditions .Preconditions #2 *
 orphanDependents bool #3 *
 propagationPolicy string/v1.DeletionPropagation #4 *
 dryRun []string #5
 ignoreStoreReadErrorWithClusterBreakingPotential bool #6 *
FieldSelectorRequirement
 key string #1 !
 operator string/v1.FieldSelectorOperator #2 !
 values []string #3
LabelSelector
 matchLabels {}string #1
 matchExpressions [].LabelSelectorRequirement #2
LabelSelectorRequirement
 key string #1 !
 operator string/v1.LabelSelectorOperator #2 !
 values []string #3
ListMeta
 selfLink string #1
 resourceVersion string #2
 continue string #3
 remainingItemCount int64 #4 *
 shardInfo .ShardInfo #5 *
ManagedFieldsEntry
 manager string #1
 operation string/v1.ManagedFieldsOperationType #2
 apiVersion string #3
 time time #4 *
 fieldsType string #6
 fieldsV1 raw #7 *
 subresource string #8
ObjectMeta
 name string #1
 generateName string #2
 namespace string #3
 selfLink string #4
 uid string/types.UID #5
 resourceVersion string #6
 generation int64 #7
 creationTimestamp time #8
 deletionTimestamp time #9 *
 deletionGracePeriodSeconds int64 #10 *
 labels {}string #11
 annotations {}string #12
 ownerReferences [].OwnerReference #13 =uid @uid
 finalizers []string #14 = @set
 managedFields [].ManagedFieldsEntry #17
OwnerReference
 apiVersion string #5 !
 kind string #1 !
 name string #3 !
 uid string/types.UID #4 !
 controller bool #6 *
 blockOwnerDeletion bool #7 *
Preconditions
 uid string/types.UID #1 *
 resourceVersion string #2 *
ShardInfo
 selector string #1 !
Status
 kind string
 apiVersion string
 metadata .ListMeta #1 !
 status string #2
 message string #3
 reason string/v1.StatusReason #4
 details .StatusDetails #5 *
 code int32 #6
StatusCause
 reason string/v1.CauseType #1
 message string #2
 field string #3
StatusDetails
 name string #1
 group string #2
 kind string #3
 uid string/types.UID #6
 causes [].StatusCause #4
 retryAfterSeconds int32 #5
`;
