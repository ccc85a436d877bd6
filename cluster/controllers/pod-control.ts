/**
 * Makes and deletes pods for their controllers, and says so in events. Source: `pkg/controller/controller_utils.go`
 * (`RealPodControl`) and `pkg/controller/replicaset/replica_set.go` (`slowStartBatch`), v1.37.2.
 */
import type { KubeObject, Pod } from '../../api/index.ts';
import type { ApiAnswer, ApiClient } from '../apiserver/client.ts';
import type { EventRecorder } from './event-recorder.ts';
import { controllerReference } from './owners.ts';
import { callAll, type Outcome, type Refusal, type Steps } from './steps.ts';
import { PODS, type PodTemplate } from './types.ts';

const FIRST_BATCH = 1;

export function podFromTemplate(owner: KubeObject, template: PodTemplate): KubeObject {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const { name = '', namespace } = owner.metadata ?? {};
  const metadata = {
    generateName: `${name}-`,
    namespace,
    labels: { ...labels },
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
    ownerReferences: [controllerReference(owner)],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec } as KubeObject;
}

export class PodControl {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly made: (owner: KubeObject, pod: KubeObject) => void;

  /** @param made Is told of every pod that was made. */
  constructor(client: ApiClient, events: EventRecorder, made: (owner: KubeObject, pod: KubeObject) => void = () => {}) {
    this.client = client;
    this.events = events;
    this.made = made;
  }

  /**
   * Tries 1, 2, 4, … at a time as long as all is well, so that a quota is not run against by hundreds.
   * @param notCreated How many were refused, or not even tried after a refusal.
   */
  *create(
    owner: KubeObject,
    pods: readonly KubeObject[],
    notCreated: (count: number) => void,
  ): Steps<Refusal | undefined> {
    const target = { ...PODS, namespace: owner.metadata?.namespace };
    for (let next = 0, batch = FIRST_BATCH; next < pods.length; batch *= 2) {
      const size = Math.min(batch, pods.length - next);
      const outcomes: Outcome<KubeObject>[] = yield* callAll(
        pods
          .slice(next, next + size)
          .map((pod) => (answer: ApiAnswer<KubeObject>) => this.client.create(target, pod, {}, answer)),
      );
      next += size;
      for (const outcome of outcomes) this.tellCreated(owner, outcome);
      const refused = outcomes.filter(({ refusal }) => refusal !== undefined);
      if (refused.length === 0) continue;
      notCreated(refused.length + pods.length - next);
      return refused[0]!.refusal;
    }
    return undefined;
  }

  /** @param notDeleted Was refused. A pod that is gone already counts as deleted. */
  *delete(
    owner: KubeObject,
    pods: readonly Pod[],
    notDeleted: (pod: Pod, why: Refusal) => void,
  ): Steps<Refusal | undefined> {
    const { namespace } = owner.metadata ?? {};
    const outcomes: Outcome<unknown>[] = yield* callAll<unknown>(
      pods.map((pod) => (answer: ApiAnswer<unknown>) => {
        const target = { ...PODS, namespace, name: pod.metadata?.name };
        this.client.delete(target, { preconditions: { uid: pod.metadata?.uid } }, answer);
      }),
    );
    let first: Refusal | undefined;
    outcomes.forEach(({ refusal }, i) => {
      const { name } = pods[i]!.metadata ?? {};
      if (refusal === undefined) {
        this.events.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
        return;
      }
      notDeleted(pods[i]!, refusal);
      if (refusal.isNotFound) return;
      first ??= refusal;
      this.events.record(owner, 'Warning', 'FailedDelete', `Error deleting: ${refusal.message}`);
    });
    return first;
  }

  private tellCreated(owner: KubeObject, { refusal, ...outcome }: Outcome<KubeObject>): void {
    if (refusal === undefined && 'result' in outcome) {
      this.made(owner, outcome.result);
      this.events.record(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${outcome.result.metadata?.name}`);
    } else if (refusal !== undefined && !isNamespaceGoing(refusal)) {
      this.events.record(owner, 'Warning', 'FailedCreate', `Error creating: ${refusal.message}`);
    }
  }
}

/** Nothing new is to be had in a namespace that ends; nobody needs to be told, and trying again is of no use. */
export const isNamespaceGoing = ({ status }: Refusal): boolean =>
  status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
