/**
 * Nodes that are promised to pods which are not on them yet (`nominator.ts`), as Filter sees them: a pod has to fit there with
 * and without the promised pods of at least its priority.
 *
 * Cost: nothing for nodes that are promised to nobody; else a copy of the node's list of pods.
 */
import type { Cluster } from '../cluster.ts';
import type { Nominator } from '../nominator.ts';

export class Promises {
  /** The pod that is being decided about: it does not stand in its own way. */
  exceptUid = '';
  private readonly cluster: Cluster;
  private readonly nominator: Nominator;

  constructor(cluster: Cluster, nominator: Nominator) {
    this.cluster = cluster;
    this.nominator = nominator;
  }

  get isEmpty(): boolean {
    return this.nominator.size === 0;
  }

  /** Asks with the promised pods in place; undefined when there are none, or none of at least the priority. */
  ask<T>(row: number, priority: number, question: () => T): T | undefined {
    const { cluster, nominator, exceptUid } = this;
    const promised = nominator.keptFor(cluster.nodeName(row), priority, exceptUid);
    if (promised.length === 0) return undefined;
    const { changes } = cluster;
    const { isMuted } = changes;
    changes.isMuted = true;
    const saved = cluster.saveRow(row);
    for (const pod of promised) cluster.place(pod, row);
    try {
      return question();
    } finally {
      cluster.restoreRow(saved);
      changes.isMuted = isMuted;
    }
  }
}
