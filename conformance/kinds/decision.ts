/** Runs decision files: the scheduler without time, one pod after another, by the rules of `conformance/golden`. */
import type { Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { ConfigError, type PodInfo, type PodOutcome, type Scheduler } from '../../scheduler/index.ts';
import { compareValues, isObject, type Path } from '../compare.ts';
import { schedulerWith } from '../engines.ts';
import type { Document } from '../golden-file.ts';
import { verifySummary } from './attempt-summary.ts';
import { caseAndResult, refuseUnknownFields } from './case-document.ts';
import { ClaimResults } from './claim-results.ts';
import { configurationOf, profileResults } from './configuration.ts';
import {
  CASE_FIELDS,
  DECISION_RESULT,
  type DecisionCase,
  type DecisionResult,
  type NodeResult,
  OBJECT_LISTS,
  type ObjectList,
  type PodResult,
  UPSTREAM_VERSION,
} from './decision-types.ts';
import type { Counts, Golden, GoldenKind, RunOptions } from './kind.ts';
import { locateInResult } from './locate.ts';

/** Placed pods start one second apart from here, so that the order of victims does not depend on the clock. */
const FIRST_START_MS = Date.UTC(2026, 5, 1);

export const decisionKind: GoldenKind<DecisionCase, DecisionResult> = {
  name: 'decision',
  read,
  run: runDecision,
  compare: ({ result }, got) => ({ differences: compareValues(result, got, DECISION_RESULT), notes: [] }),
  count: ({ result }) => countPods(result),
  locate: (path: Path, { result }) => locateInResult(path, result),
};

function read(document: Document): Golden<DecisionCase, DecisionResult> | undefined {
  const golden = caseAndResult(document);
  if (golden === undefined || golden.case.family === 'config') return undefined;
  const testCase = golden.case;
  refuseUnknownFields(document, testCase, CASE_FIELDS);
  readOptions(testCase.options);
  for (const list of ['nodes', 'pods', 'nominated', 'pending', ...Object.keys(OBJECT_LISTS)]) {
    const objects = testCase[list];
    const good = objects === undefined || (Array.isArray(objects) && objects.every(isObject));
    if (!good) throw new Error(`case.${list}: a list of objects is expected`);
  }
  return golden as unknown as Golden<DecisionCase, DecisionResult>;
}

function readOptions(options: unknown): void {
  if (options === undefined) return;
  if (!isObject(options)) throw new Error('case.options: an object is expected');
  const { tieBreak = 'first', reserveOnly = false, ...others } = options;
  if (tieBreak !== 'first' && tieBreak !== 'heap') {
    throw new Error(`case.options.tieBreak: ${JSON.stringify(tieBreak)}: "first" or "heap" is expected`);
  }
  if (typeof reserveOnly !== 'boolean') throw new Error('case.options.reserveOnly: true or false is expected');
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Error(`case.options.${other}: berth does not know this option`);
}

function countPods({ pods = [] }: DecisionResult): Counts {
  return { pods: pods.length, attempts: pods.reduce((sum, pod) => sum + (pod.attempts?.length ?? 0), 0) };
}

export function runDecision(testCase: DecisionCase, { engine }: RunOptions): DecisionResult {
  const { nodes = [], pods = [], nominated = [], pending = [] } = testCase;
  const claims = new ClaimResults(testCase);
  let scheduler: Scheduler;
  let profiles: DecisionResult['profiles'];
  try {
    const config = configurationOf(testCase);
    if (testCase.schedulerConfig !== undefined) profiles = profileResults(config);
    scheduler = schedulerWith(engine, {
      config,
      registry: claims.registry(inTreePlugins),
      tieBreak: testCase.options?.tieBreak ?? 'first',
      percentageOfNodesToScore: 100,
      explain: true,
      startTimeMs: (placement) => FIRST_START_MS + placement * 1000,
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { kubernetes: UPSTREAM_VERSION, error: error.message, errorStage: error.stage };
  }
  const { cluster } = scheduler;
  for (const list of Object.keys(OBJECT_LISTS) as ObjectList[]) {
    for (const object of testCase[list] ?? []) cluster.addObject({ ...object, kind: OBJECT_LISTS[list] });
  }
  for (const node of nodes) cluster.addNode(node);
  const named = new NamedScalars();
  for (const pod of withUids(pods, 'bound')) named.add(cluster.addPod(pod), pod.spec?.nodeName);
  for (const pod of withUids(nominated, 'nominated')) scheduler.addNominated(pod);
  const nodeOrder = cluster.nodeOrder();
  const queue = withUids(pending, 'pending');
  const outcomes = queue.map((pod) => {
    const outcome = scheduler.schedule(pod);
    named.add(cluster.classes.info(pod), outcome.attempts.at(-1)?.record?.chosen);
    return outcome;
  });
  return {
    kubernetes: UPSTREAM_VERSION,
    profiles,
    nodeOrder: nonEmpty(nodeOrder),
    pods: nonEmpty(
      outcomes.map((outcome, i) => {
        const uid = queue[i]!.metadata!.uid!;
        const result = podResult(outcome, scheduler.evictedBy.get(uid));
        return { ...result, extendedResourceClaim: claims.extendedClaimOf(uid) };
      }),
    ),
    final: nonEmpty(nodeOrder.map((node) => nodeResult(scheduler, node, named))),
    claims: nonEmpty(claims.final(cluster.objects.resourceClaims.list())),
  };
}

/**
 * Upstream's account of a node keeps an entry of 0 for every scalar resource that a pod on it ever named. berth's columns
 * do not (no decision depends on it), so the names are kept here.
 */
class NamedScalars {
  private readonly byNode = new Map<string, Record<string, number>>();

  add({ usage }: PodInfo, node: string | undefined): void {
    if (node === undefined || usage.scalars.length === 0) return;
    const zeros = this.byNode.get(node) ?? {};
    for (const [name] of usage.scalars) zeros[name] = 0;
    this.byNode.set(node, zeros);
  }

  zerosOf(node: string): Readonly<Record<string, number>> {
    return this.byNode.get(node) ?? {};
  }
}

/** Stored pods have a UID; the cases may leave it out. */
function withUids(pods: readonly Pod[], prefix: string): Pod[] {
  return pods.map((pod, i) => {
    if (pod.metadata?.uid) return pod;
    return { ...pod, metadata: { ...pod.metadata, uid: `${prefix}-${String(i).padStart(4, '0')}` } };
  });
}

function podResult(
  { pod, outcome, node, gate, error, attempts }: PodOutcome,
  evictedBy: string | undefined,
): PodResult {
  const records = attempts.map((attempt, i) => verifySummary(pod, i + 1, attempt));
  return { pod, outcome, node, gate, error, evictedBy, attempts: nonEmpty(records) };
}

function nodeResult({ cluster }: Scheduler, node: string, named: NamedScalars): NodeResult {
  const row = cluster.rowOf(node);
  return {
    node,
    requested: { ...named.zerosOf(node), ...cluster.requestedOf(row) },
    nonZeroRequested: {
      cpu: cluster.nonZeroRequestedCpuMilli[row]!,
      memory: cluster.nonZeroRequestedMemoryBytes[row]!,
    },
    pods: cluster
      .pods(row)
      .map((pod) => pod.key)
      .sort(),
  };
}

const nonEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);
