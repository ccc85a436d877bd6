/**
 * A workload in a whole cluster in virtual time: its pods are created through the API as they arrive, bound by the scheduler,
 * started by kubelets with a modelled runtime, and run for their lifetime. The invariants of the cluster are watched all along.
 */
import { InputError, type KubeObject, type Pod } from '../api/index.ts';
import { RESOURCES, type Target } from '../cluster/apiserver/index.ts';
import { Lane } from '../cluster/clock.ts';
import { specsOfNodes } from '../cluster/kubelet/index.ts';
import { attemptTime } from '../cluster/simulation/index.ts';
import { FaultPlan, Invariants, lastFaultMs, WholeCluster } from '../cluster/whole/index.ts';
import type { CellKey, CellSummary } from '../reports/index.ts';
import { ENGINES, type EngineName } from '../scheduler/index.ts';
import type { TimedObserver } from '../scheduler/timed/timed-scheduler.ts';
import type { Workload } from '../workloads/index.ts';
import { CellError } from './cell-error.ts';
import { type CellInput, cellKey } from './cell-input.ts';
import type { CellOutput } from './cell-output.ts';
import { requestsOf, requestsOfShapes, workloadMs } from './cell-parts.ts';
import { boundPod, ClusterPods, framesOf, newObject } from './cluster-objects.ts';
import { ClusterPodStates } from './cluster-pod-states.ts';
import { DecisionTally } from './decision-tally.ts';
import type { ClusterEvaluation } from './evaluation.ts';
import { type DrawnOrder, drawOrder } from './order.ts';
import { pluginTimes } from './plugin-times.ts';
import { PodLedger } from './pod-ledger.ts';
import { SampleTimes } from './sample-times.ts';
import { TimedFigures } from './timed-figures.ts';
import { TimedRecorder } from './timed-recorder.ts';

const PROGRESS_EVERY = 32;
/** Until nodes have registered and are found ready, and until what is on them from the start runs. */
const REGISTER_MS = 20_000;
const LOAD_MS = 10_000;
/** A user whose request is refused tries again. */
const RETRY_MS = 1000;
const UNAVAILABLE = 503;
/** After a fault: until a node is missed, its taint has been tolerated for five minutes, and a little. */
const AFTERMATH_MS = 420_000;
/** Where nothing has come of anything for so long, nothing will. */
const IDLE_MS = 3_600_000;
const HISTORY = 8192;
const PODS = { group: '', version: 'v1', resource: 'pods' };

export class ClusterCell {
  private readonly input: CellInput;
  private readonly evaluation: ClusterEvaluation;
  private readonly output: CellOutput;
  private readonly workload: Workload;
  private readonly engine: EngineName;
  private readonly key: CellKey;
  private readonly order: DrawnOrder;
  private readonly tally = new DecisionTally();
  private readonly ledger: PodLedger;
  private readonly states: ClusterPodStates;
  private readonly recorder: TimedRecorder;
  private readonly cluster: WholeCluster;
  private readonly invariants: Invariants;
  private readonly figures: TimedFigures;
  /** Until everything is loaded, time stands at 0. */
  private startMs = Number.POSITIVE_INFINITY;
  private podsTried = 0;
  private arrivalsLeft: number;

  constructor(input: CellInput, evaluation: ClusterEvaluation, output: CellOutput) {
    if (input.explain !== undefined) {
      throw new InputError('attempts in whole clusters cannot be explained; run the workload with evaluation: timed');
    }
    const { seed, tieSeed, shuffle, engine = 'reference', workload } = input;
    this.input = input;
    this.evaluation = evaluation;
    this.output = output;
    this.engine = engine;
    this.workload = workload;
    this.key = cellKey(input);
    this.order = drawOrder(workload, seed, shuffle, tieSeed);
    this.arrivalsLeft = workload.pods.count;
    const firstArrivalMs = (this.order.arrivalSeconds[0] ?? 0) * 1000;
    const requests = requestsOfShapes(workload);
    const nodeIndex = new Map(workload.nodes.map((node, index) => [node.metadata?.name ?? '', index]));
    this.ledger = new PodLedger({
      pods: workload.pods.count,
      requests: (row) => requests[workload.pods.shape[row]!]!,
      firstArrivalMs,
      others: new Map((workload.bound ?? []).map((pod) => [keyOf(pod), requestsOf(pod)])),
    });
    this.states = new ClusterPodStates({ workload, ledger: this.ledger, nodeIndex, now: () => this.nowMs });
    this.recorder = new TimedRecorder({
      key: this.key,
      workload,
      ledger: this.ledger,
      tally: this.tally,
      output,
      nodeIndex,
      hasErrors: true,
      tried: () => {
        this.podsTried++;
        if (this.podsTried % PROGRESS_EVERY === 0) input.onProgress?.(this.podsTried);
      },
    });
    this.cluster = this.build();
    this.invariants = new Invariants(this.cluster);
    this.load();
    this.startMs = this.cluster.clock.nowMs;
    this.figures = new TimedFigures({
      ...{ input, output, workload, ledger: this.ledger, tally: this.tally, firstArrivalMs },
      cluster: this.cluster.scheduler.core.cluster,
      nowMs: () => this.nowMs,
    });
  }

  run(): CellSummary {
    const { input, evaluation, cluster, startMs } = this;
    const { untilMs = Number.POSITIVE_INFINITY, sampleMs, faults } = evaluation;
    const times = new SampleTimes(Math.min(untilMs, workloadMs(this.workload, this.order)), sampleMs);
    new FaultPlan(cluster, input.seed).start(faults);
    this.planArrivals();
    this.figures.run(times, untilMs, (ms) => this.runTo(startMs + ms));
    input.onProgress?.(this.podsTried);
    this.tally.writePlugins(this.key, cluster.scheduler.core.meter, this.output);
    cluster.stop();
    const [violation] = this.invariants.violations;
    if (violation !== undefined) throw new CellError(`the cluster broke a rule at ${violation}`);
    return this.summarize();
  }

  private get nowMs(): number {
    return Math.max(0, this.cluster.clock.nowMs - this.startMs);
  }

  private build(): WholeCluster {
    const { input, evaluation, engine, order, workload } = this;
    const nodes = specsOfNodes(Array.from(order.nodes, (node) => workload.nodes[node]!));
    const cluster = new WholeCluster({
      nodes,
      seed: input.seed,
      runtime: evaluation.runtime,
      kubelets: { events: false },
      nodeLifecycle: evaluation.faults.length > 0,
      historySize: HISTORY,
      scheduler: {
        config: input.config,
        registry: input.registry,
        engine: ENGINES[engine],
        tieBreak: input.tieBreak,
        seed: order.tieSeed,
        attemptMs: attemptTime(evaluation.attemptTime),
        bindingDelayMs: evaluation.bindingMs,
        meter: pluginTimes(engine),
        observer: this.observer(),
        recorded: (event) => this.recorder.observer.recorded?.(event),
      },
    });
    cluster.follow(PODS, (type, object) => {
      this.invariants.podChanged(type, object as Pod);
      this.states.changed(type, object as Pod);
    });
    const { states } = this;
    this.recorder.attach({
      get nowMs() {
        return states.nowMs;
      },
      get scheduler() {
        return cluster.scheduler;
      },
      rowOf: (uid) => states.rowOf(uid),
      uidOf: () => undefined,
    });
    return cluster;
  }

  /** Of the workload's pods alone: controllers may make others. */
  private observer(): TimedObserver {
    const { observer } = this.recorder;
    const isOurs = ({ uid }: { readonly uid: string }): boolean => this.states.rowOf(uid) >= 0;
    return {
      attemptBegan: (entity, from) => {
        if ((entity.members ?? [entity]).every(({ pod }) => isOurs(pod))) observer.attemptBegan?.(entity, from);
      },
      chosen: (pod, node, found) => {
        if (!isOurs(pod)) return;
        this.states.chosen(pod.uid);
        observer.chosen?.(pod, node, found);
      },
      unfit: (pod, cycle) => void (isOurs(pod) && observer.unfit?.(pod, cycle)),
      failed: (pod, failure) => {
        if (!isOurs(pod)) return;
        this.states.notBound(pod.uid);
        observer.failed?.(pod, failure);
      },
      attemptEnded: () => {},
    };
  }

  private load(): void {
    const { cluster, workload } = this;
    cluster.start();
    for (const object of framesOf(workload)) this.create(object);
    cluster.pass(REGISTER_MS);
    const { nodeCount } = cluster.scheduler.core.cluster;
    if (nodeCount !== workload.nodes.length) {
      throw new CellError(`${nodeCount} of ${workload.nodes.length} nodes have registered; names must be DNS names`);
    }
    for (const { metadata, spec } of workload.nodes) if (spec?.unschedulable) this.cordon(metadata!.name!);
    for (const object of workload.objects ?? []) this.create(newObject(object));
    for (const pod of workload.bound ?? []) this.create(boundPod(pod) as KubeObject);
    cluster.pass(LOAD_MS);
  }

  private create(object: KubeObject): void {
    this.cluster.line.create(targetOf(object), object, {}, (error) => {
      if (error === undefined) return;
      throw new CellError(`${object.kind} ${keyOf(object)}: the API server refuses it: ${error.message}`);
    });
  }

  private cordon(name: string): void {
    const target = { group: '', version: 'v1', resource: 'nodes', name };
    this.cluster.line.patch(target, 'merge', { spec: { unschedulable: true } }, {}, () => {});
  }

  private planArrivals(): void {
    const { order, cluster, startMs, ledger } = this;
    const pods = new ClusterPods(this.workload);
    const next = (i: number): void => {
      if (i === order.pods.length) return;
      const task = (): void => {
        const row = order.pods[i]!;
        ledger.arrive(row, this.nowMs);
        this.createPod(row, pods.pod(row));
        next(i + 1);
      };
      cluster.clock.at(startMs + order.arrivalSeconds[i]! * 1000, task, Lane.Input);
    };
    next(0);
  }

  private createPod(row: number, pod: Pod): void {
    const { line, clock } = this.cluster;
    const target = { ...PODS, namespace: pod.metadata!.namespace };
    line.create(target, pod as KubeObject, {}, (error, stored) => {
      if (error === undefined) {
        this.states.created(row, stored.metadata!.uid!);
        this.arrivalsLeft--;
      } else if (error.code === UNAVAILABLE) {
        clock.at(clock.nowMs + RETRY_MS, () => this.createPod(row, pod), Lane.Input);
      } else throw new CellError(`pod ${keyOf(pod)}: the API server refuses it: ${error.message}`);
    });
  }

  /** True when nothing can happen any more. */
  private runTo(endMs: number): boolean {
    const { clock } = this.cluster;
    if (this.isOver()) return true;
    while (clock.nextMs <= endMs) {
      clock.runNext();
      this.recorder.flush();
      if (this.isOver()) return true;
    }
    clock.nowMs = endMs;
    return false;
  }

  private isOver(): boolean {
    if (this.arrivalsLeft > 0) return false;
    const { states, nowMs, evaluation, cluster } = this;
    const lastMs = lastFaultMs(evaluation.faults);
    if (lastMs >= 0 && nowMs < lastMs + AFTERMATH_MS) return false;
    if (states.endingSurely > 0) return false;
    const idleMs = nowMs - Math.max(states.lastProgressMs, lastMs);
    return idleMs > IDLE_MS || (states.onTheWay === 0 && this.isSchedulerIdle(cluster));
  }

  private isSchedulerIdle({ scheduler: { queue, waitingPods }, clock }: WholeCluster): boolean {
    const waiting = queue.active.size + queue.backoff.rejected.size + queue.backoff.failed.size + waitingPods.size;
    return waiting === 0 && clock.countIn(Lane.Attempt) === 0;
  }

  private summarize(): CellSummary {
    const { starts } = this.states;
    const { mean, p50, p99, max } = starts.summary();
    return {
      ...this.figures.summary(this.recorder.attempts),
      started: {
        startedPods: starts.count,
        meanStartSeconds: mean,
        p50StartSeconds: p50,
        p99StartSeconds: p99,
        maxStartSeconds: max,
      },
    };
  }
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`;

function targetOf({ apiVersion = 'v1', kind, metadata }: KubeObject): Target {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const resource = RESOURCES.find((each) => each.group === group && each.version === version && each.kind === kind);
  if (resource === undefined) throw new CellError(`${kind} of ${apiVersion}: the API server has no such kind`);
  const namespace = resource.namespaced ? (metadata?.namespace ?? 'default') : undefined;
  return { group, version, resource: resource.resource, namespace };
}
