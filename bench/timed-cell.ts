/**
 * The timed evaluation: pods arrive when the workload says, wait until the scheduler has found them a node, run for their
 * lifetime and leave, in virtual time. An evicted pod is gone when its grace period is over, and does not come back.
 */
import { performance } from 'node:perf_hooks';
import type { Pod } from '../api/index.ts';
import { httpTransport } from '../cluster/extender-http/index.ts';
import {
  ApiBinding,
  attemptTime,
  Simulation,
  type SimulationEvent,
  type SimulationObserver,
} from '../cluster/simulation/index.ts';
import type { CellKey, CellSummary } from '../reports/index.ts';
import { explainAttempt } from '../scheduler/explain-attempt.ts';
import { ENGINES, type EngineName } from '../scheduler/index.ts';
import { podOf, type Workload } from '../workloads/index.ts';
import { type CellInput, cellKey } from './cell-input.ts';
import type { CellOutput } from './cell-output.ts';
import { requestsOf, requestsOfShapes, workloadMs } from './cell-parts.ts';
import { DecisionTally } from './decision-tally.ts';
import type { TimedEvaluation } from './evaluation.ts';
import { Explained } from './explained.ts';
import { type DrawnOrder, drawOrder } from './order.ts';
import { pluginTimes } from './plugin-times.ts';
import { PodLedger } from './pod-ledger.ts';
import { SampleTimes } from './sample-times.ts';
import { TimedFigures } from './timed-figures.ts';
import { rowOfUid, TimedRecorder, uidOfRow } from './timed-recorder.ts';

/** Pods between two reports of progress. */
const PROGRESS_EVERY = 32;
const DEFAULT_SCHEDULER = 'default-scheduler';

export class TimedCell {
  private readonly input: CellInput;
  private readonly evaluation: TimedEvaluation;
  private readonly output: CellOutput;
  private readonly workload: Workload;
  private readonly engine: EngineName;
  private readonly key: CellKey;
  private readonly order: DrawnOrder;
  private readonly tally = new DecisionTally();
  private readonly ledger: PodLedger;
  private readonly recorder: TimedRecorder;
  private readonly simulation: Simulation;
  private readonly figures: TimedFigures;
  private podsTried = 0;

  constructor(input: CellInput, evaluation: TimedEvaluation, output: CellOutput) {
    const { seed, tieSeed, shuffle, engine = 'reference' } = input;
    this.input = input;
    this.evaluation = evaluation;
    this.output = output;
    this.engine = engine;
    const workload = admitted(input.workload);
    this.workload = workload;
    this.key = cellKey(input);
    this.order = drawOrder(workload, seed, shuffle, tieSeed);
    const firstArrivalMs = (this.order.arrivalSeconds[0] ?? 0) * 1000;
    const requests = requestsOfShapes(workload);
    const bound = (workload.bound ?? []).map(identified);
    this.ledger = new PodLedger({
      pods: workload.pods.count,
      requests: (row) => requests[workload.pods.shape[row]!]!,
      firstArrivalMs,
      others: new Map(bound.map((pod) => [pod.metadata!.uid!, requestsOf(pod)])),
    });
    this.recorder = new TimedRecorder({
      key: this.key,
      workload,
      ledger: this.ledger,
      tally: this.tally,
      output,
      nodeIndex: new Map(workload.nodes.map((node, index) => [node.metadata?.name ?? '', index])),
      tried: () => {
        this.podsTried++;
        if (this.podsTried % PROGRESS_EVERY === 0) input.onProgress?.(this.podsTried);
      },
    });
    this.simulation = this.simulate();
    const { simulation } = this;
    this.recorder.attach({
      get nowMs() {
        return simulation.nowMs;
      },
      scheduler: simulation.scheduler,
      rowOf: rowOfUid,
      uidOf: (pod) => simulation.api.get('Pod', pod)?.metadata?.uid,
    });
    const nodes = Array.from(this.order.nodes, (node) => ({ ...workload.nodes[node]!, kind: 'Node' }));
    this.simulation.load([...nodes, ...(workload.objects ?? []), ...bound]);
    this.figures = new TimedFigures({
      ...{ input, output, workload, ledger: this.ledger, tally: this.tally, firstArrivalMs },
      cluster: simulation.scheduler.core.cluster,
      nowMs: () => simulation.nowMs,
    });
  }

  run(): CellSummary {
    const { simulation, input, evaluation } = this;
    const { untilMs = Number.POSITIVE_INFINITY, sampleMs } = evaluation;
    const times = new SampleTimes(Math.min(untilMs, workloadMs(this.workload, this.order)), sampleMs);
    simulation.start(this.arrivals());
    this.figures.run(times, untilMs, (ms) => simulation.runToEnd(ms));
    input.onProgress?.(this.podsTried);
    this.tally.writePlugins(this.key, simulation.scheduler.core.meter, this.output);
    return this.figures.summary(this.recorder.attempts);
  }

  private simulate(): Simulation {
    const { input, evaluation, engine, order, workload } = this;
    const { lifetimeSeconds } = workload.pods;
    const simulation: Simulation = new Simulation({
      config: input.config,
      registry: input.registry,
      engine: ENGINES[engine],
      tieBreak: input.tieBreak,
      seed: order.tieSeed,
      attemptMs: attemptTime(evaluation.attemptTime),
      bindingDelayMs: evaluation.bindingMs,
      lifetimeMs: ({ metadata }) => {
        const seconds = lifetimeSeconds[rowOfUid(metadata?.uid)];
        return seconds === undefined || seconds === Number.POSITIVE_INFINITY ? undefined : seconds * 1000;
      },
      removeEnded: true,
      meter: pluginTimes(engine),
      extenderTransport: (config) => new ApiBinding(httpTransport(config), () => simulation.api),
      observer: input.explain === undefined ? this.recorder.observer : this.explaining(input.explain),
    });
    return simulation;
  }

  /** Attempts of the pod are counted as the scheduler begins them. */
  private explaining({ row, attempt }: NonNullable<CellInput['explain']>): SimulationObserver {
    let cycles = 0;
    const { observer } = this.recorder;
    return {
      ...observer,
      cycleBegan: (pod) => {
        if (rowOfUid(pod.uid) !== row || ++cycles < attempt) return;
        const { core } = this.simulation.scheduler;
        const startedMs = performance.now();
        const asked = explainAttempt(core, pod, pod.pod.status?.nominatedNodeName ?? '');
        const evaluationMs = performance.now() - startedMs;
        const { node, message } = asked;
        throw new Explained({
          outcome: {
            pod: pod.key,
            outcome: node === undefined ? 'unschedulable' : 'scheduled',
            node,
            message,
            attempts: [asked],
          },
          attempt,
          timeSeconds: this.simulation.nowMs / 1000,
          decidedBefore: this.tally.decisions,
          priority: pod.pod.spec?.priority ?? 0,
          evaluationMs,
        });
      },
    };
  }

  private *arrivals(): Generator<SimulationEvent> {
    const { workload, order } = this;
    for (let i = 0; i < order.pods.length; i++) {
      const row = order.pods[i]!;
      const pod = podOf(workload, row);
      const metadata = { ...pod.metadata, uid: uidOfRow(row) };
      yield {
        ms: order.arrivalSeconds[i]! * 1000,
        op: 'create',
        object: { ...pod, apiVersion: 'v1', kind: 'Pod', metadata },
      };
    }
  }
}

/** With what the API would fill in for every pod, once per shape. */
function admitted(workload: Workload): Workload {
  const shapes = workload.shapes.map((shape) => ({
    ...shape,
    spec: { ...shape.spec, schedulerName: shape.spec.schedulerName ?? DEFAULT_SCHEDULER },
  }));
  return { ...workload, shapes };
}

/** Something must tell a pod from others of its name, which may come later. */
function identified(pod: Pod, index: number): Pod {
  const { uid = `bound-${index}` } = pod.metadata ?? {};
  return { ...pod, apiVersion: 'v1', kind: 'Pod', metadata: { ...pod.metadata, uid } };
}
