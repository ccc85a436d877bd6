/**
 * What some pod classes make of every node, as far as it does not depend on pods elsewhere: an index that is caught up
 * lazily from the cluster's log of changed rows. Classes for which nodes count the same share one (`node-indices.ts`).
 *
 * Cost: building evaluates every node once; catching up evaluates each logged node once, 30 to 50 ns each.
 */
import type { Cluster } from '../cluster.ts';
import { WORK } from '../work-count.ts';
import { ClassIndex, NO_GROUP, REJECTED } from './class-index.ts';
import type { ClassProgram } from './class-program.ts';
import type { TopologyCounters } from './counters.ts';
import { FactGroups } from './fact-groups.ts';
import { FeasibleLists } from './feasible-lists.ts';
import { type FormScorer, NO_ROOM, OUT_OF_THE_ORDINARY } from './form-scorer.ts';
import type { AllScores, KeptScores } from './kept-scores.ts';
import type { NodeRecords } from './node-records.ts';
import type { Promises } from './promises.ts';
import { checked } from './score-range.ts';
import type { StaticPart } from './static-part.ts';

/** Filter and Score in one, where they are plain formulas over CPU and memory; kept scores go first. */
export interface FormSource {
  readonly records: NodeRecords;
  readonly scorer: FormScorer;
  readonly allScores: AllScores;
  readonly kept: KeptScores | undefined;
}

export interface NodeIndexOptions {
  readonly cluster: Cluster;
  readonly counters: TopologyCounters;
  readonly promises: Promises;
  readonly program: ClassProgram;
  /** Of the pods: nodes that are promised to pods of at least this priority are not theirs. */
  readonly priority: number;
  readonly part: StaticPart;
  readonly source: FormSource | undefined;
}

export class NodeIndex {
  readonly index: ClassIndex;
  readonly lists: FeasibleLists;
  /** Classes that use it. */
  users = 0;
  private readonly cluster: Cluster;
  private readonly program: ClassProgram;
  private readonly part: StaticPart;
  private readonly records: NodeRecords | undefined;
  private readonly scorer: FormScorer | undefined;
  private readonly kept: KeptScores | undefined;
  private readonly allScores: AllScores | undefined;
  private readonly promises: Promises;
  private readonly priority: number;
  /** Undefined where groups are those of the static facts. */
  private readonly factGroups: FactGroups | undefined;
  /** Where groups are not those of the static facts. */
  private readonly groupRow: number[] = [];
  private readonly counters: TopologyCounters;
  private readonly changingClasses: Array<boolean | undefined> = [];
  private seenChanges: number;

  constructor({ cluster, counters, promises, program, priority, part, source }: NodeIndexOptions) {
    this.cluster = cluster;
    this.counters = counters;
    this.promises = promises;
    this.program = program;
    this.priority = priority;
    this.part = part;
    this.records = source?.records;
    this.scorer = source?.scorer;
    this.kept = source?.kept;
    this.allScores = source?.allScores;
    this.index = new ClassIndex(part.nodeCount);
    const { usageFacts } = program;
    if (usageFacts.length === 0) {
      this.addGroups();
    } else {
      this.factGroups = new FactGroups(usageFacts, part.groupCount, () => this.index.addGroup());
    }
    this.lists = new FeasibleLists(this.index, usageFacts.length === 0);
    this.seenChanges = cluster.changes.sequence;
    this.readAll();
  }

  /** Static part excluded, as others may use it, too. */
  get bytes(): number {
    return this.index.bytes + this.lists.bytes + (this.factGroups?.bytes ?? 0);
  }

  /** How many changes of the cluster the index has not seen. */
  get gap(): number {
    return this.cluster.changes.sequence - this.seenChanges;
  }

  catchUp(): void {
    const { changes, position } = this.cluster;
    const { sequence } = changes;
    const gap = sequence - this.seenChanges;
    if (gap === 0) return;
    this.addGroups();
    if (gap > changes.capacity || gap > this.index.nodeCount / (this.isQuickToBuild ? 4 : 1)) {
      this.readAll();
    } else {
      WORK.evaluations += gap;
      this.catchUpScores();
      for (let at = this.seenChanges; at < sequence; at++) {
        const row = changes.at(at);
        this.move(position[row]!, row, this.changesFacts(changes.classAt(at)));
      }
    }
    this.seenChanges = sequence;
  }

  /** Those that nodes which have changed may be in. */
  private addGroups(): void {
    if (this.factGroups !== undefined) return;
    while (this.index.groupCount < this.part.groupCount) this.index.addGroup();
  }

  private get isQuickToBuild(): boolean {
    return this.allScores !== undefined && this.kept === undefined && this.factGroups === undefined;
  }

  /** Looks at one node again. */
  refresh(row: number): void {
    this.move(this.cluster.position[row]!, row, true);
    this.lists.forgetPicks();
  }

  /** Whether a pod of the class can have changed the facts of its node. */
  private changesFacts(classId: number): boolean {
    if (this.factGroups === undefined || classId < 0) return true;
    const known = this.changingClasses[classId];
    if (known !== undefined) return known;
    const changes = this.counters.changesAny(this.program.usageFacts, classId);
    this.changingClasses[classId] = changes;
    return changes;
  }

  /** A row whose facts are those of the group. */
  rowOfGroup(group: number): number {
    if (this.factGroups === undefined) return this.part.groupRows[group]!;
    const row = this.groupRow[group]!;
    const { index, cluster } = this;
    if (index.bucketGroup[index.bucketAt[cluster.position[row]!]!] === group) return row;
    for (const bucket of index.bucketsIn(group)) if (index.bucketNodes[bucket]! > 0) index.mark(bucket);
    const found = cluster.order[index.next(0, index.nodeCount)]!;
    index.unmarkAll();
    this.groupRow[group] = found;
    return found;
  }

  /** Group of static facts in which the group lies. */
  staticGroupOf(group: number): number {
    return this.factGroups === undefined ? group : this.factGroups.staticGroups[group]!;
  }

  /** Asserts that the index says what a fresh evaluation of every node says. For tests. */
  check(): void {
    const { index, cluster } = this;
    this.records?.check();
    this.part.check();
    for (let position = 0; position < index.nodeCount; position++) {
      const row = cluster.order[position]!;
      const bucket = index.bucketAt[position]!;
      const fresh = this.bucketOf(position, row, NO_GROUP);
      if (bucket !== fresh)
        throw new Error(`node ${cluster.nodeName(row)} is in bucket ${bucket}, ought to be in ${fresh}`);
      const value = this.evaluateLongWay(position, row);
      if (bucket === REJECTED && !this.promises.isEmpty) continue;
      if (value !== index.bucketValue[bucket])
        throw new Error(`node ${cluster.nodeName(row)} is worth ${value}, not ${index.bucketValue[bucket]}`);
    }
    index.check();
    this.lists.check();
  }

  private readAll(): void {
    const { order } = this.cluster;
    const { nodeCount } = this.index;
    WORK.evaluations += nodeCount;
    this.lists.clear();
    this.catchUpScores();
    if (this.kept === undefined && this.promises.isEmpty) {
      const scores = this.allScores?.();
      if (scores !== undefined) {
        this.take(scores);
        return;
      }
    }
    for (let position = 0; position < nodeCount; position++) this.move(position, order[position]!, true);
  }

  /** Puts every node where its score says; the lists are empty. */
  private take(scores: Uint8Array): void {
    const { index, part } = this;
    const { order } = this.cluster;
    const { rejected, base } = part;
    for (let position = 0; position < scores.length; position++) {
      const score = scores[position]!;
      let bucket = REJECTED;
      if (score > 0 && (rejected === undefined || rejected[position] === 0)) {
        const row = order[position]!;
        const group = this.groupOf(position, row);
        bucket = index.bucket(group, base === undefined ? score - 1 : score - 1 + base[position]!);
        if (this.factGroups !== undefined) this.groupRow[group] = row;
      }
      index.put(position, bucket);
    }
  }

  private catchUpScores(): void {
    this.records?.catchUp();
    this.kept?.catchUp();
  }

  private move(position: number, row: number, factsMayDiffer: boolean): void {
    const { index } = this;
    const before = index.bucketAt[position]!;
    const known = factsMayDiffer ? NO_GROUP : index.bucketGroup[before]!;
    const bucket = this.bucketOf(position, row, known);
    if (before === bucket) return;
    index.put(position, bucket);
    if (this.factGroups !== undefined && bucket !== REJECTED) this.groupRow[index.bucketGroup[bucket]!] = row;
    this.lists.moved(position, before, bucket);
  }

  /**
   * The bucket that the node belongs in by what is true now.
   * @param knownGroup Its group; NO_GROUP when that is not known.
   */
  private bucketOf(position: number, row: number, knownGroup: number): number {
    const { part, kept, scorer } = this;
    if (part.rejected !== undefined && part.rejected[position] === 1) return REJECTED;
    let value = OUT_OF_THE_ORDINARY;
    if (kept !== undefined) value = kept.values[position]!;
    else if (scorer !== undefined) value = scorer.score(position);
    if (value < 0) {
      if (value === NO_ROOM) return REJECTED;
      value = this.evaluateLongWay(position, row);
      if (value < 0) return REJECTED;
    } else if (part.base !== undefined) {
      value += part.base[position]!;
    }
    if (!this.promises.isEmpty && this.isPromised(row)) return REJECTED;
    return this.index.bucket(knownGroup >= 0 ? knownGroup : this.groupOf(position, row), value);
  }

  /** The pod fits the node, but not beside those to whom it is promised. */
  private isPromised(row: number): boolean {
    return this.promises.ask(row, this.priority, () => !this.fits(row)) === true;
  }

  private fits(row: number): boolean {
    const { usageFilters } = this.program;
    for (let i = 0; i < usageFilters.length; i++) if (usageFilters[i]!.compiled.filter(row) !== 0) return false;
    return true;
  }

  private groupOf(position: number, row: number): number {
    const { part, factGroups } = this;
    const staticGroup = part.group === undefined ? 0 : part.group[position]!;
    return factGroups === undefined ? staticGroup : factGroups.of(row, staticGroup);
  }

  /** Plugin by plugin: base score, or −1. */
  private evaluateLongWay(position: number, row: number): number {
    const { usageScores } = this.program;
    const { rejected, base } = this.part;
    if (rejected !== undefined && rejected[position] === 1) return NO_ROOM;
    if (!this.fits(row)) return NO_ROOM;
    let value = base === undefined ? 0 : base[position]!;
    for (let i = 0; i < usageScores.length; i++) {
      const { compiled, weight } = usageScores[i]!;
      value += weight * checked(compiled.score(row));
    }
    return value;
  }
}
