/**
 * Whether a node can serve a pod's claims, and with what. Source: `FindPodVolumes`, `GetPodVolumeClaims` and
 * `checkBoundClaims` in `plugins/volumebinding/binder.go`, v1.37.2.
 *
 * Cost: claims, volumes and capacities are compiled once per pod; per node one affinity per bound claim, and for claims
 * that wait for a node what `volume-matching.ts` and `volume-provisioning.ts` say.
 */
import {
  claimClassName,
  compareQuantity,
  goQuote,
  type Node,
  type PersistentVolumeClaim,
  type StorageClass,
} from '../../api/index.ts';
import { type ClusterView, PluginError, type PodInfo } from '../../scheduler/plugin.ts';
import { type BoundVolumeAffinity, boundVolumeAffinity } from './volume-affinity.ts';
import { SELECTED_NODE, type StaticBinding, type VolumeAssumptions } from './volume-assumptions.ts';
import type { ScoredProvision } from './volume-capacity-score.ts';
import { claimReference, isFullyBound, volumesOf } from './volume-claims.ts';
import { ClaimMatcher, requestedStorage } from './volume-matching.ts';
import { ClaimProvisioner } from './volume-provisioning.ts';

/** Why a node cannot serve the claims; several can hold at once. */
export const AFFINITY_CONFLICT = 1;
export const NO_VOLUME = 2;
export const NO_SPACE = 4;
export const VOLUME_MISSING = 8;

/** A claim that is bound once its pod has a node. */
interface DelayedClaim {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
}

export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  readonly delayed: readonly DelayedClaim[];
  /** Claims that should have been bound without waiting for a pod. */
  readonly immediate: readonly PersistentVolumeClaim[];
}

/** What a node has for the claims of a pod that wait for one. */
export interface FoundVolumes {
  readonly bindings: readonly StaticBinding[];
  readonly provisions: readonly ScoredProvision[];
}

/** All claims of the pod must be there. Throws PluginError for a class without a binding mode. */
export function sortClaims(pod: PodInfo, cluster: ClusterView, assumptions: VolumeAssumptions): PodClaims {
  const bound: PersistentVolumeClaim[] = [];
  const delayed: DelayedClaim[] = [];
  const immediate: PersistentVolumeClaim[] = [];
  for (const volume of volumesOf(pod.pod)) {
    const reference = claimReference(volume, pod.name);
    if (reference === undefined) continue;
    const key = `${pod.namespace}/${reference.claimName}`;
    const claim = assumptions.claim(key, cluster.objects)!;
    if (isFullyBound(claim)) {
      bound.push(claim);
      continue;
    }
    const storageClass = delayingClass(claim, cluster);
    if (storageClass !== undefined && !claim.spec?.volumeName) delayed.push({ claim, storageClass });
    else immediate.push(claim);
  }
  return { bound, delayed, immediate };
}

/** The claim's class when it has claims wait for a pod. */
function delayingClass(claim: PersistentVolumeClaim, { objects }: ClusterView): StorageClass | undefined {
  const name = claimClassName(claim);
  const storageClass = name === '' ? undefined : objects.storageClasses.get(name);
  if (storageClass === undefined) return undefined;
  const mode = storageClass.volumeBindingMode ?? undefined;
  if (mode === undefined) throw new PluginError(`VolumeBindingMode not set for StorageClass ${goQuote(name)}`);
  return mode === 'WaitForFirstConsumer' ? storageClass : undefined;
}

export class VolumeFinder {
  private readonly cluster: ClusterView;
  /** In the claims' order; undefined where the volume is not there. */
  private readonly boundAffinities: ReadonlyArray<BoundVolumeAffinity | undefined>;
  /** Claims that a node has been chosen for before, and which it was. */
  private readonly selected: ReadonlyArray<{ readonly nodeName: string; readonly provisioner: ClaimProvisioner }>;
  /** The smallest claim first. */
  private readonly matchers: readonly ClaimMatcher[];
  private readonly provisioners: readonly ClaimProvisioner[];
  private readonly found: Map<number, FoundVolumes> | undefined;

  constructor(claims: PodClaims, cluster: ClusterView, assumptions: VolumeAssumptions) {
    this.cluster = cluster;
    const { objects } = cluster;
    this.boundAffinities = claims.bound.map((claim) => {
      const volume = assumptions.volume(claim.spec?.volumeName ?? '', objects);
      return volume === undefined ? undefined : boundVolumeAffinity(volume);
    });
    this.found = claims.delayed.length > 0 ? new Map() : undefined;
    const isSelected = ({ claim }: DelayedClaim) => claim.metadata?.annotations?.[SELECTED_NODE] !== undefined;
    const provisionerOf = ({ claim, storageClass }: DelayedClaim) => new ClaimProvisioner(claim, storageClass, objects);
    this.selected = claims.delayed.filter(isSelected).map((delayed) => ({
      nodeName: delayed.claim.metadata?.annotations?.[SELECTED_NODE] ?? '',
      provisioner: provisionerOf(delayed),
    }));
    const open = claims.delayed
      .filter((delayed) => !isSelected(delayed))
      .sort((a, b) => compareQuantity(requestedStorage(a.claim), requestedStorage(b.claim)));
    this.matchers = open.map(
      ({ claim }) => new ClaimMatcher(claim, assumptions.volumesOfClass(claimClassName(claim), objects)),
    );
    this.provisioners = open.map(provisionerOf);
  }

  /** 0 when the node can serve all claims, else the reasons why not. Throws PluginError. */
  check(row: number): number {
    const node = this.cluster.node(row);
    const reasons = this.checkBound(node);
    if (this.found === undefined) return reasons;
    const bindings: StaticBinding[] = [];
    const provisions: ScoredProvision[] = [];
    const all = reasons | this.checkDelayed(node, bindings, provisions);
    if (all === 0) this.found.set(row, { bindings, provisions });
    return all;
  }

  /** What `check` found on a node that can serve the claims; undefined when no claim waits for a node. */
  foundOn(row: number): FoundVolumes | undefined {
    return this.found?.get(row);
  }

  get hasDelayedClaims(): boolean {
    return this.found !== undefined;
  }

  private checkBound(node: Node): number {
    const { boundAffinities } = this;
    if (boundAffinities.length === 0) return 0;
    const csiNode = this.cluster.objects.csiNodes.get(node.metadata?.name ?? '');
    for (const affinity of boundAffinities) {
      if (affinity === undefined) return VOLUME_MISSING;
      if (!affinity.matches(node, csiNode)) return AFFINITY_CONFLICT;
    }
    return 0;
  }

  private checkDelayed(node: Node, bindings: StaticBinding[], provisions: ScoredProvision[]): number {
    for (const { nodeName } of this.selected) if (nodeName !== node.metadata?.name) return NO_VOLUME;
    const unmatched: ClaimProvisioner[] = [];
    const { matchers, provisioners } = this;
    for (let i = 0; i < matchers.length; i++) {
      const volume = matchers[i]!.find(node, bindings);
      if (volume === undefined) unmatched.push(provisioners[i]!);
      else bindings.push({ claim: matchers[i]!.claim, volume });
    }
    for (const { provisioner } of this.selected) {
      const reasons = provision(provisioner, node, provisions);
      if (reasons !== 0) return reasons;
    }
    for (const provisioner of unmatched) {
      const reasons = provision(provisioner, node, provisions);
      if (reasons !== 0) return reasons;
    }
    return 0;
  }
}

function provision(provisioner: ClaimProvisioner, node: Node, into: ScoredProvision[]): number {
  const outcome = provisioner.check(node);
  if (outcome === 'impossible') return NO_VOLUME;
  if (outcome === 'not enough space') return NO_SPACE;
  into.push({ claim: provisioner.claim, pool: provisioner.pool });
  return 0;
}
