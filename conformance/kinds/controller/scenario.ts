/** The form of a recorded scenario (`kind: controller-scenario`). */
import type { RecordedEvent } from './events.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** An object of the recording: a projection, with names and times that differ between runs taken out. */
export interface Projected {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Fields;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: ReadonlyArray<{
      readonly kind: string;
      readonly name: string;
      readonly controller?: boolean;
    }>;
  };
  readonly spec?: Fields;
  readonly status?: Fields;
  readonly [field: string]: unknown;
}

/** By kind and name: `Pod/web-<h1>-<p1>`. */
export type State = Readonly<Record<string, Projected>>;

export interface StepResult {
  readonly code?: number;
  readonly codes?: readonly number[];
  readonly reason?: string;
  readonly message?: string;
  readonly details?: unknown;
  readonly pods?: readonly string[];
}

export interface Step {
  /** Milliseconds since the scenario began. */
  readonly t: number;
  readonly tEnd: number;
  readonly op: string;
  readonly repeatable?: boolean;
  readonly changed: State;
  readonly removed: readonly string[];
  readonly result?: StepResult;
  readonly object?: Fields;
  readonly objects?: readonly Fields[];
  readonly kind?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly patchType?: 'merge' | 'strategic' | 'json';
  readonly patch?: unknown;
  readonly options?: Fields;
  readonly first?: number;
  readonly count?: number;
  readonly method?: string;
  readonly path?: string;
  readonly body?: Fields;
  readonly action?: string;
  readonly select?: readonly string[] | Readonly<Record<string, string>>;
  readonly nodes?: readonly string[];
  readonly node?: string;
  readonly noStatus?: boolean;
  readonly heartbeats?: boolean;
  readonly readyStatus?: boolean;
  readonly labels?: Fields;
  readonly spec?: Fields;
  readonly exitCode?: number;
  readonly extra?: Fields;
}

export interface Scenario {
  readonly id: string;
  readonly compare: 'steps' | 'final' | 'counts' | 'victims' | 'victims-by-node';
  /** Pods that may go in any order among themselves, in the order of the classes. */
  readonly victimClasses?: ReadonlyArray<readonly string[]>;
  readonly profile: 'default' | 'fast-nodes';
  readonly nodes: 'shared' | 'own';
  readonly steps: readonly Step[];
  readonly final: State;
  readonly events?: readonly RecordedEvent[];
  readonly history?: ReadonlyArray<{
    readonly t: number;
    readonly type: string;
    readonly key: string;
    readonly patch?: Fields;
  }>;
}

/** The state after every step. */
export function* statesOf({ steps }: Scenario): Iterable<State> {
  const state: Record<string, Projected> = {};
  for (const { changed, removed } of steps) {
    for (const key of removed) delete state[key];
    Object.assign(state, changed);
    yield { ...state };
  }
}
