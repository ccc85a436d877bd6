/** What the workers of one node share. */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { Random } from '../../scheduler/random.ts';
import type { ApiClient } from '../apiserver/client.ts';
import type { CriRuntime } from '../cri/index.ts';
import type { CallDeadlines } from './call-deadlines.ts';
import type { ImagePulls } from './image-pulls.ts';
import type { NodeFacts } from './pod-status.ts';
import type { PodWorker } from './pod-worker.ts';
import type { KubeletSettings } from './settings.ts';

export interface NodeServices {
  readonly name: string;
  readonly clock: Clock;
  readonly client: ApiClient;
  readonly settings: KubeletSettings;
  readonly runtime: CriRuntime;
  readonly facts: NodeFacts;
  readonly random: Random;
  readonly pulls: ImagePulls;
  readonly deadlines: CallDeadlines;
  /** Does nothing while the kubelet is down or hangs: what comes for it then is lost, or waits. */
  whenAwake(task: () => void): void;
  event(
    about: KubeObject,
    container: string | undefined,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void;
  /** The pod has left the node for good: what the runtime still has of it can go. */
  finished(worker: PodWorker): void;
  imagesChanged(): void;
  /** Views of pods are as old as the last time that the runtime was asked. */
  readonly isViewLagging: boolean;
  /** Asks the runtime about the pod. */
  refresh(worker: PodWorker, done: () => void): void;
}
