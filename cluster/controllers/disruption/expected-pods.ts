/** How many pods their controllers ask for. Source: `pkg/controller/disruption/disruption.go` (`getExpectedScale`), v1.37.2. */
import type { KubeObject, Pod } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import { failed } from '../failed.ts';
import type { Informer } from '../informer.ts';
import { controllerOf } from '../owners.ts';
import { targetOf } from '../served-kinds.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { DEPLOYMENTS, type OwnerReference, REPLICA_SETS } from '../types.ts';

interface Scaled extends KubeObject {
  readonly spec?: { readonly replicas?: number };
}

interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

export interface Expected {
  readonly count: number;
  readonly unmanaged: readonly string[];
}

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.split('/')[0]! : '');
const STATEFUL_SETS = { group: 'apps', version: 'v1', resource: 'statefulsets' };
const REPLICATION_CONTROLLERS = { group: '', version: 'v1', resource: 'replicationcontrollers' };

export class ExpectedPods {
  private readonly context: ControllerContext;
  private readonly known: Readonly<Record<string, Informer<Scaled>>>;
  private readonly deployments: Informer<Scaled>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.deployments = context.informer(DEPLOYMENTS);
    this.known = {
      'apps/ReplicaSet': context.informer(REPLICA_SETS),
      'apps/StatefulSet': context.informer(STATEFUL_SETS),
      '/ReplicationController': context.informer(REPLICATION_CONTROLLERS),
    };
  }

  /** Throws Refusal when a pod's controller cannot be found or has no scale. */
  *of(pods: readonly Pod[]): Steps<Expected> {
    const scales = new Map<string, number>();
    const asked = new Set<string>();
    const unmanaged: string[] = [];
    for (const pod of pods) {
      const { name = '', namespace = '' } = pod.metadata ?? {};
      const controller = controllerOf(pod);
      if (controller === undefined) {
        unmanaged.push(name);
        continue;
      }
      if (asked.has(controller.uid)) continue;
      asked.add(controller.uid);
      const scale: Scale | undefined = yield* this.scaleOf(controller, namespace);
      if (scale === undefined) throw failed(`found no controllers for pod ${JSON.stringify(name)}`);
      scales.set(scale.uid, scale.replicas);
    }
    return { count: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
  }

  private *scaleOf(controller: OwnerReference, namespace: string): Steps<Scale | undefined> {
    const { apiVersion, kind, name, uid } = controller;
    const informer = this.known[`${groupOf(apiVersion)}/${kind}`];
    if (informer !== undefined) {
      const owner = informer.get(namespace, name);
      if (owner?.metadata?.uid === uid) return this.ofDeployment(owner, namespace) ?? scaleFrom(owner);
    }
    return yield* this.ofSubresource(controller, namespace);
  }

  /** A ReplicaSet that a Deployment has is only a part of it. */
  private ofDeployment(set: Scaled, namespace: string): Scale | undefined {
    const controller = controllerOf(set);
    if (controller?.kind !== 'Deployment' || groupOf(controller.apiVersion) !== 'apps') return undefined;
    const deployment = this.deployments.get(namespace, controller.name);
    return deployment?.metadata?.uid === controller.uid ? scaleFrom(deployment) : undefined;
  }

  /** Whatever has a scale counts. */
  private *ofSubresource(controller: OwnerReference, namespace: string): Steps<Scale | undefined> {
    const { apiVersion, kind, name, uid } = controller;
    const served = this.context.served.ofKind(controller);
    if (served === undefined) throw failed(`no matches for kind "${kind}" in version "${apiVersion}"`);
    if (served.subresources.every((each) => each.name !== 'scale')) {
      const resource = served.group === '' ? served.resource : `${served.resource}.${served.group}`;
      throw failed(`${resource} does not implement the scale subresource`);
    }
    const target = { ...targetOf(served, namespace, name), subresource: 'scale' };
    try {
      const scale: Scaled = yield* call<KubeObject>((answer) => this.context.client.get(target, answer));
      return scale.metadata?.uid === uid ? { uid, replicas: scale.spec?.replicas ?? 0 } : undefined;
    } catch (error) {
      if (error instanceof Refusal && error.isNotFound) return undefined;
      throw error;
    }
  }
}

const scaleFrom = ({ metadata, spec }: Scaled): Scale => ({ uid: metadata?.uid ?? '', replicas: spec?.replicas ?? 1 });
