/**
 * Keeps what a simulation does as plain records: every attempt, every Event object, how long pods waited, and the life of
 * one pod in full when asked for.
 *
 * Cost: O(1) per attempt. Following a pod asks every queueing hint instead of as few as will do.
 */
import type { Pod } from '../../api/index.ts';
import type { Failure } from '../../scheduler/cycle-steps.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';
import type { QueuedEntity } from '../../scheduler/queue/entity.ts';
import type { Simulation, SimulationOptions, StepInfo } from './simulation.ts';

type Observer = NonNullable<SimulationOptions['observer']>;

export interface AttemptRecord {
  readonly ms: number;
  readonly number: number;
  readonly pod: string;
  /** `namespace/name` of the group with which the pod was tried; all its pods share the number. */
  readonly group?: string;
  readonly podAttempts: number;
  readonly queue: 'active' | 'backoff';
  outcome: 'scheduled' | 'unschedulable' | 'error' | 'skipped';
  node?: string;
  feasibleNodes?: number;
  evaluatedNodes?: number;
  nominatedNode?: string;
  message?: string;
  rejectors?: readonly string[];
}

export interface KubeEventRecord {
  readonly ms: number;
  readonly type: string;
  readonly reason: string;
  readonly pod: string;
  readonly message: string;
  readonly from: string;
}

export interface LifeRecord {
  readonly ms: number;
  readonly what: string;
  readonly detail?: string;
}

export class AttemptRecorder {
  readonly attempts: AttemptRecord[] = [];
  readonly kubeEvents: KubeEventRecord[] = [];
  readonly life: LifeRecord[] = [];
  /** From a pod's creation to its binding. */
  readonly waitsMs: number[] = [];
  evictions = 0;
  /** Changes from outside that could not be made, such as to objects that were gone by then. */
  readonly errors: string[] = [];
  readonly observer: Observer;
  private simulation!: Simulation;
  /** By pod, of the attempt that is going on. */
  private readonly current = new Map<string, AttemptRecord>();
  /** UID → when a pod that is not bound yet came. */
  private readonly createdMs = new Map<string, number>();
  private readonly seen = new Set<string>();
  /** Plugins whose hints said Queue in the current step, for the pod that is followed. */
  private readonly wokenBy = new Map<string, string[]>();
  private readonly followed: string | undefined;
  /** Where the current step begins in `life`. */
  private stepFrom = 0;

  /** @param followed `namespace/name` of the pod whose life is recorded. */
  constructor(followed?: string) {
    this.followed = followed;
    this.observer = {
      attemptBegan: (entity, from) => this.attemptBegan(entity, from),
      chosen: (pod, nodeName, cycle) => {
        const attempt = this.current.get(pod.key)!;
        attempt.outcome = 'scheduled';
        attempt.node = nodeName;
        attempt.feasibleNodes = cycle.feasibleCount;
        attempt.evaluatedNodes = cycle.evaluatedCount;
        this.follow(pod.key, `node ${nodeName} is chosen`, feasibleText(cycle.feasibleCount, cycle.evaluatedCount));
      },
      failed: (pod, failure) => this.failed(pod, failure),
      bound: (pod, nodeName) => this.bound(pod, nodeName),
      recorded: ({ object, type, reason, note, from }) => {
        const pod = `${object.metadata?.namespace ?? 'default'}/${object.metadata?.name ?? ''}`;
        this.kubeEvents.push({ ms: this.nowMs, type, reason, pod, message: note, from });
        if (reason === 'Preempted') this.follow(pod, 'evicted', note);
      },
      wrote: ({ verb }) => {
        if (verb === 'delete') this.evictions++;
      },
      stepped: (step) => this.stepped(step),
      ...(followed === undefined ? {} : this.following(followed)),
    };
  }

  /** Must be called before the simulation runs. */
  attach(simulation: Simulation): void {
    this.simulation = simulation;
  }

  private get nowMs(): number {
    return this.simulation.nowMs;
  }

  private following(key: string): Observer {
    return {
      hinted: ({ label }, plugin, hint, entity) => {
        if (!holds(entity, key) || hint === 'Skip') return;
        const plugins = this.wokenBy.get(label) ?? [];
        if (!plugins.includes(plugin)) plugins.push(plugin);
        this.wokenBy.set(label, plugins);
      },
      moved: (entity, event, queue, strategy) => {
        if (!holds(entity, key) || strategy !== undefined) return;
        this.follow(key, placeText(queue, gateOf(entity)), whyText(event, this.wokenBy.get(event)));
      },
    };
  }

  private attemptBegan(entity: QueuedEntity, queue: 'active' | 'backoff'): void {
    const number = (this.attempts.at(-1)?.number ?? 0) + 1;
    const group = entity.members && groupName(entity);
    const early = queue === 'backoff' ? ', before its back-off is over, since nothing else waits' : '';
    const together = group === undefined ? '' : ` with the others of ${group}`;
    for (const { key: pod, attempts: podAttempts } of entity.members ?? [entity]) {
      const attempt: AttemptRecord = { ms: this.nowMs, number, pod, group, podAttempts, queue, outcome: 'skipped' };
      this.current.set(pod, attempt);
      this.attempts.push(attempt);
      this.follow(pod, `attempt ${podAttempts}${together}${early}`);
    }
  }

  private failed(pod: PodInfo, { code, message, rejectors, nominatedNodeName }: Failure): void {
    const outcome = code === 'Error' ? 'error' : 'unschedulable';
    const attempt = this.current.get(pod.key);
    if (attempt !== undefined) {
      attempt.outcome = outcome;
      attempt.message = message;
      if (nominatedNodeName) attempt.nominatedNode = nominatedNodeName;
      if (rejectors.length > 0) attempt.rejectors = rejectors;
    }
    const waitsFor = rejectors.length > 0 ? `, waits for an event that ${rejectors.join(', ')} may care for` : '';
    this.follow(pod.key, `${outcome}${waitsFor}`, message);
    if (nominatedNodeName) this.follow(pod.key, `nominated to ${nominatedNodeName}`);
  }

  private bound(pod: PodInfo, nodeName: string): void {
    const createdMs = this.createdMs.get(pod.uid);
    this.createdMs.delete(pod.uid);
    if (createdMs !== undefined) this.waitsMs.push(this.nowMs - createdMs);
    const waited = createdMs === undefined ? undefined : `${(this.nowMs - createdMs) / 1000} s after it came`;
    this.follow(pod.key, `bound to ${nodeName}`, waited);
  }

  private stepped({ ms, kind, object, index, error }: StepInfo): void {
    if (error !== undefined) this.errors.push(`${kind} ${(index ?? 0) + 1} at ${ms} ms: ${error}`);
    this.current.clear();
    this.wokenBy.clear();
    const cause = object === undefined ? undefined : this.causeOf(kind, object, index);
    // What started the step comes before what followed from it.
    if (object === this.followed && cause !== undefined)
      this.life.splice(this.stepFrom, 0, { ms: this.nowMs, what: cause });
    else if (object !== undefined) this.nameCause(object);
    this.stepFrom = this.life.length;
  }

  /** Whoever woke the pod in this step is known only now. */
  private nameCause(object: string): void {
    for (let i = this.stepFrom; i < this.life.length; i++) {
      const { detail } = this.life[i]!;
      if (detail?.startsWith(WOKEN)) this.life[i] = { ...this.life[i]!, detail: detail.replace(',', ` (${object}),`) };
    }
  }

  private causeOf(kind: StepInfo['kind'], object: string, index: number | undefined): string | undefined {
    const isThere = this.uidOf(object) !== undefined;
    if (kind === 'kubelet') return isThere ? 'has run to its end' : 'gone: its grace period is over';
    if (kind !== 'event' && kind !== 'initial') return undefined;
    if (this.noteCreation(object)) return 'created';
    return isThere ? `changed from outside (event ${index! + 1})` : 'deleted';
  }

  /** False for a pod that has been there before. */
  private noteCreation(key: string): boolean {
    const pod = this.simulation.api.get('Pod', key) as Pod | undefined;
    const uid = pod?.metadata?.uid;
    if (uid === undefined || this.seen.has(uid)) return false;
    this.seen.add(uid);
    if (!pod?.spec?.nodeName) this.createdMs.set(uid, this.nowMs);
    return true;
  }

  private uidOf(key: string): string | undefined {
    return this.simulation.api.get('Pod', key)?.metadata?.uid;
  }

  private follow(pod: string, what: string, detail?: string): void {
    if (pod === this.followed) this.life.push({ ms: this.nowMs, what, detail });
  }
}

const holds = ({ key, members }: QueuedEntity, pod: string): boolean =>
  key === pod || members?.some((member) => member.key === pod) === true;

/** `namespace/name` of a group in the queue. */
export const groupName = ({ key }: QueuedEntity): string => key.slice(key.indexOf(':') + 1);

/** A group is held back by what holds one of its pods back. */
const gateOf = (entity: QueuedEntity): string =>
  entity.members === undefined ? entity.gatedBy : `${entity.gatedBy}, with all of ${groupName(entity)}`;

const WOKEN = 'woken by ';

const feasibleText = (feasible: number, evaluated: number): string =>
  `${feasible} of ${evaluated} nodes looked at would do`;

const placeText = (queue: string, gatedBy: string): string =>
  queue === 'gated' ? `held back by ${gatedBy}` : queue === 'active' ? 'queued to be tried' : `waits in ${queue}`;

function whyText(event: string, plugins: readonly string[] | undefined): string | undefined {
  if (event === 'UnscheduledPodAdd') return undefined;
  if (event === 'BackoffComplete') return 'its back-off is over';
  if (event === 'UnschedulableTimeout') return 'it has waited too long without an event';
  return plugins === undefined ? event : `${WOKEN}${event}, which ${plugins.join(' and ')} asked for`;
}
