/** Leases, events, endpoints, access. Source: `k8s.io/api`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const OTHERS = `
## coordination
Lease
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .LeaseSpec #2 !
LeaseSpec
 holderIdentity string #1 *
 leaseDurationSeconds int32 #2 *
 acquireTime microTime #3 *
 renewTime microTime #4 *
 leaseTransitions int32 #5 *
 strategy string/v1.CoordinatedLeaseStrategy #6 *
 preferredHolder string #7 *
## events
Event
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 eventTime microTime #2 !
 series .EventSeries #3 *
 reportingController string #4
 reportingInstance string #5
 action string #6
 reason string #7
 regarding core.ObjectReference #8 !
 related core.ObjectReference #9 *
 note string #10
 type string #11
 deprecatedSource core.EventSource #12 !
 deprecatedFirstTimestamp time #13 !
 deprecatedLastTimestamp time #14 !
 deprecatedCount int32 #15
EventSeries
 count int32 #1 !
 lastObservedTime microTime #2 !
## discovery
Endpoint
 addresses []string #1 ! @set
 conditions .EndpointConditions #2 !
 hostname string #3 *
 targetRef core.ObjectReference #4 *
 deprecatedTopology {}string #5
 nodeName string #6 *
 zone string #7 *
 hints .EndpointHints #8 *
EndpointConditions
 ready bool #1 *
 serving bool #2 *
 terminating bool #3 *
EndpointHints
 forZones [].ForZone #1
 forNodes [].ForNode #2
EndpointPort
 name string #1 *
 protocol string/v1.Protocol #2 *
 port int32 #3 *
 appProtocol string #4 *
EndpointSlice
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 addressType string/v1.AddressType #4 !
 endpoints [].Endpoint #2 !
 ports [].EndpointPort #3 !
ForNode
 name string #1 !
ForZone
 name string #1 !
## authorization
FieldSelectorAttributes
 rawSelector string #1
 requirements []meta.FieldSelectorRequirement #2
LabelSelectorAttributes
 rawSelector string #1
 requirements []meta.LabelSelectorRequirement #2
LocalSubjectAccessReview
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .SubjectAccessReviewSpec #2 !
 status .SubjectAccessReviewStatus #3 !
NonResourceAttributes
 path string #1
 verb string #2
NonResourceRule
 verbs []string #1 !
 nonResourceURLs []string #2
ResourceAttributes
 namespace string #1
 verb string #2
 group string #3
 version string #4
 resource string #5
 subresource string #6
 name string #7
 fieldSelector .FieldSelectorAttributes #8 *
 labelSelector .LabelSelectorAttributes #9 *
ResourceRule
 verbs []string #1 !
 apiGroups []string #2
 resources []string #3
 resourceNames []string #4
SelfSubjectAccessReview
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .SelfSubjectAccessReviewSpec #2 !
 status .SubjectAccessReviewStatus #3 !
SelfSubjectAccessReviewSpec
 resourceAttributes .ResourceAttributes #1 *
 nonResourceAttributes .NonResourceAttributes #2 *
SelfSubjectRulesReview
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .SelfSubjectRulesReviewSpec #2 !
 status .SubjectRulesReviewStatus #3 !
SelfSubjectRulesReviewSpec
 namespace string #1
SubjectAccessReview
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .SubjectAccessReviewSpec #2 !
 status .SubjectAccessReviewStatus #3 !
SubjectAccessReviewSpec
 resourceAttributes .ResourceAttributes #1 *
 nonResourceAttributes .NonResourceAttributes #2 *
 user string #3
 groups []string #4
 extra {}[]string #5
 uid string #6
SubjectAccessReviewStatus
 allowed bool #1 !
 denied bool #4
 reason string #2
 evaluationError string #3
SubjectRulesReviewStatus
 resourceRules [].ResourceRule #1 !
 nonResourceRules [].NonResourceRule #2 !
 incomplete bool #3 !
 evaluationError string #4
## authentication
BoundObjectReference
 kind string #1
 apiVersion string #2
 name string #3
 uid string/types.UID #4
SelfSubjectReview
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 status .SelfSubjectReviewStatus #2 !
SelfSubjectReviewStatus
 userInfo .UserInfo #1 !
TokenRequest
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .TokenRequestSpec #2 !
 status .TokenRequestStatus #3 !
TokenRequestSpec
 audiences []string #1 !
 expirationSeconds int64 #4 * !
 boundObjectRef .BoundObjectReference #3 * !
 attestations {}[]string #5
TokenRequestStatus
 token string #1 !
 expirationTimestamp time #2 !
TokenReview
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .TokenReviewSpec #2 !
 status .TokenReviewStatus #3 !
TokenReviewSpec
 token string #1
 audiences []string #2
TokenReviewStatus
 authenticated bool #1
 user .UserInfo #2 !
 audiences []string #4
 error string #3
UserInfo
 username string #1
 uid string #2
 groups []string #3
 extra {}[]string #4
## rbac
AggregationRule
 clusterRoleSelectors []meta.LabelSelector #1
ClusterRole
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 rules [].PolicyRule #2 !
 aggregationRule .AggregationRule #3 *
ClusterRoleBinding
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 subjects [].Subject #2
 roleRef .RoleRef #3 !
PolicyRule
 verbs []string #1 !
 apiGroups []string #2
 resources []string #3
 resourceNames []string #4
 nonResourceURLs []string #5
Role
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 rules [].PolicyRule #2 !
RoleBinding
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 subjects [].Subject #2
 roleRef .RoleRef #3 !
RoleRef
 apiGroup string #1 !
 kind string #2 !
 name string #3 !
Subject
 kind string #1 !
 apiGroup string #2
 name string #3 !
 namespace string #4
## node
Overhead
 podFixed {}quantity #1
RuntimeClass
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 handler string #2 !
 overhead .Overhead #3 *
 scheduling .Scheduling #4 *
Scheduling
 nodeSelector {}string #1 @atomic
 tolerations []core.Toleration #2
`;
