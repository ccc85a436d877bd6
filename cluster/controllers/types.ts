/** The kinds that controllers work on, with what v1.37 has and `kubernetes-types` lacks. */
import type * as apps from 'kubernetes-types/apps/v1.d.ts';
import type * as batch from 'kubernetes-types/batch/v1.d.ts';
import type * as core from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta, OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import type { Target } from '../apiserver/client.ts';

export type { ObjectMeta, OwnerReference };
export type PodTemplate = NonNullable<apps.ReplicaSetSpec['template']>;

interface Terminating {
  terminatingReplicas?: number;
}

export type ReplicaSetStatus = apps.ReplicaSetStatus & Terminating;
export type ReplicaSet = Omit<apps.ReplicaSet, 'status'> & { status?: ReplicaSetStatus };
export type DeploymentStatus = apps.DeploymentStatus & Terminating;
export type Deployment = Omit<apps.Deployment, 'status'> & { status?: DeploymentStatus };
export type DeploymentCondition = apps.DeploymentCondition;

export type StatefulSet = apps.StatefulSet;
export type StatefulSetStatus = apps.StatefulSetStatus;
export type Job = batch.Job;
export type JobSpec = batch.JobSpec;
export type JobStatus = batch.JobStatus;
export type JobCondition = batch.JobCondition;
export type CronJob = batch.CronJob;
export type DaemonSet = apps.DaemonSet;
export type PersistentVolumeClaim = core.PersistentVolumeClaim;

export const PODS: Target = { group: '', version: 'v1', resource: 'pods' };
export const REPLICA_SETS: Target = { group: 'apps', version: 'v1', resource: 'replicasets' };
export const DEPLOYMENTS: Target = { group: 'apps', version: 'v1', resource: 'deployments' };
export const STATEFUL_SETS: Target = { group: 'apps', version: 'v1', resource: 'statefulsets' };
export const DAEMON_SETS: Target = { group: 'apps', version: 'v1', resource: 'daemonsets' };
export const JOBS: Target = { group: 'batch', version: 'v1', resource: 'jobs' };
export const CRON_JOBS: Target = { group: 'batch', version: 'v1', resource: 'cronjobs' };
export const REVISIONS: Target = { group: 'apps', version: 'v1', resource: 'controllerrevisions' };
export const CLAIMS: Target = { group: '', version: 'v1', resource: 'persistentvolumeclaims' };
export const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };
