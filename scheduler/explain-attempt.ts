/** One attempt looked at in full, without any consequence but that the scheduler has spent its turn. */
import type { SchedulerCore } from './core.ts';
import { NO_NODES } from './cycle-steps.ts';
import type { AttemptSummary } from './decision.ts';
import type { PodInfo } from './plugin.ts';
import { postFilterRecord, recordOf } from './record.ts';

/**
 * What the scheduler's next attempt on the pod finds, preemption included. Must be the last thing that the scheduler does:
 * nothing is assumed or evicted, but where a search starts and what chance gives have moved on.
 */
export function explainAttempt(core: SchedulerCore, pod: PodInfo, nominatedNodeName: string): AttemptSummary {
  const { cluster } = core;
  const framework = core.frameworkOf(pod);
  const cycle = core.engine.schedulePod(framework!, pod, nominatedNodeName);
  const numbers = {
    feasibleCount: cycle.feasibleCount,
    evaluatedCount: cycle.evaluatedCount,
    topScore: cycle.topScore,
    margin: cycle.margin,
  };
  if (cycle.chosen >= 0) {
    const node = cluster.nodeName(cycle.chosenRow);
    return { ...numbers, node, unschedulablePlugins: [], record: recordOf(cycle, cluster, {}) };
  }
  const unschedulablePlugins = cycle.unschedulablePlugins();
  if (cycle.error !== '' || cycle.nodeCount === 0) {
    const message = cycle.error || NO_NODES;
    return { ...numbers, message, unschedulablePlugins, record: recordOf(cycle, cluster, { message }) };
  }
  const result = core.postFilter(cycle, nominatedNodeName);
  const reasons = result?.status.reasons.join(', ') ?? '';
  const message = core.failureMessage(cycle, reasons);
  const postFilter = result && postFilterRecord(result, reasons, cluster);
  const victims = result?.victims?.map(({ key }) => key) ?? [];
  return {
    ...numbers,
    message,
    unschedulablePlugins,
    nominatedNode: result?.nominatedNodeName || undefined,
    victims: victims.length > 0 ? victims : undefined,
    record: recordOf(cycle, cluster, { message, fitError: core.failureMessage(cycle, ''), postFilter }),
  };
}
