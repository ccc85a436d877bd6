/** The controllers of a cluster, as clients of its API server like any other. */
import type { Clock } from '../../scheduler/clock.ts';
import { type ApiClient, RESOURCES } from '../apiserver/index.ts';
import { ControllerContext } from './context.ts';
import { CronJobController } from './cronjob/cronjob.ts';
import { DaemonSetController } from './daemonset/daemonset.ts';
import { DeploymentController } from './deployment/deployment.ts';
import { DisruptionController } from './disruption/disruption.ts';
import { EndpointsController } from './endpoints/endpoints.ts';
import { EndpointSliceController } from './endpointslice/endpointslice.ts';
import { EndpointSliceMirroringController } from './endpointslice-mirroring/mirroring.ts';
import { GarbageCollector } from './garbage-collection/garbage-collector.ts';
import { JobController } from './job/job.ts';
import { NamespaceController } from './namespace/namespace.ts';
import { NodeLifecycleController } from './node-lifecycle/node-lifecycle.ts';
import type { NodeLifecycleSettings } from './node-lifecycle/settings.ts';
import { PodGarbageCollector } from './pod-gc/pod-gc.ts';
import { ResourceQuotaController } from './quota/quota.ts';
import { ReplicaSetController } from './replicaset/replicaset.ts';
import { RootCaPublisher } from './root-ca/root-ca.ts';
import type { Discover } from './served-kinds.ts';
import { ServiceAccountController } from './service-account/service-account.ts';
import { ServiceAccountTokenController } from './service-account/tokens.ts';
import { StatefulSetController } from './statefulset/statefulset.ts';
import { TaintEvictionController } from './taint-eviction/taint-eviction.ts';
import { TtlAfterFinishedController } from './ttl-after-finished/ttl-after-finished.ts';
import { VolumeBinder } from './volumes/binder.ts';
import { EphemeralClaims } from './volumes/ephemeral.ts';
import { VolumeProtection } from './volumes/protection.ts';
import { SimpleProvisioner } from './volumes/provisioner.ts';
import type { WorkQueue } from './work-queue.ts';

export { ControllerContext } from './context.ts';
export { EventRecorder } from './event-recorder.ts';
export { Informer } from './informer.ts';
export { WorkQueue } from './work-queue.ts';

export interface ControllersOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  /** What the API serves. @default the kinds that berth's API server knows */
  readonly discover?: Discover;
  /** PEM that every namespace and every secret with a token gets. @default none is published, and no token made */
  readonly rootCertificate?: string;
  /** False: nodes that are not heard of stay as they are. */
  readonly nodeLifecycle?: Partial<NodeLifecycleSettings> | false;
  /** `--terminated-pod-gc-threshold`: so many pods that have ended may stay. @default 12500 */
  readonly terminatedPodThreshold?: number;
}

export interface RunningControllers {
  /** By controller, for whoever watches how busy they are. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
  stop(): void;
}

/** Starts every controller; they begin once they know what is there. */
export function runControllers(options: ControllersOptions): RunningControllers {
  const { client, clock, discover = () => RESOURCES, rootCertificate, nodeLifecycle } = options;
  const context = new ControllerContext(client, clock, discover);
  const disruption = new DisruptionController(context);
  const slices = new EndpointSliceController(context);
  const garbageCollector = new GarbageCollector(context);
  const jobs = new JobController(context);
  const lifecycle = nodeLifecycle === false ? undefined : new NodeLifecycleController(context, nodeLifecycle);
  const podCollector = new PodGarbageCollector(context, options.terminatedPodThreshold);
  const taintEviction = new TaintEvictionController(context);
  const binder = new VolumeBinder(context);
  const protection = new VolumeProtection(context);
  const provisioner = new SimpleProvisioner(context);
  const queues: Record<string, WorkQueue> = {
    cronjob: new CronJobController(context).queue,
    daemonset: new DaemonSetController(context).queue,
    deployment: new DeploymentController(context).queue,
    disruption: disruption.queue,
    disruptionStale: disruption.staleQueue,
    endpoints: new EndpointsController(context).queue,
    endpointSlice: slices.queue,
    endpointSliceMirroring: new EndpointSliceMirroringController(context).queue,
    endpointSliceTopology: slices.topologyQueue,
    garbageCollector: garbageCollector.queue,
    garbageCollectorOrphans: garbageCollector.orphanQueue,
    job: jobs.queue,
    jobOrphans: jobs.orphanQueue,
    namespace: new NamespaceController(context).queue,
    ...(lifecycle === undefined ? {} : { nodes: lifecycle.nodeQueue, nodePods: lifecycle.podQueue }),
    quota: new ResourceQuotaController(context).queue,
    replicaset: new ReplicaSetController(context).queue,
    ...(rootCertificate === undefined
      ? {}
      : {
          rootCa: new RootCaPublisher(context, rootCertificate).queue,
          serviceAccountTokens: new ServiceAccountTokenController(context, rootCertificate).queue,
        }),
    serviceAccount: new ServiceAccountController(context).queue,
    statefulset: new StatefulSetController(context).queue,
    taintEviction: taintEviction.queue,
    taintEvictionDeletions: taintEviction.deletionQueue,
    ttlAfterFinished: new TtlAfterFinishedController(context).queue,
    ephemeralClaims: new EphemeralClaims(context).queue,
    volumeClaims: binder.claimQueue,
    volumes: binder.volumeQueue,
    volumeClaimProtection: protection.claimQueue,
    volumeProtection: protection.volumeQueue,
    provisionerClaims: provisioner.claimQueue,
    provisionerVolumes: provisioner.volumeQueue,
  };
  context.onSynced(() => {
    for (const queue of Object.values(queues)) queue.start();
  });
  context.start();
  return {
    queues,
    stop: () => {
      context.stop();
      lifecycle?.stop();
      podCollector.stop();
      for (const queue of Object.values(queues)) queue.stop();
    },
  };
}
