/** `createPods` in the steady state: every pod that gets a node is deleted and followed by another. */
import { Lane } from '../../../cluster/clock.ts';
import type { CreatePods } from '../schema/ops.ts';
import { WorkloadError, type WorkloadRun } from '../workload-run.ts';
import { podTemplate, preparePods } from './create-pods.ts';

export async function createPodsSteadily(run: WorkloadRun, op: CreatePods, namespace: string): Promise<void> {
  const { cluster } = run;
  const { api, clock } = cluster;
  const backlog = preparePods(run, op, namespace, op.count);
  const successor = podTemplate(run, op, 0, 1);
  const prefix = successor.metadata?.generateName ?? '';
  const isTaken = (name: string): boolean => api.get('Pod', `${namespace}/${name}`) !== undefined;
  let scheduled = 0;
  cluster.onBound = (boundNamespace, key) => {
    if (boundNamespace !== namespace) return;
    scheduled++;
    const replace = (): void => {
      const error = api.delete('Pod', key, 0);
      if (error !== undefined) throw new WorkloadError(`delete scheduled pod: ${error.message}`);
      const name = successor.metadata?.name || run.names.make(prefix, isTaken);
      const refused = api.create({ ...successor, metadata: { ...successor.metadata, name, namespace } });
      if (refused !== undefined) throw new WorkloadError(`create next batch of pods: ${refused.message}`);
    };
    clock.at(clock.nowMs, replace, Lane.Input);
  };
  try {
    await run.act(() => {
      for (const object of backlog.flat()) {
        const error = api.create(object);
        if (error !== undefined) throw new WorkloadError(`create initial ${op.count} pods: ${error.message}`);
      }
    });
    await run.sleep(op.durationMs);
  } finally {
    cluster.onBound = undefined;
  }
  if (scheduled === 0) {
    throw new WorkloadError(
      'no pod at all got scheduled, either because of a problem or because the test interval was too small',
    );
  }
}
