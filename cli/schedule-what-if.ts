/** Places pending pods one after another on a cluster, each on what the earlier ones left. */
import { InputError, type Pod } from '../api/index.ts';
import { httpTransport } from '../cluster/extender-http/index.ts';
import { duelOf, type Explanation, type PlacementRecord, type ScheduleResult } from '../reports/index.ts';
import type { LoadedConfig } from '../scheduler/config/index.ts';
import {
  createScheduler,
  ENGINES,
  type EngineName,
  type PodInfo,
  type PodOutcome,
  type Scheduler,
  type SchedulerOptions,
  type TieBreak,
} from '../scheduler/index.ts';
import type { ClusterObjects } from '../workloads/index.ts';
import { whatRunnerUpNeeds } from './runner-up.ts';

export interface WhatIfOptions extends LoadedConfig {
  readonly input: ClusterObjects;
  readonly engine: EngineName;
  readonly tieBreak: TieBreak;
  readonly seed: number;
}

/** Everything is decided. */
export function scheduleAll(options: WhatIfOptions): ScheduleResult {
  const { input, tieBreak } = options;
  const scheduler = fill(createScheduler(schedulerOptions(options)), input);
  const placements = queueOrder(scheduler, input.pending).map((pod) => {
    const record = placementRecord(pod, decide(scheduler, pod));
    return { uid: scheduler.cluster.classes.info(pod).uid, record };
  });
  return {
    nodes: input.nodes.length,
    boundPods: input.bound.length,
    tieBreak,
    placements: placements.map(({ uid, record }) => {
      const evictedBy = scheduler.evictedBy.get(uid);
      return evictedBy === undefined ? record : { ...record, evictedBy };
    }),
  };
}

/**
 * The decision on one pod, after those on all pods before it.
 * @param name `name` or `namespace/name`.
 */
export function explainPod(options: WhatIfOptions, name: string): Explanation {
  const { input, tieBreak } = options;
  const wanted = findPod(input, name);
  // Only one decision is recorded in full: a record costs more than the decision.
  const explained: { explain: boolean } & SchedulerOptions = { ...schedulerOptions(options), explain: false };
  const scheduler = fill(createScheduler(explained), input);
  const queue = queueOrder(scheduler, input.pending);
  const decidedBefore = queue.indexOf(wanted);
  for (const pod of queue.slice(0, decidedBefore)) decide(scheduler, pod);
  explained.explain = true;
  const outcome = decide(scheduler, wanted);
  explained.explain = false;
  const needed = runnerUpNeeds(scheduler, wanted, outcome, tieBreak);
  return { outcome, priority: priorityOf(wanted), decidedBefore, tieBreak, runnerUpNeeds: needed };
}

/** Only a decision that would be the same again can be tried again. */
function runnerUpNeeds(scheduler: Scheduler, pod: Pod, outcome: PodOutcome, tieBreak: TieBreak): string | undefined {
  const record = outcome.attempts.at(-1)?.record;
  const duel = record && duelOf(record);
  // An extender would be asked again, and may answer anything.
  const repeats = outcome.attempts.length === 1 && tieBreak !== 'random' && scheduler.extenders.isEmpty;
  if (duel === undefined || duel.margin === 0 || !repeats) return undefined;
  if (record?.evaluated !== scheduler.cluster.nodeCount) return undefined;
  return whatRunnerUpNeeds(scheduler, pod, duel.runnerUp.node);
}

const schedulerOptions = ({ config, registry, engine, tieBreak, seed }: WhatIfOptions): SchedulerOptions => ({
  config,
  registry,
  engine: ENGINES[engine],
  tieBreak,
  seed,
  extenderTransport: httpTransport,
});

function fill(scheduler: Scheduler, { nodes, bound, objects, pending }: ClusterObjects): Scheduler {
  const { cluster } = scheduler;
  for (const node of nodes) cluster.addNode(node);
  for (const object of objects) cluster.addObject(object);
  for (const pod of bound) cluster.addPod(pod);
  for (const pod of pending) if (pod.status?.nominatedNodeName) scheduler.addNominated(pod);
  return scheduler;
}

/** As a scheduler that starts now would take them: the QueueSort plugin's order, older pods first, then input order. */
function queueOrder(scheduler: Scheduler, pending: readonly Pod[]): Pod[] {
  const { classes } = scheduler.cluster;
  const byAge = pending
    .map((pod, index) => ({ pod, index, createdMs: createdMs(pod) }))
    .sort((a, b) => a.createdMs - b.createdMs || a.index - b.index)
    .map(({ pod }, timestamp) => ({ source: pod, pod: classes.info(pod), priority: priorityOf(pod), timestamp }));
  const [framework] = scheduler.frameworks.values();
  const less = framework?.queueSort[0]?.plugin.less?.bind(framework.queueSort[0].plugin);
  if (less === undefined) return byAge.map(({ source }) => source);
  return byAge.sort((a, b) => (less(a, b) ? -1 : less(b, a) ? 1 : 0)).map(({ source }) => source);
}

/** A pod that no server has created yet comes after all others. */
function createdMs(pod: Pod): number {
  const time = pod.metadata?.creationTimestamp;
  return time === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(String(time));
}

/** A pod on its way out is left alone (`skipPodSchedule`, `pkg/scheduler/schedule_one.go`, v1.37.2). */
function decide(scheduler: Scheduler, pod: Pod): PodOutcome {
  const info: PodInfo = scheduler.cluster.classes.info(pod);
  if (info.terminating) return { pod: info.key, outcome: 'ignored', message: 'the pod is being deleted', attempts: [] };
  const outcome = scheduler.schedule(pod);
  if (outcome.outcome !== 'ignored') return outcome;
  const name = pod.spec?.schedulerName ?? 'default-scheduler';
  return { ...outcome, message: `no profile of the configuration is named "${name}"` };
}

const priorityOf = (pod: Pod): number => pod.spec?.priority ?? 0;

function placementRecord(pod: Pod, outcome: PodOutcome): PlacementRecord {
  const last = outcome.attempts.at(-1);
  const gate = outcome.gate && [outcome.gate.plugin, outcome.gate.reasons?.join(', ')].filter(Boolean).join(': ');
  return {
    pod: outcome.pod,
    priority: priorityOf(pod),
    outcome: outcome.outcome,
    node: outcome.node,
    feasibleNodes: last?.feasibleCount ?? 0,
    evaluatedNodes: last?.evaluatedCount ?? 0,
    totalPoints: last?.topScore,
    marginPoints: last?.margin,
    attempts: outcome.attempts.length,
    message: outcome.outcome === 'scheduled' ? undefined : (gate ?? outcome.message),
    nominatedNode: outcome.outcome === 'scheduled' ? undefined : last?.nominatedNode,
    victims: outcome.attempts.flatMap((attempt) => attempt.victims ?? []),
  };
}

const keyOf = ({ metadata }: Pod): string => `${metadata?.namespace || 'default'}/${metadata?.name}`;
const NAMES_SHOWN = 5;

function findPod({ pending, bound }: ClusterObjects, name: string): Pod {
  const matches = (pod: Pod): boolean => (name.includes('/') ? keyOf(pod) : pod.metadata?.name) === name;
  const found = pending.filter(matches);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new InputError(`--explain ${name}: there are ${found.map(keyOf).join(' and ')}; name one of them`);
  }
  const onNode = bound.find(matches);
  if (onNode !== undefined) {
    const where = `pod ${keyOf(onNode)} is on ${onNode.spec?.nodeName} already`;
    throw new InputError(`--explain ${name}: ${where}; only pending pods are decided (remove spec.nodeName to try)`);
  }
  const names = pending.slice(0, NAMES_SHOWN).map(keyOf);
  if (pending.length > NAMES_SHOWN) names.push(`${pending.length - NAMES_SHOWN} more`);
  const list = pending.length === 0 ? 'there are no pending pods' : `pending are ${names.join(', ')}`;
  throw new InputError(`--explain ${name}: no pending pod of this name; ${list}`);
}
