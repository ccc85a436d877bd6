/** Runs timeline files: the scheduler over virtual time, by the rules of `conformance/golden-dynamics`. */
import { Lane } from '../../cluster/clock.ts';
import { Simulation } from '../../cluster/simulation/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { ENGINES, type EngineName } from '../../scheduler/engines.ts';
import { FEATURE_GATES, type FeatureGate, type FeatureGates } from '../../scheduler/feature-gates.ts';
import { compareValues, isObject, type Path } from '../compare.ts';
import type { Document } from '../golden-file.ts';
import { caseAndResult, refuseUnknownFields } from './case-document.ts';
import { configurationOf } from './configuration.ts';
import { UPSTREAM_VERSION } from './decision-types.ts';
import type { Golden, GoldenKind } from './kind.ts';
import { ExtenderModel } from './timeline-extenders.ts';
import { TimelineRecorder } from './timeline-recorder.ts';
import {
  EXTENDER_RULE_FIELDS,
  TIMELINE_CASE_FIELDS,
  TIMELINE_OPTIONS,
  TIMELINE_RESULT,
  type TimelineCase,
  type TimelineResult,
} from './timeline-types.ts';

/** Ms 0 of every case, and when the first pod that is bound counts as started. */
const START_MS = Date.UTC(2026, 5, 1, 0, 0, 10);
const FIRST_POD_START_MS = Date.UTC(2026, 5, 1);

export const timelineKind: GoldenKind<TimelineCase, TimelineResult> = {
  name: 'timeline',
  read,
  run: (testCase, { engine }) => runTimeline(testCase, engine),
  compare: ({ result }, got) => ({ differences: compareValues(result, got, TIMELINE_RESULT), notes: [] }),
  count: ({ case: { initial, events }, result }) => ({
    pods: [...initial, ...events.flatMap((event) => (event.op === 'create' ? event.object : []))].filter(
      ({ kind }) => kind === 'Pod',
    ).length,
    attempts: result.stats.attempts ?? 0,
  }),
  locate,
};

function read(document: Document): Golden<TimelineCase, TimelineResult> | undefined {
  const golden = caseAndResult(document);
  if (golden === undefined || !Array.isArray(golden.result.timeline)) return undefined;
  const testCase = golden.case;
  refuseUnknownFields(document, testCase, TIMELINE_CASE_FIELDS);
  const { options, initial, events, featureGates = {} } = testCase;
  if (!isObject(options)) throw new Error('case.options: an object is expected');
  const unknown = Object.keys(options).find((name) => !TIMELINE_OPTIONS.has(name));
  if (unknown !== undefined) throw new Error(`case.options.${unknown}: berth does not know this option`);
  for (const [i, rule] of ((testCase.extenders ?? []) as ReadonlyArray<object>).entries()) {
    const field = Object.keys(rule).find((name) => !EXTENDER_RULE_FIELDS.has(name));
    if (field !== undefined) throw new Error(`case.extenders[${i}].${field}: berth does not know this part of a rule`);
  }
  if (!Array.isArray(initial) || !Array.isArray(events))
    throw new Error('case.initial and case.events: lists are expected');
  const gate = Object.keys(featureGates as object).find((name) => !Object.hasOwn(FEATURE_GATES, name));
  if (gate !== undefined) throw new Error(`case.featureGates.${gate}: berth does not know this gate`);
  const { case: known, result } = golden as unknown as Golden<TimelineCase, TimelineResult>;
  return { case: { ...known, drawnNodes: drawnNodesIn(result) }, result };
}

/** With extenders upstream draws lots among the best nodes. */
function drawnNodesIn({ timeline }: TimelineResult): ReadonlyMap<number, string> {
  const drawn = new Map<number, string>();
  for (const { attempt } of timeline) {
    for (const { tied, node } of attempt?.pods ?? []) if (tied !== undefined && node) drawn.set(attempt!.n, node);
  }
  return drawn;
}

export function runTimeline(testCase: TimelineCase, engine: EngineName): TimelineResult {
  const { options, initial, events, featureGates, extenders = [], drawnNodes } = testCase;
  const refusalsLeft = new Map(Object.entries(options.bindFailures ?? {}));
  const recorder = new TimelineRecorder();
  const simulation = new Simulation({
    config: configurationOf(testCase),
    registry: inTreePlugins,
    engine: ENGINES[engine],
    featureGates: featureGates as Partial<Record<FeatureGate, boolean>> as Partial<FeatureGates>,
    percentageOfNodesToScore: 100,
    startMs: START_MS,
    attemptMs: () => options.attemptMs,
    attemptAtMs: (earliestMs) => Math.max(earliestMs, nextLookMs(simulation, earliestMs)),
    maxWaitMs: options.podMaxInUnschedulableSeconds ? options.podMaxInUnschedulableSeconds * 1000 : undefined,
    volumeMs: options.volumeMs,
    provisionFailures: options.provisionFailures,
    refuseBinding: ({ metadata }) => {
      const key = `${metadata?.namespace}/${metadata?.name}`;
      const left = refusalsLeft.get(key) ?? 0;
      if (left === 0) return undefined;
      refusalsLeft.set(key, left - 1);
      return 'binding refused by the case';
    },
    startTimeOf: (placement) => new Date(FIRST_POD_START_MS + placement * 1000).toISOString(),
    observer: recorder.observer,
    extenderTransport: ({ urlPrefix }) => {
      const rule = extenders.find((candidate) => candidate.urlPrefix === urlPrefix);
      if (rule === undefined) throw new Error(`case.extenders: no rule for ${urlPrefix}`);
      return new ExtenderModel(rule, { testCase, recorder, simulation: () => simulation });
    },
    extenderTie: (nodeName) => (drawnNodes?.get(recorder.stats.attempts ?? 0) === nodeName ? 2 : 1),
  });
  recorder.attach(simulation);
  simulation.load(initial);
  simulation.start(events);
  simulation.run(options.endMs);
  return {
    kubernetes: UPSTREAM_VERSION,
    timeline: recorder.timeline,
    final: recorder.final(),
    stats: recorder.stats,
  };
}

/**
 * The program that recorded the timelines looks for work when something from outside happens, at whole seconds, and when it
 * knows that an attempt will be over. If one of the scheduler's own timers, at an odd moment, brings the first work while an
 * attempt is still going on, that work waits for the next look.
 */
function nextLookMs({ clock }: Simulation, earliestMs: number): number {
  const { nowMs, lane } = clock;
  const nextOutsideMs = Math.min(clock.nextIn(Lane.Component), clock.nextIn(Lane.Input));
  const isLooking = lane !== Lane.Timer || nowMs % 1000 === 0 || nextOutsideMs === nowMs;
  if (isLooking || earliestMs <= nowMs) return earliestMs;
  return Math.min(Math.ceil(nowMs / 1000) * 1000, nextOutsideMs);
}

/** `step 12 (ms 3905, attempt 4 of default/web-1)`. */
function locate(path: Path, { result }: Golden<TimelineCase, TimelineResult>): string {
  const [list, index] = path;
  if (list !== 'timeline' || typeof index !== 'number') return '';
  const step = result.timeline[index];
  if (step === undefined) return `step ${index + 1}, after the end of the golden timeline`;
  const { attempt, object = '' } = step;
  const what = attempt === undefined ? `${step.step} ${object}`.trim() : `attempt ${attempt.n} of ${attempt.entity}`;
  return `step ${index + 1} (ms ${step.ms}, ${what})`;
}
