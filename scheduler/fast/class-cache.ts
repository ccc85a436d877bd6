/**
 * The pod classes that are kept, per profile: compiled when a class comes for the second time, dropped when what they were
 * compiled from changes, or when the memory they may take is used up (the least recently used go first).
 */
import type { Cluster } from '../cluster.ts';
import type { Framework } from '../framework.ts';
import { nodesToFind } from '../nodes-to-find.ts';
import type { PodInfo } from '../plugin.ts';
import { compileClass } from './class-program.ts';
import { ClassState } from './class-state.ts';
import type { TopologyCounters } from './counters.ts';
import { NodeIndices } from './node-indices.ts';
import type { ProgramState } from './program-state.ts';
import type { Promises } from './promises.ts';

/** Why a class goes the long way is forgotten when any of this changes. */
interface LongWay {
  readonly nodeGeneration: number;
  readonly classesSeen: number;
}

/** What is kept for one profile. */
export class ProfileClasses {
  readonly framework: Framework;
  /** By class; null marks one that has come once, or goes the long way. */
  readonly states: Array<ClassState | null | undefined> = [];
  readonly longWays = new Map<number, LongWay>();
  private readonly globalPercentage: number;
  private nodeCount = -1;
  private nodesToFind = 0;

  constructor(framework: Framework, globalPercentage: number) {
    this.framework = framework;
    this.globalPercentage = globalPercentage;
  }

  /** How many feasible nodes a cycle looks for. */
  quota(nodeCount: number): number {
    if (nodeCount !== this.nodeCount) {
      const { profile, score } = this.framework;
      this.nodeCount = nodeCount;
      this.nodesToFind =
        score.length === 0 ? 1 : nodesToFind(nodeCount, profile.percentageOfNodesToScore ?? this.globalPercentage);
    }
    return this.nodesToFind;
  }
}

/** Indices may grow meanwhile. */
const MADE_UNTIL_ADDED_UP = 256;

export interface ClassCacheOptions {
  readonly cluster: Cluster;
  readonly counters: TopologyCounters;
  readonly promises: Promises;
  readonly percentageOfNodesToScore: number;
  readonly indexBytes: number;
  /** Keep a class the first time it comes. */
  readonly isEager: boolean;
}

export class ClassCache {
  private readonly options: ClassCacheOptions;
  readonly indices: NodeIndices;
  private readonly profiles = new Map<Framework, ProfileClasses>();
  private readonly states = new Map<ClassState, ProfileClasses>();
  private last: ProfileClasses | undefined;
  private useCount = 0;
  private bytesAtMost = 0;
  private madeSinceAddedUp = 0;
  private layoutGeneration = -1;

  constructor(options: ClassCacheOptions) {
    this.options = options;
    this.indices = new NodeIndices(options.cluster, options.counters, options.promises);
  }

  profile(framework: Framework): ProfileClasses {
    if (this.last?.framework === framework) return this.last;
    let profile = this.profiles.get(framework);
    if (profile === undefined) {
      profile = new ProfileClasses(framework, this.options.percentageOfNodesToScore);
      this.profiles.set(framework, profile);
    }
    this.last = profile;
    return profile;
  }

  /** Takes note of nodes that have changed. To be called before anything that is kept is used. */
  catchUp(): void {
    this.options.counters.refresh();
    this.indices.parts.catchUp();
  }

  /** Undefined for a class that goes the long way, this time at least. */
  stateOf(profile: ProfileClasses, pod: PodInfo): ClassState | undefined {
    const known = profile.states[pod.classId];
    if (known !== undefined && known !== null) {
      if (known.isCurrent && !this.isOutdated(known)) {
        known.lastUse = this.useCount++;
        return known;
      }
      // What the new one can share with it stays.
      const made = this.makeState(profile, pod);
      this.forget(known);
      profile.states[pod.classId] = made ?? null;
      return made;
    } else if (known === null && this.stillLong(profile, pod)) {
      return undefined;
    } else if (known === undefined && !this.options.isEager) {
      // Compiling looks at all nodes and all classes on them: a class has to come twice to be worth that.
      profile.states[pod.classId] = null;
      return undefined;
    }
    const made = this.makeState(profile, pod);
    profile.states[pod.classId] = made ?? null;
    return made;
  }

  /** Whether a class that has come up since makes it necessary to compile anew. */
  isOutdated(state: ProgramState): boolean {
    const { classesWithTerms } = this.options.counters;
    if (state.termsSeen === classesWithTerms.length) return false;
    const { liveFilters, groupScores } = state.program;
    for (; state.termsSeen < classesWithTerms.length; state.termsSeen++) {
      const pod = classesWithTerms[state.termsSeen]!;
      for (const { compiled } of liveFilters) if (compiled.outdatedBy?.(pod) === true) return true;
      for (const { live } of groupScores) if (live?.outdatedBy?.(pod) === true) return true;
    }
    return false;
  }

  forget(state: ClassState): void {
    const profile = this.states.get(state);
    if (profile === undefined) return;
    this.states.delete(state);
    this.indices.release(state.nodes);
    profile.states[state.pod.classId] = undefined;
  }

  /** A class that cannot be served may be so after the nodes, or the pods on them, have changed; objects are not watched. */
  private stillLong({ longWays }: ProfileClasses, { classId }: PodInfo): boolean {
    const { cluster, counters } = this.options;
    const long = longWays.get(classId);
    return (
      long !== undefined &&
      long.nodeGeneration === cluster.nodeGeneration &&
      long.classesSeen === counters.classesSeen.length
    );
  }

  private makeState(profile: ProfileClasses, pod: PodInfo): ClassState | undefined {
    const { cluster, counters } = this.options;
    this.dropOfOtherNodes();
    counters.refresh();
    // Looking at promised pods makes their classes known.
    const termsSeen = counters.classesWithTerms.length;
    const program = compileClass(profile.framework, pod, cluster, counters);
    let state: ClassState | undefined;
    try {
      state = program && new ClassState(pod, program, cluster, this.indices);
    } catch {
      // A plugin's error, or a score that is none: the reference engine meets it too, and words it.
    }
    if (state === undefined) {
      const { nodeGeneration } = cluster;
      profile.longWays.set(pod.classId, { nodeGeneration, classesSeen: counters.classesSeen.length });
      return undefined;
    }
    state.termsSeen = termsSeen;
    state.lastUse = this.useCount++;
    this.states.set(state, profile);
    this.makeRoom(state);
    return state;
  }

  /** Classes that were compiled before the nodes changed are of no use to anybody; they have come, though. */
  private dropOfOtherNodes(): void {
    const { layoutGeneration } = this.options.cluster;
    if (this.layoutGeneration === layoutGeneration) return;
    this.layoutGeneration = layoutGeneration;
    for (const [{ pod }, { states, longWays }] of this.states) {
      states[pod.classId] = null;
      longWays.delete(pod.classId);
    }
    this.states.clear();
  }

  /** Drops least recently used classes until all fit into the budget. */
  private makeRoom(next: ClassState): void {
    const { indexBytes } = this.options;
    // Adding up what thousands of classes take is dear: in between it is what was made since, shared indices and all.
    this.bytesAtMost += next.nodes.bytes;
    if (this.bytesAtMost <= indexBytes && ++this.madeSinceAddedUp < MADE_UNTIL_ADDED_UP) return;
    this.madeSinceAddedUp = 0;
    this.bytesAtMost = this.indices.bytes;
    if (this.bytesAtMost <= indexBytes) return;
    const oldest = [...this.states.keys()].sort((a, b) => a.lastUse - b.lastUse);
    for (const state of oldest) {
      if (state === next || this.indices.bytes <= indexBytes) return;
      this.forget(state);
    }
  }
}
