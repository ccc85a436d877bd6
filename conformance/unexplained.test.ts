/**
 * What kube-scheduler decided in `golden/`, decided by the fast engine without explanations, so that nothing makes it look at
 * every node: where pods go, whom they evict and what is said about those that stay.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/index.ts';
import { inTreePlugins } from '../plugins/index.ts';
import { FastEngine } from '../scheduler/fast/engine.ts';
import { type AttemptSummary, createScheduler } from '../scheduler/index.ts';
import { readDocument } from './golden-file.ts';
import { findGoldenFiles } from './index.ts';
import { configurationOf } from './kinds/configuration.ts';
import { type DecisionCase, type DecisionResult, OBJECT_LISTS, type ObjectList } from './kinds/decision-types.ts';

const FAMILIES = ['preemption', 'sequence', 'mixed', 'ports', 'fitmessages', 'sampling'];
/** Placed pods start one second apart from here, so that the order of victims does not depend on the clock. */
const FIRST_START_MS = Date.UTC(2026, 5, 1);

const files = findGoldenFiles(fileURLToPath(new URL('./golden', import.meta.url))).filter(({ family }) =>
  FAMILIES.includes(family),
);
const total = { decisions: 0, fast: 0, unfit: 0, preempting: 0 };

describe('golden decisions without explanations', () => {
  test.each(files)('$family/$name', (file) => {
    const { case: testCase, result } = readDocument(file.path) as unknown as {
      case: DecisionCase;
      result: DecisionResult;
    };
    if (result.error !== undefined) return;
    let fast: FastEngine | undefined;
    const scheduler = createScheduler({
      config: configurationOf(testCase),
      registry: inTreePlugins,
      tieBreak: testCase.options?.tieBreak ?? 'first',
      percentageOfNodesToScore: 100,
      startTimeMs: (placement) => FIRST_START_MS + placement * 1000,
      engine: (options) => {
        fast = new FastEngine({ ...options, isEager: true });
        return fast;
      },
    });
    const { cluster } = scheduler;
    for (const list of Object.keys(OBJECT_LISTS) as ObjectList[]) {
      for (const object of testCase[list] ?? []) cluster.addObject({ ...object, kind: OBJECT_LISTS[list] });
    }
    for (const node of testCase.nodes ?? []) cluster.addNode(node);
    for (const pod of named(testCase.pods, 'bound')) cluster.addPod(pod);
    for (const pod of named(testCase.nominated, 'nominated')) scheduler.addNominated(pod);
    for (const [i, pod] of named(testCase.pending, 'pending').entries()) {
      const expected = result.pods![i]!;
      const { outcome, node, attempts } = scheduler.schedule(pod);
      expect({ pod: expected.pod, outcome, node, attempts: attempts.map(factsOf) }).toEqual({
        pod: expected.pod,
        outcome: expected.outcome,
        node: expected.node,
        attempts: (expected.attempts ?? []).map((attempt) => ({
          message: attempt.chosen === undefined ? attempt.message : undefined,
          node: attempt.chosen,
          nominatedNode: attempt.postFilter?.nominatedNode,
          victims: attempt.postFilter?.victims,
        })),
      });
      total.decisions += attempts.length;
      total.preempting += attempts.filter(({ victims }) => victims !== undefined).length;
    }
    total.fast += fast!.decided;
    total.unfit += fast!.unfit;
  });

  test('most of it by the fast way', () => {
    expect(total.fast).toBeGreaterThan(total.decisions / 2);
    expect(total.unfit).toBeGreaterThan(100);
    expect(total.preempting).toBeGreaterThan(100);
  });
});

const factsOf = ({ message, node, nominatedNode, victims }: AttemptSummary) => ({
  message,
  node,
  nominatedNode,
  victims,
});

/** Stored pods have a UID; the cases may leave it out. */
const named = (pods: readonly Pod[] = [], prefix: string): Pod[] =>
  pods.map((pod, i) =>
    pod.metadata?.uid ? pod : { ...pod, metadata: { ...pod.metadata, uid: `${prefix}-${String(i).padStart(4, '0')}` } },
  );
