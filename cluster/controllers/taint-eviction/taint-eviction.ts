/**
 * Deletes pods that do not tolerate what their node is tainted with, when the time that they tolerate it is over. Source:
 * `pkg/controller/tainteviction/{taint_eviction,timed_workers}.go`, v1.37.2.
 */
import { type KubeObject, type Pod, tolerationToleratesTaint } from '../../../api/index.ts';
import { type Cancel, Lane } from '../../../scheduler/clock.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Informer } from '../informer.ts';
import type { NodeObject, Taint } from '../node-lifecycle/node-patches.ts';
import { keyOf, splitKey } from '../owners.ts';
import { withPodCondition, writePodStatus } from '../pod-conditions.ts';
import { PodsByNode } from '../pods-by-node.ts';
import { call, type Steps } from '../steps.ts';
import { NODES, PODS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';

type PodObject = Pod & KubeObject;

interface Planned {
  readonly sinceMs: number;
  readonly cancel: Cancel;
}

const NODE = 'node ';
const BACKOFF = { baseMs: 10, maxMs: 10, hasBucket: false };
const RETRIES = 4;
const CONDITION = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};

export class TaintEvictionController {
  readonly queue: WorkQueue;
  readonly deletionQueue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly nodes: Informer<NodeObject>;
  private readonly pods: Informer<PodObject>;
  private readonly byNode: PodsByNode;
  private readonly tainted = new Set<string>();
  private readonly planned = new Map<string, Planned>();

  constructor(context: ControllerContext) {
    this.context = context;
    const { clock } = context;
    this.events = context.recorder('taint-eviction-controller');
    this.byNode = PodsByNode.of(context);
    this.nodes = context.informer(NODES);
    this.pods = context.informer(PODS);
    this.queue = new WorkQueue({ clock, workers: 8, sync: (key) => this.sync(key) });
    this.deletionQueue = new WorkQueue({
      clock,
      workers: 8,
      backoff: BACKOFF,
      maxRetries: RETRIES,
      sync: (key) => this.delete(key),
    });
    this.nodes.onChange((before, now) => {
      const { name = '' } = (now ?? before)!.metadata ?? {};
      if (now !== undefined && noExecuteOf(now).length > 0) this.tainted.add(name);
      else this.tainted.delete(name);
      if (taintText(before) !== taintText(now)) this.queue.add(`${NODE}${name}`);
    });
    this.pods.onChange((before, now) => {
      const pod = (now ?? before)!;
      // As long as nothing is planned for it and its node is not tainted, there is nothing to do.
      if (!this.tainted.has(pod.spec?.nodeName ?? '') && !this.planned.has(keyOf(pod))) return;
      const isSame =
        before !== undefined &&
        now !== undefined &&
        before.spec?.nodeName === now.spec?.nodeName &&
        (before.spec?.tolerations === now.spec?.tolerations ||
          JSON.stringify(before.spec?.tolerations) === JSON.stringify(now.spec?.tolerations));
      if (!isSame) this.queue.add(keyOf(pod));
    });
  }

  // biome-ignore lint/correctness/useYield: it only plans
  private *sync(key: string): Steps {
    if (key.startsWith(NODE)) {
      const name = key.slice(NODE.length);
      const node = this.nodes.get('', name);
      if (node === undefined) return;
      const taints = noExecuteOf(node);
      for (const pod of [...this.byNode.on(name)]) {
        if (taints.length === 0) this.cancel(keyOf(pod));
        else this.plan(pod, taints);
      }
      return;
    }
    const pod = this.pods.get(...splitKey(key));
    if (pod === undefined) {
      this.cancel(key);
      return;
    }
    const node = pod.spec?.nodeName ? this.nodes.get('', pod.spec.nodeName) : undefined;
    const taints = node === undefined ? [] : noExecuteOf(node);
    if (taints.length > 0) this.plan(pod, taints);
  }

  private plan(pod: PodObject, taints: readonly Taint[]): void {
    const { clock } = this.context;
    const key = keyOf(pod);
    const toleratedMs = toleratedFor(pod, taints);
    if (toleratedMs === undefined) {
      this.cancel(key);
      this.deleteNow(key);
      return;
    }
    if (toleratedMs === Number.POSITIVE_INFINITY) {
      this.cancel(key);
      return;
    }
    const known = this.planned.get(key);
    // The time runs since the first taint, not since the last.
    if (known !== undefined && known.sinceMs < clock.nowMs) return;
    this.cancel(key);
    if (toleratedMs === 0) {
      this.deleteNow(key);
      return;
    }
    const fire = (): void => {
      this.planned.delete(key);
      this.deleteNow(key);
    };
    this.planned.set(key, {
      sinceMs: clock.nowMs,
      cancel: clock.timer(clock.nowMs + toleratedMs, fire, Lane.Component),
    });
  }

  private cancel(key: string): void {
    const planned = this.planned.get(key);
    if (planned === undefined) return;
    planned.cancel();
    this.planned.delete(key);
    this.events.record(podReference(key), 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
  }

  private deleteNow(key: string): void {
    this.events.record(podReference(key), 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
    this.deletionQueue.add(key);
  }

  private *delete(key: string): Steps {
    const { client, clock } = this.context;
    const [namespace, name] = splitKey(key);
    const target = { ...PODS, namespace, name };
    const pod = (yield* call<KubeObject>((answer) => client.get(target, answer))) as PodObject;
    const status = withPodCondition(pod, CONDITION, clock.nowMs);
    if (status !== undefined) yield* writePodStatus(client, pod, status);
    yield* call((answer) => client.delete(target, {}, answer));
  }
}

const noExecuteOf = ({ spec }: NodeObject): Taint[] =>
  (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');

const taintText = (node: NodeObject | undefined): string | undefined =>
  node && JSON.stringify(noExecuteOf(node).map(({ key, value, effect }) => [key, value, effect]));

/** The shortest time of the tolerations that count; undefined when a taint is not tolerated at all. */
function toleratedFor({ spec }: Pod, taints: readonly Taint[]): number | undefined {
  let shortestS = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const toleration = (spec?.tolerations ?? []).find((each) => tolerationToleratesTaint(each, taint));
    if (toleration === undefined) return undefined;
    shortestS = Math.min(shortestS, Math.max(0, toleration.tolerationSeconds ?? Number.POSITIVE_INFINITY));
  }
  return shortestS * 1000;
}

function podReference(key: string): KubeObject {
  const [namespace, name] = splitKey(key);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } } as KubeObject;
}
