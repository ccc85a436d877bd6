/**
 * Pods of one shape differ in what they request and in nothing else: for a class that is used too seldom for an index, what
 * its shape says of the nodes themselves is a mask, and the rest is one pass of the kernel.
 */
import type { Cluster } from '../cluster.ts';
import type { Framework } from '../framework.ts';
import type { DomainCounters, PodInfo } from '../plugin.ts';
import { compileClass } from './class-program.ts';
import { ClassState } from './class-state.ts';
import { formOfPod, type PodForm } from './resource-form.ts';

export interface Shape {
  /** Static part alone; it has no index. */
  readonly state: ClassState;
  readonly mask: Int32Array;
}

interface Seen {
  /** Number of the last change when the class was last used. */
  usedAt: number;
  form: PodForm | null | undefined;
}

/** For one profile. */
export class Shapes {
  private readonly framework: Framework;
  private readonly cluster: Cluster;
  private readonly counters: DomainCounters;
  private readonly shapes = new Map<number, Shape | null>();
  private readonly seen: Seen[] = [];
  private masks: Int32Array[] = [];
  private nodeGeneration = -1;

  constructor(framework: Framework, cluster: Cluster, counters: DomainCounters) {
    this.framework = framework;
    this.cluster = cluster;
    this.counters = counters;
  }

  /** Changes since the class was last used; infinite the first time. Notes that it is used now. */
  idleFor(classId: number): number {
    const { sequence } = this.cluster.changes;
    const seen = this.seen[classId];
    if (seen === undefined) {
      this.seen[classId] = { usedAt: sequence, form: undefined };
      return Number.POSITIVE_INFINITY;
    }
    const idle = sequence - seen.usedAt;
    seen.usedAt = sequence;
    return idle;
  }

  formOf(pod: PodInfo): PodForm | undefined {
    const seen = this.seen[pod.classId]!;
    if (seen.form === undefined) seen.form = formOfPod(this.framework, pod, this.cluster) ?? null;
    return seen.form ?? undefined;
  }

  /** Undefined when passes are no use for the shape. */
  shapeOf(pod: PodInfo, isOutdated: (state: ClassState) => boolean): Shape | undefined {
    if (this.nodeGeneration !== this.cluster.nodeGeneration) {
      this.nodeGeneration = this.cluster.nodeGeneration;
      this.shapes.clear();
      this.masks = [];
    }
    const known = this.shapes.get(pod.shapeId);
    if (known === null) return undefined;
    if (known?.state.isCurrent && !isOutdated(known.state)) return known;
    const made = this.makeShape(pod);
    this.shapes.set(pod.shapeId, made ?? null);
    return made;
  }

  private makeShape(pod: PodInfo): Shape | undefined {
    const { framework, cluster, counters } = this;
    const program = compileClass(framework, pod, cluster, counters);
    if (program === undefined || !program.sharesShape) return undefined;
    const state = new ClassState(pod, program, cluster, false);
    const mask = state.scanMask();
    state.shed();
    if (mask === undefined) return undefined;
    state.classesSeen = counters.classesSeen.length;
    return { state, mask: this.shared(mask) };
  }

  /** Most masks let the same nodes through. */
  private shared(mask: Int32Array): Int32Array {
    const same = this.masks.find((known) => areEqual(known, mask));
    if (same !== undefined) return same;
    if (this.masks.length < 16) this.masks.push(mask);
    return mask;
  }
}

function areEqual(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
