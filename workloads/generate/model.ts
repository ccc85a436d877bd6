/** What a generator file says, read and checked; `read-generator.ts` makes it from YAML. */
import type { Pod, PodSpec } from '../../api/index.ts';
import type { NodeGroup } from '../trace/model.ts';
import type { PodKind } from '../trace/shapes.ts';
import type { Distribution } from './distribution.ts';

export interface Generator {
  readonly name: string;
  readonly about: string;
  readonly durationSeconds: number;
  /** Second of the week that second 0 is; weeks begin on Monday. */
  readonly startSeconds: number;
  readonly nodes: readonly NodeGroup[];
  readonly streams: readonly Stream[];
}

/** Jobs of one kind, independent of the others. A job is what one owner submits at one instant. */
export interface Stream {
  readonly name: string;
  readonly arrivals: Arrivals;
  /** Jobs per instant. */
  readonly batch: Distribution;
  /** Tasks of a job; each has its own shape, number of pods and lifetime. */
  readonly tasks: Distribution;
  /** Pods of a task. */
  readonly pods: Distribution;
  /** Pods of a job start together or not at all. */
  readonly isGang: boolean;
  readonly lifetime: Distribution;
  /** Whether pods of one task end together. */
  readonly lifetimePer: 'task' | 'pod';
  /** Jobs belong to so many applications, which are their owners then; 0: each job is an owner. */
  readonly apps: number;
  /** The k-th application has a share in proportion to k^-appSkew. */
  readonly appSkew: number;
  readonly shapes: readonly WeightedShape[];
  readonly constraints: readonly ConstraintMix[];
}

export type Arrivals = RateArrivals | BurstArrivals | ClosedLoopArrivals;

/** Poisson arrivals at a rate that varies: the product of all that is given. */
export interface RateArrivals {
  readonly kind: 'rate';
  readonly base: BaseRate;
  /** 24 factors. */
  readonly daily?: readonly number[];
  /** 7 factors, from Monday on. */
  readonly weekly?: readonly number[];
  readonly modulation: readonly Modulation[];
}

export type BaseRate =
  | { readonly kind: 'constant'; readonly perHour: number }
  | { readonly kind: 'steps'; readonly steps: readonly { readonly fromSeconds: number; readonly perHour: number }[] }
  /** States in turn, each for an exponential time: a Markov-modulated Poisson process. */
  | { readonly kind: 'mmpp'; readonly states: readonly { readonly perHour: number; readonly meanSeconds: number }[] };

/** exp(Z) over its mean, Z an Ornstein-Uhlenbeck process. */
export interface Modulation {
  readonly sd: number;
  readonly correlationSeconds: number;
}

/** So many instants evenly over `spreadSeconds`, again and again. */
export interface BurstArrivals {
  readonly kind: 'bursts';
  readonly firstSeconds: number;
  readonly everySeconds: number;
  readonly count: number;
  readonly spreadSeconds: number;
}

/** Users who submit a job, wait for its lifetime (not for the scheduler), think, and submit the next. */
export interface ClosedLoopArrivals {
  readonly kind: 'closedLoop';
  readonly users: number;
  readonly think: Distribution;
}

/** What a pod asks for; drawn whole. */
export interface ShapeChoice {
  readonly kind: Omit<PodKind, 'perNode' | 'perRack' | 'spread'>;
  /** At most so many pods of the owner on one node. */
  readonly perNode?: number;
  readonly perRack?: number;
  /** Node labels over whose values pods of the owner are spread where possible. */
  readonly spread?: readonly string[];
  /** Laid over what the rest makes. */
  readonly spec?: Partial<PodSpec>;
  readonly labels?: NonNullable<Pod['metadata']>['labels'];
}

export interface WeightedShape extends ShapeChoice {
  readonly weight: number;
  /** Pods of a task of this shape. @default drawn as the workload says */
  readonly pods?: number;
}

/** A share of the pods gets one of the options on top of its shape. */
export interface ConstraintMix {
  readonly share: number;
  /** 'gpu': of the pods with a GPU; 'cpu': of those without. */
  readonly of: 'all' | 'gpu' | 'cpu';
  readonly options: readonly (Pick<ShapeChoice, 'perNode' | 'perRack' | 'spread' | 'spec'> & {
    readonly weight: number;
    readonly models?: readonly string[];
  })[];
}
