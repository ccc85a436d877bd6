/** `barrier`: waits for pods that nobody has waited for. */
import type { Barrier } from '../schema/ops.ts';
import { WAIT_TIMEOUT_MS, WorkloadError, type WorkloadRun } from '../workload-run.ts';
import { isAttempted, podsIn, waitScheduled } from './create-pods.ts';

export async function barrier(run: WorkloadRun, op: Barrier): Promise<void> {
  const { awaited } = run;
  for (const namespace of op.namespaces) {
    if (!awaited.has(namespace)) throw new WorkloadError(`unknown namespace ${namespace}`);
  }
  const namespaces = op.namespaces.length > 0 ? op.namespaces : [...awaited.keys()];
  for (const namespace of namespaces) {
    const count = awaited.get(namespace)!;
    const what = `error waiting for pods in namespace "${namespace}"`;
    if (op.stageRequirement === 'Attempted') await waitAttempted(run, namespace, count, op.labelSelector, what);
    else await waitScheduled(run, namespace, count, op.labelSelector, WAIT_TIMEOUT_MS, what);
  }
  if (op.stageRequirement === 'Scheduled') for (const namespace of namespaces) awaited.delete(namespace);
}

async function waitAttempted(
  run: WorkloadRun,
  namespace: string,
  count: number,
  labels: Readonly<Record<string, string>>,
  what: string,
): Promise<void> {
  const attempted = () =>
    podsIn(run, namespace, labels).filter((pod) => Boolean(pod.spec?.nodeName) || isAttempted(pod));
  await run.poll(
    () => attempted().length >= count,
    WAIT_TIMEOUT_MS,
    () => `${what}: ${count - attempted().length} of ${count} pods are not attempted`,
  );
}
