/** A timeline file: a small cluster, timed API writes, and everything upstream did about them (`conformance/golden-dynamics`). */
import type { KubeObject } from '../../api/index.ts';
import type { SimulationEvent } from '../../cluster/simulation/index.ts';
import type { ShapeOf } from '../shape.ts';

export interface TimelineCase {
  readonly family: string;
  readonly name?: string;
  readonly seed?: number;
  readonly description?: string;
  readonly schedulerConfig?: unknown;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  readonly options: {
    readonly endMs: number;
    readonly attemptMs: number;
    readonly podMaxInUnschedulableSeconds?: number;
    readonly bindFailures?: Readonly<Record<string, number>>;
    readonly volumeMs?: number;
    readonly provisionFailures?: Readonly<Record<string, number>>;
  };
  readonly extenders?: readonly ExtenderRule[];
  readonly initial: readonly KubeObject[];
  readonly events: readonly SimulationEvent[];
  /** By number of the attempt: the node that upstream drew among the best. Taken from the golden result. */
  readonly drawnNodes?: ReadonlyMap<number, string>;
}

/** How an extender answers; numbers of calls start at 1. */
export interface ExtenderRule {
  readonly urlPrefix: string;
  readonly salt?: string;
  readonly rejectMod?: number;
  readonly rejectEq?: number;
  readonly unresolvableEq?: number;
  readonly scoreMod?: number;
  readonly preemptDropMod?: number;
  readonly preemptDropEq?: number;
  readonly failFilterCalls?: readonly number[];
  readonly http500FilterCalls?: readonly number[];
  readonly filterMs?: number;
  // What only `extender-odd` does: see `timeline-odd-answers.ts`.
  readonly silent?: number;
  readonly ghost?: boolean;
  readonly both?: boolean;
  readonly dup?: boolean;
  readonly strip?: number;
  readonly mention?: number;
  readonly prioFail?: number;
  readonly scoreSkip?: number;
  readonly scoreMul?: number;
  readonly preemptEmpty?: number;
  readonly preemptTrim?: boolean;
  readonly preemptBad?: number;
  /** Every n-th binding is refused. */
  readonly bindFail?: number;
}

export const TIMELINE_CASE_FIELDS: ReadonlySet<string> = new Set([
  ...['family', 'name', 'seed', 'description', 'schedulerConfig', 'featureGates', 'options', 'initial', 'events'],
  'extenders',
]);

export const TIMELINE_OPTIONS: ReadonlySet<string> = new Set([
  ...['endMs', 'attemptMs', 'podMaxInUnschedulableSeconds', 'bindFailures', 'volumeMs', 'provisionFailures'],
]);

export const EXTENDER_RULE_FIELDS: ReadonlySet<string> = new Set([
  ...['urlPrefix', 'salt', 'rejectMod', 'rejectEq', 'unresolvableEq', 'scoreMod', 'preemptDropMod', 'preemptDropEq'],
  ...['failFilterCalls', 'http500FilterCalls', 'filterMs'],
  ...['silent', 'ghost', 'both', 'dup', 'strip', 'mention', 'prioFail', 'scoreSkip', 'scoreMul'],
  ...['preemptEmpty', 'preemptTrim', 'preemptBad', 'bindFail'],
]);

export interface ConditionResult {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What became of a pod in an attempt, or of its binding later. */
export interface PodTry {
  readonly pod: string;
  /** Of a member of a group. */
  readonly attempts?: number;
  outcome: 'scheduled' | 'unschedulable' | 'error' | 'skipped';
  node?: string;
  /** The best nodes, when extenders had a say and there were several. */
  tied?: readonly string[];
  evaluated?: number;
  feasible?: number;
  code?: string;
  message?: string;
  unschedulablePlugins?: readonly string[];
  pendingPlugins?: readonly string[];
  nominated?: string;
}

export interface AttemptResult {
  readonly n: number;
  readonly type: 'pod' | 'podgroup';
  readonly entity: string;
  readonly from: 'active' | 'backoff';
  /** Only of an attempt that took time by itself. */
  startMs?: number;
  readonly attempts: number;
  readonly pods: PodTry[];
}

export interface MoveResult {
  readonly entity: string;
  readonly event: string;
  readonly queue: string;
  readonly hint?: string;
  readonly group?: boolean;
}

export interface WriteResult {
  readonly verb: string;
  readonly kind: string;
  readonly name: string;
  readonly claim?: string;
  readonly node?: string;
  readonly nominatedNodeName?: string;
  readonly conditions?: readonly ConditionResult[];
  readonly error?: string;
}

export interface EventResult {
  readonly object: string;
  readonly type: string;
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  readonly from: string;
}

export interface ExtenderCallResult {
  readonly urlPrefix: string;
  readonly verb: string;
  pod: string;
  nodes?: number;
  kept?: number;
  error?: string;
}

/** Queue → entity → attempts, expiry, plugins or node. */
export type QueueState = Record<string, Record<string, unknown>>;

/** Event → Queue or Skip → plugin → pods. */
export type HintsResult = Record<string, Record<string, Record<string, string[]>>>;

export interface StepResult {
  readonly ms: number;
  readonly step: string;
  readonly index?: number;
  readonly object?: string;
  readonly attempt?: AttemptResult;
  readonly hints?: HintsResult;
  readonly moves?: readonly MoveResult[];
  readonly writes?: readonly WriteResult[];
  readonly events?: readonly EventResult[];
  readonly extenderCalls?: readonly ExtenderCallResult[];
  readonly failures?: readonly PodTry[];
  readonly errors?: readonly string[];
  /** A merge patch on the state of the queue. */
  readonly queues?: QueueState;
}

export interface FinalResult {
  readonly pods: Readonly<Record<string, string>>;
  readonly queues: QueueState;
  readonly pending?: Readonly<
    Record<string, { readonly nominatedNodeName?: string; readonly condition?: ConditionResult }>
  >;
  readonly nodes: Readonly<Record<string, { readonly pods: number; readonly cpu: number; readonly memory: number }>>;
}

export interface TimelineResult {
  readonly kubernetes: string;
  readonly timeline: readonly StepResult[];
  readonly final: FinalResult;
  readonly stats: Readonly<Record<string, number>>;
}

const CONDITION: ShapeOf<ConditionResult> = {
  fields: { type: 'value', status: 'value', reason: 'value', message: 'value' },
};

const TRY: ShapeOf<PodTry> = {
  fields: {
    pod: 'value',
    attempts: 'value',
    outcome: 'value',
    node: 'value',
    tied: { list: 'value' },
    evaluated: 'value',
    feasible: 'value',
    code: 'value',
    message: 'value',
    unschedulablePlugins: { list: 'value' },
    pendingPlugins: { list: 'value' },
    nominated: 'value',
  },
};

const STEP: ShapeOf<StepResult> = {
  fields: {
    ms: 'value',
    step: 'value',
    index: 'value',
    object: 'value',
    attempt: {
      fields: {
        n: 'value',
        type: 'value',
        entity: 'value',
        from: 'value',
        startMs: 'value',
        attempts: 'value',
        pods: { list: TRY },
      },
    },
    hints: { map: { map: { map: { list: 'value' } } } },
    moves: { list: { fields: { entity: 'value', event: 'value', queue: 'value', hint: 'value', group: 'value' } } },
    writes: {
      list: {
        fields: {
          verb: 'value',
          kind: 'value',
          name: 'value',
          claim: 'value',
          node: 'value',
          nominatedNodeName: 'value',
          conditions: { list: CONDITION },
          error: 'value',
        },
      },
    },
    events: {
      list: {
        fields: { object: 'value', type: 'value', reason: 'value', action: 'value', note: 'value', from: 'value' },
      },
    },
    extenderCalls: {
      list: {
        fields: { urlPrefix: 'value', verb: 'value', pod: 'value', nodes: 'value', kept: 'value', error: 'value' },
      },
    },
    failures: { list: TRY },
    errors: { list: 'value' },
    queues: { map: { map: 'json' } },
  },
};

export const TIMELINE_RESULT: ShapeOf<TimelineResult> = {
  fields: {
    kubernetes: 'value',
    timeline: { list: STEP },
    final: {
      fields: {
        pods: { map: 'value' },
        queues: { map: { map: 'json' } },
        pending: { map: { fields: { nominatedNodeName: 'value', condition: CONDITION } } },
        nodes: { map: { fields: { pods: 'value', cpu: 'value', memory: 'value' } } },
      },
    },
    stats: { map: 'value' },
  },
};
