/** When what is written now began to change: kube-proxy measures from there. Source: `endpointslice/util/trigger_time_tracker.go`, v0.37.2. */
import type { Pod } from '../../../api/index.ts';
import { readySinceMs } from '../pod-state.ts';
import type { Service } from './service.ts';

interface Known {
  readonly serviceMs: number;
  readonly podsMs: ReadonlyMap<string, number>;
}

export class TriggerTimes {
  private readonly byService = new Map<string, Known>();

  /** Undefined when nothing is newer than at the last call. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const created = service.metadata?.creationTimestamp as string;
    const known = this.byService.get(key);
    const serviceMs = Date.parse(created);
    const podsMs = new Map<string, number>();
    const newMs: number[] = serviceMs > (known?.serviceMs ?? 0) ? [serviceMs] : [];
    for (const pod of pods) {
      const { name = '' } = pod.metadata ?? {};
      const readyMs = readySinceMs(pod);
      if (readyMs === 0) continue;
      podsMs.set(name, readyMs);
      if (readyMs > (known?.podsMs.get(name) ?? 0)) newMs.push(readyMs);
    }
    this.byService.set(key, { serviceMs, podsMs });
    if (known === undefined) return created;
    if (newMs.length === 0) return undefined;
    return new Date(Math.min(...newMs)).toISOString().replace('.000Z', 'Z');
  }

  forget(key: string): void {
    this.byService.delete(key);
  }
}
