/** The kinds that controllers work on, with what v1.37 has and `kubernetes-types` lacks. */
import type * as apps from 'kubernetes-types/apps/v1.d.ts';
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

export const PODS: Target = { group: '', version: 'v1', resource: 'pods' };
export const REPLICA_SETS: Target = { group: 'apps', version: 'v1', resource: 'replicasets' };
export const DEPLOYMENTS: Target = { group: 'apps', version: 'v1', resource: 'deployments' };
