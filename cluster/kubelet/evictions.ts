/**
 * What a node does when it runs out of memory, disk or process ids. Source: `pkg/kubelet/eviction/{eviction_manager,helpers}.go`,
 * v1.37.2. It looks only where a container says how much it uses, so that idle nodes have no timer.
 */
import {
  firstUntoleratedTaint,
  formatQuantity,
  type Pod,
  parseQuantity,
  quantityValue,
  wholeUnitsOf,
} from '../../api/index.ts';
import { type Cancel, Lane } from '../../scheduler/clock.ts';
import { BEHAVIOUR } from '../runtimes/behaviour.ts';
import { type Rejection, requestsOf } from './admission.ts';
import { withDisruption } from './disruption.ts';
import type { Kubelet } from './kubelet.ts';
import type { Pressure } from './node-status.ts';
import type { KubeletPodStatus } from './pod-status.ts';
import type { PodWorker } from './pod-worker.ts';
import { POD_UID } from './sandbox-config.ts';
import { isCritical } from './shutdown.ts';

type Signal = 'memory.available' | 'nodefs.available' | 'imagefs.available' | 'pid.available';

interface SignalKind {
  readonly pressure: Pressure;
  readonly resource: 'memory' | 'ephemeral-storage' | 'pids';
}

/** In the order in which they are dealt with: memory before everything else. */
const SIGNALS: Readonly<Record<Signal, SignalKind>> = {
  'memory.available': { pressure: 'MemoryPressure', resource: 'memory' },
  'nodefs.available': { pressure: 'DiskPressure', resource: 'ephemeral-storage' },
  'imagefs.available': { pressure: 'DiskPressure', resource: 'ephemeral-storage' },
  'pid.available': { pressure: 'PIDPressure', resource: 'pids' },
};

interface Observation {
  readonly available: number;
  readonly capacity: number;
}

/** What a pod uses. */
export interface Usage {
  memoryBytes: number;
  diskBytes: number;
  processes: number;
  readonly containers: Array<{ readonly name: string; readonly memoryBytes: number; readonly diskBytes: number }>;
}

const MAX_PROCESSES = 32_768;
const HARD_GRACE_S = 1;
const NONE: ReadonlySet<Pressure> = new Set();

export class Evictions {
  private readonly kubelet: Kubelet;
  private readonly observedMs = new Map<Pressure, number>();
  private pressures: ReadonlySet<Pressure> = NONE;
  private cancel: Cancel | undefined;
  private isStopped = false;

  constructor(kubelet: Kubelet) {
    this.kubelet = kubelet;
  }

  stop(): void {
    this.isStopped = true;
    this.cancel?.();
  }

  /** One more pod: there may be something to look at. */
  podAdded(pod: Pod): void {
    if (this.cancel !== undefined || this.isStopped) return;
    const { isViewLagging, nodeRuntime } = this.kubelet;
    if (saysUse(pod) || nodeRuntime.hasBehaviours === true || isViewLagging) this.later();
  }

  /** Some pod will use something once it runs. */
  private mayUse(): boolean {
    for (const pod of this.kubelet.active()) if (saysUse(pod)) return true;
    return false;
  }

  /** Why a pod is not taken while the node has too little. */
  rejection(pod: Pod): Rejection | undefined {
    if (this.pressures.size === 0 || isCritical(pod)) return undefined;
    if (this.pressures.size === 1 && this.pressures.has('MemoryPressure')) {
      if (pod.status?.qosClass !== 'BestEffort') return undefined;
      const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' } as const;
      if (firstUntoleratedTaint([taint], pod.spec?.tolerations ?? [], () => true) === undefined) return undefined;
    }
    return { reason: 'Evicted', message: `The node had condition: [${[...this.pressures].join(' ')}]. ` };
  }

  private later(): void {
    const { clock, settings } = this.kubelet;
    const task = (): void => {
      this.cancel = undefined;
      this.kubelet.whenAwake(() => this.look());
    };
    this.cancel = clock.timer(clock.nowMs + settings.evictionMs, task, Lane.Component);
  }

  private look(): void {
    const { runtime } = this.kubelet;
    runtime.listContainerStats({}, (error, stats) => {
      if (this.isStopped) return;
      if (error !== undefined) {
        this.later();
        return;
      }
      const byPod = new Map<string, Usage>();
      for (const { attributes, memory, writableLayer } of stats) {
        const uid = attributes.labels?.[POD_UID] ?? '';
        const usage = byPod.get(uid) ?? { memoryBytes: 0, diskBytes: 0, processes: 0, containers: [] };
        const memoryBytes = memory?.workingSetBytes?.value ?? 0;
        const diskBytes = writableLayer?.usedBytes?.value ?? 0;
        usage.memoryBytes += memoryBytes;
        usage.diskBytes += diskBytes;
        usage.processes += writableLayer?.inodesUsed?.value ?? 0;
        usage.containers.push({ name: attributes.metadata.name, memoryBytes, diskBytes });
        byPod.set(uid, usage);
      }
      runtime.imageFsInfo((failure, info) => {
        if (this.isStopped) return;
        const imageBytes = failure === undefined ? (info.imageFilesystems[0]?.usedBytes?.value ?? 0) : 0;
        this.act(byPod, imageBytes);
      });
    });
  }

  private act(usages: ReadonlyMap<string, Usage>, imageBytes: number): void {
    const all = [...usages.values()];
    const hasUsage = all.some(({ memoryBytes, diskBytes }) => memoryBytes > 0 || diskBytes > 0);
    const observations = this.observe(all, imageBytes);
    const met = this.thresholdsMet(observations);
    this.updatePressures(met);
    const [signal] = met;
    if (signal !== undefined) this.evictOne(signal, usages, observations.get(signal)!);
    if (hasUsage || this.pressures.size > 0 || this.mayUse()) this.later();
  }

  private observe(usages: readonly Usage[], imageBytes: number): Map<Signal, Observation> {
    const { capacity } = this.kubelet.spec;
    const sum = (of: (usage: Usage) => number): number => usages.reduce((total, usage) => total + of(usage), 0);
    const memory = wholeUnitsOf(capacity.memory ?? '0');
    const disk = wholeUnitsOf(capacity['ephemeral-storage'] ?? '0');
    const overhead = this.kubelet.nodeRuntime.overheadBytes?.() ?? 0;
    const diskLeft = disk - sum(({ diskBytes }) => diskBytes) - imageBytes;
    const observations = new Map<Signal, Observation>([
      ['memory.available', { available: memory - overhead - sum(({ memoryBytes }) => memoryBytes), capacity: memory }],
      ['pid.available', { available: MAX_PROCESSES - sum(({ processes }) => processes), capacity: MAX_PROCESSES }],
    ]);
    // One file system for images, containers and the rest; without a size, none.
    if (disk > 0) {
      observations.set('nodefs.available', { available: diskLeft, capacity: disk });
      observations.set('imagefs.available', { available: diskLeft, capacity: disk });
    }
    return observations;
  }

  private thresholdsMet(observations: ReadonlyMap<Signal, Observation>): Signal[] {
    const { evictionHard } = this.kubelet.settings;
    return (Object.keys(SIGNALS) as Signal[]).filter((signal) => {
      const threshold = evictionHard[signal];
      const seen = observations.get(signal);
      return threshold !== undefined && seen !== undefined && seen.available < thresholdOf(threshold, seen.capacity);
    });
  }

  /** A condition outlasts its cause, so that it does not come and go. */
  private updatePressures(met: readonly Signal[]): void {
    const { clock, settings } = this.kubelet;
    for (const signal of met) this.observedMs.set(SIGNALS[signal].pressure, clock.nowMs);
    const lasting = [...this.observedMs].filter(([, ms]) => clock.nowMs - ms < settings.pressureTransitionMs);
    this.pressures = new Set(lasting.map(([pressure]) => pressure));
    this.kubelet.setPressures(this.pressures);
  }

  /** At most one pod goes at a time. */
  private evictOne(signal: Signal, usages: ReadonlyMap<string, Usage>, { available, capacity }: Observation): void {
    const { kubelet } = this;
    const { resource } = SIGNALS[signal];
    const workers = rankedForEviction([...kubelet.activeWorkers()], usages, resource);
    const worker = workers.find(({ pod }) => !isCritical(pod));
    if (worker === undefined) return;
    const quantity = binary(thresholdOf(kubelet.settings.evictionHard[signal]!, capacity));
    let message = `The node was low on resource: ${resource}. Threshold quantity: ${quantity}, available: ${binary(available)}. `;
    message += excessText(worker.pod, usages.get(worker.uid), resource);
    kubelet.event(worker.pod, undefined, 'Warning', 'Evicted', message);
    const change = (status: KubeletPodStatus): KubeletPodStatus =>
      withDisruption({ ...status, phase: 'Failed', reason: 'Evicted', message }, message, kubelet.clock.nowMs);
    worker.terminate({ graceS: HARD_GRACE_S, change });
  }
}

const saysUse = ({ metadata }: Pod): boolean => metadata?.annotations?.[BEHAVIOUR] !== undefined;

function thresholdOf(text: string, capacity: number): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  return percent === undefined ? wholeUnitsOf(text) : (Number(percent) / 100) * capacity;
}

const usageOf = (usage: Usage | undefined, resource: SignalKind['resource']): number => {
  if (usage === undefined) return 0;
  return resource === 'memory' ? usage.memoryBytes : resource === 'pids' ? usage.processes : usage.diskBytes;
};

/**
 * Who goes first: pods that use more than they asked for, then those of lower priority, then those that use most beyond what
 * they asked for; for process ids by priority and use alone.
 */
export function rankedForEviction(
  workers: readonly PodWorker[],
  usages: ReadonlyMap<string, Usage>,
  resource: SignalKind['resource'],
): PodWorker[] {
  const facts = workers.map((worker) => {
    const used = usageOf(usages.get(worker.uid), resource);
    const asked = resource === 'pids' ? 0 : (requestsOf(worker.pod).get(resource) ?? 0);
    return {
      worker,
      exceeds: resource !== 'pids' && used > asked,
      excess: used - asked,
      priority: worker.pod.spec?.priority ?? 0,
    };
  });
  facts.sort((a, b) => Number(b.exceeds) - Number(a.exceeds) || a.priority - b.priority || b.excess - a.excess);
  return facts.map(({ worker }) => worker);
}

function excessText(pod: Pod, usage: Usage | undefined, resource: SignalKind['resource']): string {
  if (usage === undefined || resource === 'pids') return '';
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return usage.containers
    .map(({ name, memoryBytes, diskBytes }) => {
      const used = resource === 'memory' ? memoryBytes : diskBytes;
      const asked = all.find((container) => container.name === name)?.resources?.requests?.[resource] ?? '0';
      if (used <= quantityValue(parseQuantity(asked))) return '';
      return `Container ${name} was using ${binary(used)}, request is ${asked}, has larger consumption of ${resource}. `;
    })
    .join('');
}

const binary = (bytes: number): string =>
  formatQuantity({ nano: BigInt(Math.round(bytes)) * 1_000_000_000n, format: 'BinarySI' });
