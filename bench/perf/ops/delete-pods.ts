/** `deletePods`: pods that are there when the operation starts, all at once or at a rate. */
import { keyOfObject } from '../../../cluster/simulation/index.ts';
import type { DeletePods } from '../schema/ops.ts';
import type { WorkloadRun } from '../workload-run.ts';
import { atRate, startAtRate } from './any.ts';
import { podsIn } from './create-pods.ts';

export async function deletePods(run: WorkloadRun, op: DeletePods): Promise<void> {
  const keys = podsIn(run, op.namespace, op.labelSelector).map((pod) => keyOfObject(pod));
  const remove = (key: string): void => {
    run.cluster.api.delete('Pod', key);
  };
  const { deletePodsPerSecond: rate } = op;
  if (rate === 0) await run.act(() => keys.forEach(remove));
  else if (op.skipWaitToCompletion) startAtRate(run, rate, keys, remove);
  else await atRate(run, rate, keys, remove);
}
