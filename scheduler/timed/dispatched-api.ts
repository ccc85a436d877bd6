/**
 * API calls beside the scheduling cycles: at most one waiting per pod, in order of arrival, a binding before a status
 * patch. Source: `pkg/scheduler/backend/api_dispatcher/call_queue.go` and `framework/api_calls`, v1.37.2.
 */
import type { Pod } from '../../api/index.ts';
import type { Clock } from '../clock.ts';
import type { ApiError, Done, PodStatusPatch, SchedulerApi } from './api.ts';

type Call =
  | { readonly kind: 'patch'; readonly pod: Pod; readonly patch: PodStatusPatch; readonly done: Done }
  | { readonly kind: 'bind'; readonly pod: Pod; readonly nodeName: string; readonly done: Done };

const overtaken = (message: string): ApiError => ({ reason: 'Other', message });

export class DispatchedApi implements Pick<SchedulerApi, 'bind' | 'patchPodStatus'> {
  private readonly api: SchedulerApi;
  private readonly clock: Clock;
  /** The call of each pod that waits, in order of arrival. */
  private readonly waiting = new Map<string, Call>();
  private readonly running = new Set<string>();
  private isDue = false;

  constructor(api: SchedulerApi, clock: Clock) {
    this.api = api;
    this.clock = clock;
  }

  bind(pod: Pod, nodeName: string, done: Done): void {
    this.add({ kind: 'bind', pod, nodeName, done });
  }

  patchPodStatus(pod: Pod, patch: PodStatusPatch, done: Done): void {
    this.add({ kind: 'patch', pod, patch, done });
  }

  private add(call: Call): void {
    const uid = call.pod.metadata?.uid ?? '';
    const before = this.waiting.get(uid);
    if (before?.kind === 'bind' && call.kind === 'patch') {
      call.done(overtaken('a more relevant call is already enqueued for this object'));
      return;
    }
    before?.done(overtaken('another call was enqueued for this object'));
    this.waiting.set(uid, before?.kind === 'patch' && call.kind === 'patch' ? merged(before, call) : call);
    this.plan();
  }

  private plan(): void {
    if (this.isDue) return;
    this.isDue = true;
    this.clock.soon(() => this.dispatch());
  }

  /**
   * Sends what waits, except for pods with a call under way. Upstream gives every call a goroutine of its own and leaves
   * their order open; on one thread, as the golden timelines were recorded, the last one goes first.
   */
  private dispatch(): void {
    this.isDue = false;
    const free = [...this.waiting.keys()].filter((uid) => !this.running.has(uid));
    const last = free.pop();
    if (last !== undefined) free.unshift(last);
    for (const uid of free) this.send(uid);
  }

  private send(uid: string): void {
    const call = this.waiting.get(uid);
    if (call === undefined) return;
    this.waiting.delete(uid);
    this.running.add(uid);
    const done: Done = (error) => {
      this.running.delete(uid);
      call.done(error);
      if (this.waiting.has(uid)) this.plan();
    };
    if (call.kind === 'bind') this.api.bind(call.pod, call.nodeName, done);
    else this.api.patchPodStatus(call.pod, call.patch, done);
  }
}

/** The later patch wins where both say something. */
function merged(before: Call & { kind: 'patch' }, after: Call & { kind: 'patch' }): Call {
  const patch: PodStatusPatch = {
    condition: after.patch.condition ?? before.patch.condition,
    nominatedNodeName: after.patch.nominatedNodeName ?? before.patch.nominatedNodeName,
  };
  return { ...after, patch };
}
