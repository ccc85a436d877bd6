/**
 * VolumeBinding: nodes on which the pod's bound volumes can be used, and its unbound claims can be bound or provisioned.
 * Source: `plugins/volumebinding/{volume_binding,binder}.go`, v1.37.2.
 *
 * Cost: nothing for a pod without claims; else see `helper/volume-finding.ts`.
 */
import { type CSIStorageCapacity, compareQuantity, goQuote, parseQuantity } from '../api/index.ts';
import {
  Action,
  type ClusterView,
  type CompiledFilter,
  type CompiledScore,
  type EventRegistration,
  type Plugin,
  type PluginDefinition,
  PluginError,
  type PodInfo,
  type PreBindContext,
  type PreFilterResult,
  type PreScoreResult,
  type Status,
  unresolvable,
} from '../scheduler/plugin.ts';
import type { ShapePoint } from './helper/broken-linear.ts';
import { type PodVolumes, VolumeAssumptions } from './helper/volume-assumptions.ts';
import { CapacityScorer } from './helper/volume-capacity-score.ts';
import {
  claimReference,
  foreignClaimMessage,
  notFoundMessage,
  referencesClaim,
  usesClaims,
  volumesOf,
} from './helper/volume-claims.ts';
import {
  AFFINITY_CONFLICT,
  NO_SPACE,
  NO_VOLUME,
  sortClaims,
  VOLUME_MISSING,
  VolumeFinder,
} from './helper/volume-finding.ts';
import { startVolumePreBind } from './helper/volume-prebind.ts';

interface VolumeBindingArgs {
  readonly bindTimeoutSeconds?: number;
  readonly shape?: readonly ShapePoint[] | null;
}

/** The emptier, the better. */
const DEFAULT_SHAPE: readonly ShapePoint[] = [
  { utilization: 0, score: 10 },
  { utilization: 100, score: 0 },
];

const REASONS: ReadonlyArray<readonly [bit: number, reason: string]> = [
  [AFFINITY_CONFLICT, "node(s) didn't match PersistentVolume's node affinity"],
  [NO_VOLUME, "node(s) didn't find available persistent volumes to bind"],
  [NO_SPACE, 'node(s) did not have enough free storage'],
  [VOLUME_MISSING, 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'],
];

const UNBOUND = unresolvable('pod has unbound immediate PersistentVolumeClaims');

/** What upstream's cycle state says when PreFilter, which a profile can leave out, has written nothing. */
const NO_STATE = 'not found';

const NO_CLAIMS: PreFilterResult = { skip: true };
const SCORE: PreScoreResult = {};
const ZERO_SCORE: CompiledScore = { score: () => 0 };

export const volumeBinding: PluginDefinition = {
  name: 'VolumeBinding',
  points: ['preFilter', 'filter', 'preScore', 'score', 'reserve', 'preBind'],
  create: (args) => new VolumeBinding(args as VolumeBindingArgs),
};

const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';

const capacityLimit = (capacity: CSIStorageCapacity): string | undefined =>
  capacity.maximumVolumeSize ?? capacity.capacity ?? undefined;

const EVENTS: readonly EventRegistration[] = [
  {
    resource: 'storage.k8s.io/StorageClass',
    action: Action.Add | Action.Update,
    hint: (_pod, before, after) => {
      const topologies = (storageClass: typeof before) => JSON.stringify(storageClass?.allowedTopologies ?? []);
      return before !== undefined && topologies(before) === topologies(after) ? 'Skip' : 'Queue';
    },
  },
  {
    resource: 'PersistentVolumeClaim',
    action: Action.Add | Action.Update,
    hint: (pod, _before, after) => (referencesClaim(pod, after, true) ? 'Queue' : 'Skip'),
  },
  { resource: 'PersistentVolume', action: Action.Add | Action.Update },
  { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel },
  {
    resource: 'storage.k8s.io/CSINode',
    action: Action.Add | Action.Update,
    hint: (_pod, before, after) => {
      const migrated = (csiNode: typeof before) => csiNode?.metadata?.annotations?.[MIGRATED_PLUGINS] ?? '';
      return before !== undefined && migrated(before) === migrated(after) ? 'Skip' : 'Queue';
    },
  },
  {
    resource: 'storage.k8s.io/CSIDriver',
    action: Action.Update,
    hint: ({ pod }, before, after) => {
      const stopsTracking = before?.spec?.storageCapacity === true && after?.spec?.storageCapacity !== true;
      const uses = volumesOf(pod).some(({ csi }) => csi?.driver === after?.metadata?.name);
      return stopsTracking && uses ? 'Queue' : 'Skip';
    },
  },
  {
    resource: 'storage.k8s.io/CSIStorageCapacity',
    action: Action.Add | Action.Update,
    hint: (_pod, before, after) => {
      if (before === undefined || after === undefined) return 'Queue';
      const [had, has] = [capacityLimit(before), capacityLimit(after)];
      if (has === undefined) return 'Skip';
      return had === undefined || compareQuantity(parseQuantity(has), parseQuantity(had)) > 0 ? 'Queue' : 'Skip';
    },
  },
];

const DEFAULT_BIND_TIMEOUT_SECONDS = 600;

const NOTHING_TO_BIND: Status = { code: 'Skip', reasons: [] };

class VolumeBinding implements Plugin {
  readonly events = EVENTS;
  readonly allowsParallelPreBind = true;
  private readonly assumptions = new VolumeAssumptions();
  private readonly scorer: CapacityScorer;
  private readonly bindTimeoutMs: number;
  /** By pod UID: what `unreserve` takes back, and PreBind is to write. */
  private readonly reserved = new Map<string, PodVolumes>();
  /** The pod that PreFilter saw last, which is the one of this cycle if it has claims; undefined until it first runs. */
  private currentUid: string | undefined;
  private current: VolumeFinder | undefined;

  constructor({ shape, bindTimeoutSeconds = DEFAULT_BIND_TIMEOUT_SECONDS }: VolumeBindingArgs) {
    this.bindTimeoutMs = bindTimeoutSeconds * 1000;
    this.scorer = new CapacityScorer(shape ?? DEFAULT_SHAPE);
  }

  /** An engine that asks this need not come with PreFilter for a pod that it does not concern. */
  concerns({ pod }: PodInfo): boolean {
    if (usesClaims(pod)) return true;
    this.currentUid ??= '';
    return false;
  }

  preFilter(pod: PodInfo, cluster: ClusterView): PreFilterResult {
    this.currentUid = pod.uid;
    this.current = undefined;
    if (!usesClaims(pod.pod)) return NO_CLAIMS;
    const illegal = whyIllegal(pod, cluster);
    if (illegal !== undefined) return { reject: unresolvable(illegal) };
    const claims = sortClaims(pod, cluster, this.assumptions);
    if (claims.immediate.length > 0) return { reject: UNBOUND };
    this.current = new VolumeFinder(claims, cluster, this.assumptions);
    return { state: this.current };
  }

  compileFilter(_pod: PodInfo, _cluster: ClusterView, state: unknown): CompiledFilter {
    if (state === undefined) throw new PluginError(NO_STATE);
    const finder = state as VolumeFinder;
    return { filter: (row) => finder.check(row), status: statusOf };
  }

  preScore(pod: PodInfo): PreScoreResult {
    this.finderOf(pod);
    return SCORE;
  }

  compileScore(pod: PodInfo): CompiledScore {
    const finder = this.finderOf(pod);
    if (finder === undefined || !finder.hasDelayedClaims) return ZERO_SCORE;
    const { scorer } = this;
    return {
      score: (row) => {
        const found = finder.foundOn(row);
        return found === undefined ? 0 : scorer.score(found.bindings, found.provisions);
      },
    };
  }

  reserve(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined {
    if (this.currentUid === undefined) return { code: 'Error', reasons: [NO_STATE] };
    const found = this.finderOf(pod)?.foundOn(row);
    if (found === undefined || (found.bindings.length === 0 && found.provisions.length === 0)) return undefined;
    const volumes = { bindings: found.bindings, provisions: found.provisions.map(({ claim }) => claim) };
    const nodeName = cluster.node(row).metadata?.name ?? '';
    this.reserved.set(pod.uid, this.assumptions.assume(volumes, nodeName, cluster.objects));
    return undefined;
  }

  unreserve(pod: PodInfo): void {
    const volumes = this.reserved.get(pod.uid);
    if (volumes === undefined) return;
    this.reserved.delete(pod.uid);
    this.assumptions.revert(volumes);
  }

  preBindPreFlight({ uid }: PodInfo): Status | undefined {
    return this.reserved.has(uid) ? undefined : NOTHING_TO_BIND;
  }

  startPreBind(pod: PodInfo, _row: number, cluster: ClusterView, context: PreBindContext): () => void {
    return startVolumePreBind({
      pod,
      cluster,
      volumes: this.reserved.get(pod.uid)!,
      timeoutMs: this.bindTimeoutMs,
      context,
      revert: (unsent) => this.assumptions.revert(unsent),
      // What the API has stored by now is newer than any assumption.
      onBound: () => this.reserved.delete(pod.uid),
    });
  }

  /** Throws when PreFilter is not enabled. */
  private finderOf(pod: PodInfo): VolumeFinder | undefined {
    if (this.currentUid === undefined) throw new PluginError(NO_STATE);
    if (this.currentUid === pod.uid) return this.current;
    if (usesClaims(pod.pod)) throw new PluginError(`PreFilter has not seen pod ${pod.key} in this cycle`);
    return undefined;
  }
}

const statuses = new Map<number, Status>();

function statusOf(code: number): Status {
  let status = statuses.get(code);
  if (status === undefined) {
    status = unresolvable(...REASONS.flatMap(([bit, reason]) => ((code & bit) !== 0 ? [reason] : [])));
    statuses.set(code, status);
  }
  return status;
}

/** Why no node can run the pod before somebody does something about its claims. */
function whyIllegal(pod: PodInfo, { objects }: ClusterView): string | undefined {
  for (const volume of volumesOf(pod.pod)) {
    const reference = claimReference(volume, pod.name);
    if (reference === undefined) continue;
    const { claimName, ephemeral } = reference;
    const claim = objects.persistentVolumeClaims.get(`${pod.namespace}/${claimName}`);
    if (claim === undefined) {
      return ephemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${goQuote(claimName)}`
        : notFoundMessage('persistentvolumeclaim', claimName);
    }
    const { metadata, spec, status } = claim;
    const name = `persistentvolumeclaim ${goQuote(metadata?.name ?? '')}`;
    if (status?.phase === 'Lost')
      return `${name} bound to non-existent persistentvolume ${goQuote(spec?.volumeName ?? '')}`;
    if (metadata?.deletionTimestamp) return `${name} is being deleted`;
    const foreign = ephemeral ? foreignClaimMessage(pod, claim) : undefined;
    if (foreign !== undefined) return foreign;
  }
  return undefined;
}
