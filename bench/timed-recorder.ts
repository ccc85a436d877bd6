/** Writes a row of placements.csv for every pod that a simulated scheduler tries, as soon as all of it is known. */
import { groupName, type SimulationObserver, type StepInfo } from '../cluster/simulation/index.ts';
import { type CellKey, csvLine, PLACEMENT_COLUMNS } from '../reports/index.ts';
import type { PodInfo } from '../scheduler/index.ts';
import type { TimedScheduler } from '../scheduler/timed/timed-scheduler.ts';
import { podTitle, type Workload } from '../workloads/index.ts';
import { cellError } from './cell-error.ts';
import type { CellOutput } from './cell-output.ts';
import type { DecisionTally } from './decision-tally.ts';
import type { PodLedger } from './pod-ledger.ts';

const UID_PREFIX = 'pod-';

/** Pods are known by their row; one that is none of the workload's own has none. */
export const uidOfRow = (row: number): string => UID_PREFIX + row;
export const rowOfUid = (uid = ''): number => (uid.startsWith(UID_PREFIX) ? Number(uid.slice(UID_PREFIX.length)) : -1);

interface Decision {
  readonly row: number;
  readonly ms: number;
  readonly attempt: number;
  readonly group?: string;
  isDecided: boolean;
  node: string;
  feasibleCount: number;
  evaluatedCount: number;
  topScore?: number;
  margin?: number;
  reason: string;
  nominatedNode?: string;
  readonly victims: string[];
}

/** Where what is recorded happens. */
export interface RecordedPlace {
  /** Since the start. */
  readonly nowMs: number;
  readonly scheduler: Pick<TimedScheduler, 'core'>;
  /** Of the workload's pods; −1 for others. */
  rowOf(uid: string | undefined): number;
  /** By namespace and name. */
  uidOf(pod: string): string | undefined;
}

export interface TimedRecorderOptions {
  readonly key: CellKey;
  readonly workload: Workload;
  readonly ledger: PodLedger;
  readonly tally: DecisionTally;
  readonly output: CellOutput;
  readonly nodeIndex: ReadonlyMap<string, number>;
  /** Attempts may end in errors, as where the API server goes away; else the first one ends the cell. @default false */
  readonly hasErrors?: boolean;
  /** A pod has been tried for the first time. */
  readonly tried: () => void;
}

export class TimedRecorder {
  attempts = 0;
  readonly observer: SimulationObserver;
  private readonly options: TimedRecorderOptions;
  private place!: RecordedPlace;
  /** Of the step that is going on: one attempt at most, with a decision per pod of a group. */
  private readonly decisions: Decision[] = [];
  private readonly attemptsOfPod: Int32Array;

  constructor(options: TimedRecorderOptions) {
    this.options = options;
    this.attemptsOfPod = new Int32Array(options.workload.pods.count);
    const { ledger, nodeIndex } = options;
    this.observer = {
      attemptBegan: (entity) => {
        this.attempts++;
        const group = entity.members && groupName(entity);
        for (const { pod, attempts } of entity.members ?? [entity]) this.begin(pod, attempts, group);
      },
      chosen: (pod, node, { feasibleCount, evaluatedCount, topScore, margin }) => {
        const found = { isDecided: true, node, feasibleCount, evaluatedCount, topScore, margin };
        Object.assign(this.decisionOn(pod), found);
      },
      unfit: (pod, { error, errorRow, evaluatedCount }) => {
        if (error !== '') throw cellError(pod.key, this.nodeName(errorRow), error);
        this.decisionOn(pod).evaluatedCount = evaluatedCount;
      },
      failed: (pod, { code, message, nominatedNodeName }) => {
        const decision = this.decisionOn(pod);
        if (code === 'Error' && !options.hasErrors && decision.group === undefined && ledger.isWaiting(decision.row)) {
          throw cellError(pod.key, decision.node || undefined, message);
        }
        Object.assign(decision, { isDecided: true, node: '', reason: message, nominatedNode: nominatedNodeName });
      },
      bound: (pod, node) => ledger.bind(this.place.rowOf(pod.uid), nodeIndex.get(node)!, this.nowMs),
      left: ({ metadata }) => {
        const row = this.place.rowOf(metadata?.uid);
        if (row >= 0) ledger.leave(row, this.nowMs);
        else ledger.otherLeft(metadata?.uid ?? '', this.nowMs);
      },
      wrote: ({ verb, object, error }) => {
        if (verb !== 'delete' || error !== undefined) return;
        const row = this.place.rowOf(object.metadata?.uid);
        if (row >= 0) ledger.evict(row);
        else ledger.evictOther();
      },
      recorded: ({ reason, object }) => {
        if (reason !== 'Preempted') return;
        this.decisions[0]?.victims.push(`${object.metadata?.namespace ?? 'default'}/${object.metadata?.name ?? ''}`);
      },
      stepped: (step) => this.stepped(step),
    };
  }

  /** Must be called before the simulation runs. */
  attach(place: RecordedPlace): void {
    this.place = place;
  }

  private get nowMs(): number {
    return this.place.nowMs;
  }

  private nodeName(clusterRow: number): string | undefined {
    return clusterRow < 0 ? undefined : this.place.scheduler.core.cluster.nodeName(clusterRow);
  }

  private begin({ uid }: PodInfo, attempt: number, group: string | undefined): Decision {
    const row = this.place.rowOf(uid);
    const decision: Decision = {
      row,
      ms: this.nowMs,
      attempt,
      group,
      isDecided: false,
      node: '',
      feasibleCount: 0,
      evaluatedCount: 0,
      reason: '',
      victims: [],
    };
    this.decisions.push(decision);
    if (this.attemptsOfPod[row] === 0) this.options.tried();
    this.attemptsOfPod[row] = attempt;
    return decision;
  }

  /** A binding may fail long after its attempt; that is a decision of its own. */
  private decisionOn(pod: PodInfo): Decision {
    const row = this.place.rowOf(pod.uid);
    const decision = this.decisions.find((candidate) => candidate.row === row);
    return decision ?? this.begin(pod, this.attemptsOfPod[row]!, undefined);
  }

  private stepped({ kind, error, object = '', ms }: StepInfo): void {
    if (error !== undefined) throw cellError(object, undefined, error);
    if (kind === 'event') {
      this.options.ledger.arrive(this.place.rowOf(this.place.uidOf(object)), ms);
    }
    this.flush();
  }

  /** Writes what has been decided. */
  flush(): void {
    if (this.decisions.length === 0) return;
    for (const decision of this.decisions) if (decision.isDecided) this.write(decision);
    this.decisions.length = 0;
  }

  private write(decision: Decision): void {
    const { key, workload, ledger, tally, output } = this.options;
    const { row, ms, attempt, group, node, feasibleCount, evaluatedCount, topScore, margin, reason, victims } =
      decision;
    tally.add(decision);
    const record = {
      ...key,
      timeSeconds: ms / 1000,
      pod: podTitle(workload, row),
      podClass: workload.shapes[workload.pods.shape[row]!]!.name,
      node,
      feasibleNodes: feasibleCount,
      evaluatedNodes: evaluatedCount,
      totalPoints: topScore,
      marginPoints: margin,
      attempt,
      reason,
      victims,
      nominatedNode: decision.nominatedNode || undefined,
      waitedSeconds: ledger.waitedMs(row, ms) / 1000,
      group,
    };
    output.write('placements.csv', csvLine(PLACEMENT_COLUMNS, record));
  }
}
