/**
 * DynamicResources: devices for the claims of a pod, and for extended resources that devices serve.
 * Source: `plugins/dynamicresources/`, v1.37.2. What is left out is in `docs/dynamic-resources.md`.
 *
 * Cost: nothing for a pod without claims and such resources; else see `filter.ts`.
 */
import type { ResourceClaim } from '../../api/index.ts';
import {
  type ClusterView,
  type CompiledFilter,
  type CompiledScore,
  type GroupPostFilterContext,
  type GroupPostFilterResult,
  type Plugin,
  type PluginDefinition,
  PluginError,
  type PluginHandle,
  type PodInfo,
  type PostFilterContext,
  type PostFilterResult,
  type PreBindContext,
  type PreFilterResult,
  type Status,
  unresolvable,
  unschedulable,
} from '../../scheduler/plugin.ts';
import { deviceStateOf } from '../helper/devices/device-state.ts';
import { durationMs } from '../helper/duration.ts';
import { isOverdue } from './binding-conditions.ts';
import { deallocate } from './deallocation.ts';
import { EVENTS } from './events.ts';
import { compileFilter } from './filter.ts';
import { claimsInSpec, claimsOfPod } from './pod-claims.ts';
import type { PodDevices } from './pod-devices.ts';
import { type PreBindClock, startPreBind } from './pre-bind.ts';
import { asksForDevices, preFilter } from './pre-filter.ts';
import { reserve, unreserve } from './reserve.ts';
import { scoreOf } from './score.ts';

interface DynamicResourcesArgs {
  /** Durations as Go writes them. */
  readonly filterTimeout?: string;
  readonly bindingTimeout?: string;
}

export const dynamicResources: PluginDefinition = {
  name: 'DynamicResources',
  points: ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'score', 'reserve', 'preBind', 'podGroupPostFilter'],
  reads: ['deviceClasses'],
  create: (args, handle) => new DynamicResources(args as DynamicResourcesArgs, handle),
};

const NOTHING: Status = unschedulable();
const SKIP: Status = { code: 'Skip', reasons: [] };
const ZERO_SCORE: CompiledScore = { score: () => 0, normalization: { kind: 'max' } };
const GROUP_DONE: Status = unschedulable('deallocation and deletion of ResourceClaims completed');

/** What upstream's cycle state says when PreFilter has written nothing. */
const NO_STATE = 'not found';

/** Pods that wait with claims; of more than these the ones longest untried are forgotten, and looked at anew. */
const STATES_KEPT = 10_000;

/** The time limit of upstream as steps of the search, so that answers do not depend on the machine: measured, and rounded. */
const STEPS_PER_MS = 100;

class DynamicResources implements Plugin {
  readonly events = EVENTS;
  readonly allowsParallelPreBind = true;
  private readonly handle: PluginHandle;
  private readonly maxSteps: number;
  private readonly bindingTimeoutMs: number;
  /** By pod UID, what the last PreFilter found. */
  private readonly states = new Map<string, PodDevices>();
  /** Of pods that are being bound. */
  private readonly binding = new WeakMap<PodInfo, PodDevices>();
  /** The time as it was last heard of. */
  private nowMs = Number.NEGATIVE_INFINITY;

  constructor({ filterTimeout = '10s', bindingTimeout = '600s' }: DynamicResourcesArgs, handle: PluginHandle) {
    this.handle = handle;
    const filterTimeoutMs = durationMs(filterTimeout);
    this.maxSteps = filterTimeoutMs > 0 ? filterTimeoutMs * STEPS_PER_MS : Number.POSITIVE_INFINITY;
    this.bindingTimeoutMs = durationMs(bindingTimeout);
  }

  concerns(pod: PodInfo, cluster: ClusterView): boolean {
    return claimsInSpec(pod).length > 0 || asksForDevices(pod, deviceStateOf(cluster));
  }

  preEnqueue(pod: PodInfo, cluster: ClusterView): Status | undefined {
    if (claimsInSpec(pod).length === 0) return undefined;
    const { problem } = claimsOfPod(pod, deviceStateOf(cluster).claims);
    return problem === undefined ? undefined : unresolvable(problem);
  }

  preFilter(pod: PodInfo, cluster: ClusterView): PreFilterResult {
    this.states.delete(pod.uid);
    const result = preFilter(pod, cluster, this.maxSteps);
    if (result.state !== undefined) this.keep(pod.uid, result.state);
    return result;
  }

  compileFilter(pod: PodInfo, cluster: ClusterView, state: unknown): CompiledFilter {
    if (state === undefined) throw new PluginError(NO_STATE);
    return compileFilter({
      pod,
      cluster,
      devices: state as PodDevices,
      state: deviceStateOf(cluster),
      isOverdue: (claim: ResourceClaim) => isOverdue(claim, this.bindingTimeoutMs, this.nowMs),
    });
  }

  postFilter({ pod, state }: PostFilterContext): PostFilterResult {
    // A cycle that ended before this plugin's PreFilter has no state for it; upstream's cycle state says so.
    if (state === undefined) return { status: { code: 'Error', reasons: [NO_STATE] } };
    const devices = this.states.get(pod.uid);
    return { status: devices === undefined ? NOTHING : deallocate(devices, pod.uid, this.handle.api).status };
  }

  podGroupPostFilter({ group, preFilterRan }: GroupPostFilterContext): GroupPostFilterResult {
    const isForPlacements = this.handle.isEnabled('TopologyAwareWorkloadScheduling');
    if (group.podGroup === undefined || (isForPlacements && group.podGroup.spec.schedulingConstraints !== undefined)) {
      return { status: NOTHING };
    }
    if (!preFilterRan) return { status: { code: 'Error', reasons: [NO_STATE] } };
    for (const pod of group.pods) {
      const devices = this.states.get(pod.uid);
      if (devices === undefined) continue;
      const { status } = deallocate(devices, pod.uid, this.handle.api);
      if (status.code === 'Error') return { status };
    }
    return { status: GROUP_DONE };
  }

  compileScore(pod: PodInfo): CompiledScore {
    const devices = this.states.get(pod.uid);
    if (devices === undefined) return ZERO_SCORE;
    return { score: (row) => scoreOf(devices, row), normalization: { kind: 'max' } };
  }

  reserve(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined {
    const devices = this.states.get(pod.uid);
    if (devices === undefined) return undefined;
    this.binding.set(pod, devices);
    return reserve(devices, row, deviceStateOf(cluster));
  }

  unreserve(pod: PodInfo, _row: number, cluster: ClusterView): void {
    const devices = this.binding.get(pod) ?? this.states.get(pod.uid);
    if (devices !== undefined) unreserve(devices, pod.uid, deviceStateOf(cluster), this.handle.api);
  }

  preBindPreFlight(pod: PodInfo): Status | undefined {
    return this.binding.has(pod) ? undefined : SKIP;
  }

  preBind(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined {
    let status: Status | undefined;
    this.writeClaims(pod, row, cluster, undefined, (answer) => {
      status = answer;
    });
    return status;
  }

  startPreBind(pod: PodInfo, row: number, cluster: ClusterView, context: PreBindContext): () => void {
    return this.writeClaims(pod, row, cluster, context, (status) => {
      this.nowMs = Math.max(this.nowMs, context.nowMs);
      context.finish(status);
    });
  }

  private writeClaims(
    pod: PodInfo,
    row: number,
    cluster: ClusterView,
    clock: PreBindClock | undefined,
    finish: (status?: Status) => void,
  ): () => void {
    const devices = this.binding.get(pod);
    if (devices === undefined) {
      finish();
      return () => {};
    }
    this.states.delete(pod.uid);
    return startPreBind({
      pod,
      row,
      nodeName: cluster.node(row).metadata?.name ?? '',
      devices,
      state: deviceStateOf(cluster),
      api: this.handle.api,
      clock,
      bindingTimeoutMs: this.bindingTimeoutMs,
      finish,
    });
  }

  private keep(podUid: string, devices: PodDevices): void {
    this.states.set(podUid, devices);
    if (this.states.size <= STATES_KEPT) return;
    for (const [oldest] of this.states) {
      this.states.delete(oldest);
      break;
    }
  }
}
