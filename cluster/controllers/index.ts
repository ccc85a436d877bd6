/** The controllers of a cluster, as clients of its API server like any other. */
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { ControllerContext } from './context.ts';
import { DeploymentController } from './deployment/deployment.ts';
import { ReplicaSetController } from './replicaset/replicaset.ts';
import type { WorkQueue } from './work-queue.ts';

export { ControllerContext } from './context.ts';
export { EventRecorder } from './event-recorder.ts';
export { Informer } from './informer.ts';
export { WorkQueue } from './work-queue.ts';

export interface ControllersOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
}

export interface RunningControllers {
  /** By controller, for whoever watches how busy they are. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
  stop(): void;
}

/** Starts every controller; they begin once they know what is there. */
export function runControllers({ client, clock }: ControllersOptions): RunningControllers {
  const context = new ControllerContext(client, clock);
  const queues = {
    deployment: new DeploymentController(context).queue,
    replicaset: new ReplicaSetController(context).queue,
  };
  context.onSynced(() => {
    for (const queue of Object.values(queues)) queue.start();
  });
  context.start();
  return {
    queues,
    stop: () => {
      context.stop();
      for (const queue of Object.values(queues)) queue.stop();
    },
  };
}
