/**
 * Objects as Go's serializers write them, in protobuf (base64) and in JSON: made with `k8s.io/apimachinery`'s protobuf
 * serializer and `encoding/json`, v0.37.2.
 */
export const ENCODED: readonly (readonly [protobuf: string, json: string])[] = [
  [
    'azhzAAoNCgJ2MRIHQmluZGluZxJDCisKAnAxEgAaB2RlZmF1bHQiACoDdS0xMgA4AEIAYgUKAWUSAGIGCgFrEgF2EhQKBE5v' +
      'ZGUSABoCbjAiACoAMgA6ABoAIgA=',
    '{"kind":"Binding","apiVersion":"v1","metadata":{"name":"p1","namespace":"default","uid":"u-1","a' +
      'nnotations":{"e":"","k":"v"}},"target":{"kind":"Node","name":"n0"}}',
  ],
  [
    'azhzAAofChZjb29yZGluYXRpb24uazhzLmlvL3YxEgVMZWFzZRJXCjMKDmt1YmUtc2NoZWR1bGVyEgAaC2t1YmUtc3lzdGVt' +
      'IgAqADICMTI4AEIICMWJk9gGEAASIAoAEA8aCwjFiZPYBhCAlO86IgsIxYmT2AYQgJTvOigAGgAiAA==',
    '{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":"kube-scheduler","names' +
      'pace":"kube-system","resourceVersion":"12","creationTimestamp":"2026-11-23T22:57:09Z"},"spec":{"' +
      'holderIdentity":"","leaseDurationSeconds":15,"acquireTime":"2026-11-23T22:57:09.123456Z","renewT' +
      'ime":"2026-11-23T22:57:09.123456Z","leaseTransitions":0}}',
  ],
  [
    'azhzAAoZChBldmVudHMuazhzLmlvL3YxEgVFdmVudBLPAQobCgRwMS4xEgAaB2RlZmF1bHQiACoAMgA4AEIAEgsIxYmT2AYQ' +
      'gJTvOhoPCAISCwjFiZPYBhCAlO86IhFkZWZhdWx0LXNjaGVkdWxlcioTZGVmYXVsdC1zY2hlZHVsZXIteDIHQmluZGluZzoJ' +
      'U2NoZWR1bGVkQhoKA1BvZBIHZGVmYXVsdBoCcDEiACoAMgA6AFImU3VjY2Vzc2Z1bGx5IGFzc2lnbmVkIGRlZmF1bHQvcDEg' +
      'dG8gbjBaBk5vcm1hbGIECgASAGoAcgB4ABoAIgA=',
    '{"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"p1.1","namespace":"default"}' +
      ',"eventTime":"2026-11-23T22:57:09.123456Z","series":{"count":2,"lastObservedTime":"2026-11-23T22' +
      ':57:09.123456Z"},"reportingController":"default-scheduler","reportingInstance":"default-schedule' +
      'r-x","action":"Binding","reason":"Scheduled","regarding":{"kind":"Pod","namespace":"default","na' +
      'me":"p1"},"note":"Successfully assigned default/p1 to n0","type":"Normal","deprecatedSource":{},' +
      '"deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null}',
  ],
  [
    'azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxIaCAASBQoDdS0xIgpCYWNrZ3JvdW5kKgNBbGwaACIA',
    '{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"preconditions":{"uid":"u-1"},"' +
      'propagationPolicy":"Background","dryRun":["All"]}',
  ],
  [
    'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPwoQCgASABoAIgAqADIA' +
      'OABCABIhCh8KB2RlZmF1bHQSBmNyZWF0ZRoAIgAqBHBvZHMyADoAGggIABIAGgAgABoAIgA=',
    '{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":{"' +
      'resourceAttributes":{"namespace":"default","verb":"create","resource":"pods"}},"status":{"allowe' +
      'd":false}}',
  ],
  [
    'azhzAAoJCgJ2MRIDUG9kEuEBCjAKAXASABoAIgAqADIAOABCAGodCgpSZXBsaWNhU2V0GgFyIgF4KgdhcHBzL3YxMAESlwEK' +
      'CQoBdhIEEgIKABJXCgFjEgFpKgAyCgoAEAAYUCIAKgBCDxINCgNjcHUSBgoEMTAwbVogChQSEgoAEgoIARAAGgRodHRwGgAi' +
      'ABAAGAAgACgAMABqAHIAgAEAiAEAkAEAogEAGgAyAEIASgBSAFgAYABoAIIBAIoBAJoBALIBFAoBYRIAGgAiACj/////////' +
      '//8BwgEAGhMKABoAIgAqADIASgBaAHIAiAEAGgAiAA==',
    '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","ownerReferences":[{"apiVersion":"apps/v1' +
      '","kind":"ReplicaSet","name":"r","uid":"x","controller":true}]},"spec":{"volumes":[{"name":"v","' +
      'emptyDir":{}}],"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}],"resources":' +
      '{"requests":{"cpu":"100m"}},"readinessProbe":{"httpGet":{"port":"http"}}}],"tolerations":[{"key"' +
      ':"a","tolerationSeconds":-1}]},"status":{}}',
  ],
  [
    'azhzAAoMCgJ2MRIGU2VjcmV0Eh8KEQoBcxIAGgAiACoAMgA4AEIAEggKAWESAwEC/xoAGgAiAA==',
    '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"a":"AQL/"}}',
  ],
];
