/**
 * Deletes pods that nobody else will: too many that have ended, those of nodes that are gone or out of service, and those
 * that were to go before they came to a node. Source: `pkg/controller/podgc/gc_controller.go`, v1.37.2.
 */
import type { KubeObject, Pod } from '../../../api/index.ts';
import { Lane } from '../../../scheduler/clock.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../informer.ts';
import { readyOf } from '../node-lifecycle/node-health.ts';
import type { NodeObject } from '../node-lifecycle/node-patches.ts';
import { isTerminating, keyOf, splitKey } from '../owners.ts';
import { type PodCondition, withPodCondition, writePodStatus } from '../pod-conditions.ts';
import { isFinished } from '../pod-state.ts';
import { PodsByNode } from '../pods-by-node.ts';
import { call, Refusal, runSteps, type Steps } from '../steps.ts';
import { NODES, PODS } from '../types.ts';

type PodObject = Pod & KubeObject;

const PERIOD_MS = 20_000;
/** So long a node may be away before its pods go. */
const QUARANTINE_MS = 40_000;
const DEFAULT_THRESHOLD = 12_500;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const NODE_GONE: PodCondition = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
};

export class PodGarbageCollector {
  private readonly context: ControllerContext;
  private readonly threshold: number;
  private readonly pods: Informer<PodObject>;
  private readonly nodes: Informer<NodeObject>;
  private readonly byNode: PodsByNode;
  private readonly ended = new Set<string>();
  private readonly ending = new Set<string>();
  /** Nodes that are missed, by when that is long enough. */
  private readonly missed = new Map<string, number>();
  private isStopped = false;

  /** @param threshold How many pods that have ended may stay; 0 for all. */
  constructor(context: ControllerContext, threshold = DEFAULT_THRESHOLD) {
    this.context = context;
    this.threshold = threshold;
    this.byNode = PodsByNode.of(context);
    this.pods = context.informer(PODS);
    this.nodes = context.informer(NODES);
    this.pods.onChange((before, now) => {
      const key = keyOf((now ?? before)!);
      mark(this.ended, key, now !== undefined && isFinished(now));
      mark(this.ending, key, now !== undefined && isTerminating(now));
    });
    context.onSynced(() => this.tick());
  }

  stop(): void {
    this.isStopped = true;
  }

  private tick(): void {
    if (this.isStopped) return;
    runSteps(this.collect(), () => {
      const { clock } = this.context;
      clock.timer(clock.nowMs + PERIOD_MS, () => this.tick(), Lane.Component);
    });
  }

  private *collect(): Steps {
    const surplus = this.threshold > 0 ? this.ended.size - this.threshold : 0;
    if (surplus > 0) for (const pod of this.of(this.ended).sort(byAge).slice(0, surplus)) yield* this.delete(pod);
    for (const pod of this.of(this.ending).sort(byAge)) if (this.isOutOfService(pod)) yield* this.delete(pod);
    yield* this.collectOrphaned();
    for (const pod of this.of(this.ending)) if (!pod.spec?.nodeName) yield* this.delete(pod);
  }

  private *collectOrphaned(): Steps {
    const { clock, client } = this.context;
    for (const name of this.byNode.names()) {
      const isThere = this.nodes.get('', name) !== undefined;
      if (!isThere && !this.missed.has(name)) this.missed.set(name, clock.nowMs + QUARANTINE_MS);
    }
    for (const [name, dueMs] of [...this.missed]) {
      if (dueMs > clock.nowMs) continue;
      this.missed.delete(name);
      if (this.nodes.get('', name) !== undefined) continue;
      try {
        yield* call((answer) => client.get({ ...NODES, name }, answer));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.isNotFound) for (const pod of [...this.byNode.on(name)]) yield* this.delete(pod, NODE_GONE);
      }
    }
  }

  /** Somebody has said that what runs there does not run any more. */
  private isOutOfService({ spec }: PodObject): boolean {
    const node = spec?.nodeName ? this.nodes.get('', spec.nodeName) : undefined;
    const isTainted = node?.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
    return node !== undefined && isTainted && readyOf(node)?.status !== 'True';
  }

  private of(keys: ReadonlySet<string>): PodObject[] {
    return [...keys].flatMap((key) => this.pods.get(...splitKey(key)) ?? []);
  }

  /** Also marks it as failed, so that nobody waits for it. What is refused is tried again the next time. */
  private *delete(pod: PodObject, condition?: PodCondition): Steps {
    const { client, clock } = this.context;
    const { namespace, name } = pod.metadata ?? {};
    try {
      if (!isFinished(pod)) {
        const failed = { ...pod, status: { ...pod.status, phase: 'Failed' } };
        const status = condition && withPodCondition(failed, condition, clock.nowMs);
        yield* writePodStatus(client, pod, status ?? failed.status);
      }
      yield* call((answer) => client.delete({ ...PODS, namespace, name }, { gracePeriodSeconds: 0 }, answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

function mark(set: Set<string>, key: string, isIn: boolean): void {
  if (isIn) set.add(key);
  else set.delete(key);
}

const isEvicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted';

/** Evicted ones first, then the oldest. */
function byAge(a: PodObject, b: PodObject): number {
  if (isEvicted(a) !== isEvicted(b)) return isEvicted(a) ? -1 : 1;
  const [timeA, timeB] = [a, b].map(({ metadata }) => Date.parse(metadata?.creationTimestamp as string));
  if (timeA !== timeB) return timeA! - timeB!;
  return (a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1;
}
