/**
 * Empties a namespace that is deleted, its pods first, and lets it go when it is empty. Source:
 * `pkg/controller/namespace/{namespace_controller,deletion/namespaced_resources_deleter}.go`, v1.37.2.
 */
import type { KubeObject, Pod } from '../../../api/index.ts';
import type { ObjectList, Target } from '../../apiserver/client.ts';
import type { ControllerContext } from '../context.ts';
import { failed } from '../failed.ts';
import type { Informer } from '../informer.ts';
import { isTerminating } from '../owners.ts';
import { isFinished } from '../pod-state.ts';
import { finalizersOf, type ServedKind, targetOf } from '../served-kinds.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { timestamp } from '../timestamp.ts';
import { WorkQueue } from '../work-queue.ts';
import { failures, type Namespace, type Remaining, remains, withConditions } from './conditions.ts';

const NAMESPACES: Target = { group: '', version: 'v1', resource: 'namespaces' };
const CONTENT = 'kubernetes';
const WORKERS = 10;
/** Others have to see first that the namespace ends, and what was made in it last. */
const DELAY_MS = 5000;
const MAX_BACKOFF_MS = 60_000;
/** How long finalizers are thought to take. */
const FINALIZERS_S = 15;

interface Emptied {
  readonly remaining?: Remaining;
  /** How long until it may be empty. */
  readonly estimateS: number;
  readonly failure?: string;
}

export class NamespaceController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly namespaces: Informer<Namespace>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.namespaces = context.informer(NAMESPACES);
    const { clock } = context;
    this.queue = new WorkQueue({
      clock,
      workers: WORKERS,
      backoff: { maxMs: MAX_BACKOFF_MS },
      sync: (name) => this.sync(name),
    });
    this.namespaces.onChange((_, now) => {
      if (now !== undefined && isTerminating(now)) this.queue.addAfter(now.metadata?.name ?? '', DELAY_MS);
    });
  }

  private *sync(name: string): Steps {
    if (this.namespaces.get('', name) === undefined) return;
    try {
      yield* this.empty(name);
    } catch (error) {
      if (!(error instanceof Refusal && error.isNotFound)) throw error;
    }
  }

  private *empty(name: string): Steps {
    const { client } = this.context;
    const target = { ...NAMESPACES, name };
    let namespace: Namespace = yield* call<KubeObject>((answer) => client.get(target, answer));
    if (!isTerminating(namespace)) return;
    if (namespace.status?.phase !== 'Terminating') {
      const ending = { ...namespace, status: { ...namespace.status, phase: 'Terminating' } };
      namespace = yield* call<KubeObject>((answer) =>
        client.update({ ...target, subresource: 'status' }, ending, {}, answer),
      );
    }
    if ((namespace.spec?.finalizers ?? []).length === 0) return;
    const estimateS: number = yield* this.deleteContent(namespace);
    if (estimateS > 0) {
      this.queue.addAfter(name, (Math.floor(estimateS / 2) + 1) * 1000);
      return;
    }
    const latest: Namespace = yield* call<KubeObject>((answer) => client.get(target, answer));
    if (latest.metadata?.uid !== namespace.metadata?.uid) return;
    const finalizers = (latest.spec?.finalizers ?? []).filter((finalizer) => finalizer !== CONTENT);
    const finalized = { ...latest, spec: { ...latest.spec, finalizers } };
    yield* call((answer) => client.update({ ...target, subresource: 'finalize' }, finalized, {}, answer));
  }

  /** How long to wait for the rest; 0 when nothing is left. Throws Refusal when something could not be deleted. */
  private *deleteContent(namespace: Namespace): Steps<number> {
    const { client, clock, served } = this.context;
    const kinds = served.all('delete').filter(({ namespaced }) => namespaced);
    const isPods = ({ group, resource }: ServedKind): boolean => group === '' && resource === 'pods';
    const outcomes: Emptied[] = [];
    for (const kind of kinds.filter(isPods)) outcomes.push(yield* this.deleteAll(kind, namespace));
    const isWaitingForPods = outcomes.some(({ remaining }) => remaining !== undefined);
    if (!isWaitingForPods) {
      for (const kind of kinds) if (!isPods(kind)) outcomes.push(yield* this.deleteAll(kind, namespace));
    }
    const wrong = failures(outcomes.flatMap(({ failure }) => failure ?? []));
    // What is left is told of only when the pods are gone.
    if (!isWaitingForPods) wrong.push(...remains(outcomes.flatMap(({ remaining }) => remaining ?? [])));
    const next = withConditions(namespace, wrong, timestamp(clock.nowMs));
    if (next !== undefined) {
      const target = { ...NAMESPACES, name: namespace.metadata?.name, subresource: 'status' };
      // Conditions are news only: they do not hold up the rest.
      yield* settled(call((answer) => client.update(target, next, {}, answer)));
    }
    const reasons = outcomes.flatMap(({ failure }) => failure ?? []);
    if (reasons.length > 0) throw failed(reasons.join(', '));
    return Math.max(0, ...outcomes.map(({ estimateS }) => estimateS));
  }

  private *deleteAll(kind: ServedKind, namespace: Namespace): Steps<Emptied> {
    const name = namespace.metadata?.name ?? '';
    let estimateS = 0;
    try {
      const { client } = this.context;
      const target = targetOf(kind, name);
      if (kind.group === '' && kind.resource === 'pods') estimateS = yield* this.podGrace(target, namespace);
      if (kind.verbs.includes('deletecollection')) {
        const options = { propagationPolicy: 'Background' } as const;
        yield* call((answer) => client.deleteCollection(target, options, {}, answer));
      } else if (kind.verbs.includes('list')) yield* this.deleteEach(kind, name);
      if (!kind.verbs.includes('list')) return { estimateS };
      const { items } = yield* call<ObjectList>((answer) => client.list(target, {}, answer));
      if (items.length === 0) return { estimateS: 0 };
      const finalizers = new Map<string, number>();
      for (const finalizer of items.flatMap(finalizersOf)) {
        finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
      }
      const remaining = { kind, count: items.length, finalizers };
      if (estimateS > 0) return { remaining, estimateS };
      if (finalizers.size > 0) return { remaining, estimateS: FINALIZERS_S };
      const { group, version, resource } = kind;
      const text = `${group}/${version}, Resource=${resource}`;
      const failure = `unexpected items still remain in namespace: ${name} for gvr: ${text}`;
      return { remaining, estimateS, failure };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // A kind that has gone meanwhile has no objects either.
      if (error.isNotFound || error.status.reason === 'MethodNotAllowed') return { estimateS };
      return { estimateS, failure: error.message };
    }
  }

  private *deleteEach(kind: ServedKind, namespace: string): Steps {
    const { client } = this.context;
    const { items } = yield* call<ObjectList>((answer) => client.list(targetOf(kind, namespace), {}, answer));
    for (const { metadata } of items) {
      const target = targetOf(kind, namespace, metadata?.name);
      const options = { propagationPolicy: 'Background' } as const;
      try {
        yield* call((answer) => client.delete(target, options, answer));
      } catch (error) {
        if (!(error instanceof Refusal && error.isNotFound)) throw error;
      }
    }
  }

  /** The longest grace of a pod that runs, unless it should be over. */
  private *podGrace(target: Target, { metadata }: Namespace): Steps<number> {
    const { client, clock } = this.context;
    const { items } = yield* call<ObjectList>((answer) => client.list(target, {}, answer));
    const graces = (items as readonly Pod[])
      .filter((pod) => !isFinished(pod))
      .map(({ spec }) => spec?.terminationGracePeriodSeconds ?? 0);
    const longestS = Math.max(0, ...graces);
    const sinceMs = clock.nowMs - Date.parse(metadata?.deletionTimestamp as string);
    return sinceMs >= longestS * 1000 ? 0 : longestS;
  }
}

function* settled(steps: Steps<unknown>): Steps {
  try {
    yield* steps;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
