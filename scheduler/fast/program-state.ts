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
  readonly rawOfStatic: Float64Array | undefined;
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
  private readonly nodeGeneration: number;
  private readonly objectVersions: readonly number[];
  private objectsVersion: number;

  constructor(pod: PodInfo, program: ClassProgram, cluster: Cluster, part: StaticPart) {
    this.pod = pod;
    this.program = program;
    this.cluster = cluster;
    this.nodeGeneration = cluster.nodeGeneration;
    this.objectsVersion = cluster.objects.version;
    this.objectVersions = program.reads.map((kind) => cluster.objects.versionOf(kind));
    const varying: VaryingScore[] = [];
    let constant = 0;
    for (const score of program.groupScores) {
      const rawOfStatic = score.isStatic
        ? Float64Array.from(part.groupRows, (row) => score.compiled.score(row))
        : undefined;
      if (rawOfStatic?.every((raw) => raw === rawOfStatic[0]) === true) {
        constant += score.weight * checked(normalizedAlone(score, rawOfStatic[0]!, part.groupRows[0]!));
      } else {
        varying.push({ ...score, rawOfStatic });
      }
    }
    this.groupScores = varying;
    this.constantScore = constant;
  }

  /** False when nodes or objects that the program was compiled from have changed. */
  get isCurrent(): boolean {
    const { nodeGeneration, objects } = this.cluster;
    if (this.nodeGeneration !== nodeGeneration) return false;
    return this.objectsVersion === objects.version || this.hasSameObjects();
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
