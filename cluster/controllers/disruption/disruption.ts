/**
 * How many pods of a budget may go now, and budgets that no longer count pods which should be gone. Source:
 * `pkg/controller/disruption/disruption.go` and `component-helpers/apps/poddisruptionbudget`, v1.37.2.
 */
import type { KubeObject, Pod, PodDisruptionBudget } from '../../../api/index.ts';
import type { Target } from '../../apiserver/client.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { labelSelectorText } from '../go-text.ts';
import type { Informer } from '../informer.ts';
import { isTerminating, keyOf, splitKey } from '../owners.ts';
import { isFinished, isReady } from '../pod-state.ts';
import { scaled } from '../scaled.ts';
import { matcherOf } from '../selector-cache.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { timestamp } from '../timestamp.ts';
import { PODS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { ExpectedPods } from './expected-pods.ts';

type Budget = PodDisruptionBudget & KubeObject;
type Status = NonNullable<PodDisruptionBudget['status']>;
type Condition = NonNullable<Status['conditions']>[number];

const BUDGETS: Target = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
const ALLOWED = 'DisruptionAllowed';
/** After so long a pod that was to be evicted counts again. */
const DELETION_TIMEOUT_MS = 2 * 60_000;
/** After so long the condition that it is to go is taken back. */
const STALE_MS = 2 * 60_000;

export class DisruptionController {
  readonly queue: WorkQueue;
  readonly staleQueue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly budgets: Informer<Budget>;
  private readonly pods: Informer<Pod & KubeObject>;
  private readonly expected: ExpectedPods;

  constructor(context: ControllerContext) {
    this.context = context;
    const { clock } = context;
    this.events = context.recorder('controllermanager');
    this.budgets = context.informer(BUDGETS);
    this.pods = context.informer(PODS);
    this.expected = new ExpectedPods(context);
    this.queue = new WorkQueue({ clock, sync: (key) => this.sync(key) });
    this.staleQueue = new WorkQueue({ clock, sync: (key) => this.syncStale(key) });
    this.budgets.onChange((before, now) => this.queue.add(keyOf((now ?? before)!)));
    this.pods.onChange((before, now) => this.podChanged((now ?? before)!, now !== undefined));
  }

  private podChanged(pod: Pod & KubeObject, isThere: boolean): void {
    const budgets = [...this.budgets.inNamespace(pod.metadata?.namespace ?? '')];
    const matching = budgets.filter(({ spec }) => matcherOf(spec?.selector).matches(pod.metadata?.labels ?? {}));
    const [first] = matching;
    if (first !== undefined) this.queue.add(keyOf(first));
    if (matching.length > 1) {
      const [namespace, name, chosen] = [pod.metadata?.namespace, pod.metadata?.name, first!.metadata?.name].map(
        (text) => JSON.stringify(text),
      );
      const message = `Pod ${namespace}/${name} matches multiple PodDisruptionBudgets.  Chose ${chosen} arbitrarily.`;
      this.events.record(pod, 'Warning', 'MultiplePodDisruptionBudgets', message);
    }
    const staleMs = isThere ? this.staleAtMs(pod) : undefined;
    if (staleMs !== undefined) this.staleQueue.addAfter(keyOf(pod), staleMs - this.context.clock.nowMs);
  }

  private *sync(key: string): Steps {
    const budget = this.budgets.get(...splitKey(key));
    if (budget === undefined) return;
    try {
      yield* this.count(key, budget);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status.reason === 'Conflict') throw error;
      yield* this.closeBudget(budget, error.message);
    }
  }

  private *count(key: string, budget: Budget): Steps {
    const { clock } = this.context;
    const selector = matcherOf(budget.spec?.selector);
    const all = [...this.pods.inNamespace(budget.metadata?.namespace ?? '')];
    const pods = all.filter(({ metadata }) => selector.matches(metadata?.labels ?? {}));
    if (pods.length === 0) this.events.record(budget, 'Normal', 'NoPods', 'No matching pods found');
    const { expectedPods, desiredHealthy } = yield* this.numbers(budget, pods);
    const { disruptedPods, recheckMs } = this.disrupted(budget, pods);
    const isCounted = (pod: Pod): boolean =>
      !isTerminating(pod) && disruptedPods[pod.metadata?.name ?? ''] === undefined && isReady(pod);
    const currentHealthy = pods.filter(isCounted).length;
    const allowed = Math.max(0, currentHealthy - desiredHealthy);
    const counted: Status = {
      disruptionsAllowed: expectedPods <= 0 ? 0 : allowed,
      currentHealthy,
      desiredHealthy,
      expectedPods,
      observedGeneration: budget.metadata?.generation,
      ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    };
    const isAllowed = counted.disruptionsAllowed > 0;
    const reason = isAllowed ? 'SufficientPods' : 'InsufficientPods';
    yield* this.write(budget, counted, { status: isAllowed ? 'True' : 'False', reason, message: '' });
    if (recheckMs !== undefined) this.queue.addAfter(key, recheckMs - clock.nowMs);
  }

  private *numbers(budget: Budget, pods: readonly Pod[]): Steps<{ expectedPods: number; desiredHealthy: number }> {
    const { maxUnavailable, minAvailable } = budget.spec ?? {};
    if (maxUnavailable === undefined && typeof minAvailable === 'number') {
      return { expectedPods: pods.length, desiredHealthy: minAvailable };
    }
    const share = maxUnavailable ?? minAvailable;
    if (share === undefined) return { expectedPods: 0, desiredHealthy: 0 };
    const { count: expectedPods, unmanaged } = yield* this.scale(budget, pods);
    if (unmanaged.length > 0) {
      const message =
        `Pods selected by this PodDisruptionBudget (selector: ${labelSelectorText(budget.spec?.selector)}) were found ` +
        'to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in ' +
        'undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
      this.events.record(budget, 'Warning', 'UnmanagedPods', message);
    }
    const part = scaled(share as number | string, expectedPods, Math.ceil);
    return { expectedPods, desiredHealthy: maxUnavailable === undefined ? part : Math.max(0, expectedPods - part) };
  }

  private *scale(budget: Budget, pods: readonly Pod[]) {
    try {
      return yield* this.expected.of(pods);
    } catch (error) {
      if (error instanceof Refusal) {
        const message = `Failed to calculate the number of expected pods: ${error.message}`;
        this.events.record(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      }
      throw error;
    }
  }

  /** Pods whose eviction was granted, and that do not end yet. */
  private disrupted({ metadata, status }: Budget, pods: readonly Pod[]) {
    const disruptedPods: Record<string, string> = {};
    let recheckMs: number | undefined;
    for (const pod of pods) {
      const time = status?.disruptedPods?.[pod.metadata?.name ?? ''] as string | undefined;
      if (time === undefined || isTerminating(pod)) continue;
      const dueMs = Date.parse(time) + DELETION_TIMEOUT_MS;
      if (dueMs <= this.context.clock.nowMs) {
        // Upstream names the namespace twice.
        const message = `Pod was expected by PDB ${metadata?.namespace}/${metadata?.namespace} to be deleted but it wasn't`;
        this.events.record(pod, 'Warning', 'NotDeleted', message);
        continue;
      }
      recheckMs = Math.min(recheckMs ?? dueMs, dueMs);
      disruptedPods[pod.metadata?.name ?? ''] = time;
    }
    return { disruptedPods, recheckMs };
  }

  /** Nothing may go as long as nobody knows how many there should be. */
  private *closeBudget(budget: Budget, message: string): Steps {
    const { status } = budget;
    const closed = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...status, disruptionsAllowed: 0 };
    yield* this.write(budget, closed as Status, { status: 'False', reason: 'SyncFailed', message });
  }

  private *write(budget: Budget, counted: Status, outcome: Pick<Condition, 'status' | 'reason' | 'message'>): Steps {
    const { client, clock } = this.context;
    const before = budget.status?.conditions ?? [];
    const old = before.find(({ type }) => type === ALLOWED);
    const lastTransitionTime = old?.status === outcome.status ? old.lastTransitionTime : timestamp(clock.nowMs);
    const { observedGeneration } = counted;
    const condition = { type: ALLOWED, ...outcome, lastTransitionTime, observedGeneration } as Condition;
    const others = before.filter((each) => each !== old);
    const status = { ...counted, conditions: [...others, condition] };
    if (isSame(budget.status, status)) return;
    const { namespace, name } = budget.metadata ?? {};
    const target = { ...BUDGETS, namespace, name, subresource: 'status' };
    yield* call((answer) => client.update(target, { ...budget, status } as KubeObject, {}, answer));
  }

  /** When a pod that was to go, and does not, loses that condition; undefined for all others. */
  private staleAtMs(pod: Pod): number | undefined {
    if (isTerminating(pod) || isFinished(pod)) return undefined;
    const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
    return Date.parse(condition.lastTransitionTime as string) + STALE_MS;
  }

  private *syncStale(key: string): Steps {
    const { client, clock } = this.context;
    const [namespace, name] = splitKey(key);
    const pod = this.pods.get(namespace, name);
    const staleMs = pod && this.staleAtMs(pod);
    if (pod === undefined || staleMs === undefined) return;
    if (staleMs > clock.nowMs) {
      this.staleQueue.addAfter(key, staleMs - clock.nowMs);
      return;
    }
    const reset = { type: 'DisruptionTarget', status: 'False', lastTransitionTime: timestamp(clock.nowMs) };
    const conditions = pod.status!.conditions!.map((each) => (each.type === 'DisruptionTarget' ? reset : each));
    const object = { ...pod, status: { ...pod.status, conditions } } as KubeObject;
    yield* call((answer) => client.update({ ...PODS, namespace, name, subresource: 'status' }, object, {}, answer));
  }
}

const COUNTS = [
  'disruptionsAllowed',
  'currentHealthy',
  'desiredHealthy',
  'expectedPods',
  'observedGeneration',
] as const;

function isSame(a: Status | undefined, b: Status): boolean {
  if (a === undefined || COUNTS.some((field) => a[field] !== b[field])) return false;
  const text = ({ disruptedPods = {}, conditions = [] }: Status): string =>
    JSON.stringify([
      Object.entries(disruptedPods).sort(([x], [y]) => (x < y ? -1 : 1)),
      conditions.map(({ type, status, reason, message }) => [type, status, reason, message]),
    ]);
  return text(a) === text(b);
}
