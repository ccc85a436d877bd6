/** What every cluster has from the start. Source: `pkg/controlplane/controller/systemnamespaces` and `pkg/registry/scheduling/rest`, v1.37.2. */
import { type KubeObject, SYSTEM_PRIORITY_CLASSES } from '../../api/index.ts';
import { newNamespace } from './admission/namespaces.ts';
import { keyOf } from './cache/kind-cache.ts';
import type { Core } from './core.ts';
import type { Status } from './status.ts';
import { createObject } from './storage-write.ts';

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'system-node-critical': 'Used for system critical pods that must not be moved from their current node.',
  'system-cluster-critical':
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
};

/** Makes what is not there yet. */
export function seed(core: Core, done: (error: Status | undefined) => void): void {
  const objects = [
    ...NAMESPACES.map((name) => newNamespace(core, name)),
    ...[...SYSTEM_PRIORITY_CLASSES].map(([name, value]) => priorityClass(core, name, value)),
  ];
  const next = (i: number): void => {
    const object = objects[i];
    if (object === undefined) {
      done(undefined);
      return;
    }
    const key = keyOf(core.registry.storedKind(object.kind!), '', object.metadata!.name!);
    createObject(core.store, { key }, object, (error) => {
      if (error === undefined || error === 'taken') next(i + 1);
      else done(error);
    });
  };
  next(0);
}

const priorityClass = (core: Core, name: string, value: number): KubeObject =>
  ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, uid: core.ids.uid(), generation: 1, creationTimestamp: core.timestamp() },
    value,
    description: DESCRIPTIONS[name],
    preemptionPolicy: 'PreemptLowerPriority',
  }) as KubeObject;
