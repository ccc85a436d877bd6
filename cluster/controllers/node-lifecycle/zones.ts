/**
 * How well the zones are, and how fast nodes may be tainted in each. Source:
 * `pkg/controller/nodelifecycle/node_lifecycle_controller.go` (`handleDisruption`, `ComputeZoneState`), v1.37.2.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { Clock } from '../../../scheduler/clock.ts';
import type { NodeLifecycleSettings } from './settings.ts';
import { TaintQueue } from './taint-queue.ts';

type ZoneState = 'initial' | 'normal' | 'partial' | 'full';

interface Counts {
  ready: number;
  notReady: number;
}

/** What has to happen to all nodes when everything fails at once, or comes back. */
export type Turn = 'all-down' | 'back-from-all-down' | undefined;

/** Region and zone, under the older labels as well. */
export function zoneKey({ metadata }: KubeObject): string {
  const { labels = {} } = metadata ?? {};
  const zone = labels['failure-domain.beta.kubernetes.io/zone'] ?? labels['topology.kubernetes.io/zone'] ?? '';
  const region = labels['failure-domain.beta.kubernetes.io/region'] ?? labels['topology.kubernetes.io/region'] ?? '';
  return region === '' && zone === '' ? '' : `${region}\0${zone}`;
}

export class Zones {
  private readonly clock: Clock;
  private readonly settings: NodeLifecycleSettings;
  private readonly queues = new Map<string, TaintQueue>();
  private readonly states = new Map<string, ZoneState>();
  private readonly counts = new Map<string, Counts>();
  private readonly counted = new Map<string, { readonly zone: string; readonly isReady: boolean }>();

  constructor(clock: Clock, settings: NodeLifecycleSettings) {
    this.clock = clock;
    this.settings = settings;
  }

  /** The queue of a zone that may be new. */
  queueOf(zone: string): TaintQueue {
    if (!this.states.has(zone)) {
      this.states.set(zone, 'initial');
      this.queues.set(zone, new TaintQueue(this.clock, this.settings.evictionRate));
    }
    return this.queues.get(zone)!;
  }

  waitingQueues(): TaintQueue[] {
    return [...this.queues.values()].filter(({ isEmpty }) => !isEmpty);
  }

  count(node: string, zone: string, isReady: boolean): void {
    const known = this.counted.get(node);
    if (known?.zone === zone && known.isReady === isReady) return;
    this.forget(node);
    this.counted.set(node, { zone, isReady });
    const counts = this.counts.get(zone) ?? { ready: 0, notReady: 0 };
    counts[isReady ? 'ready' : 'notReady']++;
    this.counts.set(zone, counts);
  }

  forget(node: string): void {
    const known = this.counted.get(node);
    if (known === undefined) return;
    this.counted.delete(node);
    const counts = this.counts.get(known.zone)!;
    counts[known.isReady ? 'ready' : 'notReady']--;
    if (counts.ready + counts.notReady === 0) this.counts.delete(known.zone);
  }

  /** Sets the paces to how things are now. */
  adjust(): Turn {
    const next = new Map([...this.counts].map(([zone, counts]) => [zone, this.stateOf(counts)]));
    for (const zone of next.keys()) this.queueOf(zone);
    for (const zone of this.states.keys()) if (!next.has(zone)) this.states.delete(zone);
    const areAllFull = [...next.values()].every((state) => state === 'full');
    const wereAllFull = [...this.states.values()].every((state) => state === 'full');
    if (areAllFull && wereAllFull) return undefined;
    if (areAllFull) {
      // Then it is rather this controller that is cut off.
      for (const zone of this.states.keys()) {
        this.queues.get(zone)!.setRate(0);
        this.states.set(zone, 'full');
      }
      return 'all-down';
    }
    for (const [zone, state] of next) {
      if (!wereAllFull && this.states.get(zone) === state) continue;
      this.queues.get(zone)!.setRate(this.rateOf(state, this.counts.get(zone)!));
      this.states.set(zone, state);
    }
    return wereAllFull ? 'back-from-all-down' : undefined;
  }

  private stateOf({ ready, notReady }: Counts): ZoneState {
    if (ready === 0 && notReady > 0) return 'full';
    const isPartial = notReady > 2 && notReady / (notReady + ready) >= this.settings.unhealthyZoneShare;
    return isPartial ? 'partial' : 'normal';
  }

  private rateOf(state: ZoneState, { ready, notReady }: Counts): number {
    const { evictionRate, secondaryEvictionRate, largeZoneNodes } = this.settings;
    if (state !== 'partial') return evictionRate;
    return ready + notReady > largeZoneNodes ? secondaryEvictionRate : 0;
  }
}
