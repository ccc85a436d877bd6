/** Writes down what a simulation does, in the form of the golden timelines. */
import type { KubeObject, Pod } from '../../api/index.ts';
import type { ApiWrite, Simulation, SimulationOptions, StepInfo } from '../../cluster/simulation/index.ts';
import { Cycle } from '../../scheduler/cycle.ts';
import type { Failure } from '../../scheduler/cycle-steps.ts';
import { SCHEDULE_ATTEMPT_FAILURE } from '../../scheduler/events.ts';
import type { Found } from '../../scheduler/groups/group-results.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';
import type { QueuedEntity } from '../../scheduler/queue/entity.ts';
import type {
  AttemptResult,
  ConditionResult,
  EventResult,
  ExtenderCallResult,
  FinalResult,
  HintsResult,
  MoveResult,
  PodTry,
  QueueState,
  StepResult,
  WriteResult,
} from './timeline-types.ts';

type Observer = NonNullable<SimulationOptions['observer']>;

interface Effects {
  attempt?: AttemptResult;
  hints: HintsResult;
  moves: MoveResult[];
  writes: WriteResult[];
  events: EventResult[];
  calls: ExtenderCallResult[];
  failures: PodTry[];
}

const noEffects = (): Effects => ({ hints: {}, moves: [], writes: [], events: [], calls: [], failures: [] });

export class TimelineRecorder {
  readonly timeline: StepResult[] = [];
  readonly stats: Record<string, number> = {};
  readonly observer: Observer;
  private effects = noEffects();
  private queues: QueueState = {};
  /** Nodes in upstream's snapshot, which is renewed at the start of a cycle only. */
  private snapshotNodes: ReadonlySet<string> = new Set();
  private simulation!: Simulation;
  private attemptStartMs = 0;

  constructor() {
    this.observer = {
      moved: (entity, event, queue, strategy) => {
        const move = moveOf(entity, event, queue, strategy);
        const { moves } = this.effects;
        const same = moves.findIndex((other) => other.entity === move.entity && other.event === event);
        // The report of the failed attempt replaces that of the move itself.
        if (strategy !== undefined && same >= 0) moves[same] = move;
        else moves.push(move);
      },
      hinted: (event, plugin, hint, entity) => {
        const byHint = entryOf<HintsResult[string]>(this.effects.hints, event.label, () => ({}));
        const byPlugin = entryOf<HintsResult[string][string]>(byHint, hint, () => ({}));
        entryOf<string[]>(byPlugin, plugin, () => []).push(entity.key);
        this.count(`hint${hint}`);
      },
      attemptBegan: (entity, from) => {
        this.count('attempts');
        this.attemptStartMs = this.simulation.nowMs;
        if (from === 'backoff') this.count('popFromBackoff');
        const { attempts, members } = entity;
        const type = members === undefined ? 'pod' : 'podgroup';
        const pods: PodTry[] = (members ?? [entity]).map((member) => ({
          pod: member.key,
          attempts: members && member.attempts,
          outcome: 'skipped',
        }));
        this.effects.attempt = { n: this.stats.attempts!, type, entity: nameOf(entity), from, attempts, pods };
      },
      cycleBegan: () => {
        this.snapshotNodes = new Set(this.simulation.scheduler.core.cluster.nodeOrder());
      },
      chosen: (pod, nodeName, found) => {
        // Of a group the golden timelines tell what was found last.
        if (this.effects.attempt?.type === 'pod') this.chosen(pod, nodeName, found);
      },
      proposed: (pod, nodeName, found) => this.chosen(pod, nodeName, found),
      failed: (pod, failure) => {
        let tried = this.tryOf(pod.key);
        if (tried === undefined) {
          tried = { pod: pod.key, outcome: 'error' };
          this.effects.failures.push(tried);
        }
        describeFailure(tried, failure);
      },
      wrote: (write) => this.wrote(write),
      recorded: ({ object, type, reason, action, note, from }) => {
        this.effects.events.push({ object: keyOfPod(object), type, reason, action, note, from });
      },
      stepped: (step) => this.stepped(step),
    };
  }

  /** Must be called before the simulation runs. */
  attach(simulation: Simulation): void {
    this.simulation = simulation;
  }

  final(): FinalResult {
    const { api, scheduler } = this.simulation;
    const { cluster } = scheduler.core;
    const pods: Record<string, string> = {};
    const pending: Record<string, { nominatedNodeName?: string; condition?: ConditionResult }> = {};
    for (const pod of api.list('Pod') as Iterable<Pod>) {
      const { nodeName } = pod.spec ?? {};
      if (nodeName) pods[keyOfPod(pod)] = nodeName;
      else pending[keyOfPod(pod)] = pendingPod(pod);
    }
    const nodes = cluster.nodeOrder().map((name) => {
      const row = cluster.rowOf(name);
      const amounts = {
        pods: cluster.podCount[row]!,
        cpu: cluster.requestedCpuMilli[row]!,
        memory: cluster.requestedMemoryBytes[row]!,
      };
      return [name, amounts] as const;
    });
    return {
      pods,
      queues: this.queueState(),
      pending: Object.keys(pending).length > 0 ? pending : undefined,
      nodes: Object.fromEntries(nodes),
    };
  }

  extenderCalled(call: ExtenderCallResult): void {
    this.effects.calls.push(call);
    this.count('extenderCalls');
  }

  /** Steps that happen while another one is going on. */
  aside(happen: () => void): void {
    const { effects } = this;
    this.effects = noEffects();
    happen();
    this.effects = effects;
  }

  private chosen({ key }: PodInfo, nodeName: string, found: Found): void {
    const tried = this.tryOf(key)!;
    tried.outcome = 'scheduled';
    tried.node = nodeName;
    tried.tied = found instanceof Cycle ? this.tiedNodes(found) : undefined;
    if (tried.tied !== undefined) this.count('tied');
    tried.evaluated = found.evaluatedCount;
    tried.feasible = found.feasibleCount;
  }

  private tiedNodes(cycle: Cycle): readonly string[] | undefined {
    const { extenders, cluster } = this.simulation.scheduler.core;
    if (extenders.isEmpty || cycle.scoring !== 'done') return undefined;
    const { feasibleRows, feasibleCount, totals } = cycle;
    const best = totals.subarray(0, feasibleCount).reduce((a, b) => Math.max(a, b));
    const rows = feasibleRows.subarray(0, feasibleCount).filter((_, i) => totals[i] === best);
    return rows.length > 1 ? Array.from(rows, (row) => cluster.nodeName(row)).sort() : undefined;
  }

  private count(what: string): void {
    this.stats[what] = (this.stats[what] ?? 0) + 1;
  }

  private tryOf(podKey: string): PodTry | undefined {
    return this.effects.attempt?.pods.find(({ pod }) => pod === podKey);
  }

  private wrote({ verb, object, nodeName, nominatedNodeName, conditions, error }: ApiWrite): void {
    if (verb === 'bind') this.count(error === undefined ? 'bound' : 'bindErrors');
    if (verb === 'delete') this.count('victims');
    const kind = object.kind ?? 'Pod';
    this.effects.writes.push({
      verb,
      kind,
      name: kind === 'PersistentVolume' ? (object.metadata?.name ?? '') : keyOfPod(object),
      claim: verb === 'update' ? claimOf(object) : undefined,
      node: verb === 'update' ? object.metadata?.annotations?.['volume.kubernetes.io/selected-node'] : nodeName,
      nominatedNodeName,
      conditions,
      error,
    });
  }

  private stepped({ ms, kind, index, object, error }: StepInfo): void {
    const { attempt, hints, moves, writes, events, calls, failures } = this.effects;
    this.effects = noEffects();
    if (attempt !== undefined && this.attemptStartMs !== ms) attempt.startMs = this.attemptStartMs;
    const before = this.queues;
    this.queues = this.queueState();
    const queues = difference(before, this.queues);
    const isQuiet = [moves, writes, events, failures].every((list) => list.length === 0);
    if (kind === 'wake' && queues === undefined && isQuiet && Object.keys(hints).length === 0) return;
    moves.sort((a, b) => (a.entity < b.entity ? -1 : a.entity > b.entity ? 1 : 0));
    for (const byPlugin of Object.values(hints).flatMap((byHint) => Object.values(byHint))) {
      for (const [plugin, pods] of Object.entries(byPlugin)) byPlugin[plugin] = [...new Set(pods)].sort();
    }
    this.timeline.push({
      ms,
      step: kind,
      index,
      object,
      attempt,
      hints: Object.keys(hints).length > 0 ? hints : undefined,
      moves: nonEmpty(moves),
      writes: nonEmpty(writes),
      events: nonEmpty(events),
      extenderCalls: nonEmpty(inOrder(calls)),
      failures: nonEmpty(failures),
      errors: error === undefined ? undefined : [error],
      queues,
    });
    this.count('steps');
    for (const { event } of moves) {
      this.count('moves');
      if (event === 'BackoffComplete') this.count('backoffComplete');
      if (event === 'UnschedulableTimeout') this.count('unschedulableTimeout');
    }
    for (const { outcome } of attempt?.pods ?? []) this.count(outcome);
  }

  private queueState(): QueueState {
    const { api, scheduler, clock, nowMs } = this.simulation;
    const { queue, core, waitingPods } = scheduler;
    const state: QueueState = {};
    const put = (name: string, key: string, value: unknown): void => {
      entryOf<QueueState[string]>(state, name, () => ({}))[key] = value;
    };
    const toMs = (timeMs: number): number => Math.trunc(timeMs - (clock.nowMs - nowMs));
    for (const entity of queue.active.list()) put('active', entity.key, entity.attempts);
    for (const entity of queue.backoff.rejected.list()) put('backoff', entity.key, toMs(entity.backoffUntilMs));
    for (const entity of queue.backoff.failed.list()) put('errorBackoff', entity.key, toMs(entity.backoffUntilMs));
    for (const entity of queue.waiting.list()) {
      const { key, isGated, rejectors, pendingPlugins } = entity;
      const pending = pendingPlugins.length > 0 ? `|${pendingPlugins.join(',')}` : '';
      if (isGated) put('gated', key, gateOf(entity));
      else put('unschedulable', key, `${rejectors.join(',')}${pending}`);
    }
    for (const pod of queue.inFlight.list()) put('inFlight', pod.key, true);
    for (const pod of queue.groups?.pendingPods() ?? []) put('groupPending', pod.key, true);
    for (const pod of queue.groups?.incompletePods() ?? []) put('groupIncomplete', pod.key, true);
    // Asking the cluster for its order would renew the order, which only a cycle may do.
    const nodes = [...api.list('Node')].map(({ metadata }) => metadata?.name ?? '');
    for (const nodeName of new Set([...this.snapshotNodes, ...nodes])) {
      for (const pod of core.nominator.podsOn(nodeName)) put('nominated', pod.key, nodeName);
    }
    for (const { pod, pendingPlugins } of waitingPods.list()) put('waitingOnPermit', pod.key, pendingPlugins.join(','));
    return state;
  }
}

const keyOfPod = ({ metadata }: KubeObject): string => `${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`;

const nameOf = ({ key }: QueuedEntity): string => key.replace('podgroup:', '');

/** After a failed attempt the golden timelines tell of a group that is held back without saying so. */
function moveOf(entity: QueuedEntity, event: string, queue: string, hint: string | undefined): MoveResult {
  if (entity.members === undefined) return { entity: entity.key, event, queue, hint };
  const reported = event === SCHEDULE_ATTEMPT_FAILURE && queue === 'gated' ? 'unschedulable' : queue;
  return { entity: nameOf(entity), event, queue: reported, group: true };
}

/** Members of a group can be held back by different plugins, and the last such member be gone. */
const gateOf = ({ gatedBy, members }: QueuedEntity): string =>
  members === undefined
    ? gatedBy
    : (members
        .map((member) => member.gatedBy)
        .filter((plugin) => plugin !== '')
        .sort()[0] ?? '');

function claimOf(object: KubeObject): string | undefined {
  const reference = (object as { spec?: { claimRef?: { namespace?: string; name?: string } } }).spec?.claimRef;
  return reference ? `${reference.namespace}/${reference.name}` : undefined;
}

function describeFailure(tried: PodTry, failure: Failure): void {
  const { code, message, rejectors, pendingPlugins, nominatedNodeName } = failure;
  tried.outcome = code === 'Error' ? 'error' : 'unschedulable';
  tried.code = code;
  tried.message = message;
  if (rejectors.length > 0) tried.unschedulablePlugins = rejectors;
  if (pendingPlugins.length > 0) tried.pendingPlugins = pendingPlugins;
  if (nominatedNodeName !== undefined) tried.nominated = nominatedNodeName;
}

function pendingPod({ status }: Pod): { nominatedNodeName?: string; condition?: ConditionResult } {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return {
    nominatedNodeName: status?.nominatedNodeName || undefined,
    condition: scheduled && {
      type: scheduled.type,
      status: scheduled.status,
      reason: scheduled.reason,
      message: scheduled.message,
    },
  };
}

/** The extenders are asked for their scores at the same time, so by URL; everything else in its place. */
function inOrder(calls: readonly ExtenderCallResult[]): readonly ExtenderCallResult[] {
  const isScoring = ({ verb }: ExtenderCallResult): boolean => verb === 'prioritize';
  const scoring = calls.filter(isScoring).sort((a, b) => (a.urlPrefix < b.urlPrefix ? -1 : 1));
  return calls.map((call) => (isScoring(call) ? scoring.shift()! : call));
}

const nonEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

function entryOf<T>(record: Record<string, T>, key: string, make: () => T): T {
  let entry = record[key];
  if (entry === undefined) {
    entry = make();
    record[key] = entry;
  }
  return entry;
}

/** A merge patch from one state to the other; undefined when they are equal. */
function difference(before: QueueState, after: QueueState): QueueState | undefined {
  const patch: QueueState = {};
  const put = (name: string, key: string, value: unknown): void => {
    entryOf<QueueState[string]>(patch, name, () => ({}))[key] = value;
  };
  for (const [name, entries] of Object.entries(after)) {
    for (const [key, value] of Object.entries(entries)) {
      if (before[name]?.[key] !== value) put(name, key, value);
    }
  }
  for (const [name, entries] of Object.entries(before)) {
    for (const key of Object.keys(entries)) {
      if (after[name]?.[key] === undefined) put(name, key, null);
    }
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}
