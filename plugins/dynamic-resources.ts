/**
 * DynamicResources for pods without resource claims: it then lets every node pass and scores 0 on all of them.
 * A pod with claims needs the structured allocator, which is not built yet: such a pod ends in an error that says so.
 * Source: `plugins/dynamicresources/dynamicresources.go`, v1.37.2.
 */
import {
  Action,
  type EventRegistration,
  type ObjectListers,
  type PluginDefinition,
  PluginError,
  type PodInfo,
  type Status,
  unresolvable,
} from '../scheduler/plugin.ts';

/** PostFilter finds no claim to deallocate, and says nothing. */
const NOTHING_TO_FREE: Status = { code: 'Unschedulable', reasons: [] };

const claimsOf = ({ pod }: PodInfo) => pod.spec?.resourceClaims ?? [];

/** The first claim of the pod that does not exist (yet). */
function missingClaim(pod: PodInfo, { resourceClaims }: ObjectListers): string | undefined {
  for (const { resourceClaimName } of claimsOf(pod)) {
    if (resourceClaimName !== undefined && !resourceClaims.get(`${pod.namespace}/${resourceClaimName}`)) {
      return resourceClaimName;
    }
  }
  return undefined;
}

const EVENTS: readonly EventRegistration[] = [
  { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel | Action.UpdateNodeAllocatable },
  {
    resource: 'resource.k8s.io/ResourceClaim',
    action: Action.Add | Action.Update | Action.Delete,
    hint: (pod, before, after, { objects }) => {
      const allocation = (claim: typeof before) => claim?.status?.allocation;
      if (after === undefined) return allocation(before) ? 'Queue' : 'Skip';
      if (missingClaim(pod, objects) !== undefined) return 'Skip';
      if (allocation(before) && !allocation(after)) return 'Queue';
      const { name, namespace = 'default' } = after.metadata ?? {};
      const isOwn =
        namespace === pod.namespace && claimsOf(pod).some(({ resourceClaimName }) => resourceClaimName === name);
      if (!isOwn) return 'Skip';
      return before !== undefined && JSON.stringify(before.status) === JSON.stringify(after.status) ? 'Skip' : 'Queue';
    },
  },
  {
    resource: 'TargetPod',
    action: Action.UpdatePodGeneratedResourceClaim,
    hint: (_pod, _before, after, { objects }) =>
      after !== undefined && missingClaim(after, objects) !== undefined ? 'Skip' : 'Queue',
  },
  { resource: 'resource.k8s.io/DeviceClass', action: Action.Add | Action.Update },
  { resource: 'resource.k8s.io/ResourceSlice', action: Action.Add | Action.Update },
];

export const dynamicResources: PluginDefinition = {
  name: 'DynamicResources',
  points: ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'score', 'reserve', 'preBind', 'podGroupPostFilter'],
  dependsOn: { filter: 'node', score: 'node' },
  create: () => ({
    events: EVENTS,
    preEnqueue: (pod, { objects }) => {
      const missing = missingClaim(pod, objects);
      return missing === undefined ? undefined : unresolvable(`resourceclaim.resource.k8s.io "${missing}" not found`);
    },
    preFilter: (pod) => {
      if (claimsOf(pod).length > 0) {
        throw new PluginError(`pod ${pod.key} uses resource claims (spec.resourceClaims), which berth does not allocate yet`);
      }
      return { skip: true };
    },
    postFilter: ({ state }) =>
      // A cycle that ended before this plugin's PreFilter has no state for it; upstream's cycle state says so.
      state === undefined ? { status: { code: 'Error', reasons: ['not found'] } } : { status: NOTHING_TO_FREE },
    compileScore: () => ({ score: () => 0, normalization: { kind: 'max' } }),
  }),
};
