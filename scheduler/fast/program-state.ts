/** A program as it stands on the nodes of one cluster, and what is the same for all cycles of its class. */
import type { Cluster } from '../cluster.ts';
import { normalize } from '../normalize.ts';
import type { PodInfo } from '../plugin.ts';
import type { ClassProgram, GroupScore } from './class-program.ts';
import { checked } from './score-range.ts';
import type { StaticPart } from './static-part.ts';

/** A normalized score that can differ between nodes. */
export interface VaryingScore extends GroupScore {
  /** Raw scores by group of static facts, where the nodes' objects decide. */
  readonly rawOfStatic: number[] | undefined;
}

export class ProgramState {
  readonly pod: PodInfo;
  readonly program: ClassProgram;
  readonly groupScores: readonly VaryingScore[];
  /** What the other normalized scores add to every total. */
  readonly constantScore: number;
  /** How many of the classes with terms that were ever on nodes the program has been checked against. */
  termsSeen = 0;
  private readonly cluster: Cluster;
  private readonly part: StaticPart;
  private readonly layoutGeneration: number;
  private seenNodes: number;
  private groupsSeen: number;
  /** Of normalized scores that are the same everywhere, what they are before that. */
  private readonly constants: Array<readonly [score: GroupScore, raw: number]> = [];
  private readonly objectVersions: readonly number[];
  private objectsVersion: number;

  constructor(pod: PodInfo, program: ClassProgram, cluster: Cluster, part: StaticPart) {
    this.pod = pod;
    this.program = program;
    this.cluster = cluster;
    this.part = part;
    this.layoutGeneration = cluster.layoutGeneration;
    this.seenNodes = cluster.changedNodes.sequence;
    this.objectsVersion = cluster.objects.version;
    this.objectVersions = program.reads.map((kind) => cluster.objects.versionOf(kind));
    const varying: VaryingScore[] = [];
    let constant = 0;
    for (const score of program.groupScores) {
      const rawOfStatic = score.isStatic ? part.groupRows.map((row) => score.compiled.score(row)) : undefined;
      if (rawOfStatic?.every((raw) => raw === rawOfStatic[0]) === true) {
        this.constants.push([score, rawOfStatic[0]!]);
        constant += score.weight * checked(normalizedAlone(score, rawOfStatic[0]!, part.groupRows[0]!));
      } else {
        varying.push({ ...score, rawOfStatic });
      }
    }
    this.groupsSeen = part.groupRows.length;
    this.groupScores = varying;
    this.constantScore = constant;
  }

  /** False when nodes or objects that the program was compiled from have changed. */
  get isCurrent(): boolean {
    const { layoutGeneration, changedNodes, objects } = this.cluster;
    if (this.layoutGeneration !== layoutGeneration) return false;
    if (this.seenNodes !== changedNodes.sequence && !this.bearsChangedNodes()) return false;
    return this.objectsVersion === objects.version || this.hasSameObjects();
  }

  /** Whether the nodes that have changed leave everything as it is but what is asked about each of them. */
  private bearsChangedNodes(): boolean {
    const { cluster, program, part, seenNodes } = this;
    const { changedNodes } = cluster;
    if (part.isDropped || !program.saysTheSameOfAll()) return false;
    const { liveFilters, groupScores } = program;
    for (let at = seenNodes; at < changedNodes.sequence; at++) {
      const row = changedNodes.at(at);
      for (const { compiled } of liveFilters) if (compiled.outdatedByNode?.(row) !== false) return false;
      for (const { live } of groupScores) if (live !== undefined && live.outdatedByNode?.(row) !== false) return false;
    }
    this.seenNodes = changedNodes.sequence;
    return this.takesInGroups();
  }

  /** Asserts that what is kept of groups is so of each of their nodes. For tests. */
  check(): void {
    const { cluster, part } = this;
    for (let position = 0; position < part.nodeCount; position++) {
      const row = cluster.order[position]!;
      const group = part.group?.[position] ?? 0;
      for (const { compiled, rawOfStatic } of this.groupScores) {
        if (rawOfStatic !== undefined && rawOfStatic[group] !== compiled.score(row))
          throw new Error(`group ${group} has the raw score ${rawOfStatic[group]}, ${cluster.nodeName(row)} not`);
      }
      for (const [{ compiled }, raw] of this.constants) {
        if (compiled.score(row) !== raw) throw new Error(`a score is not ${raw} on ${cluster.nodeName(row)}`);
      }
    }
  }

  private takesInGroups(): boolean {
    const { groupRows } = this.part;
    for (; this.groupsSeen < groupRows.length; this.groupsSeen++) {
      const row = groupRows[this.groupsSeen]!;
      for (const [{ compiled }, raw] of this.constants) if (compiled.score(row) !== raw) return false;
      for (const { compiled, rawOfStatic } of this.groupScores) rawOfStatic?.push(compiled.score(row));
    }
    return true;
  }

  private hasSameObjects(): boolean {
    const { objects } = this.cluster;
    const { reads } = this.program;
    for (let i = 0; i < reads.length; i++) if (objects.versionOf(reads[i]!) !== this.objectVersions[i]) return false;
    this.objectsVersion = objects.version;
    return true;
  }
}

/** A score whose raw value is the same on all nodes is normalized once and for all. */
function normalizedAlone({ compiled }: GroupScore, raw: number, row: number): number {
  const scores = Float64Array.of(raw);
  normalize(compiled.normalization!, scores, Int32Array.of(row), 1);
  return scores[0]!;
}
