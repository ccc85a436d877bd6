/**
 * Pods of one shape differ in what they request and in nothing else: for a class that is used too seldom for an index, what
 * its shape says of the nodes themselves is a mask, and the rest is one pass of the kernel.
 */
import type { Cluster } from '../cluster.ts';
import type { Framework } from '../framework.ts';
import type { DomainCounters, PodInfo } from '../plugin.ts';
import { compileClass } from './class-program.ts';
import { ProgramState } from './program-state.ts';
import { FormReader, type PodForm } from './resource-form.ts';
import { maskOf } from './resource-scan.ts';
import type { StaticPart } from './static-part.ts';
import type { StaticParts } from './static-parts.ts';

export interface Shape {
  readonly state: ProgramState;
  readonly part: StaticPart;
  /** Of the part. */
  readonly version: number;
  readonly mask: Int32Array;
}

/** Building an index takes as long as so many passes. */
const PASSES_PER_BUILD = 8;

/** For one profile. */
export class Shapes {
  private readonly framework: Framework;
  private readonly cluster: Cluster;
  private readonly counters: DomainCounters;
  private readonly parts: StaticParts;
  private readonly reader: FormReader;
  /** Of a shape for which passes are no use, the nodes with which that was so. */
  private readonly shapes = new Map<number, Shape | number>();
  /** By class: number of the last change when it was last used. */
  private usedAt = new Float64Array(64).fill(-1);
  private readonly soonAgain = new Map<number, number>();
  /** Of classes that have come more than once; null where there is none. */
  private readonly forms = new Map<number, PodForm | null>();
  private masks = new WeakMap<StaticPart, { readonly version: number; readonly mask: Int32Array }>();
  private layoutGeneration = -1;
  private isFirstUse = true;

  constructor(framework: Framework, cluster: Cluster, counters: DomainCounters, parts: StaticParts) {
    this.framework = framework;
    this.cluster = cluster;
    this.counters = counters;
    this.parts = parts;
    this.reader = new FormReader(framework, cluster);
  }

  /** Changes since the class was last used; infinite the first time. Notes that it is used now. */
  idleFor(classId: number): number {
    const { sequence } = this.cluster.changes;
    if (classId >= this.usedAt.length) {
      const wider = new Float64Array(2 * classId).fill(-1);
      wider.set(this.usedAt);
      this.usedAt = wider;
    }
    const before = this.usedAt[classId]!;
    this.usedAt[classId] = sequence;
    this.isFirstUse = before < 0;
    return this.isFirstUse ? Number.POSITIVE_INFINITY : sequence - before;
  }

  /**
   * To be asked when the class has been used again so soon that catching up would be quicker than a pass. Building an index
   * takes as long as several passes, so it is worth that only when this has happened as often.
   */
  isWorthIndex(classId: number): boolean {
    const count = (this.soonAgain.get(classId) ?? 0) + 1;
    if (count <= PASSES_PER_BUILD) this.soonAgain.set(classId, count);
    return count > PASSES_PER_BUILD;
  }

  /** Of a pod whose class `idleFor` was last asked about. */
  formOf(pod: PodInfo): PodForm | undefined {
    if (this.isFirstUse) return this.reader.of(pod);
    let form = this.forms.get(pod.classId);
    if (form === undefined) {
      form = this.reader.of(pod) ?? null;
      this.forms.set(pod.classId, form);
    }
    return form ?? undefined;
  }

  /** Undefined when passes are no use for the shape. */
  shapeOf(pod: PodInfo, isOutdated: (state: ProgramState) => boolean): Shape | undefined {
    const { layoutGeneration, nodeGeneration } = this.cluster;
    if (this.layoutGeneration !== layoutGeneration) {
      this.layoutGeneration = layoutGeneration;
      this.shapes.clear();
    }
    const known = this.shapes.get(pod.shapeId);
    if (known === nodeGeneration) return undefined;
    if (typeof known === 'object' && known.state.isCurrent && !isOutdated(known.state)) {
      if (known.version === known.part.version) return known;
    }
    const made = this.makeShape(pod);
    this.shapes.set(pod.shapeId, made ?? nodeGeneration);
    return made;
  }

  private makeShape(pod: PodInfo): Shape | undefined {
    const { framework, cluster, counters } = this;
    const program = compileClass(framework, pod, cluster, counters);
    if (program === undefined || !program.sharesShape) return undefined;
    const part = this.parts.of(program);
    const state = new ProgramState(pod, program, cluster, part);
    if (!isUniform(state, part)) return undefined;
    state.termsSeen = counters.classesWithTerms.length;
    return { state, part, version: part.version, mask: this.maskOf(part) };
  }

  private maskOf(part: StaticPart): Int32Array {
    const known = this.masks.get(part);
    if (known?.version === part.version) return known.mask;
    const mask = maskOf(part);
    this.masks.set(part, { version: part.version, mask });
    return mask;
  }
}

/** Nodes that are not rejected differ in nothing but what plain formulas over CPU and memory say. */
function isUniform({ program, groupScores }: ProgramState, part: StaticPart): boolean {
  const hasFacts = ({ facts }: { readonly facts: readonly unknown[] }) => facts.length > 0;
  if (part.base !== undefined || part.groupCount > 1 || program.usageFacts.length > 0) return false;
  if (program.liveFilters.some(({ compiled }) => hasFacts(compiled))) return false;
  return !groupScores.some(({ live }) => live === undefined || hasFacts(live));
}
