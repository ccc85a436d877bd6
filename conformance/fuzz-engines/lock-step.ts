/**
 * Drives two engines in lock step through one random history: nodes come, change and go; pods are scheduled, finish and
 * are preempted; nodes are promised to pods that wait; Services and PodDisruptionBudgets appear. In one history of three nodes
 * change all the time, a little each. After every step both must have said and done the same.
 */
import type { Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { resolveConfig } from '../../scheduler/config/index.ts';
import { FastEngine } from '../../scheduler/fast/engine.ts';
import { createScheduler, type PodOutcome, type Scheduler, type TieBreak } from '../../scheduler/index.ts';
import {
  type ClusterStyle,
  changedALittle,
  clusterStyle,
  Dice,
  randomBudget,
  randomConfiguration,
  randomNode,
  randomObjects,
  randomService,
  randomTemplate,
  type Template,
} from './random-objects.ts';

export interface History {
  readonly seed: number;
  readonly steps: number;
  /** Check the bookkeeping of the fast engine at every decision. @default false */
  readonly debug?: boolean;
}

export interface Tally {
  /** Attempts to schedule a pod, that is, decisions. */
  decisions: number;
  /** Of these, found without the reference engine. */
  fast: number;
  /** Of the latter, found by a pass over all nodes. */
  scanned: number;
  /** Of the fast ones, that no node fits. */
  unfit: number;
  unschedulable: number;
  preempting: number;
}

export const NO_DECISIONS: Tally = { decisions: 0, fast: 0, scanned: 0, unfit: 0, unschedulable: 0, preempting: 0 };

/** Sizes of clusters: mostly tiny ones for the logic, some that are sampled and fill several blocks of an index. */
const NODE_COUNTS = [1, 2, 3, 5, 8, 12, 16, 20, 25, 35, 60, 101, 130, 260];

/** Throws an Error that names seed and step when the engines differ. */
export function runHistory({ seed, steps, debug = false }: History): Tally {
  const dice = new Dice(seed);
  const twins = new Twins(dice, debug, seed % 3 === 1 ? new Dice(seed + 1) : undefined);
  for (let step = 0; step < steps; step++) {
    const difference = twins.step();
    if (difference !== undefined) throw new Error(`seed ${seed}, step ${step}: ${difference}`);
  }
  return twins.tally;
}

class Twins {
  readonly tally: Tally = { ...NO_DECISIONS };
  private readonly dice: Dice;
  private readonly style: ClusterStyle;
  private readonly both: readonly [Scheduler, Scheduler];
  private readonly fast: FastEngine;
  private readonly templates: Template[];
  private readonly profiles: readonly string[];
  private readonly nodeNames: string[] = [];
  private readonly placed: string[] = [];
  /** Pods that wait for the node that they are promised. */
  private readonly promised: Pod[] = [];
  private readonly hasPromises: boolean;
  /** Says when nodes change all the time; undefined where they do not. */
  private readonly restless: Dice | undefined;
  private nextNode = 0;
  private nextPod = 0;

  constructor(dice: Dice, debug: boolean, restless: Dice | undefined) {
    this.dice = dice;
    this.restless = restless;
    this.style = clusterStyle(dice);
    const { text, profiles } = randomConfiguration(dice);
    this.profiles = profiles;
    this.hasPromises = dice.once(2);
    const options = {
      config: resolveConfig(text, inTreePlugins),
      registry: inTreePlugins,
      tieBreak: dice.pick<TieBreak>(['heap', 'heap', 'first', 'random', 'rank']),
      seed: dice.below(1000),
      nodeRank: (name: string) => (Number(name.slice(1)) * 7919) % 31,
      startTimeMs: (placement: number) => placement * 1000,
    };
    let fast: FastEngine | undefined;
    this.both = [
      createScheduler(options),
      createScheduler({
        ...options,
        engine: (engineOptions) => {
          const indexBytes = dice.once(4) ? 20_000 : undefined;
          fast = new FastEngine({
            ...engineOptions,
            debug,
            indexBytes,
            preferScans: dice.once(3),
            isEager: dice.once(3),
          });
          return fast;
        },
      }),
    ];
    this.fast = fast!;
    for (const object of randomObjects(dice)) for (const one of this.both) one.cluster.addObject(object);
    for (let i = dice.pick(NODE_COUNTS); i > 0; i--) this.addNode();
    this.templates = Array.from({ length: 1 + dice.below(dice.once(4) ? 20 : 6) }, () =>
      randomTemplate(dice, profiles, this.style),
    );
  }

  /** What differs after one more event; undefined when nothing does. */
  step(): string | undefined {
    const { dice } = this;
    if (this.restless?.once(3)) this.changeNodeALittle(this.restless);
    const draw = dice.below(100);
    if (draw < 64) return this.schedule();
    if (draw < 66) return this.schedulePromised();
    if (draw < 70) this.promise();
    else if (draw < 72) this.breakPromise();
    else if (draw < 92) this.finish();
    else if (draw < 93) this.addNode();
    else if (draw < 94) this.removeNode();
    else if (draw < 97) this.changeNode();
    else if (draw < 98)
      this.templates[dice.below(this.templates.length)] = randomTemplate(dice, this.profiles, this.style);
    else if (draw < 99) this.addObject();
    else this.changePodOnNode();
    return undefined;
  }

  private schedule(): string | undefined {
    return this.try(this.newPod());
  }

  private newPod(nominatedNodeName?: string): Pod {
    const template = this.dice.pick(this.templates);
    const name = `p${this.nextPod++}`;
    const metadata = { ...template.metadata, name, uid: name };
    return {
      ...template,
      metadata,
      ...(nominatedNodeName === undefined ? {} : { status: { nominatedNodeName } }),
    } as Pod;
  }

  private promise(): void {
    if (!this.hasPromises) return;
    const pod = this.newPod(this.dice.pick(this.nodeNames));
    this.promised.push(pod);
    for (const one of this.both) one.addNominated(pod);
  }

  private breakPromise(): void {
    const { dice, promised, both } = this;
    if (promised.length === 0) return;
    const [pod] = promised.splice(dice.below(promised.length), 1);
    for (const { nominator } of both) nominator.delete(pod!.metadata!.uid!);
  }

  /** Now and then the pod does not know yet what it is promised. */
  private schedulePromised(): string | undefined {
    const { dice, promised } = this;
    if (promised.length === 0) return undefined;
    const [pod] = promised.splice(dice.below(promised.length), 1);
    return this.try(dice.once(4) ? { ...pod!, status: {} } : pod!);
  }

  private try(pod: Pod): string | undefined {
    const name = pod.metadata!.name!;
    const { decided, scanned, unfit } = this.fast;
    const [reference, fast] = this.both.map((one) => one.schedule(pod)) as [PodOutcome, PodOutcome];
    this.tally.decisions += reference.attempts.length;
    this.tally.fast += this.fast.decided - decided;
    this.tally.scanned += this.fast.scanned - scanned;
    this.tally.unfit += this.fast.unfit - unfit;
    if (reference.outcome === 'unschedulable') this.tally.unschedulable++;
    if (reference.attempts.some(({ victims }) => victims !== undefined)) this.tally.preempting++;
    if (reference.outcome === 'scheduled') this.placed.push(name);
    const [expected, got] = [JSON.stringify(reference), JSON.stringify(fast)];
    if (expected !== got) return `pod ${JSON.stringify(pod)}\nexpected ${expected}\ngot      ${got}`;
    const starts = this.both.map(({ engine }) => engine.startIndex);
    return starts[0] === starts[1] ? undefined : `start index ${starts[0]} expected, ${starts[1]} got`;
  }

  private finish(): void {
    const { dice, placed } = this;
    if (placed.length === 0) return;
    const at = dice.below(placed.length);
    const uid = placed[at]!;
    placed[at] = placed[placed.length - 1]!;
    placed.pop();
    for (const { cluster } of this.both) cluster.removePod(uid);
  }

  private addNode(): void {
    const name = `n${this.nextNode++}`;
    const node = randomNode(this.dice, name, this.style);
    this.nodeNames.push(name);
    for (const { cluster } of this.both) cluster.addNode(node);
  }

  private removeNode(): void {
    if (this.nodeNames.length < 2) return;
    const at = this.dice.below(this.nodeNames.length);
    const [name] = this.nodeNames.splice(at, 1);
    for (const { cluster } of this.both) cluster.removeNode(name!);
  }

  private changeNode(): void {
    const node = randomNode(this.dice, this.dice.pick(this.nodeNames), this.style);
    for (const { cluster } of this.both) cluster.updateNode(node);
  }

  private changeNodeALittle(dice: Dice): void {
    const [{ cluster }] = this.both;
    const row = cluster.rowOf(dice.pick(this.nodeNames));
    const node = changedALittle(dice, cluster.node(row), this.style);
    for (const one of this.both) one.cluster.updateNode(node);
  }

  private addObject(): void {
    const object = this.dice.once(2) ? randomService(this.dice) : randomBudget(this.dice);
    for (const { cluster } of this.both) cluster.addObject(object);
  }

  /** A pod on a node starts to terminate, or gets other labels. */
  private changePodOnNode(): void {
    const { dice, placed } = this;
    if (placed.length === 0) return;
    const uid = dice.pick(placed);
    const terminating = dice.once(2);
    const app = dice.pick(['a', 'b', 'c', 'd']);
    for (const { cluster } of this.both) {
      const info = cluster.podByUid(uid);
      if (info === undefined) continue;
      const { pod } = info;
      const metadata = terminating
        ? { ...pod.metadata, deletionTimestamp: '2026-06-01T00:00:00Z' }
        : { ...pod.metadata, labels: { ...pod.metadata?.labels, app } };
      const nodeName = cluster.nodeNameOfPod(uid);
      cluster.removePod(uid);
      cluster.addPod({ ...pod, metadata, spec: { ...pod.spec, nodeName } } as Pod);
    }
  }
}
