/** Claims of pods that bring their own: they live and go with the pod. Source: `pkg/controller/volume/ephemeral/controller.go`, v1.37.2. */
import type { KubeObject, Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { failed } from '../failed.ts';
import type { Informer } from '../informer.ts';
import { controllerOf, controllerReference, isTerminating, keyOf, splitKey } from '../owners.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { CLAIMS, PODS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import type { Claim } from './volume.ts';

type PodObject = Pod & KubeObject;
type EphemeralVolume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

export class EphemeralClaims {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;
  private readonly pods: Informer<PodObject>;
  private readonly claims: Informer<Claim>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.events = context.recorder('ephemeral_volume');
    this.pods = context.informer(PODS);
    this.claims = context.informer(CLAIMS);
    this.queue = new WorkQueue({ clock: context.clock, sync: (key) => this.sync(key) });
    this.pods.onChange((before, now) => {
      if (before === undefined && now !== undefined && ephemeralOf(now).length > 0) this.queue.add(keyOf(now));
    });
    this.claims.onChange((before, now) => {
      const owner = now === undefined && before !== undefined ? controllerOf(before) : undefined;
      if (owner?.kind === 'Pod') this.queue.add(`${before!.metadata?.namespace}/${owner.name}`);
    });
  }

  private *sync(key: string): Steps {
    const pod = this.pods.get(...splitKey(key));
    if (pod === undefined || isTerminating(pod)) return;
    for (const volume of ephemeralOf(pod)) {
      try {
        yield* this.makeClaim(pod, volume);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const message = `ephemeral volume ${volume.name}: ${error.message}`;
        this.events.record(pod, 'Warning', 'FailedBinding', message);
        throw error;
      }
    }
  }

  private *makeClaim(pod: PodObject, { name: volumeName, ephemeral }: EphemeralVolume): Steps {
    const { namespace = '', name: podName } = pod.metadata ?? {};
    const name = `${podName}-${volumeName}`;
    const existing = this.claims.get(namespace, name);
    if (existing !== undefined) {
      if (controllerOf(existing)?.uid === pod.metadata?.uid) return;
      throw failed(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`);
    }
    const { metadata, spec } = ephemeral!.volumeClaimTemplate!;
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        labels: metadata?.labels,
        annotations: metadata?.annotations,
        ownerReferences: [controllerReference({ ...pod, apiVersion: 'v1', kind: 'Pod' })],
      },
      spec,
    };
    try {
      yield* call((answer) =>
        this.context.client.create({ ...CLAIMS, namespace }, claim as unknown as KubeObject, {}, answer),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw failed(`create PVC ${name}: ${error.message}`);
    }
  }
}

const ephemeralOf = ({ spec }: Pod): EphemeralVolume[] =>
  (spec?.volumes ?? []).filter(({ ephemeral }) => ephemeral?.volumeClaimTemplate !== undefined);
